"""Members who buy, invite, leave, fall and become one another at the same moment, on connections of their own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest

from thereafter.commerce.actions.customers import merge
from thereafter.commerce.documents import Line, Person
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.tests.makers import make_order
from thereafter.config.scratch import Scratch, empty_database_for_threads
from thereafter.kit import clock
from thereafter.loyalty.actions import backfilling, friend_orders, members, orders, redemptions, referrals, tiers
from thereafter.loyalty.models import Account, Entry, Member
from thereafter.loyalty.queries.ledger import doubted
from thereafter.loyalty.tests.givings import publish
from thereafter.loyalty.tests.inviting import person
from thereafter.loyalty.tests.test_racing import NOW
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
TIERS = [{"key": f"t{n}", "name": f"T{n}", "min": str(10 + 50 * n), "entry_points": 1} for n in range(8)]
TWICE = {"kind": "multiplier", "x": "2"}


@pytest.fixture(name="threads")
def _threads() -> Iterator[Scratch]:
    with clock.at(NOW), empty_database_for_threads() as scratch:
        yield scratch


def together(threads: Scratch, *works: Callable[[], object]) -> list[str]:
    """What went wrong when all of it ran at once."""
    ready = Barrier(len(works))

    def one(work: Callable[[], object]) -> str:
        with threads.joined(), clock.at(NOW):
            ready.wait(60)
            try:
                work()
            except redemptions.Refused:
                return ""
            except Exception as wrong:
                return f"{type(wrong).__name__}: {wrong}"[:300]
            return ""

    with ThreadPoolExecutor(len(works)) as pool:
        return [said for said in pool.map(one, works) if said]


def bought(store: Store, number: int, email: str) -> Order:
    line = Line(external_id="1", title="Shoe", quantity=1, unit_price="100", product_id="shoe")
    who = Person(email=email)
    placed = NOW - timedelta(days=1)
    return make_order(store, number=str(number), email=email, placed_at=placed, lines=[line], customer=who)


def settle(order: Order) -> None:
    orders.settle(order.store_id, [orders.News(order.pk, NOW)], now=NOW)


def test_a_member_buys_while_their_friends_do(threads: Scratch) -> None:
    store = make_store()
    publish(store, tiers=TIERS, referral={"points": 50, "min_amount": "10", "friend_points": 5})
    advocate = members.join(person(store, "ann@example.com"), source="page", now=NOW - timedelta(days=5))
    friends = [person(store, email) for email in ("robert@one.example", "zdenka@two.example")]
    for friend in friends:
        claimed = referrals.claim(advocate, friend, ip="", channel="", now=NOW - timedelta(days=3))
        assert claimed.result == "ok"
    late = person(store, "quentin@three.example")
    theirs = [bought(store, 10 + n, friend.email) for n, friend in enumerate(friends)]
    mine = [bought(store, 20 + n, "ann@example.com") for n in range(4)]
    wrong = together(
        threads,
        *(partial(settle, order) for order in (*mine, *theirs)),
        *(partial(friend_orders.settle, store.pk, [order.pk], now=NOW) for order in theirs),
        partial(referrals.claim, advocate, late, ip="", channel="", now=NOW),
    )
    assert wrong == []
    assert doubted() == {}
    assert Entry.objects.filter(reason="referral").count() == 2
    assert Entry.objects.filter(reason="order").count() == 6


def test_two_become_one_while_they_spend(threads: Scratch) -> None:
    store = make_store()
    one, two = bought(store, 1, "a@example.com"), bought(store, 2, "b@example.com")
    for order in (one, two):
        settle(order)
        redemptions.reserve(order.customer, key=f"h{order.pk}", points=40, minutes=90, now=NOW)
    keep, other = two.customer, one.customer
    merge(Customer.objects.get(pk=keep.pk), Customer.objects.get(pk=other.pk), NOW)
    become_one = partial(members.merge, store.pk, keep_id=keep.pk, merged_id=other.pk, now=NOW)
    wrong = together(
        threads,
        become_one,
        become_one,
        partial(redemptions.redeem, keep, key="r1", points=30, now=NOW),
        partial(redemptions.redeem, other, key="r2", points=30, now=NOW),
        partial(redemptions.capture, store.pk, f"h{one.pk}", now=NOW),
        partial(redemptions.release, store.pk, f"h{two.pk}", now=NOW),
    )
    assert wrong == []
    assert doubted() == {}
    account = Account.objects.get()
    spent = 30 * Entry.objects.filter(kind="redeem").count()
    assert (account.available, account.reserved, account.debt) == (160 - spent, 0, 0)


def test_tiers_are_judged_while_orders_are_settled(threads: Scratch) -> None:
    store = make_store()
    publish(store, tiers=TIERS, tier={"term": "days_1"})
    made = [bought(store, n, f"m{n % 6}@example.com") for n in range(12)]
    for one in made[:6]:
        settle(one)
    Member.objects.update(tier_until=NOW - timedelta(hours=1))
    batch = [orders.News(one.pk, NOW) for one in made]
    window = {"starts_at": NOW - timedelta(days=9), "ends_at": NOW}
    give = partial(backfilling.carry_out, store, "double", TWICE, by=None, now=NOW, **window)
    gone = Member.objects.get(customer__email="m0@example.com")
    wrong = together(
        threads,
        partial(orders.settle, store.pk, batch, now=NOW),
        partial(orders.settle, store.pk, batch[::-1], now=NOW),
        partial(tiers.review, store.pk, NOW),
        partial(tiers.review, store.pk, NOW),
        partial(members.leave, gone, now=NOW),
        give,
        give,
    )
    assert wrong == []
    assert doubted() == {}
