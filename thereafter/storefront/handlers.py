"""Pages are gathered anew after whatever happened on their order."""

from collections import defaultdict
from collections.abc import Sequence

from thereafter.events.base import ShopperEvent
from thereafter.events.orders import OrderCancelled, OrderChanged, OrderFulfilled, OrderRefunded
from thereafter.events.points import PointsAwarded, PointsTakenBack
from thereafter.events.surveys import SurveyAnswered, SurveyAsked
from thereafter.storefront.actions import drop_documents
from thereafter.timeline.bus import on

# Parcels' events are missing here: tracking drops the documents itself, also for scans that are no event.
_TOLD = (
    OrderChanged,
    OrderCancelled,
    OrderFulfilled,
    OrderRefunded,
    PointsAwarded,
    PointsTakenBack,
    SurveyAsked,
    SurveyAnswered,
)


@on(*_TOLD, batch=True)
def renew_pages(events: Sequence[ShopperEvent]) -> None:
    orders = defaultdict(set)
    for event in events:
        if event.order_id is not None:
            orders[event.store_id].add(event.order_id)
    for store_id, order_ids in orders.items():
        drop_documents(store_id, order_ids)
