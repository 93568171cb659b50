"""What moves cases from outside: money that arrived, new goods that arrived; and who is told of them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from thereafter.events.base import ShopperEvent
from thereafter.events.customers import CustomersMerged
from thereafter.events.loyalty import RewardCancelled, RewardTaken
from thereafter.events.orders import OrderPlaced, OrderRefunded
from thereafter.events.parcels import (
    DeliveryProblemReported,
    ParcelDelivered,
    ParcelRanIntoTrouble,
    ReturnParcelMoved,
)
from thereafter.events.refunds import RefundFailed, RefundGranted, RefundSettled, RefundWithdrawn
from thereafter.events.returns import (
    CreditIssued,
    ExchangeCancelled,
    ExchangeShipped,
    ReturnAnswered,
    ReturnApproved,
    ReturnCancelled,
    ReturnDeclined,
    ReturnDue,
    ReturnExpired,
    ReturnHandedIn,
    ReturnInspected,
    ReturnParcelCreated,
    ReturnReceived,
    ReturnReopened,
    ReturnRequested,
    ReturnResolved,
)
from thereafter.kit import clock
from thereafter.returns import claiming
from thereafter.returns.actions import (
    charges,
    checkout_credit,
    credit,
    credit_notes,
    goods,
    holds,
    letters,
    parcels,
    refund_news,
    releasing,
    reward_credit,
    steps,
    traits,
    withdrawals,
)
from thereafter.returns.models import ReturnParcel
from thereafter.returns.queries import case_of_grant, goods_on_the_way
from thereafter.returns.rules.parcels import told
from thereafter.storefront.actions import drop_documents
from thereafter.timeline.bus import on

_Event = TypeVar("_Event", bound=ShopperEvent)


@on(RefundSettled)
def money_arrived(event: RefundSettled) -> None:
    case = case_of_grant(event.store_id, event.grant_id)
    if case is not None:
        releasing.settle(case, now=clock.now())


@on(ParcelDelivered, batch=True)
def new_goods_arrived(events: Sequence[ParcelDelivered]) -> None:
    """Of many deliveries few are of an exchange."""
    for store_id, of_store in _by_store(events).items():
        numbers = {event.tracking_number for event in of_store if event.order_id and event.tracking_number}
        for one in goods_on_the_way(store_id, numbers):
            goods.delivered(one, now=clock.now())


@on(ReturnParcelMoved)
def parcel_moved(event: ReturnParcelMoved) -> None:
    """News of a number that the parcel has no more are not its own."""
    parcel = ReturnParcel.objects.of(event.store_id).filter(pk=event.return_parcel_id).first()
    said = told(event.status, event.reason)
    if parcel is not None and said and parcel.tracking_number == event.tracking_number:
        parcels.told(parcel, said, now=clock.now())


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


@on(CreditIssued)
def hand_credit_over(event: CreditIssued) -> None:
    """To the shop's checkout, where one was chosen."""
    checkout_credit.hand_over(event.store_id, event.credit_id, now=clock.now())


@on(OrderPlaced, batch=True)
def hear_of_spent_credit(events: Sequence[OrderPlaced]) -> None:
    """Orders that may have used credit at the shop's checkout."""
    for store_id, of_store in _by_store(events).items():
        checkout_credit.used_in(store_id, {event.order_id or 0 for event in of_store}, now=clock.now())


@on(RewardTaken)
def give_credit_for_points(event: RewardTaken) -> None:
    if event.kind == "credit":
        reward_credit.give(event, now=clock.now())


@on(RewardCancelled)
def take_credit_for_points_back(event: RewardCancelled) -> None:
    if event.kind == "credit":
        reward_credit.take_back(event.store_id, event.redemption_id, now=clock.now())


@on(CustomersMerged)
def follow_the_customer(event: CustomersMerged) -> None:
    """The empty record has no address any more: news of its returns go to whom they are of."""
    credit.move(event.store_id, old=event.merged_id, new=event.customer_id or 0)
    steps.move(event.store_id, old=event.merged_id, new=event.customer_id or 0)
    traits.refresh(event.store_id, {event.customer_id})


@on(ReturnResolved)
def answer_withdrawal(event: ReturnResolved) -> None:
    """The money of a declaration of withdrawal has gone out."""
    withdrawals.answer(event.store_id, event.order_id or 0, event.case_id, event.occurred_at)


@on(ReturnCancelled)
def answer_withdrawal_taken_back(event: ReturnCancelled) -> None:
    withdrawals.answer(event.store_id, event.order_id or 0, event.case_id, event.occurred_at)


@on(ReturnDeclined)
def answer_withdrawal_declined(event: ReturnDeclined) -> None:
    withdrawals.answer(event.store_id, event.order_id or 0, event.case_id, event.occurred_at)


@on(ReturnCancelled, ReturnDeclined, ReturnExpired, ReturnResolved, ExchangeCancelled, batch=True)
def give_payments_back(events: Sequence[ShopperEvent]) -> None:
    """What was paid for goods that do not leave."""
    for store_id, of_store in _by_store(events).items():
        cases = {getattr(event, "case_id", 0) for event in of_store}
        charges.give_back_all(store_id, cases, now=clock.now())


@on(ReturnParcelMoved)
def hold_hears_of_scan(event: ReturnParcelMoved) -> None:
    """By the day of the scan, not that of its telling."""
    parcel = ReturnParcel.objects.of(event.store_id).filter(pk=event.return_parcel_id).first()
    if parcel and parcel.tracking_number == event.tracking_number and told(event.status) in ("in_transit", "delivered"):
        for case in parcel.cases:
            holds.happened(event.store_id, case.pk, "in_transit_scan", at=event.occurred_at, now=clock.now())


@on(ReturnHandedIn)
def hold_hears_of_handing_in(event: ReturnHandedIn) -> None:
    holds.happened(event.store_id, event.case_id, "dropped_off", at=event.occurred_at, now=clock.now())


@on(ReturnReceived)
def hold_hears_of_goods(event: ReturnReceived) -> None:
    holds.came_back(event.store_id, event.case_id, at=event.occurred_at, now=clock.now())


@on(ReturnCancelled, ReturnDeclined, ReturnExpired, ReturnResolved, ExchangeCancelled)
def hold_comes_to_nothing(
    event: ReturnCancelled | ReturnDeclined | ReturnExpired | ReturnResolved | ExchangeCancelled,
) -> None:
    holds.came_to_nothing(event.store_id, event.case_id, now=clock.now())


@on(RefundGranted, RefundSettled, RefundFailed, RefundWithdrawn)
def renew_order_page(event: RefundGranted | RefundSettled | RefundFailed | RefundWithdrawn) -> None:
    if event.order_id:
        drop_documents(event.store_id, {event.order_id})


@on(DeliveryProblemReported)
def claim_reported(event: DeliveryProblemReported) -> None:
    claiming.open_reported(event, clock.now())


@on(ParcelRanIntoTrouble)
def claim_lost(event: ParcelRanIntoTrouble) -> None:
    claiming.open_lost(event, clock.now())


@on(
    ReturnRequested,
    ReturnApproved,
    ReturnParcelCreated,
    ReturnDeclined,
    ReturnDue,
    ReturnHandedIn,
    ReturnReceived,
    ReturnInspected,
    ReturnAnswered,
    ReturnCancelled,
    ReturnExpired,
    ExchangeShipped,
    ExchangeCancelled,
    RefundSettled,
    batch=True,
)
def write_to_others(events: Sequence[ShopperEvent]) -> None:
    """Whoever returns a gift is told what their buyer is not."""
    for store_id, of_store in _by_store(events).items():
        letters.queue(store_id, of_store, now=clock.now())


@on(
    ReturnRequested,
    ReturnDeclined,
    ReturnCancelled,
    ReturnExpired,
    ReturnReopened,
    ReturnResolved,
    RefundGranted,
    RefundWithdrawn,
    OrderRefunded,
    CustomersMerged,
    batch=True,
)
def tell_other_rooms(events: Sequence[ShopperEvent]) -> None:
    """What segments and conditions know of somebody's returns."""
    for store_id, of_store in _by_store(events).items():
        people = {event.customer_id for event in of_store if not getattr(event, "is_gift", False)}
        traits.refresh(store_id, people)


def _by_store(events: Sequence[_Event]) -> dict[int, list[_Event]]:
    found: dict[int, list[_Event]] = defaultdict(list)
    for event in events:
        found[event.store_id].append(event)
    return found
