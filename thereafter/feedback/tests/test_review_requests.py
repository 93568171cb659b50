"""Everybody delivered is asked alike, within the budget, when the goods have been used for a while."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from thereafter.commerce.actions.orders import take_orders, take_refunds
from thereafter.commerce.documents import Line, Person, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Order, Product
from thereafter.commerce.tests.makers import PLACED, SHOES, make_order, make_product, order_doc, ship
from thereafter.events.parcels import ParcelDelivered, ParcelFlagCleared, ParcelFlagged
from thereafter.events.reviews import ReviewsAsked
from thereafter.feedback.actions import answering, asking, matters, reminding, review_plans, reviews
from thereafter.feedback.actions.matters import Matter
from thereafter.feedback.actions.review_plans import Delivered
from thereafter.feedback.actions.reviews import Author, Draft
from thereafter.feedback.models import Ask, Invitation, OpenMatter, ReviewRequest, ReviewRule, ReviewSettings
from thereafter.journeys.actions import publishing
from thereafter.journeys.actions.publishing import BadJourney
from thereafter.kit import clock
from thereafter.messaging.composing import render_again
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
CAME = PLACED + timedelta(days=4)
DUE = datetime(2026, 3, 21, 17, 0, tzinfo=UTC)
SOCKS = Line(external_id="2", title="Socks", quantity=2, unit_price="5", product_id="socks")
SOFA = Line(external_id="3", title="Sofa", quantity=1, unit_price="900", product_id="sofa")


@pytest.fixture
def store() -> Store:
    return make_store()


def deliver(*orders: Order, at: datetime = CAME, **fields: Any) -> None:
    for order in orders:
        one = Delivered(order.customer_id, order.pk, at, f"run:{order.pk}:{fields}", **fields)
        review_plans.plan(order.store_id, [one], now=at)


def turn(days: float = 15.5) -> None:
    now = CAME + timedelta(days=days)
    with clock.at(now):
        run_until_idle()
        asking.turn(now)
        reminding.turn(now)
        run_until_idle()


def asked(order: Order) -> set[str]:
    return {
        one.product.external_id
        for request in ReviewRequest.objects.filter(order=order)
        for one in request.products.select_related("product")
    }


def test_a_buyer_is_asked_once_the_wait_is_over_about_all_they_bought(store: Store) -> None:
    order = make_order(store, lines=[SHOES, SOCKS])
    deliver(order)
    turn(13)
    assert not ReviewRequest.objects.exists()
    turn(15.5)
    assert asked(order) == {"shoe", "socks"}
    assert Message.objects.filter(template="review_request").count() == 1
    assert_recorded(ReviewsAsked, order_id=order.pk, products=2)


def test_being_told_twice_asks_once(store: Store) -> None:
    order = make_order(store)
    deliver(order)
    deliver(order, tracking_number="again")
    turn()
    assert ReviewRequest.objects.count() == 1


def test_a_product_with_a_longer_wait_is_asked_about_later(store: Store) -> None:
    order = make_order(store, lines=[SOCKS, SOFA])
    ReviewRule.objects.create(store=store, product=product(store, "sofa"), wait_days=40)
    ReviewRule.objects.create(store=store, product=product(store, "socks"), wait_days=5)
    deliver(order)
    turn(6)
    assert asked(order) == {"socks"}
    turn(41)
    assert asked(order) == {"socks", "sofa"}


def test_a_second_parcel_joins_what_still_waits(store: Store) -> None:
    order = make_order(store, lines=[SHOES, SOCKS])
    first = ship(order, external_id="f1", lines={"1": 1})
    second = ship(order, external_id="f2", lines={"2": 2})
    deliver(order, tracking_number=first.tracking_number)
    deliver(order, at=CAME + timedelta(days=2), tracking_number=second.tracking_number)
    (ask,) = Ask.objects.all()
    assert ask.due_at == DUE + timedelta(days=2)
    turn(17)
    assert asked(order) == {"shoe", "socks"}
    assert Message.objects.filter(template="review_request").count() == 1


def test_parcels_of_one_hour_are_one_delivery(store: Store) -> None:
    order = make_order(store, lines=[SHOES, SOCKS])
    both = [
        Delivered(order.customer_id, order.pk, CAME, "run:1", tracking_number="a"),
        Delivered(order.customer_id, order.pk, CAME, "run:2", tracking_number="b"),
    ]
    review_plans.plan(store.pk, both, now=CAME)
    assert Ask.objects.count() == 1


def test_late_unhappy_and_complaining_customers_are_asked_the_same(store: Store) -> None:
    """16 CFR 465.7: nothing that somebody said of us, and nothing that went wrong, decides whether they are asked."""
    publishing.install_recipes(store, PLACED)
    people = ["content", "late", "unhappy", "complaining"]
    orders = {name: make_order(store, email=f"{name}@example.com") for name in people}
    for name, order in orders.items():
        with clock.at(CAME), transaction.atomic():
            ids: dict[str, Any] = {
                "store_id": store.pk,
                "customer_id": order.customer_id,
                "order_id": order.pk,
                "occurred_at": CAME,
            }
            record(ParcelDelivered(**ids, parcel_id=order.pk, carrier="dhl", late=name == "late"))
    with clock.at(CAME):
        run_until_idle()
    at = CAME + timedelta(days=3, hours=12)
    with clock.at(at):
        run_until_idle()
    with clock.at(at):
        for invitation in Invitation.objects.all():
            unhappy = invitation.order_id == orders["unhappy"].pk
            answering.answer(invitation, score=1 if unhappy else 5, now=at)
        run_until_idle()
    assert OpenMatter.objects.of(store).filter(customer=orders["unhappy"].customer_id, closed_at=None).exists()
    matters.opened(store.pk, [Matter(orders["complaining"].customer_id, "return", "R1", at)])
    turn(16)
    asked_now = set(ReviewRequest.objects.values_list("order", flat=True))
    assert asked_now == {orders[name].pk for name in ("content", "late", "unhappy")}
    closed = CAME + timedelta(days=20)
    with clock.at(closed):
        matters.closed(store.pk, [Matter(orders["complaining"].customer_id, "return", "R1", closed)])
    turn(20.5)
    requests = ReviewRequest.objects.values_list("order", flat=True)
    assert sorted(requests) == sorted(order.pk for order in orders.values())
    mails = Message.objects.filter(template="review_request").values_list("template", "channels", "origin")
    assert len(set(map(str, mails))) == 1


def test_a_parcel_that_was_in_trouble_for_two_reasons_keeps_nobody_from_being_asked(store: Store) -> None:
    order = make_order(store)
    ids: dict[str, Any] = {"store_id": store.pk, "customer_id": order.customer_id, "order_id": order.pk}
    about: dict[str, Any] = {**ids, "parcel_id": 1, "kind": "delayed"}
    with clock.at(CAME), transaction.atomic():
        record(ParcelFlagged(**about, cause="stalled", occurred_at=CAME - timedelta(days=2)))
        record(ParcelFlagCleared(**about, cause="predicted", by="delivered", occurred_at=CAME))
    deliver(order)
    turn()
    assert ReviewRequest.objects.filter(order=order).exists()


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_a_cancelled_or_fully_refunded_order_is_not_asked_about_any_more(store: Store, is_cancelled: bool) -> None:
    order = make_order(store)
    deliver(order)
    later = order.placed_at + timedelta(days=8)
    if is_cancelled:
        doc = order_doc(order.number, changed_at=later, status="cancelled", cancelled_at=later)
        take_orders(store, [doc], source="api", now=later)
    else:
        back = RefundDoc(external_id="r", amount="89.90", at=later)
        take_refunds(store, [RefundOfOrder(order=order.external_id, refund=back)], source="api", now=later)
    turn()
    (ask,) = Ask.objects.all()
    assert (ask.state, ask.reason) == (Ask.State.SKIPPED, "order_gone")
    assert not Message.objects.filter(template="review_request").exists()


def test_where_the_shop_does_not_ask_nobody_is_asked(store: Store) -> None:
    ReviewSettings.objects.create(store=store, not_in=["DE"])
    deliver(make_order(store))
    turn()
    assert Ask.objects.get().reason == "country"


def test_a_shop_that_asks_nobody_plans_nothing(store: Store) -> None:
    ReviewSettings.objects.create(store=store, asks=False)
    deliver(make_order(store))
    assert not Ask.objects.exists()


def test_gift_cards_and_what_is_left_out_are_not_asked_about(store: Store) -> None:
    card = Line(external_id="7", title="Gift Card 50", quantity=1, unit_price="50", product_id="card")
    order = make_order(store, lines=[SHOES, card, SOFA])
    make_product(store, "card", title="Gift Card 50", category="Gift Cards")
    ReviewRule.objects.create(store=store, product=product(store, "sofa"), asks=False)
    deliver(order)
    turn()
    assert asked(order) == {"shoe"}


def test_what_is_reviewed_already_is_not_asked_about(store: Store) -> None:
    order = make_order(store, lines=[SHOES, SOCKS])
    deliver(order)
    write(order, product(store, "shoe"))
    turn()
    assert asked(order) == {"socks"}
    other = make_order(store, lines=[SHOES])
    deliver(other)
    turn(40)
    assert Ask.objects.get(order=other).reason == "reviewed"


@pytest.mark.parametrize("rating", [1, 5])
def test_who_wrote_is_not_reminded_whatever_they_wrote(store: Store, rating: int) -> None:
    order, silent = make_order(store), make_order(store, email="silent@example.com")
    deliver(order, silent)
    turn()
    write(order, product(store, "shoe"), rating)
    turn(23)
    reminders = Message.objects.filter(template="review_reminder")
    assert [message.customer_id for message in reminders] == [silent.customer_id]
    turn(40)
    assert reminders.count() == 1


def test_the_mail_has_five_stars_for_each_product_and_says_what_is_given(store: Store) -> None:
    ReviewSettings.objects.create(
        store=store, incentive={"kind": "points", "says": {"de": "50 Punkte", "en": "50 points"}}
    )
    buyer = Person(email="john@example.com", name="John Runner", locale="de")
    order = make_order(store, lines=[SHOES, SOCKS], customer=buyer)
    deliver(order)
    turn()
    message = Message.objects.select_related("store", "version", "customer", "order").get(template="review_request")
    mail = render_again(message)
    assert "50 Punkte für jede Bewertung, ob gut oder schlecht" in mail.html
    stars = set(re.findall(r"/reviews/of/[^\"]+?lang=de&(?:amp;)?star=(\d-\d)", mail.html))
    assert stars == {f"{place}-{number}" for place in (1, 2) for number in range(1, 6)}
    assert "Trail Runner 2" in mail.subject


def test_many_deliveries_take_a_fixed_number_of_queries(store: Store, django_assert_max_num_queries: Any) -> None:
    orders = [make_order(store, email=f"p{n}@example.com", lines=[SHOES, SOCKS]) for n in range(60)]
    told = [Delivered(order.customer_id, order.pk, CAME, f"run:{order.pk}") for order in orders]
    with django_assert_max_num_queries(30):
        review_plans.plan(store.pk, told, now=CAME)
    with django_assert_max_num_queries(60):
        asking.turn(CAME + timedelta(days=15))
    assert ReviewRequest.objects.count() == 60


GATES: list[dict[str, Any]] = [
    {"trigger": {"event": "survey.answered", "if": "fact.score >= 4"}},
    {"trigger": {"event": "parcel.delivered", "if": "fact.late != true"}},
    {"trigger": {"event": "parcel.delivered", "if": "'promoters' in customer.segments"}},
    {"trigger": {"event": "parcel.delivered"}, "stops_on": ["return.requested"]},
    {"trigger": {"event": "parcel.delivered"}, "stop_if": "trait['nps'] < 7"},
    {"trigger": {"event": "follow_up.closed"}},
]


@pytest.mark.parametrize("document", GATES, ids=lambda one: str(one)[:70])
@pytest.mark.parametrize("step", [{"kind": "ask_reviews"}, {"kind": "send", "template": "review_request"}])
def test_no_journey_asks_only_the_pleased(store: Store, document: dict[str, Any], step: dict[str, Any]) -> None:
    problems = publishing.check(store, {**document, "steps": [{"id": "ask", **step}]})
    assert any("Everybody is asked for a review the same way" in str(one) for one in problems)


def test_a_score_half_way_is_seen_too_and_beside_the_way_it_is_not(store: Store) -> None:
    steps: list[dict[str, Any]] = [
        {"id": "answer", "kind": "wait_for", "event": "survey.answered", "days": 3, "then": "good", "else": "end"},
        {"id": "good", "kind": "branch", "if": "trait['feedback.score'] >= 4", "then": "ask", "else": "end"},
        {"id": "ask", "kind": "ask_reviews"},
    ]
    document = {"trigger": {"event": "parcel.delivered"}, "steps": steps}
    assert any(one.where == "ask" for one in publishing.check(store, document))
    after = [{"id": "ask", "kind": "ask_reviews"}, {**steps[0], "then": "good"}, {**steps[1], "then": "sorry"}]
    sorry = {"id": "sorry", "kind": "send", "template": "delivered_late"}
    document["steps"] = [*after, sorry]
    assert publishing.check(store, document) == []
    journey = publishing.install_recipes(store, PLACED)[0]
    with pytest.raises(BadJourney):
        publishing.publish(journey, {"trigger": {"event": "parcel.delivered"}, "steps": steps}, now=PLACED)


def test_a_condition_on_the_order_alone_is_fine(store: Store) -> None:
    document = {
        "trigger": {"event": "parcel.delivered", "if": "order.country == 'DE'"},
        "steps": [{"id": "ask", "kind": "ask_reviews", "days": 21}],
    }
    assert publishing.check(store, document) == []


def product(store: Store, external_id: str) -> Product:
    return Product.objects.of(store).get(external_id=external_id)


def write(order: Order, product: Product, rating: int = 4) -> None:
    author = Author(customer=order.customer, order=order)
    reviews.write(None, product, author, Draft(rating=rating), now=CAME + timedelta(days=14, hours=20))
