from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from thereafter.commerce.actions.customers import change_consent, merge
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.events.customers import AccountLinkRequested
from thereafter.events.messages import MessageFailed, MessageSent, MessageSkipped
from thereafter.kit import clock
from thereafter.messaging import composing, facts, jobs, publishing
from thereafter.messaging.actions import contacts, queueing, sending
from thereafter.messaging.blocks import Block, blocks
from thereafter.messaging.channels import email
from thereafter.messaging.channels.letters import ACCEPTED, Answer, Letter, Verdict
from thereafter.messaging.composing import render_again
from thereafter.messaging.library import Template, UnknownTemplate
from thereafter.messaging.looks import Look
from thereafter.messaging.models import Message, Suppression
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


class Recorder:
    """A mail server that answers as it is told and remembers what it got."""

    together = 2

    def __init__(self, *answers: Verdict) -> None:
        self.answers = list(answers)
        self.letters: list[Letter] = []

    def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
        for letter in letters:
            self.letters.append(letter)
            yield self.answers.pop(0) if self.answers else ACCEPTED


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(email, "channel", lambda url: recorder)
    return recorder


def john(store: Store, **fields: Any) -> Customer:
    return make_order(store, **fields).customer


def work(now: datetime = NOW) -> None:
    with clock.at(now):
        run_until_idle()


def queue(customer: Customer, template: str = "order_confirmation", key: str = "k1", **given: Any) -> None:
    order = customer.orders.order_by("id").last()
    queueing.send(customer, template=template, key=key, now=NOW, order=order, **given)


def test_a_message_is_sent_and_told_of(store: Store, server: Recorder) -> None:
    queue(john(store))
    work()
    message = Message.objects.get()
    assert (message.state, message.sent_at, message.to_address) == ("sent", NOW, "john@example.com")
    assert_recorded(MessageSent, message_id=message.pk, template="order_confirmation")
    assert [letter.subject for letter in server.letters] == ["Order 1001 confirmed"]


def test_the_same_key_is_queued_and_sent_once(store: Store, server: Recorder) -> None:
    customer = john(store)
    for _ in range(3):
        queue(customer)
        work()
    assert len(server.letters) == 1


def test_an_unknown_template_is_refused_when_queueing(store: Store) -> None:
    with pytest.raises(UnknownTemplate):
        queue(john(store), template="nonsense")


def test_nobody_without_an_address_is_written_to(store: Store, server: Recorder) -> None:
    customer = john(store)
    Customer.objects.filter(pk=customer.pk).update(email="")
    queue(customer)
    work()
    assert_recorded(MessageSkipped, reason="no_address")
    assert server.letters == []


def test_an_address_with_a_line_break_is_never_a_header(store: Store, server: Recorder) -> None:
    customer = john(store)
    Customer.objects.filter(pk=customer.pk).update(email="a@b.example\r\nBcc: all@b.example")
    queue(customer)
    work()
    assert_recorded(MessageSkipped, reason="bad_address")


def test_marketing_needs_consent(store: Store, server: Recorder) -> None:
    customer = john(store)
    queue(customer, "goes_well_with", facts={"recommendations": {"items": []}})
    work()
    assert_recorded(MessageSkipped, reason="no_consent")
    change_consent(customer, channel="email", purpose="marketing", granted=True, source="test", evidence="box", now=NOW)
    queue(customer, "goes_well_with", key="k2", facts={"recommendations": {"items": []}})
    work()
    assert [letter.headers.get("List-Unsubscribe-Post") for letter in server.letters] == ["List-Unsubscribe=One-Click"]


def test_after_unsubscribing_only_order_mail_is_sent(store: Store, server: Recorder) -> None:
    customer = john(store)
    queue(customer, "loyalty_invite")
    work()
    contacts.unsubscribe(Message.objects.get(), source="test", now=NOW)
    queue(customer, "loyalty_invite", key="k2")
    queue(customer, "delivered", key="k3")
    work()
    assert_recorded(MessageSkipped, reason="unsubscribed")
    assert [letter.subject for letter in server.letters][1:] == ["Your order 1001 has arrived"]
    assert Suppression.objects.of(store).get().address == "john@example.com"


def test_a_suppressed_address_gets_nothing_at_all(store: Store, server: Recorder) -> None:
    customer = john(store)
    Suppression.objects.create(store=store, address="john@example.com", scope="all", reason="hard_bounce", at=NOW)
    queue(customer)
    work()
    assert_recorded(MessageSkipped, reason="suppressed:hard_bounce")


def test_a_message_without_its_block_has_nothing_to_say(store: Store, server: Recorder) -> None:
    queue(john(store), "satisfaction")
    work()
    assert_recorded(MessageSkipped, reason="nothing_to_say:satisfaction")


def test_a_temporary_refusal_is_tried_again_with_growing_pauses(store: Store, server: Recorder) -> None:
    server.answers = [Verdict(Answer.LATER, "451 busy"), Verdict(Answer.LATER, "451 busy")]
    queue(john(store))
    work()
    message = Message.objects.get()
    assert (message.state, message.due_at, message.reason) == ("queued", NOW + timedelta(minutes=1), "451 busy")
    work(NOW + timedelta(minutes=1))
    assert Message.objects.get().due_at == NOW + timedelta(minutes=4)
    work(NOW + timedelta(minutes=4))
    assert Message.objects.get().state == "sent"
    assert len({letter.message_id for letter in server.letters}) == 1


def test_a_refusal_for_good_fails_and_is_not_tried_again(store: Store, server: Recorder) -> None:
    server.answers = [Verdict(Answer.REFUSED, "550 no such user")]
    queue(john(store))
    work()
    work(NOW + timedelta(days=2))
    assert_recorded(MessageFailed, reason="550 no such user")
    assert len(server.letters) == 1


def test_a_worker_killed_before_handing_over_loses_and_doubles_nothing(store: Store, server: Recorder) -> None:
    queue(john(store))
    sending.claim(NOW, 10)
    work(NOW + timedelta(seconds=30))
    assert server.letters == []
    work(NOW + timedelta(minutes=11))
    assert len(server.letters) == 1


def killed_while_handing_over(now: datetime) -> None:
    claimed = sending.claim(now, 10)
    composed = composing.compose(claimed, now)
    sending.begin([one.message for one in composed if one.letter], now)


def test_a_worker_killed_while_handing_over_is_followed_by_one_more_try(store: Store, server: Recorder) -> None:
    queue(john(store))
    killed_while_handing_over(NOW)
    work(NOW + timedelta(minutes=11))
    assert (Message.objects.get().state, len(server.letters)) == ("sent", 1)


def test_after_two_interruptions_nobody_pretends_to_know(store: Store, server: Recorder) -> None:
    queue(john(store))
    killed_while_handing_over(NOW)
    killed_while_handing_over(NOW + timedelta(minutes=11))
    work(NOW + timedelta(minutes=22))
    assert (Message.objects.get().state, server.letters) == ("unknown", [])


def test_an_interrupted_service_message_is_not_repeated(store: Store, server: Recorder) -> None:
    queue(john(store), "loyalty_invite")
    killed_while_handing_over(NOW)
    work(NOW + timedelta(minutes=11))
    assert (Message.objects.get().state, server.letters) == ("unknown", [])


def test_a_slow_worker_does_not_mark_what_another_took_over(store: Store, server: Recorder) -> None:
    queue(john(store))
    slow = composing.compose(sending.claim(NOW, 10), NOW)
    work(NOW + timedelta(minutes=11))
    assert sending.begin([one.message for one in slow], NOW + timedelta(minutes=12)) == set()
    assert_recorded(MessageSent, times=1)


def test_a_sent_message_can_be_shown_again_exactly(store: Store, server: Recorder) -> None:
    queue(john(store))
    work()
    Customer.objects.update(name="Somebody Else")
    Store.objects.update(name="Another name", brand_colour="#000000")
    message = Message.objects.select_related("version").get()
    assert render_again(message).html == server.letters[0].html


def test_html_in_a_name_is_shown_not_run(store: Store, server: Recorder) -> None:
    customer = john(store)
    Customer.objects.filter(pk=customer.pk).update(name="<script>alert(1)</script> & Co\nBcc: all@shop.example")
    queue(customer)
    work()
    letter = server.letters[0]
    assert "<script>" not in letter.html
    assert "&lt;script&gt;" in letter.html
    assert "\n" not in letter.subject


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        ("de-AT", "Bestellung 1001 ist bestätigt"),
        ("pt_BR", "Pedido 1001 confirmado"),
        ("ja", "Bestellung 1001 ist bestätigt"),
        ("", "Bestellung 1001 ist bestätigt"),
    ],
)
def test_the_customers_language_comes_before_the_shops(server: Recorder, locale: str, subject: str) -> None:
    customer = john(make_store(locale="de"))
    Customer.objects.filter(pk=customer.pk).update(locale=locale)
    queue(customer)
    work()
    assert server.letters[0].subject == subject


def test_a_batch_takes_as_many_queries_as_one_message(
    store: Store, server: Recorder, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    for number in range(2000, 2030):
        queue(john(store, number=str(number), email=f"c{number}@example.com"), "delivered", key=f"k{number}")
    server.together = 100
    with clock.at(NOW), django_assert_max_num_queries(65):
        assert jobs.send_due(NOW) == 30
    assert len(server.letters) == 30


def test_a_shopper_who_asks_gets_the_link_to_the_account(store: Store, server: Recorder) -> None:
    customer = john(store)
    with clock.at(NOW):
        record(AccountLinkRequested(store_id=store.pk, customer_id=customer.pk, occurred_at=NOW))
    work()
    assert [letter.subject for letter in server.letters] == ["Your link to Stride & Co"]


def test_messages_follow_when_two_records_become_one(store: Store, server: Recorder) -> None:
    keep, other = john(store), john(store, number="1002", email="j@example.com")
    queue(other)
    with clock.at(NOW):
        merge(keep, other, NOW)
    work()
    assert Message.objects.of(store).get().customer_id == keep.pk


def test_a_broken_template_fails_its_own_messages_only(
    store: Store, server: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compiled(template: Template, language: str, channel: str, seen: Look) -> publishing.Compiled:
        if template.key == "shipped":
            raise publishing.CannotPublish("There is no text named hello.")
        return original(template, language, channel, seen)

    original = publishing.compiled_template
    monkeypatch.setattr(publishing, "compiled_template", compiled)
    customer = john(store)
    queue(customer, "shipped")
    queue(customer, "delivered", key="k2")
    work()
    assert_recorded(MessageFailed, template="shipped", reason="template: There is no text named hello.")
    assert_recorded(MessageSent, template="delivered")


def test_a_block_that_breaks_is_left_out(store: Store, server: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(customers: object, orders: object) -> list[None]:
        raise RuntimeError("no points today")

    monkeypatch.setitem(blocks, "points", Block("points", "loyalty/blocks/points.mjml", breaks))
    publishing.compiled_template.cache_clear()
    queue(john(store))
    work()
    assert_recorded(MessageSent)


def test_one_message_that_cannot_be_written_keeps_no_other_from_going(
    store: Store, server: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    gather = facts.gather

    def poisoned(pairs: Any) -> Any:
        if any(message.key == "k3" for message, _ in pairs):
            raise KeyError("promised_on")
        return gather(pairs)

    monkeypatch.setattr(facts, "gather", poisoned)
    for number in range(7):
        queue(john(store, number=f"{number}", email=f"c{number}@example.com"), key=f"k{number}")
    work()
    assert len(server.letters) == 6
    bad = Message.objects.get(key="k3")
    assert (bad.state, bad.due_at) == ("queued", NOW + timedelta(minutes=1))
    assert bad.reason == "Could not be written: KeyError: 'promised_on'"
    for day in range(1, 9):
        work(NOW + timedelta(days=day))
    assert_recorded(MessageFailed, message_id=bad.pk)
    assert len(server.letters) == 6


def test_a_mail_server_that_breaks_off_leaves_what_it_said_before_written_down(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Breaking(Recorder):
        def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
            yield ACCEPTED
            raise RuntimeError("out of paper")

    monkeypatch.setattr(email, "channel", lambda url: Breaking())
    for number in range(2):
        queue(john(store, number=f"{number}", email=f"c{number}@example.com"), key=f"k{number}")
    work()
    assert list(Message.objects.order_by("key").values_list("state", flat=True)) == ["sent", "sending"]
    assert_recorded(MessageSent, times=1)
