"""Members who buy, invite, leave, fall and become one another at the same moment, on connections of their own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from thereafter.commerce.actions.customers import merge
from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.actions.refunds import take_refunds
from thereafter.commerce.documents import Line, Person, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Customer, Order, Refund
from thereafter.commerce.tests.makers import make_order
from thereafter.config.scratch import Scratch
from thereafter.kit import clock
from thereafter.loyalty.actions import friend_orders, members, orders, redemptions, referrals, tiers, backfilling
from thereafter.loyalty.actions.redemptions import Refused
from thereafter.loyalty.models import Account, Entry, Member, OrderEarning
from thereafter.loyalty.queries.ledger import doubted
from thereafter.loyalty.tests.givings import publish
from thereafter.loyalty.tests.inviting import person
from thereafter.loyalty.tests.test_racing import NOW, scratch
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
TIERS = [{"key": f"t{n}", "name": f"T{n}", "min": str(10 + 50 * n), "entry_points": 1} for n in range(8)]


def together(scratch: Scratch, *works: Callable[[], object]) -> list[str]:
    """What went wrong when all of it ran at once."""
    ready = Barrier(len(works))

    def one(work: Callable[[], object]) -> str:
        with scratch.joined(), clock.at(NOW):
            ready.wait(60)
            try:
                work()
            except Exception as wrong:
                return f"{type(wrong).__name__}: {wrong}"[:300]
            return ""

    with ThreadPoolExecutor(len(works)) as pool:
        return [said for said in pool.map(one, works) if said]


def bought(store: Store, number: int, email: str, amount: str = "100") -> Order:
    line = Line(external_id="1", title="Shoe", quantity=1, unit_price=amount, product_id="shoe")
    return make_order(store, number=str(number), email=email, placed_at=NOW - timedelta(days=1), lines=[line], customer=Person(email=email))


def settle(order: Order, refund: str = "") -> Callable[[], None]:
    return lambda: orders.settle(order.store_id, [orders.News(order.pk, NOW, refund)], now=NOW)


def test_a_member_buys_while_their_friend_does(scratch: Scratch) -> None:
    for turn in range(8):
        store = make_store(f"Shop {turn}") if False else make_store()
        publish(store, tiers=TIERS, referral={"points": 50, "min_amount": "10", "friend_points": 5})
        ann = person(store, "ann@example.com")
        member = members.join(ann, source="page", now=NOW - timedelta(days=5))
        claimed = []
        for n in range(2):
            bob = person(store, f"friend{'abc'[n]*6}@other{n}.example")
            got = referrals.claim(member, bob, ip="", channel="", now=NOW - timedelta(days=3))
            assert got.result == "ok", got
            claimed.append(bob)
        theirs = [bought(store, 10 + n, bob.email) for n, bob in enumerate(claimed)]
        mine = [bought(store, 20 + n, "ann@example.com") for n in range(4)]
        more = person(store, "zzzzz@third.example")
        wrong = together(
            scratch,
            *(settle(one) for one in mine),
            *((lambda one=one: friend_orders.settle(store.pk, [one.pk], now=NOW)) for one in theirs),
            *(settle(one) for one in theirs),
            lambda: referrals.claim(member, more, ip="", channel="", now=NOW),
        )
        assert wrong == []
        assert doubted() == {}
        store_sum = Entry.objects.filter(store=store, reason="order").count()
        assert store_sum == 6
        break


def test_two_become_one_while_they_spend(scratch: Scratch) -> None:
    for turn in range(4):
        store = make_store()
        one, two = bought(store, 1, "a@example.com"), bought(store, 2, "b@example.com")
        for order in (one, two):
            settle(order)()
            redemptions.reserve(order.customer, key=f"h{order.pk}", points=40, minutes=90, now=NOW)
        keep, other = two.customer, one.customer
        merge(Customer.objects.get(pk=keep.pk), Customer.objects.get(pk=other.pk), NOW)

        def redeem(customer, key):
            def work():
                try:
                    redemptions.redeem(customer, key=key, points=30, now=NOW)
                except Refused:
                    pass
            return work

        wrong = together(
            scratch,
            lambda: members.merge(store.pk, keep_id=keep.pk, merged_id=other.pk, now=NOW),
            lambda: members.merge(store.pk, keep_id=keep.pk, merged_id=other.pk, now=NOW),
            redeem(keep, "r1"), redeem(other, "r2"),
            lambda: redemptions.capture(store.pk, f"h{one.pk}", now=NOW),
            lambda: redemptions.release(store.pk, f"h{two.pk}", now=NOW),
        )
        assert wrong == []
        assert doubted() == {}
        print(list(Account.objects.values_list("available", "reserved", "debt")))
        break


def test_tiers_are_judged_while_orders_are_settled(scratch: Scratch) -> None:
    store = make_store()
    publish(store, tiers=TIERS, tier={"term": "days_1"})
    made = [bought(store, n, f"m{n % 6}@example.com") for n in range(12)]
    for one in made[:6]:
        settle(one)()
    Member.objects.update(tier_until=NOW - timedelta(hours=1))
    batch = [orders.News(one.pk, NOW) for one in made]
    wrong = together(
        scratch,
        lambda: orders.settle(store.pk, batch, now=NOW),
        lambda: orders.settle(store.pk, batch[::-1], now=NOW),
        lambda: tiers.review(store.pk, NOW),
        lambda: tiers.review(store.pk, NOW),
        lambda: members.leave(Member.objects.get(customer__email="m0@example.com"), now=NOW),
        lambda: backfilling.carry_out(store, "x", {"kind": "multiplier", "x": "2"}, starts_at=NOW - timedelta(days=9), ends_at=NOW, by=None, now=NOW),
        lambda: backfilling.carry_out(store, "x", {"kind": "multiplier", "x": "2"}, starts_at=NOW - timedelta(days=9), ends_at=NOW, by=None, now=NOW),
    )
    assert wrong == []
    assert doubted() == {}
