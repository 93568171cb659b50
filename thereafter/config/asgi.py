"""What the server runs: webhooks go to the intake, orders' pages and widgets to their fast lanes, everything else to
Django under WSGI (faster there than under ASGI)."""

import os
from collections.abc import MutableMapping
from typing import Any, cast

import django
from a2wsgi import WSGIMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thereafter.config.settings")
django.setup()

from thereafter.config.intake import PREFIX, Intake, Receive, Scope, Send  # noqa: E402 models need the setup
from thereafter.config.widget_lane import WidgetLane, takes  # noqa: E402 the settings are named first
from thereafter.config.wsgi import application as wsgi  # noqa: E402 the settings are named first
from thereafter.storefront import hot  # noqa: E402 needs Django set up

THREADS = int(os.environ.get("THEREAFTER_THREADS", "4"))
pages: Any = WSGIMiddleware(cast(Any, wsgi), workers=THREADS)
intake = Intake()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
        await intake(scope, receive, send)
    elif hot.takes(scope):
        await hot.order_page(scope, receive, send)
    elif takes(scope):
        await widgets(scope, receive, send)
    elif scope["type"] == "http":
        await _serve_page(scope, receive, send)
    else:
        await send({"type": "websocket.close"})


async def _serve_page(scope: Scope, receive: Receive, send: Send) -> None:
    async def receive_part() -> MutableMapping[str, Any]:
        # a2wsgi wants a coroutine; what granian gives is only awaitable.
        return await receive()

    await pages(scope, receive_part, send)


widgets = WidgetLane(_serve_page)


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    intake.close()
    await send({"type": "lifespan.shutdown.complete"})
