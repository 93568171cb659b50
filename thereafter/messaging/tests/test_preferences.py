"""The preference page and the double opt-in: what shoppers choose, and the proof of it."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.commerce.actions.customers import change_consent
from thereafter.commerce.models import Consent, Customer
from thereafter.commerce.queries import latest_consents
from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock, tokens
from thereafter.messaging import facts
from thereafter.messaging.actions import queueing
from thereafter.messaging.actions.contact_rules import change_rules
from thereafter.messaging.models import Message, Suppression
from thereafter.messaging.rules import contact_rules as shapes
from thereafter.messaging.rules.contact_rules import ContactRules, Topic
from thereafter.storefront import sessions
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
SURVEYS, OFFERS = "email:surveys", "email:marketing"


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture(autouse=True)
def nothing_leaves(settings: Any) -> None:
    settings.MAIL_URL = "null:"


@pytest.fixture
def customer(store: Store) -> Customer:
    return make_order(store).customer


def rule(store: Store, **consent: Any) -> None:
    change_rules(store, ContactRules(consent=shapes.Consent(**consent)), by=None, now=NOW)


def page(customer: Customer) -> str:
    token = tokens.sign("preferences", customer.store_id, customer.pk)
    return reverse("messaging_storefront:preferences", args=[customer.store.slug, token])


def choose(client: Client, customer: Customer, *boxes: str, **more: str) -> str:
    with clock.at(NOW):
        answer = client.post(page(customer), dict.fromkeys(boxes, "on") | more, REMOTE_ADDR="203.0.113.77")
        assert answer.status_code == 302
        run_until_idle()
        return client.get(answer["Location"]).content.decode()


def said(customer: Customer, purpose: str = "marketing", channel: str = "email") -> bool | None:
    held = latest_consents(customer.store_id, [customer.pk], channel, purpose).get(customer.pk)
    return held.granted if held else None


def test_every_mail_that_can_be_left_leads_to_the_preference_page(customer: Customer, client: Client) -> None:
    order = customer.orders.get()
    queueing.send(customer, template="loyalty_invite", key="k", now=NOW, order=order)
    with clock.at(NOW):
        run_until_idle()
    message = Message.objects.select_related("store", "customer").get()
    link = message.facts["links"]["preferences"]
    shown = client.get(urlsplit(link).path).content.decode()
    assert "What you get from us" in shown
    assert "john@example.com" not in shown
    assert "j•••@example.com" in shown


def test_looking_changes_nothing_and_the_boxes_show_what_holds(customer: Customer, client: Client) -> None:
    shown = client.get(page(customer)).content.decode()
    boxes = dict(re.findall(r'type="checkbox" name="([^"]+)" id="[^"]+"( checked)?', shown))
    assert boxes == {OFFERS: "", SURVEYS: " checked"}
    assert not Consent.objects.exists()


def test_saying_no_to_surveys_is_kept_with_the_words_that_were_shown(customer: Customer, client: Client) -> None:
    assert "Saved" in choose(client, customer)
    consent = Consent.objects.get()
    assert (consent.purpose, consent.granted, consent.source) == ("surveys", False, "preference page")
    assert "Questions and reviews" in consent.evidence
    assert "203.0.113.0/24" in consent.evidence
    assert "203.0.113.77" not in consent.evidence


def test_what_did_not_change_is_not_written_down_again(customer: Customer, client: Client) -> None:
    choose(client, customer, SURVEYS)
    choose(client, customer, SURVEYS)
    assert not Consent.objects.exists()


def test_a_yes_to_offers_counts_once_the_mailbox_confirmed_it(customer: Customer, client: Client) -> None:
    assert "One step left" in choose(client, customer, OFFERS, SURVEYS)
    assert said(customer) is None
    mail = Message.objects.get(template="confirm_offers")
    assert mail.state == "sent"
    link = urlsplit(mail.facts["confirm"]["url"]).path
    assert "Offers and news by e-mail?" in client.get(link).content.decode()
    assert said(customer) is None
    answer = client.post(link)
    assert "Thank you, it is confirmed" in client.get(answer["Location"]).content.decode()
    consent = Consent.objects.get(purpose="marketing")
    assert (consent.granted, consent.source) == (True, "double opt-in")
    assert "john@example.com" in consent.evidence
    assert client.post(link).status_code == 302
    assert Consent.objects.filter(purpose="marketing").count() == 1


def test_the_link_of_an_address_that_is_no_longer_theirs_confirms_nothing(customer: Customer, client: Client) -> None:
    choose(client, customer, OFFERS, SURVEYS)
    link = urlsplit(Message.objects.get(template="confirm_offers").facts["confirm"]["url"]).path
    Customer.objects.filter(pk=customer.pk).update(email="new@example.com")
    assert client.post(link).status_code == 404
    assert said(customer) is None


def test_without_double_opt_in_a_tick_is_a_yes(store: Store, customer: Customer, client: Client) -> None:
    rule(store, double_opt_in="off")
    assert "Saved" in choose(client, customer, OFFERS, SURVEYS)
    assert said(customer) is True
    assert not Message.objects.exists()


def test_who_said_yes_in_the_shop_is_asked_where_every_yes_is_proved(store: Store, customer: Customer) -> None:
    rule(store, double_opt_in="all")
    with clock.at(NOW):
        change_consent(
            customer, channel="email", purpose="marketing", granted=True, source="shopify", evidence="", now=NOW
        )
        run_until_idle()
    assert Message.objects.get().template == "confirm_offers"


def test_leaving_everything_takes_one_tap_and_order_news_still_comes(
    store: Store, customer: Customer, client: Client
) -> None:
    assert "You are unsubscribed" in choose(client, customer, leave="1")
    assert (said(customer), said(customer, "surveys")) == (False, False)
    assert Suppression.objects.get().scope == "marketing"
    order = customer.orders.get()
    queueing.send(customer, template="delivered", key="k", now=NOW, order=order)
    queueing.send(customer, template="loyalty_invite", key="k2", now=NOW, order=order)
    with clock.at(NOW):
        run_until_idle()
    assert dict(Message.objects.values_list("key", "state")) == {"k": "sent", "k2": "skipped"}


def test_who_left_and_comes_back_is_not_held_to_the_old_no(store: Store, customer: Customer, client: Client) -> None:
    rule(store, double_opt_in="off")
    choose(client, customer, leave="1")
    choose(client, customer, OFFERS)
    assert not Suppression.objects.exists()
    assert (said(customer), said(customer, "surveys")) == (True, False)


def test_an_address_that_bounced_does_not_open_by_a_tick(store: Store, customer: Customer, client: Client) -> None:
    rule(store, double_opt_in="off")
    Suppression.objects.create(store=store, address="john@example.com", scope="all", reason="hard_bounce", at=NOW)
    choose(client, customer, OFFERS, SURVEYS)
    assert Suppression.objects.get().reason == "hard_bounce"


def test_fewer_messages_and_another_language_are_kept(customer: Customer, client: Client) -> None:
    shown = choose(client, customer, SURVEYS, pace="monthly", language="de")
    customer.refresh_from_db()
    assert (customer.traits["messages.pace"], customer.locale) == ("monthly", "de")
    assert 'lang="de"' in shown
    choose(client, customer, SURVEYS, pace="", language="nonsense")
    customer.refresh_from_db()
    assert ("messages.pace" in customer.traits, customer.locale) == (False, "de")


def test_topics_are_shown_in_the_readers_language_and_kept(store: Store, customer: Customer, client: Client) -> None:
    rule(store, topics=(Topic(key="running", name={"en": "Running", "de": "Laufen"}),))
    assert "Laufen" in client.get(f"{page(customer)}?lang=de").content.decode()
    choose(client, customer, SURVEYS)
    assert said(customer, "topic.running", "any") is False


def test_the_account_leads_there_too(store: Store, customer: Customer, client: Client) -> None:
    there = reverse("messaging_storefront:account_messages", args=[store.slug])
    assert client.get(there).status_code == 302
    token = tokens.sign("shopper-session", store.pk, customer.pk)
    client.cookies[sessions._cookie(store.pk)] = token
    assert there in client.get(f"/s/{store.slug}/account/").content.decode()
    answer = client.post(there, {"pace": "weekly"})
    assert answer.status_code == 302
    customer.refresh_from_db()
    assert customer.traits["messages.pace"] == "weekly"


@pytest.mark.parametrize("purpose", ["preferences", "confirm"])
def test_a_link_that_was_altered_or_is_of_another_shop_opens_nothing(
    customer: Customer, client: Client, purpose: str
) -> None:
    make_store("other")
    link = page(customer).replace("/preferences/", f"/{purpose}/")
    wrong = [f"{link[:-3]}xxx", link.replace("/stride/", "/other/")]
    assert [client.get(one).status_code for one in wrong] == [404, 404]


def test_a_form_of_another_site_changes_nothing(customer: Customer) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(page(customer), {"leave": "1"}).status_code == 403
    assert not Suppression.objects.exists()


def test_the_link_of_a_mail_is_signed_for_this_customer_alone(customer: Customer) -> None:
    message = Message(store=customer.store, customer=customer, message_class="marketing", pk=1)
    link = facts.preferences_link(message) or ""
    store_id, customer_id = tokens.read("preferences", link.rpartition("/")[2], max_age_days=1)
    assert (store_id, customer_id) == (customer.store_id, customer.pk)
    message.message_class = "transactional"
    assert facts.preferences_link(message) is None
