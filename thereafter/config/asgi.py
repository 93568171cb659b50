"""What the server runs: webhooks go to the intake, everything else to Django under WSGI (faster there than under ASGI)."""

import os
from typing import Any

import django
from a2wsgi import WSGIMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thereafter.config.settings")
django.setup()

from thereafter.config.intake import PREFIX, Intake, Receive, Scope, Send  # noqa: E402 models need the setup
from thereafter.config.wsgi import application as wsgi  # noqa: E402

THREADS = int(os.environ.get("THEREAFTER_THREADS", "4"))
pages: Any = WSGIMiddleware(wsgi, workers=THREADS)
intake = Intake()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
        await intake(scope, receive, send)
    elif scope["type"] == "http":
        await pages(scope, receive, send)
    else:
        await send({"type": "websocket.close"})


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    intake.close()
    await send({"type": "lifespan.shutdown.complete"})
