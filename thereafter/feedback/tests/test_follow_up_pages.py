"""The pages of follow-ups and of asking, for the desk and for the customer."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.console.tests.tools import signed_in
from thereafter.feedback.actions import answering, asking
from thereafter.feedback.models import Ask, Budget, FollowUp, FollowUpNote
from thereafter.feedback.tests.makers import ASKED, make_invitation
from thereafter.kit import clock
from thereafter.messaging.composing import render_again
from thereafter.messaging.models import Message
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return make_order(make_store())


@pytest.fixture
def unhappy(order: Order) -> FollowUp:
    with clock.at(ASKED):
        answering.answer(make_invitation(order), score=1, comment="The sole came off.", now=ASKED)
        run_until_idle(ASKED)
    return FollowUp.objects.of(order.store_id).get()


def desk(order: Order, role: str = "support") -> tuple[Client, str]:
    return signed_in(make_staff(order.store, role=role)), f"/console/{order.store.slug}/feedback/"


def test_the_list_shows_who_waits_and_each_view_its_own(order: Order, unhappy: FollowUp) -> None:
    client, base = desk(order)
    with clock.at(ASKED + timedelta(hours=1)):
        page = client.get(f"{base}follow-ups/").content.decode()
        assert "The sole came off." in page
        assert "1 of 5" in page
        assert "Nothing is here" in client.get(f"{base}follow-ups/?view=overdue").content.decode()
    with clock.at(ASKED + timedelta(days=3)):
        assert "Overdue since" in client.get(f"{base}follow-ups/?view=overdue").content.decode()


def test_the_desk_writes_and_the_customer_answers_from_the_mail(order: Order, unhappy: FollowUp) -> None:
    client, base = desk(order)
    with clock.at(ASKED + timedelta(hours=1)):
        words = {"text": "A new pair <b>left</b> today.", "to": "customer"}
        client.post(f"{base}follow-ups/{unhappy.pk}/write/", words)
        run_until_idle(ASKED + timedelta(hours=2))
    message = Message.objects.of(order.store_id).select_related("store", "version", "customer", "order")
    html = render_again(message.get(template="follow_up_reply")).html
    assert "A new pair &lt;b&gt;left&lt;/b&gt; today." in html
    (link,) = set(re.findall(r'href="(http[^"]+/feedback/talk/[^"]+)"', html))
    with clock.at(ASKED + timedelta(hours=3)):
        shopper = Client()
        page = shopper.get(urlsplit(link).path).content.decode()
        assert "A new pair &lt;b&gt;left&lt;/b&gt; today." in page
        assert shopper.post(urlsplit(link).path, {"text": "Thank you"}).status_code == 302
        assert shopper.get(urlsplit(link).path[:-3] + "abc").status_code == 410
    unhappy.refresh_from_db()
    assert unhappy.state == "open"
    assert FollowUpNote.objects.of(order.store_id).filter(kind="from_customer", text="Thank you").count() == 1


def test_notes_of_colleagues_are_not_for_the_customer(order: Order, unhappy: FollowUp) -> None:
    client, base = desk(order)
    client.post(f"{base}follow-ups/{unhappy.pk}/write/", {"text": "A difficult one", "to": "colleagues"})
    assert not Message.objects.of(order.store_id).filter(template="follow_up_reply").exists()
    assert "A difficult one" in client.get(f"{base}follow-ups/{unhappy.pk}/").content.decode()


def test_closing_needs_a_reason_and_opens_again(order: Order, unhappy: FollowUp) -> None:
    client, base = desk(order)
    address = f"{base}follow-ups/{unhappy.pk}/"
    assert client.post(f"{address}close/", {"reason": "", "outcome": "refund", "ask_again_days": 7}).status_code == 422
    client.post(f"{address}close/", {"reason": "quality", "outcome": "refund", "ask_again_days": 7, "note": "Done"})
    unhappy.refresh_from_db()
    assert (unhappy.state, unhappy.reason, unhappy.outcome) == ("resolved", "quality", "refund")
    assert "The quality disappointed" in client.get(address).content.decode()
    client.post(f"{address}open/")
    unhappy.refresh_from_db()
    assert (unhappy.state, unhappy.ask_again_at) == ("open", None)


def test_an_analyst_reads_and_cannot_write(order: Order, unhappy: FollowUp) -> None:
    client, base = desk(order, "analyst")
    assert "Send to the customer" not in client.get(f"{base}follow-ups/{unhappy.pk}/").content.decode()
    assert client.post(f"{base}follow-ups/{unhappy.pk}/write/", {"text": "x"}).status_code == 403


def test_the_budget_is_tried_before_it_is_saved(order: Order) -> None:
    client, base = desk(order, "marketer")
    with clock.at(ASKED):
        asking.ask(order.store_id, [asking.Asking(order.customer_id, "a", order.pk)], now=ASKED)
    given = {"most": 1, "days": 60, "gap_after_ask": 5, "gap_after_answer": 0, "holdout_percent": 0}
    with clock.at(ASKED + timedelta(days=1)):
        page = client.post(f"{base}asking/", given | {"quiet_while": ["return"], "do": "try"}).content.decode()
        assert "Of 1 wishes for 1 people" in page
        assert not Budget.objects.of(order.store_id).exists()
        client.post(f"{base}asking/", given | {"quiet_while": ["return"]})
    kept = Budget.objects.of(order.store_id).get()
    assert (kept.most, kept.days, kept.quiet_while) == (1, 60, ["return"])


def test_the_log_says_why_somebody_was_not_asked(order: Order) -> None:
    with clock.at(ASKED):
        for source in ("a", "b"):
            asking.ask(order.store_id, [asking.Asking(order.customer_id, source, order.pk)], now=ASKED)
    assert Ask.objects.of(order.store_id).get(source="b").state == "waiting"
    client, base = desk(order)
    page = client.get(f"{base}asking/decisions/?state=waiting").content.decode()
    assert "They were asked something a few days before" in page
    assert order.customer.display_name in page
