from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.test import Client

from thereafter.commerce.models import Consent, Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.kit import clock
from thereafter.messaging import facts
from thereafter.messaging.actions import queueing
from thereafter.messaging.models import Message, Suppression
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def message(store: Store) -> Message:
    order = make_order(store)
    queueing.send(order.customer, template="loyalty_invite", key="k", now=NOW, order=order)
    with clock.at(NOW):
        run_until_idle()
    return Message.objects.select_related("store", "customer").get()


def path(address: str | None) -> str:
    return urlsplit(address or "").path


def test_looking_at_the_unsubscribe_page_never_unsubscribes(message: Message, client: Client) -> None:
    for method in (client.get, client.head):
        assert method(path(facts.unsubscribe_link(message))).status_code == 200
    assert not Suppression.objects.exists()


def test_one_post_unsubscribes_without_cookie_or_form(message: Message) -> None:
    strict = Client(enforce_csrf_checks=True)
    for _ in range(2):
        answer = strict.post(path(facts.unsubscribe_link(message)), {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert Suppression.objects.get().address == "john@example.com"
    consent = Consent.objects.get(purpose="marketing")
    assert (consent.granted, consent.source) == (False, "one-click unsubscribe")


def test_the_pages_behind_a_mail_speak_its_language(store: Store, client: Client) -> None:
    """Not the shop's, in which somebody who got a French mail would be asked whether to end it."""
    order = make_order(store)
    Customer.objects.update(locale="fr-CA")
    order.customer.refresh_from_db()
    queueing.send(order.customer, template="loyalty_invite", key="k", now=NOW, order=order)
    with clock.at(NOW):
        run_until_idle()
    kept = Message.objects.get().facts["links"]
    for name in ("unsubscribe", "preferences"):
        found = urlsplit(kept[name])
        assert 'lang="fr"' in client.get(f"{found.path}?{found.query}").content.decode()
    found = urlsplit(kept["unsubscribe"])
    assert Client(enforce_csrf_checks=True).post(f"{found.path}?{found.query}").status_code == 200
    assert Suppression.objects.exists()


def test_where_the_shop_speaks_the_readers_language_links_say_nothing_of_it(message: Message) -> None:
    assert "lang=" not in str(message.facts["links"])


def test_the_message_is_shown_in_the_browser_without_scripts(message: Message, client: Client) -> None:
    answer = client.get(path(facts.view_link(message)))
    assert "There is more in it for you" in answer.content.decode()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_link_of_another_kind_or_store_opens_nothing(message: Message, client: Client) -> None:
    view, unsubscribe = path(facts.view_link(message)), path(facts.unsubscribe_link(message))
    other = make_store("other")
    wrong = [
        view[:-2] + "xx",
        view.replace("/stride/", f"/{other.slug}/"),
        unsubscribe.replace("/u/", "/m/"),
        view.replace("/m/", "/u/"),
    ]
    assert [client.get(one).status_code for one in wrong] == [404] * 4
