"""Notifications to customers: allowed on a page, sent to every browser, forgotten when a browser is gone."""

import base64
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from pytest_django import Settings

from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock
from thereafter.messaging import reach
from thereafter.messaging.actions import channels
from thereafter.messaging.channels import registry
from thereafter.messaging.channels.letters import Answer, Letter
from thereafter.messaging.channels.webpush import BadSubscription
from thereafter.messaging.composed import Composed
from thereafter.messaging.finishing import finish
from thereafter.messaging.models import Browser, Message
from thereafter.messaging.tests.servers import Service, listening
from thereafter.storefront import links
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    settings.PUSH_HOSTS, settings.MAIL_URL = ["127.0.0.1"], "smtp://127.0.0.1:9"
    with listening() as heard:
        yield heard


@pytest.fixture
def customer() -> Customer:
    return make_order(make_store()).customer


def subscription(service: Service, name: str = "one") -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    keys = {
        "p256dh": base64.urlsafe_b64encode(point).decode(),
        "auth": base64.urlsafe_b64encode(os.urandom(16)).decode(),
    }
    return json.dumps({"endpoint": f"{service.address}/{name}", "keys": keys})


def allow(customer: Customer, given: str) -> Browser:
    return channels.add_browser(customer, given, language="de", now=NOW)


def sent(customer: Customer, **fields: Any) -> tuple[Message, Any]:
    message = Message.objects.create(
        store=customer.store, customer=customer, key="k", template="shipped", channel="push", locale="de-DE",
        message_class="transactional", state="sending", created_at=NOW, due_at=NOW,
    )  # fmt: skip
    letter = Letter(
        key=message.pk, to="x", sender_name="Stride", sender="shop@stride.example", reply_to="", subject="Unterwegs",
        html="", text="Morgen ist es da.", message_id="<k@x>", channel="push",
    )  # fmt: skip
    (made, account) = finish([Composed(message, letter)], NOW)[0]
    if made.letter is None or account is None:
        return message, made.why_not
    with clock.at(NOW):
        (verdict,) = list(registry.opened(account).deliver([made.letter]))
    return message, verdict


def test_every_browser_of_a_customer_gets_it(service: Service, customer: Customer) -> None:
    allow(customer, subscription(service, "phone"))
    allow(customer, subscription(service, "desk"))
    _, verdict = sent(customer)
    assert verdict.answer == Answer.ACCEPTED
    assert sorted(call.path for call in service.calls) == ["/desk", "/phone"]
    topics = {call.headers["topic"] for call in service.calls}
    assert len(topics) == 1
    assert len(topics.pop()) <= 32


def test_a_browser_that_is_gone_is_forgotten_and_the_other_one_counts(service: Service, customer: Customer) -> None:
    for name in ("phone", "desk"):
        allow(customer, subscription(service, name))
    service.answers = [(410, b"gone"), (201, b"")]
    message, verdict = sent(customer)
    assert (verdict.answer, len(verdict.closed)) == (Answer.ACCEPTED, 1)
    channels.close_browsers([(message, verdict.closed)], NOW)
    closed = Browser.objects.get(closed_at__isnull=False)
    assert closed.sealed_subscription == ""
    assert Browser.objects.filter(closed_at__isnull=True).count() == 1


def test_when_all_are_gone_the_person_is_not_reached_this_way(service: Service, customer: Customer) -> None:
    allow(customer, subscription(service))
    service.answers = [(404, b"")]
    message, verdict = sent(customer)
    assert verdict.answer == Answer.GONE
    channels.close_browsers([(message, verdict.closed)], NOW)
    assert "push" not in reach.addresses([message])[message.pk]


def test_who_allowed_nothing_is_not_reached_this_way(service: Service, customer: Customer) -> None:
    message, why = sent(customer)
    assert why == "no_browser"
    assert "push" not in reach.addresses([message])[message.pk]


def test_the_address_of_browsers_is_their_persons_alone(service: Service, customer: Customer) -> None:
    other = make_order(customer.store, number="1002", email="ana@example.com").customer
    messages = []
    for one in (customer, other):
        allow(one, subscription(service, str(one.pk)))
        messages.append(Message(pk=one.pk, store=customer.store, customer=one))
    found = reach.addresses(messages)
    assert found[customer.pk]["push"] != found[other.pk]["push"]


def test_a_browser_belongs_to_who_signed_in_last(service: Service, customer: Customer) -> None:
    other = make_order(customer.store, number="1002", email="ana@example.com").customer
    given = subscription(service)
    allow(customer, given)
    allow(other, given)
    assert Browser.objects.get().customer_id == other.pk


def test_what_no_browser_gives_is_refused(service: Service, customer: Customer) -> None:
    with pytest.raises(BadSubscription):
        allow(customer, '{"endpoint": "https://evil.example/x", "keys": {}}')


def signed_in(customer: Customer) -> Client:
    browser = Client()
    browser.get(f"/s/stride/account/link/{links.account_token(customer)}")
    browser.post(f"/s/stride/account/link/{links.account_token(customer)}")
    return browser


def test_a_customer_allows_and_ends_notifications_in_the_account(service: Service, customer: Customer) -> None:
    browser, page = signed_in(customer), "/s/stride/messaging/account/notifications"
    assert b"data-push-key" in browser.get(page).content
    answer = browser.post(page, {"channel": "push", "subscription": subscription(service)})
    assert answer.json() == {"done": True}
    assert Browser.objects.get().customer_id == customer.pk
    assert b"1 device" in browser.get(page, headers={"accept-language": "en"}).content
    assert browser.post(page, {"end": "1"}).status_code == 302
    assert not Browser.objects.filter(closed_at__isnull=True).exists()


def test_strangers_are_sent_to_sign_in(service: Service, customer: Customer) -> None:
    answer = Client().post("/s/stride/messaging/account/notifications", {"subscription": subscription(service)})
    assert answer.status_code == 302
    assert not Browser.objects.exists()


def test_the_worker_comes_from_where_it_works() -> None:
    make_store()
    answer = Client().get("/s/stride/messaging/account/worker.js")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert b"messaging/worker.js" in answer.content
