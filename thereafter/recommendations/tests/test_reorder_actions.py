"""Who is due, who is told, and what ends it; built through orders that came in."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.documents import Line
from thereafter.commerce.models import Customer, Order, Product
from thereafter.commerce.tests.makers import PLACED, make_order, make_product, order_doc, ship
from thereafter.kit import clock
from thereafter.recommendations import reorder_words as words
from thereafter.recommendations.actions import reorder_answers, reorders
from thereafter.recommendations.models import Reorder, ReorderBuild, ReorderProduct
from thereafter.recommendations.queries import due
from thereafter.recommendations.rules import reorders as rules
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db


def day(number: int) -> datetime:
    return PLACED + timedelta(days=number)


def buy(store: Store, product: str, at: datetime, email: str = "ann@example.com", **more: Any) -> Order:
    quantity = more.pop("quantity", 1)
    line = Line(external_id="1", title=product, quantity=quantity, unit_price="10", product_id=product)
    with clock.at(at):
        order = make_order(store, email=email, lines=[line], placed_at=at, **more)
        ship(order, shipped_at=at)
    return order


def settle(at: datetime) -> None:
    with clock.at(at):
        run_until_idle(at)


def renew(store: Store, at: datetime) -> int:
    settle(at)
    return reorders.renew(store, now=at)


def told(store: Store) -> list[str]:
    return [entry.payload["title"] for entry in Entry.objects.of(store).filter(name="order.reorder_due").order_by("pk")]


def of(store: Store, product: str, email: str = "ann@example.com") -> Reorder:
    return (
        Reorder.objects.of(store)
        .select_related("product", "customer", "store")
        .get(product__external_id=product, customer__email=email)
    )


@pytest.fixture
def store() -> Store:
    """A shop of coffee that lasts thirty days, and of mugs that last for ever."""
    store = make_store()
    make_product(store, "coffee", title="Coffee", category="Coffee", replenish_days=30)
    make_product(store, "decaf", title="Decaf", category="Coffee", replenish_days=30)
    make_product(store, "mug", title="Mug", category="Mugs")
    return store


def test_what_is_used_up_is_due_after_the_merchants_days_and_told_once(store: Store) -> None:
    buy(store, "coffee", day(0))
    buy(store, "mug", day(0))
    assert renew(store, day(1)) == 0
    coffee = of(store, "coffee")
    assert coffee.due_on == day(30).date()
    assert coffee.due_from < coffee.due_on < coffee.due_to
    assert not Reorder.objects.of(store).filter(product__external_id="mug").exists()
    assert [renew(store, day(number)) for number in (10, 29, 30, 31)] == [0, 1, 0, 0]
    assert told(store) == ["Coffee"]
    assert of(store, "coffee").state == Reorder.State.TOLD


def test_an_order_after_the_reminder_starts_the_clock_anew(store: Store) -> None:
    buy(store, "coffee", day(0))
    renew(store, day(1))
    renew(store, day(30))
    buy(store, "coffee", day(31))
    settle(day(31))
    coffee = of(store, "coffee")
    assert (coffee.state, coffee.bought_on, coffee.own_gaps) == (Reorder.State.ORDERED, day(31).date(), 1)
    assert renew(store, day(40)) == 0
    assert renew(store, day(62)) == 1
    assert told(store) == ["Coffee", "Coffee"]


def test_twice_the_packs_last_longer(store: Store) -> None:
    buy(store, "coffee", day(0))
    buy(store, "coffee", day(0), "bo@example.com", quantity=2)
    renew(store, day(1))
    assert of(store, "coffee", "bo@example.com").due_on == day(60).date()
    assert of(store, "coffee", "bo@example.com").quantity == 2


def test_a_substitute_ends_the_reminder_unless_both_are_bought_together(store: Store) -> None:
    buy(store, "coffee", day(0))
    buy(store, "decaf", day(20))
    lines = [
        Line(external_id=str(at), title=name, quantity=1, unit_price="9", product_id=name)
        for at, name in enumerate(("coffee", "decaf"))
    ]
    make_order(store, email="bo@example.com", lines=lines, placed_at=day(0))
    buy(store, "decaf", day(20), "bo@example.com")
    renew(store, day(21))
    assert (of(store, "coffee").state, of(store, "coffee").why) == ("stopped", "substitute")
    assert of(store, "coffee", "bo@example.com").state == "waiting"


def test_nobody_is_told_while_the_last_parcel_is_still_to_leave(store: Store) -> None:
    line = Line(external_id="1", title="Coffee", quantity=1, unit_price="10", product_id="coffee")
    order = make_order(store, email="ann@example.com", lines=[line], placed_at=day(0))
    assert [renew(store, day(number)) for number in (1, 28)] == [0, 0]
    ship(order, shipped_at=day(28))
    assert renew(store, day(29)) == 1


def test_a_cancelled_order_was_no_purchase(store: Store) -> None:
    buy(store, "coffee", day(0))
    renew(store, day(1))
    renew(store, day(30))
    order = buy(store, "coffee", day(31))
    settle(day(31))
    assert of(store, "coffee").state == "ordered"
    doc = order_doc(
        order.number,
        email="ann@example.com",
        placed_at=day(31),
        lines=[Line(external_id="1", title="coffee", quantity=1, unit_price="10", product_id="coffee")],
        cancelled_at=day(32),
        changed_at=day(32),
    )
    with clock.at(day(32)):
        take_orders(store, [doc], source="api", now=day(32))
    settle(day(32))
    assert (of(store, "coffee").state, of(store, "coffee").bought_on) == ("told", day(0).date())
    assert renew(store, day(33)) == 0


def test_a_shopper_may_say_later_or_never(store: Store) -> None:
    buy(store, "coffee", day(0))
    buy(store, "coffee", day(0), "bo@example.com")
    assert [renew(store, day(number)) for number in (1, 30)] == [0, 2]
    reorder_answers.snooze(of(store, "coffee"), now=day(30), today=day(30).date())
    reorder_answers.stop(of(store, "coffee", "bo@example.com"), now=day(30))
    assert [renew(store, day(number)) for number in (31, 43, 44, 45)] == [0, 0, 1, 0]
    buy(store, "coffee", day(50), "bo@example.com")
    assert renew(store, day(80)) == 0
    assert of(store, "coffee", "bo@example.com").state == "stopped"


def test_other_rooms_are_told_what_comes_next(store: Store) -> None:
    buy(store, "coffee", day(0))
    renew(store, day(1))
    ann = Customer.objects.of(store).get(email="ann@example.com")
    assert ann.traits["reorder.next_on"] == day(30).date().isoformat()
    assert ann.traits["reorder.product"] == "Coffee"
    reorder_answers.stop(of(store, "coffee"), now=day(2))
    ann.refresh_from_db()
    assert "reorder.next_on" not in ann.traits


def test_a_product_that_people_come_back_for_is_learnt_and_can_be_switched_off(store: Store) -> None:
    for number in range(8):
        for at in (0, 20, 40, 60):
            buy(store, "mug", day(at + number), f"p{number}@example.com")
    renew(store, day(70))
    mug = ReorderProduct.objects.of(store).select_related("product", "store").get(product__external_id="mug")
    assert mug.is_on
    assert (mug.came_back, mug.gaps) == (8, 24)
    assert of(store, "mug", "p0@example.com").due_on == day(80).date()
    assert due.build_of(store).tested > 0  # type: ignore[union-attr]  # it was just learnt
    reorder_answers.switch(mug, "off", now=day(70))
    assert renew(store, day(85)) == 0
    assert told(store) == []
    reorder_answers.switch(mug, "on", now=day(85))
    assert renew(store, day(85)) == 8


def test_a_product_said_to_be_used_up_later_is_due_without_a_new_order(store: Store) -> None:
    buy(store, "mug", day(0))
    renew(store, day(1))
    Product.objects.of(store).filter(external_id="mug").update(replenish_days=40)
    renew(store, day(2))
    assert of(store, "mug").due_on == day(40).date()
    Product.objects.of(store).filter(external_id="mug").update(replenish_days=None)
    assert renew(store, day(40)) == 0


def test_a_reminder_that_is_long_over_is_not_told(store: Store) -> None:
    buy(store, "coffee", day(0))
    renew(store, day(1))
    assert renew(store, day(200)) == 0


def test_a_first_build_tells_only_what_began_in_the_last_days(store: Store) -> None:
    for number in range(12):
        buy(store, "coffee", day(number), f"p{number}@example.com")
    today = day(24).date()
    expected = renew(store, day(24))
    begun = Reorder.objects.of(store).filter(due_from__lte=today)
    late = begun.filter(due_from__lt=today - rules.BACKLOG)
    assert 0 < expected == begun.count() - late.count() < begun.count()
    assert {(row.state, row.why) for row in late} == {("waiting", "late")}
    assert words.state_of(late[0], today)[2] == "its time had begun before we knew of it"
    # Those whose time begins later are told as always, and who buys again is like anybody else.
    assert renew(store, day(26)) == Reorder.objects.of(store).filter(due_from=day(25).date()).count() + (
        Reorder.objects.of(store).filter(due_from=day(26).date()).count()
    )
    buy(store, "coffee", day(30), "p0@example.com")
    renew(store, day(31))
    assert renew(store, day(61)) >= 1
    assert of(store, "coffee", "p0@example.com").state == "told"


def test_old_orders_that_come_in_later_are_a_backlog_too(store: Store) -> None:
    buy(store, "mug", day(0), "bo@example.com")
    renew(store, day(1))
    for at in (0, 20):
        buy(store, "coffee", day(at))
        settle(day(50))
        assert renew(store, day(50)) == 0
    assert of(store, "coffee").why == "late"


COLUMNS = ("customer_id", "product_id", "order_id", "bought_on", "quantity", "due_from", "due_on", "due_to", "own_gaps")


@pytest.mark.parametrize("seed", range(2))
def test_working_out_what_changed_gives_what_working_out_everything_gives(store: Store, seed: int) -> None:
    chance = Random(seed)
    for at in sorted(chance.choices(range(90), k=16)):
        name, who = chance.choice(("coffee", "decaf")), f"p{chance.randrange(3)}@example.com"
        lines = [Line(external_id="1", title=name, quantity=chance.randint(1, 3), unit_price="9", product_id=name)]
        with clock.at(day(at)):
            order = make_order(store, email=who, lines=lines, placed_at=day(at))
        if chance.random() < 0.2:
            Order.objects.of(store).filter(pk=order.pk).update(status=Order.Status.CANCELLED)
        reorders.follow(store, {order.customer_id}, now=day(at))
        if chance.random() < 0.3:
            reorders.renew(store, now=day(at))
    reorders.renew(store, now=day(91))
    quick = list(Reorder.objects.of(store).order_by("customer", "product").values_list(*COLUMNS))
    Reorder.objects.of(store).delete()
    ReorderProduct.objects.of(store).delete()
    ReorderBuild.objects.of(store).delete()
    reorders.renew(store, now=day(91))
    assert quick == list(Reorder.objects.of(store).order_by("customer", "product").values_list(*COLUMNS))
    assert quick


def test_a_night_that_changes_nothing_writes_nothing(store: Store) -> None:
    for number in range(6):
        buy(store, "coffee", day(number), f"p{number}@example.com")
    renew(store, day(7))
    with CaptureQueriesContext(connection) as asked:
        reorders.refresh(store, now=day(7))
        reorders.renew(store, now=day(7))
    assert [one["sql"] for one in asked if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_a_store_without_anything_used_up_costs_one_question_per_batch(
    django_assert_max_num_queries: Any,
) -> None:
    store = make_store(slug="plain")
    buy(store, "mug", day(0))
    with django_assert_max_num_queries(1):
        reorders.follow(store, {1}, now=day(1))
