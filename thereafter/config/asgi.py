"""What the server runs: webhooks go to the intake, everything else to Django under WSGI (faster there than under ASGI)."""

import os
from typing import Any

from a2wsgi import WSGIMiddleware
from django.utils.module_loading import autodiscover_modules

from thereafter.config.wsgi import application as pages
from thereafter.config.intake import PREFIX, Intake, Receive, Scope, Send

# Rooms that take webhooks of their own say so there.
autodiscover_modules("webhooks")

THREADS = int(os.environ.get("THEREAFTER_THREADS", "4"))
django: Any = WSGIMiddleware(pages, workers=THREADS)
intake = Intake()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
        await intake(scope, receive, send)
    elif scope["type"] == "http":
        await django(scope, receive, send)
    else:
        await send({"type": "websocket.close"})


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    intake.close()
    await send({"type": "lifespan.shutdown.complete"})
