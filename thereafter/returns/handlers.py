"""What moves cases from outside: money that arrived, new goods that arrived."""

from thereafter.events.customers import CustomersMerged
from thereafter.events.orders import OrderRefunded
from thereafter.events.parcels import ParcelDelivered
from thereafter.events.refunds import RefundSettled, RefundWithdrawn
from thereafter.kit import clock
from thereafter.returns.actions import credit, credit_notes, goods, refund_news, releasing
from thereafter.returns.queries import case_of_grant, goods_on_the_way
from thereafter.timeline.bus import on


@on(RefundSettled)
def money_arrived(event: RefundSettled) -> None:
    case = case_of_grant(event.store_id, event.grant_id)
    if case is not None:
        releasing.settle(case, now=clock.now())


@on(ParcelDelivered)
def new_goods_arrived(event: ParcelDelivered) -> None:
    if event.order_id and event.tracking_number:
        for one in goods_on_the_way(event.store_id, event.order_id, event.tracking_number):
            goods.delivered(one, now=clock.now())


@on(OrderRefunded)
def shop_refunded(event: OrderRefunded) -> None:
    """One that we asked for settles our share; others are the shop's own."""
    refund_news.shop_told(event.store_id, event.refund_id, now=clock.now())


@on(RefundSettled)
def write_credit_note(event: RefundSettled) -> None:
    credit_notes.issue(event.store_id, event.grant_id, now=clock.now())


@on(RefundWithdrawn)
def cancel_credit_note(event: RefundWithdrawn) -> None:
    """There is one only when money had gone and came back before the promise was taken back."""
    credit_notes.cancel_of(event.store_id, event.grant_id, why="The refund was withdrawn.", now=clock.now())


@on(CustomersMerged)
def move_credit(event: CustomersMerged) -> None:
    credit.move(event.store_id, old=event.merged_id, new=event.customer_id or 0)
