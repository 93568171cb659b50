"""What the snapshot holds, and what becomes of it."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from thereafter.commerce.actions.refunds import take_refunds
from thereafter.commerce.documents import Line, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import SHOES, make_order, make_product
from thereafter.events.base import Event
from thereafter.events.parcels import ParcelDelivered
from thereafter.events.questions import QuestionAsked
from thereafter.events.returns import ReturnRequested
from thereafter.events.surveys import SurveyAnswered
from thereafter.insights.engine import files
from thereafter.insights.engine.current import engine
from thereafter.insights.engine.entries import TOLD
from thereafter.insights.engine.port import EngineTrouble, Row
from thereafter.insights.export import bringing, following
from thereafter.insights.export.bringing import NotBrought, bring
from thereafter.insights.figures.asking import as_of, ask
from thereafter.insights.figures.view import View, day_number
from thereafter.insights.metrics import tables
from thereafter.insights.models import Snapshot
from thereafter.insights.rules.days import Days
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
YEAR = Days(date(2026, 1, 1), date(2026, 12, 31))
SOCKS = Line(external_id="2", title="Socks", quantity=3, unit_price="5.00", discount="1.00", product_id="socks")


def rows(store: Store, table: str) -> list[Row]:
    """All rows of a table of the snapshot, in a sequence of their own."""
    found = engine().fetch(store.pk, tables.table(table))
    return sorted(found, key=lambda row: tuple(map(str, row.values())))


def everything(store: Store) -> dict[str, list[Row]]:
    return {table: rows(store, table) for table in files.EXPORTED}


def anew(store: Store, *, now: datetime) -> Snapshot:
    """Brought from nothing."""
    Snapshot.objects.of(store).update(serial="")
    snapshot = bring(store, now=now)
    assert snapshot.was_whole
    return snapshot


def refund(order: Order, amount: str, key: str = "r1") -> None:
    doc = RefundOfOrder(order=order.external_id, refund=RefundDoc(external_id=key, amount=amount, at=order.placed_at))
    take_refunds(order.store, [doc], source=order.source, now=NOW)


def test_an_order_stands_on_its_day_in_the_shop_with_what_was_paid_for_it() -> None:
    store = make_store(time_zone="America/Sao_Paulo")
    order = make_order(
        store,
        placed_at=datetime(2026, 3, 1, 2, 30, tzinfo=UTC),
        discount_codes=["WELCOME", "X"],
        lines=[SHOES, SOCKS, Line(external_id="3", title="Socks", quantity=1, unit_price="5", product_id="socks")],
    )
    refund(order, "10.00")
    snapshot = bring(store, now=NOW)
    (row,) = rows(store, "orders")
    assert (row["id"], row["day"], row["month"]) == (order.pk, day_number(date(2026, 2, 28)), 2026 * 12 + 1)
    assert (row["counts"], row["foreign"], row["total_minor"], row["net_minor"]) == (1, 0, 10890, 9890)
    assert (row["country"], row["coupon"], row["items"], row["refunded_minor"]) == ("DE", "WELCOME", 5, 1000)
    lines = {line["product_id"]: line for line in rows(store, "lines")}
    titles = {product["id"]: product["title"] for product in rows(store, "products")}
    assert {titles[pk]: (line["quantity"], line["net_minor"], line["month"]) for pk, line in lines.items()} == {
        "Trail Runner 2": (1, 8990, row["month"]),
        "Socks": (4, 1900, row["month"]),
    }
    assert (snapshot.orders, snapshot.customers, snapshot.as_of, as_of(store)) == (1, 1, NOW, NOW)


def test_cancelled_refunded_and_foreign_orders_say_so() -> None:
    store = make_store()
    refund(make_order(store, number="1"), "89.90")
    make_order(store, number="2", status="cancelled")
    make_order(store, number="3", currency="USD")
    free = Line(external_id="1", title="Sample", quantity=1, unit_price="0", product_id="sample")
    make_order(store, number="4", lines=[free])
    bring(store, now=NOW)
    told = [(row["counts"], row["foreign"], row["net_minor"]) for row in sorted(rows(store, "orders"), key=_id)]
    assert told == [(0, 0, 0), (0, 0, 8990), (1, 1, 0), (1, 0, 0)]
    assert sum(row["net_minor"] for row in rows(store, "lines")) == 2 * 8990


def _id(row: Row) -> int:
    return int(row["id"])


def test_lines_of_the_log_tell_what_their_event_says() -> None:
    store = make_store()
    order = make_order(store)
    who: dict[str, Any] = {"store_id": store.pk, "customer_id": order.customer_id, "order_id": order.pk}
    told: list[Event] = [
        ParcelDelivered(**who, occurred_at=NOW, parcel_id=7, carrier="dhl", late=True),
        ParcelDelivered(**who, occurred_at=NOW, parcel_id=8, carrier="ups", late=None),
        SurveyAnswered(**who, occurred_at=NOW, answer_id=5, survey="nps", score=0, kind="nps"),
        SurveyAnswered(**who, occurred_at=NOW, answer_id=6, survey="why", score=None, kind="form", has_comment=True),
        ReturnRequested(
            **who, occurred_at=NOW, case_id=3, number="R1", basis="withdrawal", outcome="refund", method="label",
            value_minor=990, currency="EUR", units=1, reasons=("too_small", "colour"), review=True,
        ),
        ReturnRequested(
            **who, occurred_at=NOW, case_id=4, number="R2", basis="claim", outcome="refund", method="label",
            value_minor=990, currency="CHF", units=1,
        ),
        QuestionAsked(store_id=store.pk, occurred_at=NOW, question_id=1, product_id=12, customer=order.customer_id),
    ]  # fmt: skip
    with transaction.atomic():
        record(*told)
    bring(store, now=NOW)
    found = [row for row in sorted(rows(store, "entries"), key=_id) if row["day"] == day_number(NOW.date())]
    assert [tuple(row[name] for name in ("value", "flag", "kind", "other", "ref")) for row in found] == [
        (0, 1, "dhl", "", 7),
        (0, -1, "ups", "", 8),
        (0, 0, "nps", "nps", 5),
        (-1, 1, "form", "why", 6),
        (990, 1, "withdrawal", "too_small,colour", 3),
        (0, 0, "claim", "", 4),
        (0, -1, "", "", 12),
    ]
    assert {(row["customer_id"], row["order_id"]) for row in found[:-1]} == {(order.customer_id, order.pk)}
    assert (found[-1]["customer_id"], found[-1]["order_id"]) == (order.customer_id, 0)


def test_every_field_that_figures_read_is_one_of_its_event() -> None:
    for name, told in TOLD.items():
        known = Event.names[name].__dataclass_fields__
        for field in (told.value, told.flag, told.kind, told.other, told.ref, told.who):
            assert not field or field in known, f"{name} has no {field}"
        assert not told.money or "currency" in known


def test_nothing_new_leaves_the_files_and_moves_the_time() -> None:
    store = make_store()
    make_order(store)
    first = bring(store, now=NOW)
    again = bring(store, now=NOW + HOUR)
    assert (again.serial, again.as_of) == (first.serial, NOW + HOUR)
    make_product(store, "lamp", title="Lamp")
    assert bring(store, now=NOW + 2 * HOUR).serial != first.serial
    assert "Lamp" in {row["title"] for row in rows(store, "products")}


def test_only_the_months_that_were_touched_are_written() -> None:
    store = make_store()
    for month in (1, 2, 3):
        make_order(store, number=f"{month}", placed_at=datetime(2026, month, 5, tzinfo=UTC))
    bring(store, now=NOW)
    before = files.read_manifest(settings.FIGURES_FOLDER, store.pk)
    for file in Path(settings.FIGURES_FOLDER, str(store.pk)).glob("*/*.parquet"):
        os.utime(file, (0, 0))  # written long ago
    refund(Order.objects.of(store).get(number="2"), "5.00")
    snapshot = bring(store, now=NOW + HOUR)
    after = files.read_manifest(settings.FIGURES_FOLDER, store.pk)
    assert before
    assert after
    assert not snapshot.was_whole
    changed = {month for month, part in after.parts["orders"].items() if before.parts["orders"][month] != part}
    assert changed == {2026 * 12 + 1}
    # Who read the old files can go on; they are taken away later.
    assert files.paths(settings.FIGURES_FOLDER, store.pk, "orders", before)[2026 * 12 + 1].exists()


def test_a_line_that_became_visible_late_is_found() -> None:
    """On PostgreSQL a transaction may be seen after another one that began later."""
    store = make_store()
    make_order(store, number="1")
    make_order(store, number="2")
    bring(store, now=NOW)
    made = files.read_manifest(settings.FIGURES_FOLDER, store.pk)
    assert made
    # As if the first order's lines had not been there yet.
    kept = following.Kept(Path(settings.FIGURES_FOLDER), store.pk, made, files.new_serial())
    late = Order.objects.of(store).get(number="1").pk
    parts = {table: dict(held) for table, held in made.parts.items()}
    for table, key in (("orders", "id"), ("lines", "order_id"), ("entries", "order_id")):
        for month in kept.months(table):
            parts[table][month] = kept.put(table, month, _others(kept.read(table, month), key, late))
    files.put_manifest(settings.FIGURES_FOLDER, store.pk, files.Manifest(kept.serial, made.basis, made.entry_to, parts))
    Snapshot.objects.of(store).update(serial=kept.serial)
    assert len(rows(store, "orders")) == 1
    assert not bring(store, now=NOW + HOUR).was_whole
    assert len(rows(store, "orders")) == len(rows(store, "lines")) == 2


def _others(table: Any, key: str, gone: int) -> Any:
    return table.filter([each != gone for each in table[key].to_pylist()])


def test_another_time_zone_begins_anew() -> None:
    store = make_store(time_zone="UTC")
    make_order(store, placed_at=datetime(2026, 3, 1, 2, 30, tzinfo=UTC))
    bring(store, now=NOW)
    store.time_zone = "America/New_York"
    assert bring(store, now=NOW).was_whole
    assert [row["day"] for row in rows(store, "orders")] == [day_number(date(2026, 2, 28))]


def test_files_of_another_database_are_not_taken_for_ours() -> None:
    store = make_store()
    make_order(store)
    bring(store, now=NOW)
    Snapshot.objects.of(store).delete()
    assert bring(store, now=NOW).was_whole


def test_files_that_are_gone_are_made_again() -> None:
    store = make_store()
    make_order(store)
    bring(store, now=NOW)
    before = everything(store)
    files.take_away(settings.FIGURES_FOLDER, store.pk)
    bring(store, now=NOW + HOUR)
    assert everything(store) == before


def test_a_shop_without_orders_has_empty_tables() -> None:
    store = make_store()
    assert ask(View(store, YEAR), tables.table("orders")) == []
    assert as_of(store) is None
    bring(store, now=NOW)
    assert not any(everything(store).values())
    assert as_of(store) == NOW


def test_who_asks_while_somebody_is_at_it_gets_what_holds() -> None:
    store = make_store()
    first = bring(store, now=NOW)
    Snapshot.objects.of(store).update(busy_until=NOW + HOUR)
    make_order(store)
    assert bring(store, now=NOW).serial == first.serial
    # Who was at it died.
    assert bring(store, now=NOW + 2 * HOUR).orders == 1


def test_what_goes_wrong_is_told_and_the_figures_before_still_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    store = make_store()
    make_order(store)
    bring(store, now=NOW)
    make_order(store)
    with monkeypatch.context() as patch:
        patch.setattr(files, "put", _disk_is_full)
        with pytest.raises(NotBrought):
            bring(store, now=NOW + HOUR)
    snapshot = Snapshot.objects.of(store).get()
    assert "No space left" in snapshot.trouble
    assert (snapshot.as_of, len(rows(store, "orders"))) == (NOW, 1)
    assert bring(store, now=NOW + HOUR).trouble == ""
    assert len(rows(store, "orders")) == 2


def _disk_is_full(*_: object) -> files.Part:
    raise OSError("No space left on the disk")


def test_only_the_server_itself_may_look_into_the_copies() -> None:
    store = make_store()
    bring(store, now=NOW)
    home = Path(settings.FIGURES_FOLDER) / str(store.pk)
    assert {oct(each.stat().st_mode & 0o777) for each in (home, *home.glob("*/"))} == {"0o700"}


def test_a_store_that_is_gone_leaves_nothing_behind() -> None:
    store = make_store()
    make_order(store)
    bring(store, now=NOW)
    home = Path(settings.FIGURES_FOLDER) / str(store.pk)
    bringing.forget(store.pk)
    assert not home.exists()
    assert rows(store, "orders") == []


def test_one_shop_that_cannot_be_brought_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = make_store(slug="bad"), make_store(slug="good")
    make_order(good)

    def bring_but_one(store: Store, *, now: datetime) -> Snapshot:
        if store == bad:
            raise EngineTrouble("ClickHouse does not answer")
        return bring(store, now=now)

    monkeypatch.setattr(bringing, "bring", bring_but_one)
    assert bringing.bring_all(NOW) == 1
    assert as_of(good) == NOW


def test_the_command_tells_what_it_copied(capsys: pytest.CaptureFixture[str]) -> None:
    store = make_store()
    make_order(store)
    call_command("figures", "export", "--store", store.slug, "--json")
    call_command("figures", "export", "--anew", "--json")
    first, again = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["store"], first["orders"], first["whole"], again["whole"]) == (store.slug, 1, True, True)
    with pytest.raises(CommandError, match="nowhere"):
        call_command("figures", "export", "--store", "nowhere")
