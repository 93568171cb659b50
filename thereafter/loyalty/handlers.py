"""What earns points and what takes them back."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from thereafter.commerce.models import Order
from thereafter.commerce.queries import MARKETING, may_contact
from thereafter.events.base import ShopperEvent
from thereafter.events.coupons import CouponRedeemed
from thereafter.events.customers import ConsentChanged, CustomersMerged, CustomerTracked
from thereafter.events.loyalty import MemberJoined
from thereafter.events.orders import OrderCancelled, OrderPlaced, OrderRefunded
from thereafter.events.refunds import RefundSettled
from thereafter.events.returns import CreditIssued, CreditSpent, ReturnResolved
from thereafter.events.reviews import ReviewWritten
from thereafter.events.surveys import SurveyAnswered
from thereafter.kit import clock
from thereafter.loyalty.actions import (
    checkouts,
    deeds,
    friend_orders,
    handing,
    members,
    milestones,
    orders,
    referral_days,
    reward_orders,
)
from thereafter.loyalty.actions.earning import Deed
from thereafter.timeline.bus import on

EMAIL = "email"
# Who joins by an order has its points already.
BY_BUYING = "automatic"
# Of a key that somebody else made up: a longer one is known by its digest.
_LONGEST = 40


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
        buyers = {event.customer_id for event in events if event.store_id == store_id}
        milestones.review_orders(store_id, buyers, now=clock.now())


def _refund(event: ShopperEvent) -> str:
    if isinstance(event, RefundSettled):
        return f"grant:{event.grant_id}"
    return f"refund:{event.refund_id}" if isinstance(event, OrderRefunded) else ""


@on(OrderPlaced, OrderCancelled, OrderRefunded, RefundSettled, batch=True)
def look_at_friends(events: Sequence[ShopperEvent]) -> None:
    """An order of somebody who was invited counts for who invited them, as long as it is kept."""
    by_store: dict[int, set[int]] = defaultdict(set)
    for event in events:
        if event.order_id is not None:
            by_store[event.store_id].add(event.order_id)
    for store_id, order_ids in by_store.items():
        friend_orders.settle(store_id, order_ids, now=clock.now())


@on(OrderPlaced, OrderCancelled, batch=True)
def follow_held_points(events: Sequence[OrderPlaced | OrderCancelled]) -> None:
    """What was held at a checkout is taken by the order that came of it, or given back when that is cancelled."""
    by_store: dict[int, set[int]] = defaultdict(set)
    for event in events:
        if event.order_id is not None:
            by_store[event.store_id].add(event.order_id)
    for store_id, order_ids in by_store.items():
        checkouts.follow(store_id, order_ids, now=clock.now())


@on(SurveyAnswered, batch=True)
def thank_for_answers(events: Sequence[SurveyAnswered]) -> None:
    """The same points for any score, at once: what somebody thinks of us is never paid for."""
    _thank((event.store_id, _answer(event)) for event in events)


def _answer(event: SurveyAnswered) -> Deed:
    asked = event.invitation_id
    source = f"survey:{asked}" if asked else f"answer:{event.answer_id}"
    return Deed(event.customer_id, deeds.SURVEY, source, event.occurred_at, event.order_id, source=source)


@on(ReviewWritten, batch=True)
def thank_for_reviews(events: Sequence[ReviewWritten]) -> None:
    """The same for one star and for five, when it is written; only for what was bought here."""
    by_store: dict[int, list[deeds.Reviewed]] = defaultdict(list)
    for one in events:
        if one.verified and one.collected != "imported":
            told = deeds.Reviewed(one.customer_id, one.review_id, one.occurred_at, one.order_id, one.photos, one.videos)
            by_store[one.store_id].append(told)
    for store_id, some in by_store.items():
        deeds.thank_for_reviews(store_id, some, now=clock.now())


@on(MemberJoined, batch=True)
def welcome_members(events: Sequence[MemberJoined]) -> None:
    """Points for joining; who said yes to the newsletter before that has those points from now on too. Who was brought
    along from another programme has had both there."""
    events = [one for one in events if one.source != "import"]
    _thank((one.store_id, Deed(one.customer_id, deeds.JOINED, str(one.member_id), one.occurred_at)) for one in events)
    for store_id, people in _people(one for one in events if one.source != BY_BUYING).items():
        orders.reach_back(store_id, people, now=clock.now())
    for store_id, people in _people(events).items():
        willing = may_contact(store_id, list(people), EMAIL, MARKETING)
        _thank((store_id, _newsletter(person, people[person])) for person in sorted(willing))


@on(ConsentChanged, batch=True)
def thank_for_newsletter(events: Sequence[ConsentChanged]) -> None:
    """Once in a life: who leaves and comes back has had it."""
    wanted = [one for one in events if one.granted and (one.channel, one.purpose) == (EMAIL, MARKETING)]
    _thank((one.store_id, _newsletter(one.customer_id, one.occurred_at)) for one in wanted)


def _newsletter(customer_id: int, at: datetime) -> Deed:
    return Deed(customer_id, deeds.NEWSLETTER, str(customer_id), at)


def _people(events: Iterable[ShopperEvent]) -> dict[int, dict[int, datetime]]:
    """By store, who it was and when."""
    found: dict[int, dict[int, datetime]] = defaultdict(dict)
    for event in events:
        found[event.store_id][event.customer_id] = event.occurred_at
    return found


@on(CustomerTracked, batch=True)
def thank_for_what_the_shop_saw(events: Sequence[CustomerTracked]) -> None:
    """What the shop's own systems tell earns where the programme has an action of that name: recycling, a workshop."""
    told = [event for event in events if event.topic not in deeds.SEEN]
    _thank((one.store_id, _seen_by_shop(one)) for one in told)


def _seen_by_shop(event: CustomerTracked) -> Deed:
    key = event.key if len(event.key) <= _LONGEST else hashlib.sha256(event.key.encode()).hexdigest()[:_LONGEST]
    return Deed(event.customer_id, event.topic, key, event.occurred_at, event.order_id)


@on(ReturnResolved)
def thank_for_exchange(event: ReturnResolved) -> None:
    """Goods or credit instead of money keep the sale; a case that went on and ended as money loses the thanks again.

    What the shopper paid more for the new goods earns like any purchase; what was paid back was told as a refund.
    """
    now = clock.now()
    if not event.is_gift and _stayed(event):
        key = deeds.exchange_of(event.case_id)
        deed = Deed(event.customer_id, deeds.EXCHANGE, key, event.occurred_at, event.order_id)
        deeds.thank(event.store_id, [deed], now=now)
    else:
        deeds.undo_exchange(event.store_id, event.case_id, at=event.occurred_at, now=now)
    order = Order.objects.of(event.store_id).filter(pk=event.order_id or 0).first() if event.paid_minor else None
    if order is not None:
        worth = event.value_minor
        orders.exchange(
            order,
            name=deeds.exchange_of(event.case_id),
            returned_minor=worth,
            new_minor=worth + event.paid_minor,
            at=event.occurred_at,
            now=now,
        )


def _stayed(event: ReturnResolved) -> bool:
    """Whether the value of what came back stayed with the shop; an exchange for something cheaper pays the rest."""
    if event.outcome == "store_credit":
        return event.value_minor > 0
    return event.outcome.startswith("exchange") and event.refund_minor < event.value_minor


def _thank(done: Iterable[tuple[int, Deed]]) -> None:
    by_store: dict[int, list[Deed]] = defaultdict(list)
    for store_id, deed in done:
        by_store[store_id].append(deed)
    for store_id, some in by_store.items():
        deeds.thank(store_id, some, now=clock.now())


@on(CustomersMerged)
def merge_accounts(event: CustomersMerged) -> None:
    # Before the members become one, while it can still be seen who invited whom.
    referral_days.follow_merge(event.store_id, keep_id=event.customer_id, merged_id=event.merged_id, now=clock.now())
    members.merge(event.store_id, keep_id=event.customer_id, merged_id=event.merged_id, now=clock.now())


@on(CouponRedeemed, batch=True)
def hear_of_used_rewards(events: Sequence[CouponRedeemed]) -> None:
    """The order on which a reward's code was used: its points follow that order's money."""
    used: dict[int, dict[int, int | None]] = defaultdict(dict)
    for event in events:
        used[event.store_id][event.coupon_id] = event.order_id
    for store_id, coupons in used.items():
        reward_orders.code_used(store_id, coupons, now=clock.now())


@on(OrderCancelled, OrderRefunded, RefundSettled, batch=True)
def give_spent_points_back(events: Sequence[ShopperEvent]) -> None:
    """What was paid with points goes back to its lots, in proportion to the money that went back."""
    by_store: dict[int, set[int]] = defaultdict(set)
    for event in events:
        if event.order_id is not None:
            by_store[event.store_id].add(event.order_id)
    for store_id, order_ids in by_store.items():
        reward_orders.follow_refunds(store_id, order_ids, now=clock.now())


@on(CreditIssued)
def credit_of_reward_is_given(event: CreditIssued) -> None:
    if redemption_id := _of_reward(event.source):
        handing.credit_arrived(event.store_id, redemption_id, now=clock.now())


@on(CreditSpent)
def credit_of_reward_is_used(event: CreditSpent) -> None:
    if redemption_id := _of_reward(event.source):
        handing.credit_used(event.store_id, redemption_id)


def _of_reward(source: str) -> int:
    """reward:12 is 12; anything else nothing."""
    room, _, number = source.partition(":")
    return int(number) if room == "reward" and number.isdecimal() else 0
