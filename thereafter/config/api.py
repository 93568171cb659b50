"""The API; /api/v1/docs describes it."""

from ninja import NinjaAPI

from thereafter.commerce.api import router as commerce
from thereafter.feedback.api import router as feedback
from thereafter.tracking.api import router as tracking

api = NinjaAPI(
    title="Thereafter",
    version="1",
    description="Orders in, scans in, answers in. Send `Authorization: Bearer <API key>`; make keys in the console.",
    urls_namespace="api",
)
for room in (commerce, tracking, feedback):
    api.add_router("", room)
