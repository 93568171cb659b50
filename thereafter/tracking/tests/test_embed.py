"""The merchant's own page: who may ask and frame, and that nobody else may. And the store's own domain."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from thereafter.kit import clock
from thereafter.storefront import rules
from thereafter.storefront.links import order_token
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.actions.settings import change_settings
from thereafter.tracking.models import Parcel
from thereafter.tracking.rules.settings import Page, Settings
from thereafter.tracking.tests.makers import make_parcel

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SHOP, EVIL = "https://shop.example", "https://evil.example"
LOOK_UP = "/s/stride/tracking/embed/look-up/"
RIGHT = {"number": "1001", "proof": "10115"}


@pytest.fixture
def store() -> Store:
    cache.clear()
    made = make_store()
    change_settings(made, Settings(page=Page(embed_origins=(SHOP,))), by=None, now=NOW)
    return made


@pytest.fixture
def parcel(store: Store) -> Parcel:
    return make_parcel(store, number="1001")


def asked(given: dict[str, str], origin: str = SHOP) -> Any:
    with clock.at(NOW):
        return Client(enforce_csrf_checks=True, headers={"origin": origin} if origin else {}).post(LOOK_UP, given)


def framed(parcel: Parcel, by: str = SHOP, **headers: str) -> Any:
    with clock.at(NOW):
        address = f"/s/stride/tracking/embed/o/{order_token(parcel.order)}"
        return Client(headers=headers).get(address, {"in": by} if by else {})


def test_the_shops_own_page_may_look_orders_up(parcel: Parcel) -> None:
    answer = asked(RIGHT)
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == SHOP
    assert "Origin" in answer["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer
    assert not answer.cookies
    page = "/s/" + answer.json()["page"].partition("/s/")[2]
    with clock.at(NOW):
        assert Client().get(page, {"in": SHOP}).status_code == 200


@pytest.mark.parametrize("origin", ["", EVIL, "null", "https://shop.example.evil.example", "http://shop.example"])
def test_nobody_else_may_look_up_or_frame(parcel: Parcel, origin: str) -> None:
    answer = asked(RIGHT, origin)
    assert (answer.status_code, "Access-Control-Allow-Origin" in answer) == (403, False)
    refused = framed(parcel, origin)
    assert refused.status_code == 403
    assert "frame-ancestors 'none'" in refused["Content-Security-Policy"]


def test_a_wrong_number_and_a_wrong_proof_are_answered_alike(parcel: Parcel) -> None:
    answers = [asked({"number": number, "proof": "x@example.com"}) for number in ("1001", "9999")]
    assert [(one.status_code, one.content) for one in answers] == [(404, answers[0].content)] * 2


def test_guessing_ends_there_as_it_does_on_our_own_page(parcel: Parcel) -> None:
    answers = [asked({"number": "1001", "proof": f"1{at:04}"}).status_code for at in range(rules.FOR_ORDER)]
    assert set(answers) == {404}
    assert asked(RIGHT).status_code == 429


def test_the_framed_page_is_for_that_site_alone_and_has_no_head(parcel: Parcel) -> None:
    answer = framed(parcel)
    assert f"frame-ancestors {SHOP}" in answer["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer
    page = answer.content.decode()
    assert f'data-parent="{SHOP}"' in page
    assert "shop-head" not in page
    assert '<base target="_blank">' in page
    assert not answer.cookies


def test_the_order_page_itself_stays_unframed(parcel: Parcel) -> None:
    with clock.at(NOW):
        answer = Client().get(f"/s/stride/o/{order_token(parcel.order)}", {"in": SHOP})
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_framed_and_whole_page_are_not_taken_for_each_other(parcel: Parcel) -> None:
    with clock.at(NOW):
        whole = Client().get(f"/s/stride/o/{order_token(parcel.order)}")["ETag"]
    assert framed(parcel, if_none_match=whole).status_code == 200
    assert framed(parcel, if_none_match=framed(parcel)["ETag"]).status_code == 304


def test_the_script_brings_the_shops_colours_and_words_in_every_language(store: Store) -> None:
    answer = Client().get("/s/stride/tracking/embed.js")
    found = re.match(r"globalThis\.thereafterTracking=(\{.*\});\n", answer.content.decode())
    assert found
    config = json.loads(found[1])
    assert set(config["words"]) == {"en", "de", "fr", "es", "pt"}
    assert config["words"]["de"]["number"] == "Bestellnummer"
    assert config["colour"] == store.brand_colour
    assert "customElements.define" in answer.content.decode()
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.fixture
def at_home() -> Parcel:
    cache.clear()
    return make_parcel(make_store(domain="help.stride.example"), number="1001")


def test_every_page_works_at_the_stores_own_domain(at_home: Parcel) -> None:
    browser = Client(headers={"host": "help.stride.example"})
    token = order_token(at_home.order)
    with clock.at(NOW):
        paths = (f"/o/{token}", f"/tracking/o/{token}/follow/", f"/tracking/o/{token}/report/?kind=other")
        more = (f"/tracking/o/{token}/delivery.ics", "/tracking/worker.js", "/tracking/embed.js", "/look-up/")
        assert {path: browser.get(path).status_code for path in (*paths, *more)} == dict.fromkeys((*paths, *more), 200)
        calendar = browser.get(f"/tracking/o/{token}/delivery.ics").content.decode().replace("\r\n ", "")
        assert f"URL:https://help.stride.example/o/{token}" in calendar
        answer = browser.post(f"/tracking/o/{token}/report/", {"kind": "other", "text": "Where is it?"})
        run_until_idle()
    assert answer.status_code == 302
