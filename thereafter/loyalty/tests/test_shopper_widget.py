"""The programme on the merchant's own site."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.loyalty.actions import card_keys, programmes
from thereafter.loyalty.models import PageSettings
from thereafter.loyalty.tests.test_shopper_pages import PROGRAMME, ten_off
from thereafter.loyalty.tests.visitors import visitor
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
SHOP = "https://stride.example"


@pytest.fixture
def store() -> Store:
    store = make_store()
    programmes.publish(store, PROGRAMME, by=None, now=PLACED - timedelta(days=1))
    card_keys.set_origins(store, [SHOP + "/"], by=make_staff(store), now=PLACED)
    return store


def test_only_the_sites_that_were_named_may_show_the_frame(store: Store) -> None:
    shown = Client().get("/s/stride/rewards/widget/", {"in": SHOP})
    assert shown.status_code == 200
    assert f"frame-ancestors {SHOP}" in shown["Content-Security-Policy"]
    assert "1 point for every €1" in shown.content.decode()
    assert Client().get("/s/stride/rewards/widget/", {"in": "https://evil.example"}).status_code == 403
    assert Client().get("/s/stride/rewards/widget/").status_code == 403


def test_a_member_sees_the_balance_in_the_frame(store: Store) -> None:
    ten_off(store)
    with clock.at(PLACED):
        order = make_order(store, number="1001")
        run_until_idle()
        shown = visitor(order.customer).get("/s/stride/rewards/widget/", {"in": SHOP})
    assert ">89<" in shown.content.decode()
    assert "You can take 1 reward now." in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"


def test_the_script_names_the_page_and_any_site_may_load_it(store: Store) -> None:
    script = Client().get("/s/stride/rewards/widget.js")
    assert script["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "/s/stride/rewards/widget/" in script.content.decode()
    assert "data-thereafter-rewards" in script.content.decode()


def test_a_theme_reads_the_programme_and_nothing_of_members(store: Store) -> None:
    ten_off(store)
    with clock.at(PLACED):
        order = make_order(store, number="1001")
        run_until_idle()
    answer = visitor(order.customer).get("/s/stride/rewards/programme.json", {"lang": "de"})
    told = json.loads(answer.content)
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert told["name"] == "Stride Club"
    assert told["points"] == "Punkte"
    assert [tier["name"] for tier in told["tiers"]] == ["Silver", "Gold"]
    assert told["rewards"][0]["name"] == "€5 off"
    assert "89" not in answer.content.decode()


@pytest.mark.parametrize(
    "given", ["javascript:alert(1)", "stride.example", "https://a.example/path", "http://a.example"]
)
def test_what_is_no_site_is_refused_with_a_reason(store: Store, given: str) -> None:
    client = signed_in(make_staff(store, email="second@stride.example"))
    answer = client.post("/console/stride/loyalty/pages/sites/", {"origins": given})
    assert answer.status_code == 422
    assert "is not the address of a site" in answer.content.decode()
    assert PageSettings.objects.get().origins == [SHOP]
