"""The order's page, through Django and through the fast lane: both must give the same."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.kit import clock
from thereafter.storefront import hot
from thereafter.storefront.actions import drop_documents, keep_document, reserve_document
from thereafter.storefront.links import order_token
from thereafter.storefront.models import OrderDocument
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = PLACED + timedelta(hours=1)
Get = Callable[..., tuple[int, dict[str, str], str]]


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    with clock.at(NOW):
        made = make_order(store, number="1001")
        run_until_idle()
    return made


def by_django(path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    response = Client(headers=headers).get(path)
    kept = {name.lower(): value for name, value in response.headers.items()}
    if response.cookies.get("lang"):
        kept["set-cookie"] = response.cookies["lang"].OutputString()
    return response.status_code, kept, response.content.decode()


def by_fast_lane(path: str, **headers: str) -> tuple[int, dict[str, str], str]:
    address, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": address,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    assert hot.takes(scope)
    one = hot.asked(scope)
    reply = hot.respond_if_ready(one) or hot.respond(one)
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(hot.send_answer(reply, "GET", send))
    kept = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], kept, sent[1]["body"].decode()


@pytest.fixture(params=[by_django, by_fast_lane])
def get(request: pytest.FixtureRequest) -> Iterator[Get]:
    with clock.at(NOW):
        yield request.param


def path_of(order: Order, store_slug: str = "stride") -> str:
    return f"/s/{store_slug}/o/{order_token(order)}"


def test_both_lanes_give_the_same_page(order: Order) -> None:
    with clock.at(NOW):
        path = path_of(order)  # links on the page carry its own token
        status, headers, body = by_django(path)
        fast_status, fast_headers, fast_body = by_fast_lane(path)
    assert (status, body) == (fast_status, fast_body)
    about = ("etag", "cache-control", "content-security-policy", "x-frame-options", "referrer-policy")
    assert {name: headers.get(name) for name in about} == {name: fast_headers.get(name) for name in about}


def test_the_page_shows_what_was_ordered_but_not_who_lives_where(get: Get, order: Order) -> None:
    status, headers, body = get(path_of(order))
    assert status == 200
    assert "Trail Runner 2" in body
    assert "€89.90" in body
    assert "Berlin" in body
    assert not any(secret in body for secret in ("john@example.com", "John Runner", "10115"))
    assert headers["x-robots-tag"] == "noindex"


def test_a_page_that_was_seen_already_is_not_sent_again(get: Get, order: Order) -> None:
    _, headers, _ = get(path_of(order))
    status, again, body = get(path_of(order), **{"If-None-Match": headers["etag"]})
    assert (status, body, again["etag"]) == (304, "", headers["etag"])
    assert again["content-security-policy"] == headers["content-security-policy"]


def test_a_page_is_one_read_of_the_database(order: Order, get: Get) -> None:
    get(path_of(order))
    with CaptureQueriesContext(connection) as queries:
        get(path_of(order))
    assert len([one for one in queries if "storefront_orderdocument" in one["sql"]]) == 1
    others = [one["sql"] for one in queries if "storefront_orderdocument" not in one["sql"]]
    assert not [sql for sql in others if "commerce_" in sql or "tracking_" in sql]


def test_the_token_of_one_store_opens_nothing_in_another(get: Get, order: Order) -> None:
    make_store("other", name="Other")
    get(path_of(order))
    status, _, body = get(path_of(order, "other"))
    assert status == 404
    assert "Trail Runner" not in body
    assert "/s/other/look-up/" in body


def test_a_forged_token_opens_nothing_and_shows_another_way(get: Get, order: Order) -> None:
    status, headers, body = get(path_of(order)[:-3] + "xyz")
    assert (status, headers["cache-control"]) == (404, "no-store")
    assert "/s/stride/look-up/" in body


def test_a_link_that_has_run_out_says_so(get: Get, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    path = path_of(order)
    later = time.time() + 900 * 86_400
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    status, _, body = get(path)
    assert status == 410
    assert "/s/stride/look-up/" in body


def test_a_chosen_language_is_kept_and_makes_another_page(get: Get, order: Order) -> None:
    _, english, _ = get(path_of(order))
    status, german, body = get(path_of(order) + "?lang=de")
    assert status == 200
    assert 'lang="de"' in body
    assert german["etag"] != english["etag"]
    assert "lang=de" in german["set-cookie"]
    assert 'lang="de"' in get(path_of(order), Cookie="a=b; lang=de")[2]


def test_a_cookie_that_takes_long_to_read_keeps_nobody_waiting(get: Get, order: Order) -> None:
    get(path_of(order))  # what the first page of a process loads is not the cookie's
    begun = time.perf_counter()
    status, _, body = get(path_of(order), Cookie='lang="' + "\\\\" * 12_000 + '"')
    assert time.perf_counter() - begun < 1
    assert (status, 'lang="en"' in body) == (200, True)


def test_a_new_look_of_the_shop_is_seen_at_once(get: Get, order: Order, store: Store) -> None:
    _, before, _ = get(path_of(order))
    Store.objects.filter(pk=store.pk).update(name="Run & Co")
    _, after, body = get(path_of(order))
    assert "Run &amp; Co" in body
    assert after["etag"] != before["etag"]


def test_a_document_is_gathered_anew_on_the_next_day(order: Order) -> None:
    by_django(path_of(order))
    made = set()
    for day in (0, 1):
        with clock.at(NOW + timedelta(days=day)):
            by_django(path_of(order))
            made.add(OrderDocument.objects.get(order=order).made_on)
    assert len(made) == 2


def test_what_happens_on_the_order_renews_its_page(get: Get, order: Order, store: Store) -> None:
    get(path_of(order))
    changed = datetime.fromisoformat("2026-03-03T10:30:00+00:00")
    make_order(store, number="1001", status="cancelled", cancelled_at=changed, changed_at=changed)
    run_until_idle()
    assert OrderDocument.objects.get(order=order).body == ""
    assert "was cancelled" in get(path_of(order))[2]


def test_a_page_that_was_gathered_while_something_happened_is_not_kept(order: Order) -> None:
    revision = reserve_document(order)
    drop_documents(order.store_id, [order.pk])
    keep_document(order, revision=revision, body="{}", made_on=NOW.date(), made_by="now")
    assert OrderDocument.objects.get(order=order).body == ""


def test_the_fast_lane_takes_only_orders_pages() -> None:
    def takes(method: str, path: str) -> bool:
        return hot.takes({"type": "http", "method": method, "path": path})

    assert takes("GET", "/s/stride/o/abc:def")
    assert not takes("POST", "/s/stride/o/abc")
    assert not takes("GET", "/s/stride/o/abc/more")
    assert not takes("GET", "/s/stride/account/")
    assert not hot.takes({"type": "lifespan"})
