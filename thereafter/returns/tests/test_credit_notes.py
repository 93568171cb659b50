"""Credit notes: numbered without gaps, written once, closing to the cent, and readable."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from thereafter.commerce.documents import Payment
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.returns import setting_credit_notes
from thereafter.returns.actions import credit_notes, granting
from thereafter.returns.actions.exchange_rates import set_rate
from thereafter.returns.models import CreditNote, Grant, ReturnSettings
from thereafter.returns.rules.money.credit_lines import Entry, close, taxes
from thereafter.returns.rules.money.fees import Fee
from thereafter.returns.rules.money.quotes import Request, Wanted
from thereafter.returns.tests.test_granting import SHOES, SOCKS
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


def an_order(store: Store, **more: Any) -> Order:
    """€119.80 by card: shoes, three pairs of socks and 4.90 of shipping, 19% of tax in all of it."""
    paid = [Payment(external_id="card", kind="card", amount="119.80")]
    return make_order(
        store, lines=[SHOES, SOCKS], shipping="4.90", discount="0", tax="19.12", total="119.80", payments=paid, **more
    )


def settled(order: Order, *wanted: Wanted, source: str = "case:1:1", **request: Any) -> Grant:
    asked = Request(items=wanted, **request)
    granted = granting.grant(order, asked, source=source, by=None, now=NOW)
    for share in granted.shares.all():
        granting.settle(granting.send(share, now=NOW), provider_ref=f"re_{share.pk}", now=NOW)
    return Grant.objects.get(pk=granted.pk)


def noted(granted: Grant) -> CreditNote:
    note = credit_notes.issue(granted.store_id, granted.pk, now=NOW)
    assert note is not None
    return note


def test_a_settled_refund_has_one_note_with_tax_by_rate() -> None:
    granted = settled(an_order(make_store()), Wanted(line="shoes", quantity=1), Wanted(line="socks", quantity=1))
    run_until_idle()
    note = CreditNote.objects.get()
    assert noted(granted) == note
    assert (note.name, note.total_minor, note.net_minor + note.tax_minor) == ("CN-00001", 9823, 9823)
    assert [(line["title"], line["units"], line["rate"]) for line in note.lines] == [
        ("Trail Runner 2", 1, "19%"),
        ("Merino Socks", 1, "19%"),
    ]
    assert note.taxes == [{"rate": "19%", "net": note.net_minor, "tax": note.tax_minor}]
    assert (note.buyer["name"], note.seller["name"]) == ("John Runner", "Stride & Co")


def test_what_was_kept_stands_on_the_note_and_it_closes_to_what_went_back() -> None:
    fee = Fee(kind="flat_per_return", amount=595, reason="return_label")
    granted = settled(an_order(make_store()), Wanted(line="shoes", quantity=1), fees=(fee,))
    note = noted(granted)
    assert [(line["what"], line["net"] + line["tax"]) for line in note.lines] == [("item", 8990), ("kept", -595)]
    assert (note.lines[1]["tax"], note.total_minor, granted.amount_minor) == (-95, 8395, 8395)


def test_several_rates_carry_what_was_kept_in_proportion() -> None:
    entries = [Entry("item", "Book", "", 1, "7%", 935, 65), Entry("item", "Pen", "", 1, "19%", 1681, 319)]
    closed = close(entries, 2700)
    assert sum(entry.gross for entry in closed) == 2700
    assert [(entry.rate, entry.gross) for entry in closed[2:]] == [("19%", -200), ("7%", -100)]
    assert taxes(closed) == [{"rate": "19%", "net": 1513, "tax": 287}, {"rate": "7%", "net": 842, "tax": 58}]


def test_a_refund_that_has_not_arrived_takes_no_number() -> None:
    order = an_order(make_store())
    granted = granting.grant(order, Request(items=(Wanted(line="shoes", quantity=1),)), source="a", by=None, now=NOW)
    assert credit_notes.issue(granted.store_id, granted.pk, now=NOW) is None
    assert not ReturnSettings.objects.exists()


def test_a_number_of_what_came_to_nothing_is_used_again() -> None:
    order = an_order(make_store())
    granted = settled(order, Wanted(line="shoes", quantity=1))
    with transaction.atomic():
        noted(granted)
        transaction.set_rollback(True)
    assert noted(granted).number == 1


def test_a_note_is_taken_back_by_another_once() -> None:
    note = noted(settled(an_order(make_store()), Wanted(line="shoes", quantity=1)))
    other = credit_notes.cancel(note, why="A mistake.", by=None, now=NOW)
    assert credit_notes.cancel(note, why="Again.", by=None, now=NOW) == other
    assert (other.number, other.cancels, other.total_minor, note.total_minor) == (2, note, -8990, 8990)
    assert credit_notes.cancel(other, why="The other way.", by=None, now=NOW) == other


def test_another_currency_is_booked_at_both_days_rates() -> None:
    store = make_store()
    set_rate(store, "USD", date(2026, 3, 1), Decimal("0.90"), by=None, now=NOW)
    set_rate(store, "USD", date(2026, 4, 1), Decimal("0.95"), by=None, now=NOW)
    note = noted(settled(an_order(store, currency="USD"), Wanted(line="shoes", quantity=1)))
    assert note.booked == {"currency": "EUR", "at_sale": 8091, "at_refund": 8541, "loss": 450}


@pytest.mark.parametrize("language", ["", "en", "de", "fr", "es", "pt"])
def test_it_can_be_printed_in_each_language(language: str) -> None:
    note = noted(
        settled(
            an_order(make_store(legal_address="Stride & Co, #Street [1], Berlin")), Wanted(line="shoes", quantity=1)
        )
    )
    assert setting_credit_notes.pdf(note, language=language).startswith(b"%PDF")


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_numbered_without_gaps() -> None:
    store = make_store()
    grants = [
        settled(an_order(store, number=str(number)), Wanted(line="shoes", quantity=1), source=f"case:{number}:1")
        for number in range(20)
    ]

    def note(granted: Grant) -> int:
        try:
            return noted(granted).number
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(note, grants)) == list(range(1, 21))
