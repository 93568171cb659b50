"""The API, /api/v1/docs describes it."""

from importlib import import_module
from importlib.util import find_spec

from ninja import NinjaAPI

api = NinjaAPI(
    title="Thereafter",
    version="1",
    description="Orders in, scans in, answers in. Send `Authorization: Bearer <API key>`; make keys in the console.",
    urls_namespace="api",
)
for room in ("commerce", "tracking", "feedback"):
    if find_spec(f"thereafter.{room}.api") is not None:
        api.add_router("", import_module(f"thereafter.{room}.api").router)
