"""Returns insight, from what the actions write to what the page says."""

import csv
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection

from thereafter.commerce.documents import Line
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.returns import figures, money_figures
from thereafter.returns.actions import releasing
from thereafter.returns.actions.opening import Wish
from thereafter.returns.models import CaseUnit
from thereafter.returns.rules.figures import cohorts
from thereafter.returns.rules.figures import money as rules
from thereafter.returns.rules.figures.money import Closed
from thereafter.returns.tests.past_rates import NOW, TODAY, deliver, jumped, product, weekly
from thereafter.returns.tests.visits import ASKED, CAME, ask_for_one, delivered_order
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
TOO_SMALL = Wish(line="1", reason="size_small", outcome="store_credit", note="Pinches")


@pytest.fixture
def store() -> Store:
    # A store of another test may have had the same key.
    cache.clear()
    return make_store(country="DE")


def read(store: Store, days: int = 30) -> figures.Book:
    return figures.read(store, (ASKED - timedelta(days=days)).date(), ASKED.date())


def test_what_was_asked_for_counts_when_it_is_settled(store: Store) -> None:
    case = ask_for_one(delivered_order(store), TOO_SMALL)
    book = read(store)
    assert sum(one.units for one in book.delivered) == 4
    assert (len(book.returned), {one.on for one in book.delivered}) == (0, {CAME.date()})
    with clock.at(ASKED + timedelta(days=3)):
        releasing.release_by_hand(case, by=make_staff(store), now=ASKED + timedelta(days=3))
        run_until_idle()
    (back,) = read(store).returned
    assert (back.of.on, back.days, back.reason, back.note) == (CAME.date(), 5, "size_small", "Pinches")
    assert (back.of.country, back.of.carrier) == ("DE", "dhl")
    (closed,) = money_figures.closed(store, ASKED, ASKED + timedelta(days=9))
    assert (closed.value_minor, closed.credit_minor, closed.refunded_minor) == (8990, 8990, 0)
    assert rules.retained([closed]).share == 1.0


def test_what_was_not_accepted_or_never_arrived_is_no_return(store: Store) -> None:
    case = ask_for_one(delivered_order(store), TOO_SMALL)
    rows = CaseUnit.objects.of(store).filter(case=case)
    rows.update(received_at=ASKED, verdict="rejected")
    assert not read(store).returned
    rows.update(verdict="accepted")
    assert len(read(store).returned) == 1
    rows.update(reason="not_here")
    assert not read(store).returned


def test_units_of_a_line_belong_to_the_parcel_they_came_in(store: Store) -> None:
    first, second = (cohorts.Delivered(7, day, 2, 1, "", "DE", "dhl", 0) for day in (CAME.date(), ASKED.date()))
    places = [figures._of_place([first, second], place) for place in (1, 2, 3, 4)]
    assert places == [first, first, second, second]


def test_a_line_of_another_currency_has_no_value(store: Store) -> None:
    line = Line(external_id="1", title="Hat", quantity=1, unit_price="20.00", product_id="hat", sku="H")
    delivered_order(store, line, currency="USD")
    assert [one.unit_minor for one in read(store).delivered] == [0]


def test_the_same_figures_whatever_the_number_of_orders(store: Store, django_assert_max_num_queries: object) -> None:
    deliver(store, product(store, "Runner"), TODAY - timedelta(days=60), 200, 20)
    with django_assert_max_num_queries(14):  # type: ignore[operator]  # a fixture has no type
        book = figures.read(store, TODAY - timedelta(days=90), TODAY)
    assert (len(book.delivered), len(book.returned), book.unknown) == (200, 20, 0)


def test_a_database_that_has_not_counted_its_rows_reads_them_in_no_time(store: Store) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
            cursor.execute("SET LOCAL statement_timeout = '20s'")
    weekly(store, product(store, "Runner"), [4] * 30)
    book = figures.read(store, TODAY - timedelta(days=90), TODAY)
    assert len(book.delivered) == 14 * 20
    assert figures.claims_by_carrier(store, NOW - timedelta(days=90), NOW) == {"dhl": (0, 12 * 20)}


def test_sums_of_money_are_those_of_the_definitions() -> None:
    cases = [
        Closed(outcome="refund", policy=1, value_minor=10_000, refunded_minor=9_000, fees_minor=1_000, label_minor=500,
               units=1, fates=(("resale", 10_000),), days={"asked": 4.0}),
        Closed(outcome="exchange_variant", policy=2, value_minor=8_000, kept_minor=8_000, upsell_minor=1_500, units=1,
               fates=(("restock", 8_000),)),
        Closed(outcome="store_credit", policy=2, value_minor=2_000, credit_minor=2_000, credit_spent_minor=500,
               units=2, fates=(("destroy", 1_000), ("expected", 1_000))),
    ]  # fmt: skip
    kept = rules.retained(cases)
    assert kept == (8_000, 500, 1_500, 1_500, 20_000)
    assert kept.share == 11_500 / 20_000
    assert rules.refund_ratio(cases) == 0.45
    exchanged = rules.exchange_share(cases)
    assert exchanged
    assert (exchanged.part, exchanged.whole) == (1, 3)
    cost = rules.cost(cases, handling_minor=100)
    assert (cost.labels, cost.handling, cost.write_down, cost.fees) == (500, 400, 5_000, 1_000)
    assert (cost.total, cost.each) == (4_900, 1_633)
    assert [(one.fate, one.recovered) for one in rules.recovery(cases)] == [
        ("destroy", 0), ("resale", 6_000), ("restock", 8_000),
    ]  # fmt: skip
    assert rules.waits(cases, "asked") is None


def page(store: Store, query: str = "") -> str:
    with clock.at(NOW):
        answer = signed_in(make_staff(store, email=f"n{len(query)}@x.example")).get(
            f"/console/{store.slug}/returns/insight/{query}"
        )
    assert answer.status_code == 200
    return answer.content.decode()


def test_rates_are_told_of_complete_deliveries_and_open_ones_say_so(store: Store) -> None:
    weekly(store, product(store, "Runner"), [4] * 30)
    shown = page(store, "?days=90")
    assert "Still open" in shown
    assert "Complete" in shown
    assert "have usually come by now" in shown
    assert "Germany" in shown
    assert "DHL" in shown
    assert "Too small" in shown
    assert "20.0" in shown or "20 %" in shown or "20%" in shown


def test_the_most_returned_speak_for_themselves_and_cannot_write_the_page(store: Store) -> None:
    weekly(store, product(store, "Runner"), [4] * 20)
    shown = page(store, "?view=products")
    assert "Runs small" in shown
    assert "suggest one size up" in shown
    assert "&lt;b&gt;touch&lt;/b&gt;" in shown
    assert "<b>touch" not in shown
    assert "Return RP" in shown


def test_money_is_told_with_its_definitions(store: Store) -> None:
    weekly(store, product(store, "Runner"), [4] * 20)
    shown = page(store, "?view=money")
    assert "Retained revenue" in shown
    assert "Label + handling" in shown
    assert "Back into stock" in shown


@pytest.mark.parametrize("view", ["rates", "products", "money", "nonsense"])
def test_a_shop_without_returns_is_told_what_will_stand_there(store: Store, view: str) -> None:
    assert 'class="empty"' in page(store, f"?view={view}")


def test_the_table_holds_everything_and_no_formulas(store: Store) -> None:
    weekly(store, product(store, "=HYPERLINK"), [4] * 20)
    rows = list(csv.DictReader(page(store, "?format=csv&days=180").splitlines()))
    by = {row["by"] for row in rows}
    assert {"delivery month", "product", "size or variant", "country", "carrier", "reason", "cases"} <= by
    (runner,) = [row for row in rows if row["by"] == "product"]
    assert runner["name"] == "'=HYPERLINK"
    assert float(runner["low"]) < float(runner["rate"]) < float(runner["high"])


def test_a_jump_stands_on_top_until_somebody_has_seen_it(store: Store) -> None:
    jump = jumped(store)
    delivered_order(store)
    assert "Jumper of stride" in page(store)
    assert "15 say: too small" in page(store)
    staff = signed_in(make_staff(store, email="s@x.example"))
    with clock.at(NOW):
        assert b"Come back more than before" in staff.get(f"/console/{store.slug}/overview/").content
        staff.post(f"/console/{store.slug}/returns/insight/jumps/{jump.pk}/seen/")
    assert "Jumper of stride" not in page(store, "?days=90")
