"""Text messages and WhatsApp: by whose account, what comes back, what somebody answers."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from django.test import override_settings
from twilio.request_validator import RequestValidator

from thereafter.commerce.actions.customers import change_consent
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.config.tests import test_intake
from thereafter.events.messages import MessageBounced, MessageDelivered, MessageReplied
from thereafter.kit import clock
from thereafter.messaging import reach
from thereafter.messaging.actions import channels, receipts
from thereafter.messaging.channels import registry, sms
from thereafter.messaging.channels.letters import Account, Answer, Letter, Verdict
from thereafter.messaging.composed import Composed
from thereafter.messaging.finishing import finish
from thereafter.messaging.models import ChannelAccount, Message, Receipt, Suppression, WhatsappTemplate
from thereafter.messaging.tests.servers import Service, listening
from thereafter.stores import actions as stores
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Inbound
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
PHONE, TOKEN = "+491701234567", "auth-token"
ADDRESS = "http://127.0.0.1:8000/hooks/stride/twilio"


@pytest.fixture
def service() -> Iterator[Service]:
    with listening() as heard:
        heard.answers = [(201, b'{"sid": "SM1", "status": "queued"}')]
        yield heard


def letter(text: str = "It is here", to: str = PHONE, channel: str = "sms", **extra: Any) -> Letter:
    return Letter(
        key=1, to=to, sender_name="Stride", sender="", reply_to="", subject="", html="", text=text,
        message_id="<k@stride.example>", channel=channel, extra=extra,
    )  # fmt: skip


def send(account: Account, *letters: Letter) -> list[Any]:
    return list(registry.opened(account).deliver(letters))


def told(service: Service, at: int = 0) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(service.calls[at].body.decode()).items()}


def twilio(service: Service, **fields: str) -> Account:
    given = {"account": "AC1", "token": TOKEN, "from": "+4930111", "url": service.address}
    return Account.of("sms", "twilio", given | fields)


# ------------------------------------------------------------ what is sent


def test_a_text_goes_out_under_the_sender_of_its_country(service: Service) -> None:
    account = twilio(service, senders=json.dumps({"GB": "Stride", "US": "MG9"}))
    for number in (PHONE, "+447700900123", "+12125550123"):
        send(account, letter(to=number))
    assert [told(service, at).get("From") for at in range(3)] == ["+4930111", "Stride", None]
    assert told(service, 2)["MessagingServiceSid"] == "MG9"


def test_curly_quotes_are_made_plain_unless_the_shop_keeps_them(service: Service) -> None:
    send(twilio(service), letter("Zoë’s shoes – “here”…"))
    send(twilio(service, keep_punctuation="keep"), letter("Zoë’s"))
    assert (told(service)["Body"], told(service, 1)["Body"]) == ('Zoë\'s shoes - "here"...', "Zoë’s")


@pytest.mark.parametrize(
    ("text", "count", "is_unicode"),
    [
        ("a" * 160, 1, False),
        ("a" * 161, 2, False),
        ("€" * 80, 1, False),
        ("a" * 152 + "€" + "a" * 152, 3, False),
        ("a" * 153 + "a" * 153, 2, False),
        ("ж" * 70, 1, True),
        ("ж" * 71, 2, True),
        ("📦" * 35, 1, True),
        ("ж" * 66 + "📦" + "ж" * 66, 3, True),
        ("", 1, False),
    ],
)
def test_segments_are_counted_as_networks_do(text: str, count: int, is_unicode: bool) -> None:
    found = sms.segments(text)
    assert (found.count, found.is_unicode) == (count, is_unicode)


def test_a_number_that_does_not_exist_is_a_bounce_and_stop_is_for_good(service: Service) -> None:
    service.answers = [(400, b'{"code": 21211, "message": "Invalid"}'), (400, b'{"code": 21610, "message": "Stopped"}')]
    first, second = send(twilio(service), letter())[0], send(twilio(service), letter())[0]
    assert (first.answer, first.bounced) == (Answer.REFUSED, True)
    assert second.answer == Answer.GONE


def test_any_other_service_takes_json_or_a_form(service: Service) -> None:
    service.answers = [(200, b'{"messages": [{"id": 77}]}')]
    fields = {
        "url": f"{service.address}/send",
        "from": "Stride",
        "key": "Bearer k",
        "id": "messages.0.id",
        "private": "1",
    }
    as_json = Account.of("sms", "http", fields | {"body": '{"to": "{to}", "from": "{from}", "text": "{text}"}'})
    as_form = Account.of("sms", "http", fields | {"body": "recipient={to}&msg={text}&type=plain"})
    (first,), (second,) = send(as_json, letter('He said "hi"\nand & left')), send(as_form, letter("a & b"))
    assert (first.answer, first.provider_id, second.provider_id) == (Answer.ACCEPTED, "77", "77")
    assert json.loads(service.calls[0].body) == {"to": PHONE, "from": "Stride", "text": 'He said "hi"\nand & left'}
    assert told(service, 1) == {"recipient": PHONE, "msg": "a & b", "type": "plain"}
    assert service.calls[0].headers["authorization"] == "Bearer k"


def test_another_service_in_our_own_network_is_not_called(service: Service) -> None:
    account = Account.of("sms", "http", {"url": f"{service.address}/send", "body": "{}"})
    assert send(account, letter())[0].answer == Answer.REFUSED
    assert service.calls == []


def test_whatsapp_is_told_the_approved_template_and_what_fills_it(service: Service) -> None:
    account = Account.of("whatsapp", "twilio", dict(twilio(service).fields))
    send(account, letter(channel="whatsapp", content_sid="HX1", variables={"1": "Ana"}))
    send(account, letter("Thank you!", channel="whatsapp"))
    first, second = told(service), told(service, 1)
    assert (first["To"], first["From"]) == (f"whatsapp:{PHONE}", "whatsapp:+4930111")
    assert (first["ContentSid"], json.loads(first["ContentVariables"])) == ("HX1", {"1": "Ana"})
    assert (second["Body"], "ContentSid" in second) == ("Thank you!", False)


# ------------------------------------------------- accounts and what comes back


@pytest.fixture
def store(transactional_db: None) -> Store:
    return make_store()


@pytest.fixture
def owner(store: Store) -> Staff:
    return make_staff(store)


def buyer(store: Store, phone: str = PHONE, **fields: Any) -> Customer:
    customer = make_order(store, **fields).customer
    Customer.objects.filter(pk=customer.pk).update(phone=phone, country="DE")
    customer.refresh_from_db()
    return customer


def connect(store: Store, owner: Staff, service: Service, channel: str = "sms") -> ChannelAccount:
    given = {"account": "AC1", "token": TOKEN, "from": "+4930111", "url": service.address}
    return channels.connect(store, channel, "twilio", given, by=owner, now=NOW)


def test_who_has_a_number_is_reached_where_the_shop_has_an_account(
    store: Store, owner: Staff, service: Service
) -> None:
    customer = buyer(store, "0170 1234567")
    message = Message(store=store, customer=customer, key="k", created_at=NOW, due_at=NOW)
    message.save()
    assert set(reach.addresses([message])[message.pk]) == {"email", "ticket"}
    connect(store, owner, service)
    assert reach.addresses([message])[message.pk]["sms"] == PHONE


def test_a_secret_is_kept_when_it_is_left_empty_and_asked_for_at_another_address(
    store: Store, owner: Staff, service: Service
) -> None:
    connect(store, owner, service)
    given = {"account": "AC1", "token": "", "from": "+4930222", "url": service.address}
    account = channels.connect(store, "sms", "twilio", given, by=owner, now=NOW)
    assert TOKEN not in account.sealed_fields
    with pytest.raises(channels.CannotConnect, match="Auth token is missing"):
        channels.connect(store, "sms", "twilio", given | {"url": "https://evil.example"}, by=owner, now=NOW)


def message_to(customer: Customer, channel: str = "sms", provider_id: str = "SM1") -> Message:
    return Message.objects.create(
        store=customer.store, customer=customer, key=f"k-{channel}-{customer.pk}", template="shipped", channel=channel,
        message_class="transactional", state="sent", to_address=PHONE, provider_id=provider_id, sent_at=NOW,
        created_at=NOW, due_at=NOW,
    )  # fmt: skip


def post(fields: dict[str, str], *, token: str = TOKEN) -> tuple[int, dict[str, Any]]:
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": RequestValidator(token).compute_signature(ADDRESS, fields),
    }
    with clock.at(NOW):
        return test_intake.post(urlencode(fields).encode(), headers, "/hooks/stride/twilio")


def work(at: datetime = NOW) -> None:
    with clock.at(at):
        run_until_idle()


STATUS = {"AccountSid": "AC1", "ApiVersion": "2010-04-01", "From": "+4930111", "To": PHONE, "MessageSid": "SM1"}
INBOUND = {
    "ToCountry": "DE", "SmsMessageSid": "SM77", "NumMedia": "0", "SmsSid": "SM77", "SmsStatus": "received",
    "To": "+4930111", "NumSegments": "1", "MessageSid": "SM77", "AccountSid": "AC1", "From": PHONE,
    "ApiVersion": "2010-04-01",
}  # fmt: skip


def test_twilio_tells_that_a_text_arrived_or_did_not(store: Store) -> None:
    stores.connect(store, "twilio", now=NOW, secret=TOKEN)
    message_to(buyer(store))
    assert post(STATUS | {"MessageStatus": "sent", "SmsStatus": "sent"})[0] == 202
    assert post(STATUS | {"MessageStatus": "delivered", "SmsStatus": "delivered"})[0] == 202
    assert post(STATUS | {"MessageStatus": "undelivered", "SmsStatus": "undelivered", "ErrorCode": "30006"})[0] == 202
    work()
    assert_recorded(MessageDelivered, channel="sms")
    assert_recorded(MessageBounced, channel="sms", hard=True)


def test_a_call_that_twilio_did_not_sign_leaves_nothing(store: Store) -> None:
    stores.connect(store, "twilio", now=NOW, secret=TOKEN)
    assert post(STATUS | {"MessageStatus": "delivered"}, token="another")[0] == 401
    assert not Inbound.objects.exists()


@pytest.mark.parametrize("text", ["STOP", "stop please", "Bitte keine SMS mehr"])
def test_who_answers_stop_gets_no_more(store: Store, text: str) -> None:
    stores.connect(store, "twilio", now=NOW, secret=TOKEN)
    message = message_to(buyer(store))
    post(INBOUND | {"Body": text})
    post(INBOUND | {"Body": text})
    work()
    assert_recorded(MessageReplied, channel="sms", text=text, message_id=message.pk)
    assert Suppression.objects.of(store).get().address == PHONE


def test_an_answer_from_a_number_nobody_has_is_of_nobody(store: Store) -> None:
    stores.connect(store, "twilio", now=NOW, secret=TOKEN)
    post(INBOUND | {"Body": "hello"})
    work()
    assert Inbound.objects.get().reason == "no_customer"


def test_signs_that_no_database_keeps_are_left_out_of_an_answer(store: Store) -> None:
    stores.connect(store, "twilio", now=NOW, secret=TOKEN)
    message_to(buyer(store))
    assert post(INBOUND | {"Body": "Thank\0 you"})[0] == 202
    assert post(STATUS | {"MessageStatus": "undelivered", "ErrorMessage": "no\0 such"})[0] == 202
    work()
    assert_recorded(MessageReplied, text="Thank you")
    assert {row.state for row in Inbound.objects.all()} == {"done"}
    assert set(Receipt.objects.values_list("detail", flat=True)) == {"Thank you", "no such"}


def test_stop_from_a_number_nobody_has_closes_it_and_start_opens_it(store: Store) -> None:
    stores.connect(store, "twilio", now=NOW, secret=TOKEN)
    post(INBOUND | {"Body": "STOP"})
    work()
    closed = Suppression.objects.of(store).get()
    assert (closed.channel, closed.address, closed.reason) == ("sms", PHONE, "stop")
    post(INBOUND | {"Body": "START", "MessageSid": "SM78", "SmsSid": "SM78"})
    work()
    assert not Suppression.objects.of(store).exists()


def test_help_is_answered_with_who_writes_and_how_to_end_it(store: Store, owner: Staff, service: Service) -> None:
    connect(store, owner, service)
    stores.connect(store, "twilio", now=NOW, secret=TOKEN)
    message_to(buyer(store))
    post(INBOUND | {"Body": "Hilfe"})
    post(INBOUND | {"Body": "HELP", "MessageSid": "SM78", "SmsSid": "SM78"})
    work()
    (call,) = (told(service, at) for at in range(len(service.calls)))
    assert call["To"] == PHONE
    assert call["Body"].startswith(f"{store.name}: ")
    assert store.support_email in call["Body"]
    assert "STOP" in call["Body"]
    assert sms.segments(call["Body"]).count == 1


def test_help_that_twilio_has_answered_is_not_answered_twice(store: Store, owner: Staff, service: Service) -> None:
    connect(store, owner, service)
    stores.connect(store, "twilio", now=NOW, secret=TOKEN)
    message_to(buyer(store))
    post(INBOUND | {"Body": "HELP", "OptOutType": "HELP"})
    work()
    assert_recorded(MessageReplied, text="HELP", answered=True)
    assert service.calls == []


def test_stop_at_the_door_closes_the_number(store: Store) -> None:
    message = message_to(buyer(store))
    with clock.at(NOW):
        receipts.refused_at_the_door([(message, "400 Stopped")], NOW)
        receipts.refused_at_the_door([(message, "400 Stopped")], NOW)
    work()
    assert_recorded(MessageBounced, hard=True, channel="sms")
    assert Suppression.objects.of(store).get().channel == "sms"


def whatsapp(store: Store, customer: Customer) -> Any:
    message = message_to(customer, "whatsapp", "")
    message.facts, message.locale = {"customer": {"first_name": "Ana"}}, "de-DE"
    message = Message.objects.select_related("store", "customer").get(pk=message.pk)
    message.facts, message.locale, message.channel = {"customer": {"first_name": "Ana"}}, "de-DE", "whatsapp"
    return finish([Composed(message, letter("Hallo Ana", channel="whatsapp"))], NOW)[0][0]


def approve(store: Store, owner: Staff, variables: list[str]) -> WhatsappTemplate:
    row = channels.know_whatsapp_template(store, ("shipped", "de"), "HX1", variables, by=owner, now=NOW)
    channels.set_whatsapp_state(row, "approved", category="utility", now=NOW)
    return row


def test_outside_of_a_conversation_only_an_approved_template_is_sent(
    store: Store, owner: Staff, service: Service
) -> None:
    connect(store, owner, service, "whatsapp")
    customer = buyer(store)
    assert whatsapp(store, customer).why_not == "no_whatsapp_template"
    row = approve(store, owner, ["customer.first_name"])
    Message.objects.all().delete()
    assert whatsapp(store, customer).letter.extra["variables"] == {"1": "Ana"}
    channels.set_whatsapp_state(row, "paused", now=NOW)
    Message.objects.all().delete()
    assert whatsapp(store, customer).why_not == "whatsapp_template:paused"


def test_an_empty_place_in_a_template_is_not_sent(store: Store, owner: Staff, service: Service) -> None:
    connect(store, owner, service, "whatsapp")
    approve(store, owner, ["customer.nickname"])
    assert whatsapp(store, buyer(store)).why_not == "whatsapp_empty:customer.nickname"


def test_within_a_day_of_their_message_the_shop_writes_freely(store: Store, owner: Staff, service: Service) -> None:
    connect(store, owner, service, "whatsapp")
    customer = buyer(store)
    before = message_to(customer, "whatsapp", "SM0")
    Message.objects.filter(pk=before.pk).update(key="before")
    reply = receipts.Reply(channel="whatsapp", address=PHONE, text="Hi", at=NOW - timedelta(hours=23), key="SM5")
    assert receipts.hear(store.pk, [reply], NOW) == [""]
    found = whatsapp(store, customer)
    assert "content_sid" not in found.letter.extra
    assert Receipt.objects.filter(kind="replied").count() == 1


def test_the_shops_own_account_sends_and_says_how_it_is(store: Store, owner: Staff, service: Service) -> None:
    connect(store, owner, service)
    customer = buyer(store)
    change_consent(customer, channel="sms", purpose="orders", granted=True, source="t", evidence="box", now=NOW)
    message = message_to(customer)
    account = ChannelAccount.objects.get()
    channels.note_health([(message, Verdict(Answer.LATER, "401 Authenticate"))], NOW)
    account.refresh_from_db()
    assert (account.error, account.failed_at) == ("401 Authenticate", NOW)
    channels.note_health([(message, Verdict(Answer.ACCEPTED))], NOW)
    account.refresh_from_db()
    assert (account.error, account.sent_at) == ("", NOW)


@override_settings(PUBLIC_URL="https://after.stride.example")
def test_twilio_is_told_where_to_tell_only_for_a_shops_own_account(
    store: Store, owner: Staff, service: Service
) -> None:
    connect(store, owner, service)
    message = message_to(buyer(store))
    made, account = finish([Composed(message, letter())], NOW)[0]
    assert account is not None
    assert made.letter is not None
    assert made.letter.extra["news"] == "https://after.stride.example/hooks/stride/twilio"
