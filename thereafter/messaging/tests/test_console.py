from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock
from thereafter.messaging import library
from thereafter.messaging.actions import queueing
from thereafter.messaging.models import Message
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def store(client: Client) -> Store:
    store = make_store()
    client.force_login(make_staff(store, "marketer"))
    return store


def send(store: Store, template: str = "order_confirmation", key: str = "k", **fields: Any) -> Message:
    order = make_order(store, **fields)
    queueing.send(order.customer, template=template, key=key, now=NOW, order=order)
    with clock.at(NOW):
        run_until_idle()
    return Message.objects.get(key=key)


def page(client: Client, path: str) -> str:
    answer = client.get(f"/console/stride/messages/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_messages_are_listed_and_found(store: Store, client: Client) -> None:
    send(store)
    send(store, "goes_well_with", "k2", number="1002", email="ana@example.com")
    everything = page(client, "")
    assert "Order 1001 confirmed" in everything
    assert "The customer has not agreed to such messages by this channel." in everything
    assert "Order 1001 confirmed" not in page(client, "?state=skipped")
    assert "Goes well with" not in page(client, "?q=1001").split("<table")[1]
    assert "No messages found" in page(client, "?q=nobody")


def test_a_message_is_shown_as_it_was_sent(store: Store, client: Client) -> None:
    message = send(store)
    shown = page(client, f"{message.pk}/")
    assert "<iframe" in shown
    assert "Message-ID" in shown
    assert "1 × Trail Runner 2" in page(client, f"{message.pk}/?view=text")
    mail = client.get(f"/console/stride/messages/{message.pk}/mail/")
    assert "Trail Runner 2" in mail.content.decode()
    assert "sandbox" in mail.headers["Content-Security-Policy"]


def test_a_link_that_signs_in_is_not_shown_to_staff(store: Store, client: Client) -> None:
    message = send(store, "account_link")
    link = message.facts["links"]["account"]
    assert link not in client.get(f"/console/stride/messages/{message.pk}/mail/").content.decode()
    assert link not in page(client, f"{message.pk}/?view=text")


def test_a_message_that_was_not_sent_says_why(store: Store, client: Client) -> None:
    message = send(store, "goes_well_with")
    shown = page(client, f"{message.pk}/")
    assert "has not agreed to such messages" in shown
    assert "There is nothing to show" in shown
    assert client.get(f"/console/stride/messages/{message.pk}/mail/").status_code == 404


def test_another_stores_message_does_not_exist(store: Store, client: Client) -> None:
    other = send(make_store("other"))
    assert client.get(f"/console/stride/messages/{other.pk}/").status_code == 404
    assert client.get(f"/console/other/messages/{other.pk}/").status_code == 404


def test_the_order_and_the_customer_lead_to_their_messages(store: Store, client: Client) -> None:
    message = send(store)
    for room, pk in (("orders", message.order_id), ("customers", message.customer_id)):
        answer = client.get(f"/console/stride/{room}/{pk}/").content.decode()
        assert f"/console/stride/messages/{message.pk}/" in answer


@pytest.mark.parametrize("key", library.templates)
def test_every_template_is_shown_with_a_sample(store: Store, client: Client, key: str) -> None:
    assert library.template(key).label in page(client, "templates/")
    for language in library.languages(key):
        assert "{{" not in page(client, f"templates/{key}/?lang={language}")
        if "email" in library.template(key).channels:
            mail = client.get(f"/console/stride/messages/templates/{key}/mail/?lang={language}")
            assert "Stride &amp; Co" in mail.content.decode()


def test_an_unknown_template_is_not_found(store: Store, client: Client) -> None:
    assert client.get("/console/stride/messages/templates/nonsense/").status_code == 404
