"""The pages on which a merchant connects channels."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from thereafter.console.tests.tools import signed_in
from thereafter.messaging import accounts
from thereafter.messaging.models import ChannelAccount, TeamPlace, WhatsappTemplate
from thereafter.messaging.tests.servers import Service, listening
from thereafter.stores.models import Audit, Connection, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
BASE = "/console/stride/messages/channels/"


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    settings.PRIVATE_HOOKS, settings.MAIL_URL = True, "smtp://127.0.0.1:9"
    with listening() as heard:
        heard.answers = [(200, b'{"id": "1"}')]
        yield heard


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_store()


@pytest.fixture
def browser(store: Store) -> Client:
    return signed_in(make_staff(store))


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined]  # an answer of the test client


def connect_resend(browser: Client, service: Service) -> None:
    given = {"action": "connect", "provider": "resend", "api_key": "re_secret", "api_url": f"{service.address}/"}
    assert browser.post(f"{BASE}email/", given).status_code == 302


def test_the_list_says_what_works_and_what_does_not(browser: Client, settings: Settings) -> None:
    settings.MAIL_URL = "null:"
    page = text(browser.get(BASE))
    for told in ("E-mail", "Nothing is sent", "WhatsApp", "Not connected", "Team post", "Webhook", "Notification"):
        assert told in page


def test_a_provider_is_connected_tried_and_forgotten(store: Store, browser: Client, service: Service) -> None:
    connect_resend(browser, service)
    row = ChannelAccount.objects.of(store).get()
    assert accounts.fields_of(row) == {"api_key": "re_secret", "api_url": f"{service.address}/"}
    page = browser.get(f"{BASE}email/")
    assert "re_secret" not in text(page)
    tried = browser.post(f"{BASE}email/", {"action": "try", "to": "me@stride.example"})
    assert "It works" in text(tried)
    assert b"me@stride.example" in service.calls[0].body
    browser.post(f"{BASE}email/", {"action": "disconnect"})
    assert not ChannelAccount.objects.exists()
    assert {"messages.connect_channel", "messages.disconnect_channel"} <= set(
        Audit.objects.values_list("verb", flat=True)
    )


def test_a_test_that_fails_says_what_the_provider_said(browser: Client, service: Service) -> None:
    connect_resend(browser, service)
    service.answers = [(401, b'{"message": "API key is invalid"}')]
    assert "API key is invalid" in text(browser.post(f"{BASE}email/", {"action": "try", "to": "me@stride.example"}))


def test_what_is_missing_is_said_at_its_field(browser: Client) -> None:
    page = text(browser.post(f"{BASE}email/", {"action": "connect", "provider": "postmark"}))
    assert "This field is required" in page
    assert not ChannelAccount.objects.exists()


def test_a_providers_own_secret_opens_the_door_for_its_news(store: Store, browser: Client, service: Service) -> None:
    connect_resend(browser, service)
    assert "Add webhook" in text(browser.get(f"{BASE}email/"))
    browser.post(f"{BASE}email/", {"action": "secret", "secret": "whsec_abc"})
    assert Connection.objects.of(store).get(source="resend").secrets() == ["whsec_abc"]


def test_where_a_provider_signs_nothing_the_address_has_a_secret(store: Store, browser: Client) -> None:
    browser.post(f"{BASE}email/", {"action": "connect", "provider": "postmark", "server_token": "t"})
    page = text(browser.post(f"{BASE}email/", {"action": "secret"}))
    (secret,) = Connection.objects.of(store).get(source="postmark").secrets()
    assert f"http://thereafter:{secret}@127.0.0.1:8000/hooks/stride/postmark" in page
    assert secret not in text(browser.get(f"{BASE}email/"))


def test_twilios_token_is_also_what_it_signs_with(store: Store, browser: Client) -> None:
    given = {
        "action": "connect", "provider": "twilio", "account": "AC1", "token": "tok", "from": "+4930111",
        "senders": "GB: Stride\nus = MG9", "keep_punctuation": "on",
    }  # fmt: skip
    assert browser.post(f"{BASE}sms/", given).status_code == 302
    fields = accounts.fields_of(ChannelAccount.objects.get())
    assert fields is not None
    assert (fields["senders"], fields["keep_punctuation"]) == ('{"GB": "Stride", "US": "MG9"}', "1")
    assert Connection.objects.of(store).get(source="twilio").secrets() == ["tok"]
    assert "GB: Stride" in text(browser.get(f"{BASE}sms/"))


def test_senders_that_cannot_be_read_are_pointed_out(browser: Client) -> None:
    given = {
        "action": "connect",
        "provider": "twilio",
        "account": "A",
        "token": "t",
        "from": "+49",
        "senders": "Stride",
    }
    assert "is no country and sender" in text(browser.post(f"{BASE}sms/", given))


def test_a_place_of_the_team_is_added_tried_and_removed(store: Store, browser: Client, service: Service) -> None:
    address = f"json://{service.address.removeprefix('http://')}/room"
    browser.post(f"{BASE}team/", {"action": "add", "name": "Support room", "url": address})
    place = TeamPlace.objects.get()
    assert "Support room" in text(browser.get(f"{BASE}team/"))
    browser.post(f"{BASE}team/{place.pk}/")
    assert service.calls[0].path == "/room"
    browser.post(f"{BASE}team/{place.pk}/", {"action": "remove"})
    assert not TeamPlace.objects.exists()


def test_a_webhook_is_tried_and_its_secret_shown_when_asked_for(
    store: Store, browser: Client, service: Service
) -> None:
    tried = text(browser.post(f"{BASE}webhook/", {"action": "try", "url": f"{service.address}/hook"}))
    assert "It was heard" in tried
    secret = accounts.hook_secret(store.pk)
    assert secret not in text(browser.get(f"{BASE}webhook/"))
    assert secret in text(browser.post(f"{BASE}webhook/", {"action": "show"}))


def test_a_whatsapp_template_is_noted_and_asked_after(store: Store, browser: Client, service: Service) -> None:
    given = {"action": "connect", "provider": "twilio", "account": "AC1", "token": "t", "from": "+49"}
    browser.post(f"{BASE}whatsapp/", given | {"url": service.address})
    service.answers = [(200, b"{}")]
    variables = "customer.first_name\n{{ order.number }}"
    noted = {"template": "shipped", "language": "de", "content_sid": "HX" + "a" * 32, "variables": variables}
    assert browser.post(f"{BASE}whatsapp/templates/", noted).status_code == 302
    row = WhatsappTemplate.objects.of(store).get()
    assert (row.variables, row.state) == (["customer.first_name", "order.number"], "pending")


def test_marketers_see_no_keys(store: Store) -> None:
    marketer = signed_in(make_staff(store, role="marketer"))
    assert marketer.get(BASE).status_code == 403
