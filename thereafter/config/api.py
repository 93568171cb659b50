"""The API; /api/v1/docs describes it."""

from ninja import NinjaAPI

from thereafter.campaigns.api import router as campaigns
from thereafter.commerce.api import router as commerce
from thereafter.commerce.coupon_api import router as coupons
from thereafter.feedback.api import router as feedback
from thereafter.journeys.api import router as journeys
from thereafter.journeys.segment_api import router as segments
from thereafter.loyalty.api import router as loyalty
from thereafter.recommendations.api import router as recommendations
from thereafter.returns.api import router as returns
from thereafter.tracking.api import router as tracking

api = NinjaAPI(
    title="Thereafter",
    version="1",
    description="Orders in, scans in, answers in. Send `Authorization: Bearer <API key>`; make keys in the console.",
    urls_namespace="api",
)
for room in (commerce, coupons, campaigns, tracking, feedback, journeys, segments, returns, loyalty, recommendations):
    api.add_router("", room)
