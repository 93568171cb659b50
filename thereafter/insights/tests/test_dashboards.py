"""The pages of figures in the console."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from thereafter.commerce.documents import Address, Line
from thereafter.commerce.models import Product
from thereafter.commerce.tests.makers import make_order, make_product
from thereafter.console.tests.tools import signed_in
from thereafter.events.parcels import ParcelDelivered
from thereafter.insights.console import filters as filtering
from thereafter.insights.console import returning, worked
from thereafter.insights.console.filters import Filters, asked
from thereafter.insights.console.pages import PAGES, page_of
from thereafter.insights.console.retention import WITHIN
from thereafter.insights.engine.duck import Duck
from thereafter.insights.export.bringing import bring
from thereafter.insights.figures.cohorts import cohort_matrix
from thereafter.insights.figures.outcomes import Cut, OutcomeGroup
from thereafter.insights.figures.retention import repeat_rate
from thereafter.insights.figures.value import rfm_map
from thereafter.insights.rules.days import Days
from thereafter.insights.tests.test_queries import write
from thereafter.journeys.actions import segments
from thereafter.journeys.models import Segment
from thereafter.journeys.rules.proof import Arm, Trial, prove
from thereafter.journeys.trials import Tried
from thereafter.kit import clock
from thereafter.kit.shares import share
from thereafter.kit.sockets import Socket
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
MUG = Line(external_id="1", title="Mug", quantity=1, unit_price="10.00", product_id="mug")
PAGES_ALL = sorted(PAGES)


@pytest.fixture
def store() -> Store:
    cache.clear()
    return make_store()


@pytest.fixture
def browser(store: Store) -> Client:
    return signed_in(make_staff(store))


def ordered(store: Store, who: str, days_ago: int, **fields: Any) -> int:
    order = make_order(store, email=f"{who}@example.com", placed_at=NOW - timedelta(days=days_ago), **fields)
    return order.pk


def to(country: str) -> Address:
    return Address(name="John Runner", city="Lyon", postcode="1", country=country)


def small_shop(store: Store) -> None:
    """Forty customers of 200 days ago; the first ten came back after 30 days, and of these half went to France."""
    for name in ("shoe", "mug"):
        make_product(store, name, title={"shoe": "Trail Runner 2", "mug": "Mug"}[name])
    for n in range(40):
        country = "FR" if n < 5 else "DE"
        ordered(store, f"c{n}", 200, channel="web" if n % 2 else "pos", shipping_address=to(country))
        if n < 10:
            ordered(store, f"c{n}", 170, lines=[MUG], shipping_address=to(country))
    bring(store, now=NOW)


def shown(browser: Client, key: str, query: dict[str, str] | None = None, **headers: str) -> Any:
    with clock.at(NOW):
        return browser.get(f"/console/stride/insights/{key}/", query or {}, headers=headers)


def text_of(browser: Client, key: str, **query: str) -> str:
    """What one reads: without marks, white space drawn together."""
    page = shown(browser, key, query).content.decode()
    main = page[page.index('<main class="main"') :]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def narrowed(store: Store, **query: str) -> Filters:
    with clock.at(NOW):
        return asked(store, query, NOW, (WITHIN,))


def test_the_numbers_on_a_page_are_those_of_the_figures(store: Store, browser: Client) -> None:
    small_shop(store)
    found = repeat_rate(narrowed(store).view)
    assert found.rate
    assert (found.rate.part, found.rate.whole) == (10, 40)
    page = text_of(browser, "retention")
    assert "Bought again within 90 days 25% 10 of 40 customers" in page
    assert "On 50 orders of 40 customers · as of" in page
    matrix = cohort_matrix(narrowed(store).view)
    assert matrix.rows[0].cells[1].count == 10
    assert "40 25.0%" in text_of(browser, "cohorts")
    groups = {group.name: group.customers for group in rfm_map(narrowed(store).view).groups if group.customers}
    assert sum(groups.values()) == 40
    page = text_of(browser, "customers")
    for name, customers in groups.items():
        assert f"{name} {customers} " in page


def test_a_files_page_is_the_browsers_without_links(store: Store, browser: Client) -> None:
    small_shop(store)
    for key in ("customers", "products", "worked"):
        page = page_of(store, key, {"country": "DE"}, NOW)
        said = text_of(browser, key, country="DE")
        for card in page.cards:
            assert card.title.replace("&", "&amp;") in said, key
            assert not any(card.table.urls if card.table else ()), key


def test_parcels_and_products_are_counted(store: Store, browser: Client) -> None:
    small_shop(store)
    order = ordered(store, "c0", 12)
    common = {"store_id": store.pk, "order_id": order, "customer_id": None, "carrier": "dhl"}
    at = NOW - timedelta(days=10)
    told = [ParcelDelivered(**common, occurred_at=at, parcel_id=n, late=n < 6) for n in range(30)]  # type: ignore[arg-type]  # mixed
    write(told)
    bring(store, now=NOW)
    assert "Delivered on time 80% 24 of 30 parcels" in text_of(browser, "delivery")
    page = text_of(browser, "products")
    assert "Trail Runner 2" in page
    assert "Mug 10 " in page


def test_filters_narrow_and_are_kept_in_the_address(store: Store, browser: Client) -> None:
    small_shop(store)
    assert "On 10 orders of 5 customers" in text_of(browser, "retention", country="FR")
    assert "On 20 orders of 20 customers" in text_of(browser, "retention", channel="web")
    assert "On 10 orders of 10 customers" in text_of(browser, "retention", product="mug")
    page = shown(browser, "retention", {"country": "FR", "days": "730", "within": "30"}).content.decode()
    assert "Within 30 days" in page
    assert 'href="?days=730&amp;within=30"' in page
    assert '<option value="FR" selected>France</option>' in page


def test_words_that_mean_several_products_ask_which(store: Store, browser: Client) -> None:
    small_shop(store)
    make_product(store, "mug-2", title="Mug, large")
    page = text_of(browser, "retention", product="mu")
    assert "Which product do you mean? Mug Mug, large" in page
    assert "On 50 orders" in page
    assert "No product is called “sofa”" in text_of(browser, "retention", product="sofa")
    mug = Product.objects.of(store).get(title="Mug")
    assert narrowed(store, product="Mug", item=str(mug.pk)).product == mug
    # The name was changed in the field: the number beside it is the old one's.
    assert narrowed(store, product="Trail Runner 2", item=str(mug.pk)).view.product_id != mug.pk


def test_a_segment_narrows_and_one_of_another_shop_does_not(store: Store, browser: Client) -> None:
    small_shop(store)
    segment = segments.create(store, name="Came again", condition="customer.orders >= 2", by=None, now=NOW)
    assert Segment.objects.get(pk=segment.pk).people == 10
    assert "On 20 orders of 10 customers" in text_of(browser, "retention", segment=segment.key)
    other = make_store("outlet", name="Outlet")
    theirs = segments.create(other, name="Theirs", condition="customer.orders >= 1", by=None, now=NOW)
    page = text_of(browser, "retention", segment=theirs.key)
    assert "There is no such segment any more" in page
    assert "On 50 orders of 40 customers" in page
    foreign = make_product(other, "secret", title="Secret thing")
    assert "No product is called “Secret thing”" in text_of(
        browser, "retention", product="Secret thing", item=str(foreign.pk)
    )


def test_what_makes_no_sense_is_left_out(store: Store) -> None:
    made = narrowed(store, days="x", within="7", country="Germany!", item="9" * 40, product="", segment="")
    assert made.view.days == Days(NOW.date() - timedelta(days=364), NOW.date())
    assert made.own == {"within": "90"}
    assert made.view.country == ""
    assert made.query(days="90") == "?days=90"


def test_all_time_begins_with_the_first_order(store: Store) -> None:
    ordered(store, "a", 900)
    assert narrowed(store, days="all").view.days.first == (NOW - timedelta(days=900)).date()
    assert narrowed(store, days="all").words == "All time"


def test_htmx_gets_the_part_and_a_clean_address(store: Store, browser: Client) -> None:
    small_shop(store)
    answer = shown(browser, "retention", {"country": "FR", "segment": "", "product": ""}, hx_request="true")
    assert answer.headers["HX-Push-Url"] == "/console/stride/insights/retention/?country=FR"
    part = answer.content.decode()
    assert part.strip().startswith('<div id="figures"')
    assert "</html>" not in part


@pytest.mark.parametrize("key", PAGES_ALL)
def test_every_page_says_what_to_do_before_there_is_anything(store: Store, browser: Client, key: str) -> None:
    assert "Your first order starts everything" in text_of(browser, key)
    bring(store, now=NOW)
    assert "Your first order starts everything" in text_of(browser, key)
    ordered(store, "a", 3)
    bring(store, now=NOW)
    page = shown(browser, key)
    assert page.status_code == 200
    assert "nan" not in text_of(browser, key).lower().replace("finance", "")


def test_figures_are_worked_out_when_somebody_may_and_asks(store: Store, browser: Client) -> None:
    ordered(store, "a", 3)
    assert "Work them out now" in text_of(browser, "retention")
    analyst = signed_in(make_staff(store, role="analyst", email="analyst@example.com"))
    assert "Work them out now" not in text_of(analyst, "retention")
    assert analyst.post("/console/stride/insights/refresh/").status_code == 403
    back = "/console/stride/insights/cohorts/?days=90"
    with clock.at(NOW):
        answer = browser.post("/console/stride/insights/refresh/", {"back": back})
    assert answer.headers["Location"] == back
    assert "On 1 order of 1 customer" in text_of(browser, "cohorts", days="90")


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example/console/", "/\\elsewhere.example"])
def test_refreshing_leads_to_no_other_site(store: Store, browser: Client, back: str) -> None:
    answer = browser.post("/console/stride/insights/refresh/", {"back": back})
    assert answer.headers["Location"] == "/console/stride/insights/retention/"


def test_a_page_whose_engine_fails_says_so(
    store: Store, browser: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    small_shop(store)

    def broken(*_: Any) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(Duck, "run", broken)
    answer = shown(browser, "retention", {"country": "FR"})
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "The figures could not be worked out" in page
    assert "the disk is gone" not in page
    assert 'href="?country=FR"' in page
    assert "HX-Redirect" in shown(browser, "retention", {"country": "FR"}, hx_request="true").headers
    assert "the disk is gone" in caplog.text


def test_what_rooms_tried_by_chance_stands_side_by_side(
    store: Store, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_shop(store)
    assert "Nothing can be compared yet" in text_of(browser, "worked")
    treated, held = Arm(3600, 900, 9e5, 9e8), Arm(400, 20, 2e4, 2e7)
    made: Socket[Any] = Socket()
    made()(lambda store, now: [Tried("Spring sale", prove([Trial(0.9, treated, held)]), "/there/", "campaigns.read")])
    monkeypatch.setattr(worked, "trials", made)
    cache.clear()
    page = text_of(browser, "worked")
    assert "Spring sale It works 3,600 25.0% 400 5.0%" in page
    assert 'href="/there/"' in shown(browser, "worked").content.decode()
    clerk = signed_in(make_staff(store, role="warehouse", email="clerk@example.com"))
    assert 'href="/there/"' not in shown(clerk, "worked").content.decode()


def test_days_without_an_order_lead_to_those_with_some(store: Store, browser: Client) -> None:
    ordered(store, "a", 500)
    bring(store, now=NOW)
    page = shown(browser, "retention").content.decode()
    assert "No order in these days" in page
    assert "?since=2024-02-02&amp;until=2025-01-31" in page
    assert "No order fits" in text_of(browser, "retention", country="FR")


def test_a_group_becomes_a_segment_for_who_may_make_one(store: Store, browser: Client) -> None:
    small_shop(store)
    page = shown(browser, "customers").content.decode()
    link = re.search(r'href="(/console/stride/segments/new/\?[^"]*rfm_group[^"]*)"', page)
    assert link
    editor = browser.get(link[1].replace("&amp;", "&")).content.decode()
    assert "insights.rfm_group" in editor
    analyst = signed_in(make_staff(store, role="analyst", email="analyst@example.com"))
    assert "segments/new" not in shown(analyst, "customers").content.decode()


def test_every_page_takes_few_queries_however_many_orders(
    store: Store, browser: Client, django_assert_max_num_queries: Any
) -> None:
    small_shop(store)
    for key in PAGES_ALL:
        with django_assert_max_num_queries(45):
            shown(browser, key)


def test_fields_offer_what_orders_name(store: Store) -> None:
    small_shop(store)
    offered = filtering.offered(narrowed(store, channel="till"))
    assert [code for code, _ in offered["countries"]] == ["", "FR", "DE"]
    assert {name for name, _ in offered["channels"]} == {"", "web", "pos", "till"}
    assert offered["products"] == ["Mug", "Trail Runner 2"]


def test_where_there_is_nothing_to_compare_the_page_says_why() -> None:
    def group(key: str, customers: int) -> OutcomeGroup:
        return OutcomeGroup(key, key, customers, share(customers // 2, customers, 20), 0, 0)

    def said(*customers: int) -> str:
        both = [group("late", customers[0]), group("on_time", customers[1])]
        return returning._nothing(
            Cut("delivery", "The promise", both, None, ""), [one for one in both if one.customers]
        )

    assert "all of these" in said(300, 0)
    assert "none of these" in said(0, 300)
    assert "Too few" in said(15, 15)
