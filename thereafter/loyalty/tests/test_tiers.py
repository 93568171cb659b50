"""Rising, keeping and falling."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.actions.orders import take_refunds
from thereafter.commerce.documents import Line, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Customer, Order
from thereafter.commerce.tests.makers import make_order
from thereafter.events.loyalty import TierEndsSoon, TierLost, TierReached
from thereafter.kit import clock
from thereafter.loyalty.actions import reviews, tiers
from thereafter.loyalty.actions.programmes import publish
from thereafter.loyalty.models import Entry, Member, TierChange
from thereafter.loyalty.queries import ledger
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry as LogEntry
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
START = datetime(2026, 1, 1, tzinfo=UTC)
TIERS = [
    {"name": "Silver", "min": "500", "entry_points": 100, "benefits": {"free_returns": True}},
    {"name": "Gold", "min": "1500", "multiplier": "2", "entry_points": 250},
]


@pytest.fixture
def store() -> Store:
    return make_store()


def programme(store: Store, **said: Any) -> None:
    publish(store, {"tiers": TIERS, **said}, by=None, now=START)


def buy(store: Store, price: str, at: datetime, email: str = "john@example.com") -> Order:
    with clock.at(at):
        line = Line(external_id="1", title="Shoes", quantity=1, unit_price=price)
        order = make_order(store, email=email, placed_at=at, lines=[line])
        run_until_idle()
    return order


def give_back(store: Store, order: Order, amount: str, at: datetime) -> None:
    with clock.at(at):
        doc = RefundDoc(external_id=f"r-{order.pk}", amount=amount, at=at)
        take_refunds(store, [RefundOfOrder(order=order.external_id, refund=doc)], source="api", now=at)
        run_until_idle()


def john(store: Store) -> Member:
    return Member.objects.of(store).get(customer__email="john@example.com")


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def test_a_rise_tells_the_customer_s_traits_and_the_log(store: Store) -> None:
    programme(store)
    buy(store, "600.00", day(1))
    assert john(store).tier == "Silver"
    customer = Customer.objects.of(store).get()
    assert customer.trait("loyalty.tier") == "Silver"
    assert customer.trait("loyalty.perks") == {"free_returns": True}
    assert_recorded(TierReached, tier="Silver", tier_name="Silver", was="")


def test_a_new_version_tells_members_what_their_tier_gives_now(store: Store) -> None:
    programme(store)
    buy(store, "600.00", day(1))
    named = [{"key": "Silver", "name": "Sprinter", "min": "500", "benefits": {"warranty_extra_months": 12}}]
    publish(store, {"tiers": named}, by=None, now=day(2))
    customer = Customer.objects.of(store).get()
    assert customer.trait("loyalty.tier_name") == "Sprinter"
    assert customer.trait("loyalty.perks") == {"warranty_extra_months": 12}


def test_two_orders_of_one_batch_see_each_other_s_tier(store: Store) -> None:
    programme(store)
    with clock.at(day(3)):
        for at, price in ((day(1), "1500.00"), (day(2), "100.00")):
            line = Line(external_id="1", title="Shoes", quantity=1, unit_price=price)
            make_order(store, placed_at=at, lines=[line])
        run_until_idle()
    earned = Entry.objects.filter(reason="order").order_by("at").values_list("points", flat=True)
    assert list(earned) == [1500, 200]


def test_an_order_that_comes_late_is_judged_by_the_tier_of_its_day(store: Store) -> None:
    programme(store)
    buy(store, "1500.00", day(5))
    line = Line(external_id="1", title="Shoes", quantity=1, unit_price="100.00")
    with clock.at(day(6)):
        make_order(store, placed_at=day(2), lines=[line])
        run_until_idle()
    late = Entry.objects.get(reason="order", at=day(2))
    assert late.points == 100


def test_one_refund_costs_a_tier_only_if_what_is_left_is_too_little(store: Store) -> None:
    programme(store)
    first = buy(store, "600.00", day(1))
    buy(store, "550.00", day(2))
    give_back(store, first, "600.00", day(3))
    assert john(store).tier == "Silver"


def test_a_tier_of_last_year_is_not_lost_to_a_small_refund_of_this_year(store: Store) -> None:
    programme(store, tier={"window": "calendar_year", "term": "calendar_next"})
    buy(store, "700.00", day(300))
    order = buy(store, "60.00", day(400))
    give_back(store, order, "60.00", day(401))
    assert john(store).tier == "Silver"


def test_a_tier_of_last_year_is_lost_when_what_earned_it_comes_back(store: Store) -> None:
    programme(store, tier={"window": "calendar_year", "term": "calendar_next"})
    order = buy(store, "700.00", day(300))
    give_back(store, order, "700.00", day(401))
    assert john(store).tier == ""
    assert_recorded(TierLost, tier="", was="Silver")


def test_who_buys_enough_keeps_the_tier_for_another_year(store: Store) -> None:
    programme(store, tier={"window": "calendar_year", "term": "calendar_next"})
    buy(store, "700.00", day(300))
    buy(store, "700.00", day(400))
    end = datetime(2027, 12, 31, 23, tzinfo=UTC)  # midnight in Berlin
    assert john(store).tier_until == end
    tiers.review(store.pk, end)
    assert (john(store).tier, john(store).tier_until) == ("Silver", datetime(2028, 12, 31, 23, tzinfo=UTC))
    assert TierChange.objects.filter(why="kept").count() == 1


def test_who_will_fall_is_told_once_with_what_is_missing(store: Store) -> None:
    programme(store, tier={"window": "calendar_year", "term": "calendar_next", "notice_days": 30})
    buy(store, "700.00", day(300))
    buy(store, "120.00", day(400))
    assert reviews.warn(store.pk, datetime(2027, 11, 30, tzinfo=UTC)) == 0
    soon = datetime(2027, 12, 5, tzinfo=UTC)
    assert [reviews.warn(store.pk, soon), reviews.warn(store.pk, soon + timedelta(days=1))] == [1, 0]
    event = LogEntry.objects.get(name=TierEndsSoon.name).payload
    assert (event["missing"], event["on"]) == (380_00, "2027-12-31")


def test_reviews_run_once_in_the_shop_s_day(store: Store) -> None:
    programme(store, tier={"window": "rolling_30"})
    buy(store, "600.00", day(1))
    assert reviews.look_after(day(2)) == 0
    assert john(store).tier == "Silver"
    assert reviews.look_after(day(40)) == 1
    assert john(store).tier == ""
    assert reviews.look_after(day(40) + timedelta(hours=1)) == 0


def test_a_tier_given_by_hand_survives_reviews_where_there_are_no_terms(store: Store) -> None:
    programme(store, tier={"window": "rolling_30"})
    buy(store, "10.00", day(1))
    owner = make_staff(store)
    tiers.set_by_hand(john(store), "Gold", by=owner, why="A friend of the house", now=day(2))
    tiers.review(store.pk, day(3))
    assert john(store).tier == "Gold"
    tiers.set_by_hand(john(store), "", by=owner, why="No friend any more", now=day(4))
    tiers.review(store.pk, day(5))
    assert john(store).tier == ""


def test_each_tier_passed_welcomes_once(store: Store) -> None:
    programme(store)
    buy(store, "2000.00", day(1))
    buy(store, "2000.00", day(2))
    account = ledger.account_of(Customer.objects.of(store).get())
    assert account is not None
    assert account.available == 2000 + 100 + 250 + 4000
