"""Addresses that close and open, and what people say about being written to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.actions.customers import change_consent
from thereafter.commerce.models import Consent, Customer
from thereafter.commerce.queries import latest_consents
from thereafter.commerce.tests.makers import make_order
from thereafter.events.messages import MessageBounced, MessageComplained, MessageReplied
from thereafter.kit import clock
from thereafter.messaging import spreadsheets
from thereafter.messaging.actions import contacts, queueing
from thereafter.messaging.actions.contacts import Closing
from thereafter.messaging.models import Message, SoftBounce, Suppression
from thereafter.stores.models import Audit, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.log import record
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
PHONE = "+491701234567"


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture(autouse=True)
def nothing_leaves(settings: Any) -> None:
    settings.MAIL_URL = "null:"


def sent(store: Store, key: str = "k", now: datetime = NOW) -> Message:
    order = make_order(store)
    queueing.send(order.customer, template="delivered", key=key, now=now, order=order)
    with clock.at(now):
        run_until_idle()
    return Message.objects.select_related("customer").get(key=key)


def told(kind: type[Any], message: Message, now: datetime = NOW, **more: Any) -> None:
    """The channel's news goes into the log, and the worker does what follows."""
    with clock.at(now):
        record(
            kind(
                store_id=message.store_id,
                customer_id=message.customer_id,
                occurred_at=now,
                message_id=message.pk,
                template=message.template,
                channel="email",
                **more,
            )
        )
        run_until_idle()


def closed(store: Store) -> list[tuple[str, str, str, str]]:
    return list(Suppression.objects.of(store).order_by("pk").values_list("channel", "address", "scope", "reason"))


def said(customer: Customer, channel: str, purpose: str = "marketing") -> tuple[bool, str] | None:
    held = latest_consents(customer.store_id, [customer.pk], channel, purpose).get(customer.pk)
    return (held.granted, held.source) if held else None


def test_a_hard_bounce_closes_the_address_to_everything(store: Store) -> None:
    told(MessageBounced, sent(store), hard=True, reason="550 no such user")
    assert closed(store) == [("email", "john@example.com", "all", "hard_bounce")]
    assert Suppression.objects.get().note == "550 no such user"
    assert sent(store, "k2").reason == "suppressed:hard_bounce"


def test_a_complaint_closes_the_address_and_takes_the_yes_away(store: Store) -> None:
    message = sent(store)
    change_consent(
        message.customer, channel="email", purpose="marketing", granted=True, source="shop", evidence="", now=NOW
    )
    told(MessageComplained, message)
    assert closed(store) == [("email", "john@example.com", "all", "complaint")]
    assert said(message.customer, "email") == (False, "complaint")


def test_soft_bounces_close_the_address_for_a_while_when_there_are_five(store: Store) -> None:
    for day in range(5):
        assert not closed(store)
        now = NOW + timedelta(days=day)
        told(MessageBounced, sent(store, f"k{day}", now), now, hard=False, reason="452 mailbox full")
    assert closed(store) == [("email", "john@example.com", "all", "soft_bounces")]
    later = NOW + timedelta(days=19)
    assert sent(store, "later", later).state == "sent"
    assert contacts.forget_what_ended(later) == 1


def test_the_same_soft_bounce_told_twice_counts_once_and_old_ones_not_at_all(store: Store) -> None:
    message = sent(store)
    for _ in range(5):
        contacts.count_soft_bounces([message], NOW)
    assert SoftBounce.objects.get().count == 1
    contacts.count_soft_bounces([sent(store, "k2")], NOW + timedelta(days=15))
    assert SoftBounce.objects.get().count == 1
    assert not closed(store)


def replied(customer: Customer, text: str, now: datetime = NOW) -> None:
    with clock.at(now):
        record(
            MessageReplied(
                store_id=customer.store_id, customer_id=customer.pk, occurred_at=now, channel="sms", text=text
            )
        )
        run_until_idle()


@pytest.fixture
def texted(store: Store) -> Customer:
    customer = make_order(store).customer
    Customer.objects.filter(pk=customer.pk).update(phone=PHONE)
    customer.refresh_from_db()
    change_consent(customer, channel="sms", purpose="marketing", granted=True, source="shop", evidence="", now=NOW)
    return customer


def test_stop_closes_the_number_and_is_written_down_with_the_words(store: Store, texted: Customer) -> None:
    replied(texted, "Stop please")
    assert closed(store) == [("sms", PHONE, "all", "stop")]
    assert said(texted, "sms") == (False, "STOP")
    consent = Consent.objects.filter(purpose="marketing").latest("pk")
    assert "Stop please" in consent.evidence
    assert PHONE in consent.evidence


def test_start_opens_it_again_for_what_was_agreed_before(store: Store, texted: Customer) -> None:
    replied(texted, "STOP")
    replied(texted, "START", NOW + timedelta(days=1))
    assert closed(store) == []
    assert said(texted, "sms") == (True, "START")
    assert said(texted, "sms", "surveys") == (False, "STOP")


def test_start_is_no_yes_from_who_never_agreed(store: Store, texted: Customer) -> None:
    change_consent(texted, channel="sms", purpose="marketing", granted=False, source="shop", evidence="", now=NOW)
    replied(texted, "STOP")
    replied(texted, "START")
    assert said(texted, "sms") == (False, "shop")


def test_what_else_people_write_changes_nothing(store: Store, texted: Customer) -> None:
    replied(texted, "When does the courier stop here?")
    assert closed(store) == []
    assert said(texted, "sms") == (True, "shop")


def test_an_address_is_found_however_it_was_typed(store: Store) -> None:
    contacts.close(store, [Closing(channel="email", address=" John@Example.COM ", reason="manual")], NOW)
    contacts.close(store, [Closing(channel="sms", address="+49 170 / 123-4567", reason="manual")], NOW)
    assert [row[:2] for row in closed(store)] == [("email", "john@example.com"), ("sms", PHONE)]
    assert contacts.close(store, [Closing(channel="email", address="JOHN@example.com", reason="manual")], NOW) == 0
    assert sent(store).reason == "suppressed:manual"


def test_a_closing_for_good_outlives_one_for_a_while(store: Store) -> None:
    soon = NOW + timedelta(days=3)
    contacts.close(
        store, [Closing(channel="email", address="a@b.example", reason="soft_bounces", expires_at=soon)], NOW
    )
    contacts.close(store, [Closing(channel="email", address="a@b.example", reason="hard_bounce")], NOW)
    row = Suppression.objects.get()
    assert (row.reason, row.expires_at) == ("hard_bounce", None)
    contacts.close(
        store, [Closing(channel="email", address="a@b.example", reason="soft_bounces", expires_at=soon)], NOW
    )
    row.refresh_from_db()
    assert (row.reason, row.expires_at) == ("hard_bounce", None)


def test_opening_by_hand_is_audited_with_the_reason(store: Store) -> None:
    staff = make_staff(store)
    contacts.close(store, [Closing(channel="email", address="a@b.example", reason="hard_bounce")], NOW)
    assert contacts.reopen(store, Suppression.objects.get().pk, by=staff, note="mailbox is back", now=NOW)
    assert closed(store) == []
    line = Audit.objects.of(store).get(verb="messages.reopen")
    assert (line.subject, line.detail["why"]) == ("a@b.example", "mailbox is back")
    assert not contacts.reopen(make_store("other"), 99, by=staff, note="", now=NOW)


def test_a_list_goes_out_and_comes_in_again_unchanged(store: Store) -> None:
    told(MessageBounced, sent(store), hard=True)
    contacts.close(store, [Closing(channel="sms", address=PHONE, reason="stop", note="=1+1")], NOW)
    text = "".join(spreadsheets.rows(Suppression.objects.of(store).order_by("pk")))
    assert "'=1+1" in text
    other = make_store("other")
    found = spreadsheets.read(text.encode())
    assert found.refused == []
    assert contacts.close(other, found.closings, NOW) == 2
    assert closed(other) == closed(store)


def test_a_list_of_another_tool_is_understood_and_what_is_wrong_is_named(store: Store) -> None:
    text = "Email;Reason\na@b.example;Hard Bounce\nC@D.example;Unsubscribed\nnobody;spam\n;\n"
    found = spreadsheets.read(text.encode("utf-8-sig"))
    assert [(one.address, one.reason, one.scope) for one in found.closings] == [
        ("a@b.example", "hard_bounce", "all"),
        ("C@D.example", "unsubscribed", "marketing"),
    ]
    assert [line for line, _ in found.refused] == [4]
    with pytest.raises(spreadsheets.Unreadable, match="column"):
        spreadsheets.read(b"a,b\n1,2\n")


def test_unsubscribing_at_a_text_closes_the_number_and_not_the_mail(store: Store) -> None:
    message = sent(store)
    Message.objects.filter(pk=message.pk).update(channel="sms", to_address=PHONE)
    message.refresh_from_db()
    contacts.unsubscribe(message, source="test", now=NOW)
    assert closed(store) == [("sms", PHONE, "marketing", "unsubscribed")]
    assert said(message.customer, "email") is None
