"""Every page of the console, found by walking the addresses: who may see it, and that no shop sees into another."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLResolver, get_resolver

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order, ship
from thereafter.config.tests.furnishing import furnish
from thereafter.console.tests.tools import signed_in
from thereafter.stores.models import ApiKey, Staff, Store
from thereafter.stores.rules import ROLES, may
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Delivery, Due, Inbound

PUBLIC = {"console:sign_in", "console:second_factor", "console:sign_out", "console:welcome"}
OWN = {"console:choose", "console:profile", "console:security", "console:turn_on", "console:turn_off"}
WORDS = {
    "<slug:source>": "shopify",
    "<slug:key>": "order_confirmation",
    "<slug:carrier>": "ups",
    "<slug:channel>": "email",
    "<slug:code>": "easypost",
    "<slug:page>": "retention",
}
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)


def pages(within: URLResolver | None = None, before: str = "", space: str = "") -> Iterator[tuple[str, str, Any]]:
    """(name, address with its <kind:name> parts, view) of each page under /console/."""
    for entry in (within or get_resolver()).url_patterns:
        address = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from pages(entry, address, f"{entry.namespace}:" if entry.namespace else space)
        elif address.startswith("console/"):
            yield f"{space}{entry.name}", f"/{address}", entry.callback


STORE_PAGES = [(name, address, view) for name, address, view in pages() if "<slug:store_slug>" in address]
PLAIN_PAGES = [page for page in STORE_PAGES if "<int:" not in page[1]]
ROW_PAGES = [page for page in STORE_PAGES if "<int:" in page[1]]


def filled(address: str, store: Store, **ids: int) -> str:
    address = address.replace("<slug:store_slug>", store.slug)
    for part, word in WORDS.items():
        address = address.replace(part, word)
    return re.sub(r"<int:(\w+)>", lambda found: str(ids[found[1]]), address)


def shown(answer: Any) -> bytes:
    """The whole answer, also of one that is sent piece by piece."""
    if answer.streaming and not hasattr(answer, "collected"):
        answer.collected = b"".join(answer)
    return bytes(answer.collected if answer.streaming else answer.content)


def test_every_page_names_the_verb_that_opens_it_or_is_known_to_need_none() -> None:
    bare = {name for name, _, view in pages() if not hasattr(view, "verb")}
    assert bare == PUBLIC | OWN
    assert all(hasattr(view, "is_account_page") for name, _, view in pages() if name in OWN)


@pytest.fixture
def ours(db: None) -> Store:
    cache.clear()
    return make_store()


@pytest.fixture
def theirs(ours: Store) -> Store:
    return make_store("outlet", name="Outlet")


@pytest.fixture
def our_owner(ours: Store) -> Staff:
    return make_staff(ours)


def test_the_pages_of_a_shop_do_not_exist_for_people_of_another(ours: Store, theirs: Store) -> None:
    stranger, ids = signed_in(make_staff(theirs)), furnish(ours)
    for name, address, _ in STORE_PAGES:
        page = filled(address, ours, **ids)
        assert {stranger.get(page).status_code, stranger.post(page).status_code} <= {404, 405}, name


def test_rows_of_another_shop_do_not_exist_under_our_address(ours: Store, theirs: Store, our_owner: Staff) -> None:
    furnish(ours)
    browser, ids = signed_in(our_owner), furnish(theirs)
    for name, address, _ in ROW_PAGES:
        page = filled(address, ours, **ids)
        assert {browser.get(page).status_code, browser.post(page).status_code} <= {404, 405}, name
    assert Delivery.objects.get(pk=ids["delivery_id"]).state == Due.DEAD
    assert Inbound.objects.get(pk=ids["call_id"]).state == Inbound.State.REFUSED
    assert ApiKey.objects.get(pk=ids["key_id"]).revoked_at is None


def test_lists_and_searches_show_nothing_of_another_shop(ours: Store, theirs: Store, our_owner: Staff) -> None:
    make_order(ours, number="OURS-1")
    order = make_order(theirs, number="THEIRS-1", email="secret@theirs.example")
    ship(order, tracking_number="JDTHEIRS")
    browser = signed_in(our_owner)
    for q in ("THEIRS-1", "secret@theirs.example", "JDTHEIRS"):
        for room in ("search", "orders", "customers"):
            page = browser.get(f"/console/{ours.slug}/{room}/", {"q": q})
            assert page.status_code == 200
            assert f"/{Order.objects.get(number='THEIRS-1').pk}/" not in page.content.decode()
    for name, address, _ in PLAIN_PAGES:
        assert b"secret@theirs.example" not in shown(browser.get(filled(address, ours))), name


def test_nobody_comes_in_without_signing_in(ours: Store, client: Client) -> None:
    ids = furnish(ours)
    for name, address, _ in STORE_PAGES:
        answer = client.get(filled(address, ours, **ids))
        assert answer.status_code == 405 or answer.headers["Location"].startswith("/console/sign-in/?next=/console/"), (
            name
        )


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_exactly_what_its_verbs_open(ours: Store, role: str) -> None:
    browser = signed_in(make_staff(ours, role=role))
    for name, address, view in PLAIN_PAGES:
        status = browser.get(filled(address, ours)).status_code
        # 404 only where the address names something (a template) that this shop has not.
        allowed = (200, 302, 404, 405) if "<slug:key>" in address else (200, 302, 405)
        assert status in (allowed if may(role, view.verb) else (403, 405)), (name, status)


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_leads_only_to_pages_that_open(ours: Store, role: str) -> None:
    browser = signed_in(make_staff(ours, role=role))
    page = browser.get(f"/console/{ours.slug}/orders/").content.decode()
    links = set(re.findall(r'href="(/console/stride/[^"?#]*)"', page))
    assert links
    assert {link: browser.get(link).status_code for link in links if browser.get(link).status_code >= 400} == {}


def test_every_form_that_changes_something_carries_its_token(ours: Store, our_owner: Staff) -> None:
    browser, ids = signed_in(our_owner), furnish(ours)
    addresses = [filled(address, ours, **ids) for _, address, _ in STORE_PAGES] + [
        "/console/profile/",
        "/console/security/",
    ]
    forms = [
        (page, form)
        for page in [*addresses, "/console/security/turn-on/"]
        for form in FORM.findall(shown(browser.get(page)).decode(errors="replace"))
        if 'method="post"' in form
    ]
    assert len(forms) > len(addresses)
    assert [page for page, form in forms if "csrfmiddlewaretoken" not in form] == []


def test_no_change_goes_through_without_the_token(ours: Store, our_owner: Staff) -> None:
    browser, ids = signed_in(our_owner, checks_csrf=True), furnish(ours)
    for name, address, _ in STORE_PAGES:
        assert browser.post(filled(address, ours, **ids)).status_code in (403, 405), name
    assert Client(enforce_csrf_checks=True).post("/console/sign-in/", {"email": "a@b.example"}).status_code == 403


def test_pages_are_never_kept_in_a_cache_and_speak_english(ours: Store, our_owner: Staff) -> None:
    browser = signed_in(our_owner)
    for name, address, _ in PLAIN_PAGES:
        answer = browser.get(filled(address, ours), headers={"accept-language": "de"})
        if answer.status_code == 200:
            assert "no-store" in answer.headers["Cache-Control"], name
            assert b'<html lang="en"' in shown(answer) or b"<html" not in shown(answer), name
