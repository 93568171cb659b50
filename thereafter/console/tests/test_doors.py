"""API keys, connections, and the audit log that remembers who made them."""

import re

import pytest
from django.test import Client

from thereafter.kit import clock
from thereafter.stores.auth import NotAllowed, key_for
from thereafter.stores.models import ApiKey, Audit, Connection, Store
from thereafter.timeline import inbox

pytestmark = pytest.mark.django_db
KEYS = "/console/stride/settings/keys/"
CONNECTIONS = "/console/stride/settings/connections/"


def made_key(client: Client) -> str:
    page = client.post(KEYS, {"name": "Scanner", "scopes": ["tracking:write"]}).content.decode()
    found = re.search(r"ta_[\w-]+", page)
    assert found
    return found.group()


def test_a_key_is_shown_once_and_opens_what_its_scopes_say(browser_of_owner: Client, store: Store) -> None:
    token = made_key(browser_of_owner)
    assert key_for(token, "tracking:write", clock.now()).store == store
    with pytest.raises(NotAllowed):
        key_for(token, "orders:write", clock.now())
    assert token not in browser_of_owner.get(KEYS).content.decode()
    assert token not in str(list(Audit.objects.of(store).values()))


def test_a_revoked_key_opens_nothing(browser_of_owner: Client, store: Store) -> None:
    token = made_key(browser_of_owner)
    browser_of_owner.post(f"{KEYS}{ApiKey.objects.of(store).get().pk}/revoke/")
    with pytest.raises(NotAllowed):
        key_for(token, "tracking:write", clock.now())
    assert list(Audit.objects.of(store).order_by("pk").values_list("verb", flat=True)) == ["keys.make", "keys.revoke"]


def test_a_key_needs_a_scope(browser_of_owner: Client, store: Store) -> None:
    browser_of_owner.post(KEYS, {"name": "Scanner"})
    assert not ApiKey.objects.of(store).exists()


def test_a_secret_of_ours_is_shown_once(browser_of_owner: Client, store: Store) -> None:
    page = browser_of_owner.post(f"{CONNECTIONS}carrier/", {"secret": ""}).content.decode()
    (secret,) = Connection.objects.of(store).get(source="carrier").secrets()
    assert secret in page
    assert secret not in browser_of_owner.get(f"{CONNECTIONS}carrier/").content.decode()


def test_shopify_brings_its_own_secret_and_we_do_not_repeat_it(browser_of_owner: Client, store: Store) -> None:
    address = f"{CONNECTIONS}shopify/"
    assert "This field is required" in browser_of_owner.post(address, {"secret": ""}).content.decode()
    page = browser_of_owner.post(address, {"secret": "shpss_from_them"}).content.decode()
    assert "shpss_from_them" not in page
    assert Connection.objects.of(store).get(source="shopify").secrets() == ["shpss_from_them"]


def test_after_a_rotation_both_secrets_are_good(browser_of_owner: Client, store: Store) -> None:
    for secret in ("first", "second"):
        browser_of_owner.post(f"{CONNECTIONS}shopify/", {"secret": secret})
    assert Connection.objects.of(store).get(source="shopify").secrets() == ["second", "first"]


def test_connections_tell_what_came_and_what_was_refused(browser_of_owner: Client, store: Store) -> None:
    browser_of_owner.post(f"{CONNECTIONS}shopify/", {"secret": "s"})
    call = inbox.Received(store.pk, "commerce", "shopify", "orders/create", "k", "{}")
    inbox.refuse([(call, "No number.")], clock.now())
    page = browser_of_owner.get(CONNECTIONS).content.decode()
    assert "1 received" in page
    assert "1 refused" in page
    assert f"/hooks/{store.slug}/shopify" in browser_of_owner.get(f"{CONNECTIONS}shopify/").content.decode()


def test_an_unknown_source_does_not_exist(browser_of_owner: Client) -> None:
    assert browser_of_owner.get(f"{CONNECTIONS}telegraph/").status_code == 404


def test_the_audit_log_is_filtered_by_area_and_person(browser_of_owner: Client, store: Store) -> None:
    made_key(browser_of_owner)
    browser_of_owner.post(f"{CONNECTIONS}shopify/", {"secret": "s"})
    log = "/console/stride/settings/audit/"
    everything = browser_of_owner.get(log).content.decode()
    assert "Keys make" in everything
    assert "Connections set secret" in everything
    assert "Connections set secret" not in browser_of_owner.get(log, {"verb": "keys"}).content.decode()
    assert "Keys make" not in browser_of_owner.get(log, {"actor": "staff:0"}).content.decode()


def test_the_audit_log_has_pages(browser_of_owner: Client, store: Store) -> None:
    for n in range(60):
        browser_of_owner.post(f"{CONNECTIONS}shopify/", {"secret": f"s{n}"})
    assert "1–50 of 60" in browser_of_owner.get("/console/stride/settings/audit/").content.decode()
