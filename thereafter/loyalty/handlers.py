"""What earns points and what takes them back."""

from collections import defaultdict
from collections.abc import Sequence

from thereafter.events.base import ShopperEvent
from thereafter.events.customers import CustomersMerged
from thereafter.events.orders import OrderCancelled, OrderPlaced, OrderRefunded
from thereafter.events.refunds import RefundSettled
from thereafter.events.surveys import SurveyAnswered
from thereafter.kit import clock
from thereafter.loyalty.actions import members, orders, points
from thereafter.loyalty.rules import PROGRAMME
from thereafter.timeline.bus import on


@on(OrderPlaced, OrderCancelled, OrderRefunded, RefundSettled, batch=True)
def settle_orders(events: Sequence[ShopperEvent]) -> None:
    """Points follow the money, whether the shop gave it back or a return here did; one refund of which both tell
    counts once."""
    by_store: dict[int, list[orders.News]] = defaultdict(list)
    for event in events:
        if event.order_id is not None:
            by_store[event.store_id].append(orders.News(event.order_id, event.occurred_at, _refund(event)))
    for store_id, news in by_store.items():
        orders.settle(store_id, news, now=clock.now())


def _refund(event: ShopperEvent) -> str:
    if isinstance(event, RefundSettled):
        return f"grant:{event.grant_id}"
    return f"refund:{event.refund_id}" if isinstance(event, OrderRefunded) else ""


@on(SurveyAnswered, batch=True)
def thank_for_answers(events: Sequence[SurveyAnswered]) -> None:
    """The same points for any score, at once: what somebody thinks of us is never paid for."""
    by_store: dict[int, list[points.Award]] = defaultdict(list)
    for event in events:
        by_store[event.store_id].append(_for_answer(event))
    for store_id, awards in by_store.items():
        points.award_many(store_id, awards, now=clock.now())


def _for_answer(event: SurveyAnswered) -> points.Award:
    asked = event.invitation_id
    return points.Award(
        customer_id=event.customer_id,
        points=PROGRAMME.answer_points,
        source=f"survey:{asked}" if asked else f"answer:{event.answer_id}",
        reason="survey",
        at=event.occurred_at,
        order_id=event.order_id,
        snapshot={"programme": PROGRAMME.version, "points": PROGRAMME.answer_points},
    )


@on(CustomersMerged)
def merge_accounts(event: CustomersMerged) -> None:
    members.merge(event.store_id, keep_id=event.customer_id, merged_id=event.merged_id, now=clock.now())
