from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.console.tiles import Period
from thereafter.events.parcels import ParcelDelivered
from thereafter.feedback import panels, queries
from thereafter.feedback.actions import answering
from thereafter.feedback.models import Answer
from thereafter.feedback.tests.makers import ASKED, make_invitation
from thereafter.kit import clock
from thereafter.kit.pages import percent
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.log import record

pytestmark = pytest.mark.django_db
NOW = ASKED + timedelta(days=2)
SINCE = ASKED - timedelta(days=10)


@pytest.fixture
def store() -> Store:
    return make_store()


def answered(store: Store, score: int, *, late: bool | None = None, comment: str = "") -> Order:
    order = make_order(store)
    if late is not None:
        record(
            ParcelDelivered(
                store_id=store.pk,
                customer_id=order.customer_id,
                order_id=order.pk,
                occurred_at=ASKED,
                parcel_id=order.pk,
                carrier="dhl",
                late=late,
            )
        )
    answering.answer(make_invitation(order, source=f"run:{order.pk}"), score=score, comment=comment, now=ASKED)
    return order


def test_results_count_answers_and_set_late_beside_on_time(store: Store) -> None:
    for score, late in ((5, False), (4, False), (1, True), (3, None)):
        answered(store, score, late=late)
    make_invitation(make_order(store), source="run:unanswered")
    answered(make_store("other"), 1)
    found = queries.results(store, SINCE, NOW)
    assert (found.asked, found.answered_of_asked, found.response) == (5, 4, 0.8)
    assert found.counts == {5: 1, 4: 1, 3: 1, 2: 0, 1: 1}
    assert (found.on_time.share, found.late.share, found.score.mean) == (1.0, 0.0, 3.25)


def test_who_was_asked_by_mail_and_answered_elsewhere_has_answered(store: Store) -> None:
    order = answered(store, 5)
    Answer.objects.of(store).update(invitation=None, external_id="elsewhere")
    assert Answer.objects.of(store).get().order_id == order.pk
    found = queries.results(store, SINCE, NOW)
    assert (found.asked, found.answered_of_asked) == (1, 1)


def test_the_page_shows_figures_and_words(store: Store, client: Client) -> None:
    order = answered(store, 1, late=True, comment="Never came <b>!")
    client.force_login(make_staff(store, "analyst"))
    with clock.at(NOW):
        page = client.get(reverse("feedback_console:results", args=[store.slug])).content.decode()
    assert "Never came &lt;b&gt;!" in page
    assert reverse("commerce_console:order", args=[store.slug, order.pk]) in page


@pytest.mark.parametrize("period", ["30", "all", "x"])
def test_an_empty_shop_is_told_what_will_come(store: Store, client: Client, period: str) -> None:
    client.force_login(make_staff(store))
    page = client.get(reverse("feedback_console:results", args=[store.slug]) + f"?period={period}")
    assert "No answers yet" in page.content.decode()


def test_who_does_not_work_here_sees_nothing(store: Store, client: Client) -> None:
    client.force_login(make_staff(make_store("other")))
    assert client.get(reverse("feedback_console:results", args=[store.slug])).status_code == 404


def test_the_tile_shows_the_share_and_no_trend_of_few(store: Store) -> None:
    answered(store, 5)
    tile = panels.satisfaction(store, Period(SINCE, NOW))
    assert tile is not None
    assert (tile.value, tile.delta) == (percent(1.0), "")
