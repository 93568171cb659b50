"""What providers tell of messages: verified, kept, taken once, told once."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.config.tests import test_intake
from thereafter.events.messages import (
    MessageBounced,
    MessageClicked,
    MessageComplained,
    MessageDelivered,
    MessageOpened,
)
from thereafter.kit import clock
from thereafter.messaging import jobs
from thereafter.messaging.actions import queueing
from thereafter.messaging.channels import email
from thereafter.messaging.channels.letters import Answer, Letter, Verdict
from thereafter.messaging.channels.tellers import TELLERS
from thereafter.messaging.models import Message, Receipt, Suppression
from thereafter.messaging.tests.payloads import LINK, basic, sendgrid_key
from thereafter.messaging.tests.provider_payloads import SAMPLES
from thereafter.stores import actions as stores
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline import inbox
from thereafter.timeline.models import Inbound
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
PROVIDER_ID = "883953460105"
KINDS = {
    "delivered": MessageDelivered,
    "bounced": MessageBounced,
    "complained": MessageComplained,
    "opened": MessageOpened,
    "clicked": MessageClicked,
}


class Named:
    """A mail server that gives each letter a name."""

    together = 10

    def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
        return (Verdict(Answer.ACCEPTED, provider_id=PROVIDER_ID) for _ in letters)


@pytest.fixture
def message(monkeypatch: pytest.MonkeyPatch) -> Message:
    """A message that a provider took."""
    monkeypatch.setattr(email, "channel", lambda url: Named())
    order = make_order(make_store())
    queueing.send(order.customer, template="order_confirmation", key="k1", now=NOW, order=order)
    with clock.at(NOW):
        run_until_idle()
    return Message.objects.get()


def post(body: bytes, headers: dict[str, str], path: str) -> tuple[int, dict[str, Any]]:
    with clock.at(LATER):
        return test_intake.post(body, headers, path)


def connect(store: Store, provider: str) -> None:
    stores.connect(store, provider, now=NOW, secret=SAMPLES[provider].secret)


def tell(provider: str, event: str, message: Message, *, ours: int | None = None) -> tuple[int, dict[str, Any]]:
    """Posts the event; `ours` is the number that the provider hands back, 0 when it hands none back."""
    body, headers = SAMPLES[provider].events[event](PROVIDER_ID, message.pk if ours is None else ours)
    return post(body, headers, f"/hooks/stride/{provider}")


def work() -> None:
    with clock.at(LATER):
        run_until_idle()


EVERY = [(provider, event) for provider, sample in SAMPLES.items() for event in sample.events if event in KINDS]


@pytest.mark.parametrize(("provider", "event"), EVERY)
def test_each_provider_tells_each_event_once(message: Message, provider: str, event: str) -> None:
    connect(message.store, provider)
    assert tell(provider, event, message)[0] == 202
    assert tell(provider, event, message)[0] == 200
    work()
    receipt = Receipt.objects.get()
    assert (receipt.message_id, receipt.kind, receipt.machine) == (message.pk, event, False)
    assert_recorded(KINDS[event], message_id=message.pk, template="order_confirmation")
    if event == "bounced":
        assert_recorded(MessageBounced, hard=True)
    if event == "clicked":
        assert receipt.url == LINK


# SendGrid names a letter only by what we give it.
@pytest.mark.parametrize("provider", [name for name in SAMPLES if name != "sendgrid"])
def test_the_providers_own_name_is_enough(message: Message, provider: str) -> None:
    """An account that was set up by SMTP, say, hands our number back with nothing."""
    names = {"mailgun": f"<{PROVIDER_ID}>"}
    Message.objects.filter(pk=message.pk).update(provider_id=names.get(provider, PROVIDER_ID))
    connect(message.store, provider)
    tell(provider, "delivered", message, ours=0)
    work()
    assert Receipt.objects.get().kind == "delivered"


@pytest.mark.parametrize("provider", [name for name, sample in SAMPLES.items() if "soft" in sample.events])
def test_a_full_mailbox_is_no_bounce_for_ever(message: Message, provider: str) -> None:
    connect(message.store, provider)
    tell(provider, "soft", message)
    work()
    assert_recorded(MessageBounced, hard=False)


@pytest.mark.parametrize("provider", [name for name, sample in SAMPLES.items() if "machine" in sample.events])
def test_an_opening_that_the_provider_knows_to_be_a_machines_counts_as_one(message: Message, provider: str) -> None:
    connect(message.store, provider)
    tell(provider, "machine", message)
    work()
    assert_recorded(MessageOpened, machine=True)


@pytest.mark.parametrize("provider", SAMPLES)
def test_a_call_with_another_secret_leaves_nothing(message: Message, provider: str) -> None:
    stores.connect(message.store, provider, now=NOW, secret=_another(provider))
    assert tell(provider, "delivered", message)[0] == 401
    assert not Inbound.objects.exists()


def _another(provider: str) -> str:
    if provider == "sendgrid":
        return sendgrid_key(ec.generate_private_key(ec.SECP256R1()))
    return "whsec_d3Jvbmc="


@pytest.mark.parametrize("provider", SAMPLES)
def test_the_old_secret_is_good_while_it_is_being_changed(message: Message, provider: str) -> None:
    connect(message.store, provider)
    stores.connect(message.store, provider, now=NOW, secret=_another(provider))
    assert tell(provider, "delivered", message)[0] == 202


def test_an_altered_body_is_refused(message: Message) -> None:
    connect(message.store, "resend")
    body, headers = SAMPLES["resend"].events["delivered"](PROVIDER_ID, message.pk)
    assert post(body.replace(b"delivered", b"complaine"), headers, "/hooks/stride/resend")[0] == 401


def test_news_of_strangers_mail_are_of_no_interest_and_no_mistake(message: Message) -> None:
    connect(message.store, "postmark")
    body, headers = SAMPLES["postmark"].events["delivered"]("of-another-program", 0)
    post(body, headers, "/hooks/stride/postmark")
    work()
    row = Inbound.objects.get()
    assert (row.state, row.reason, Receipt.objects.count()) == ("done", "no_message", 0)


@pytest.mark.parametrize("ours", [True, False])
def test_news_that_are_faster_than_our_own_note_are_not_lost(monkeypatch: pytest.MonkeyPatch, ours: bool) -> None:
    """A provider tells of a bounce while it still has the rest of the batch in its hands."""
    order = make_order(make_store())
    connect(order.store, "postmark")
    queueing.send(order.customer, template="order_confirmation", key="k1", now=NOW, order=order)

    class Hasty(Named):
        def deliver(self, letters: Iterable[Letter]) -> Iterator[Verdict]:
            for letter in letters:
                body, headers = SAMPLES["postmark"].events["bounced"](PROVIDER_ID, letter.key if ours else 0)
                assert test_intake.post(body, headers, "/hooks/stride/postmark")[0] == 202
                jobs.drain_news(NOW)
                yield Verdict(Answer.ACCEPTED, provider_id=PROVIDER_ID)

    monkeypatch.setattr(email, "channel", lambda url: Hasty())
    with clock.at(NOW):
        jobs.send_due(NOW)
    row = Inbound.objects.get()
    assert (row.state, row.reason, Receipt.objects.count()) == ("waiting", "early", 0)
    with clock.at(NOW + timedelta(minutes=1)):
        run_until_idle()
    assert Receipt.objects.get().kind == "bounced"
    assert Suppression.objects.of(order.store).get().address == "john@example.com"


def test_news_of_strangers_wait_no_longer_than_a_batch_can_take(message: Message) -> None:
    connect(message.store, "postmark")
    Message.objects.filter(pk=message.pk).update(state="sending", due_at=LATER + timedelta(days=1))
    body, headers = SAMPLES["postmark"].events["delivered"]("of-another-program", 0)
    post(body, headers, "/hooks/stride/postmark")
    work()
    assert Inbound.objects.get().state == "waiting"
    with clock.at(LATER + timedelta(minutes=11)):
        run_until_idle()
    assert (Inbound.objects.get().state, Inbound.objects.get().reason) == ("done", "no_message")


def test_a_message_of_another_store_is_not_touched(message: Message) -> None:
    other = make_store("other", name="Other")
    connect(other, "postmark")
    body, headers = SAMPLES["postmark"].events["complained"](PROVIDER_ID, message.pk)
    assert post(body, headers, "/hooks/other/postmark")[0] == 202
    work()
    assert not Receipt.objects.exists()


def test_what_cannot_be_read_is_kept_and_can_be_played_again(message: Message) -> None:
    connect(message.store, "postmark")
    post(b'["nonsense"]', {"content-type": "application/json", **basic("whsec_postmark")}, "/hooks/stride/postmark")
    work()
    row = inbox.refused(message.store).get()
    assert row.reason.startswith("unreadable")
    body, _ = SAMPLES["postmark"].events["bounced"](PROVIDER_ID, message.pk)
    assert inbox.replay(message.store, row.pk, LATER, body.decode())
    work()
    assert_recorded(MessageBounced, message_id=message.pk)


def test_opened_twice_is_two_receipts_and_one_event(message: Message) -> None:
    connect(message.store, "postmark")
    body, headers = SAMPLES["postmark"].events["opened"](PROVIDER_ID, message.pk)
    post(body, headers, "/hooks/stride/postmark")
    post(body.replace(b"13:05:00", b"14:05:00"), headers, "/hooks/stride/postmark")
    work()
    assert Receipt.objects.filter(kind="opened").count() == 2
    assert_recorded(MessageOpened)


def test_amazons_subscription_waits_for_a_click_of_the_merchant(message: Message) -> None:
    connect(message.store, "amazon_ses")
    body = (
        b'{"Type": "SubscriptionConfirmation", "MessageId": "m1", "Token": "t", "TopicArn": "arn:aws:sns:e:1:m",'
        b'"SubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription"}'
    )
    named = {"x-amz-sns-message-type": "SubscriptionConfirmation", "x-amz-sns-message-id": "m1"}
    assert post(body, named | basic("whsec_ses"), "/hooks/stride/amazon_ses")[0] == 202
    work()
    assert Inbound.objects.get().state == "done"


def test_every_provider_says_how_to_set_it_up() -> None:
    assert set(SAMPLES) <= set(TELLERS)
    assert all(teller.steps for teller in TELLERS.values())


def test_who_unsubscribed_at_the_provider_is_unsubscribed_here(message: Message) -> None:
    connect(message.store, "postmark")
    body, headers = SAMPLES["postmark"].events["complained"](PROVIDER_ID, message.pk)
    gone = body.replace(b'"RecordType": "SpamComplaint"', b'"RecordType": "SubscriptionChange"').replace(
        b'"Type": "SpamComplaint"', b'"SuppressSending": true, "SuppressionReason": "ManualSuppression"'
    )
    post(gone, headers, "/hooks/stride/postmark")
    work()
    customer = Customer.objects.get()
    queueing.send(customer, template="loyalty_invite", key="k2", now=LATER)
    with clock.at(LATER):
        run_until_idle()
    assert Message.objects.get(key="k2").state == "skipped"
