"""Shopify, WooCommerce, and a merchant's table."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from thereafter.commerce.webhooks import Call
from thereafter.tracking.carriers import csv, shopify, woocommerce_tracking
from thereafter.tracking.documents import ParcelDoc
from thereafter.tracking.rules.scans import BadScan
from thereafter.tracking.tests.adapters.shapes import body, document, parsed, scans, statuses

NOW = datetime(2026, 3, 6, 20, tzinfo=UTC)


def test_shopify_says_that_it_will_be_late_and_moves_nothing() -> None:
    (late,) = scans(parsed("shopify", "push_delayed"))
    assert (late.status, late.delayed, late.code) == ("", True, "delayed")


def test_shopifys_estimate_comes_with_the_event() -> None:
    assert parsed("shopify", "push_delivered").expected_to == "2026-03-06T20:00:00-05:00"


@pytest.mark.parametrize("missing", ["fulfillment_id", "status", "happened_at"])
def test_a_shopify_event_without_its_heart_is_refused(missing: str) -> None:
    event = document("shopify", "push_delivered") | {missing: None}
    with pytest.raises(BadScan, match="bad_document"):
        shopify.parse("fulfillment_events/create", json.dumps(event))


def test_each_parcel_of_a_woocommerce_order_has_its_own_news() -> None:
    first, second = woocommerce_tracking.parse("push", body("woocommerce_tracking", "push_delivered"))
    assert isinstance(first, ParcelDoc)
    assert isinstance(second, ParcelDoc)
    assert (first.order, first.carrier, statuses(first)[-1]) == ("5501", "usps", "delivered")
    assert (second.order, second.carrier, statuses(second)) == ("5501", "ups", ["in_transit"])


def test_trackship_may_write_its_events_into_a_text() -> None:
    assert statuses(parsed("woocommerce_tracking", "push_exception")) == ["in_transit", "exception"]


def test_an_order_without_news_tells_nothing() -> None:
    assert woocommerce_tracking.parse("push", '{"id": 1, "status": "completed", "meta_data": []}') == []


def test_both_shops_sign_the_raw_body_in_base64() -> None:
    signature = base64.b64encode(hmac.new(b"s3cret", b"{}", hashlib.sha256).digest()).decode()
    for adapter, header in ((shopify, "x-shopify-hmac-sha256"), (woocommerce_tracking, "x-wc-webhook-signature")):
        assert adapter.verify(["s3cret"], Call({header: signature}, b"{}", NOW))
        assert not adapter.verify(["s3cret"], Call({header: signature}, b"{} ", NOW))


def test_a_table_of_scans_is_read_row_by_row() -> None:
    rows = list(csv.read(body("csv", "push_delivered")))
    assert [row.line for row in rows] == [2, 3, 4]
    told = [scan.status for row in rows if isinstance(row.read, ParcelDoc) for scan in scans(row.read)]
    assert told == ["in_transit", "out_for_delivery", "delivered"]


def test_a_table_of_parcels_has_a_scan_for_each_of_its_dates() -> None:
    first, second = (row.read for row in csv.read(body("csv", "push_parcels")))
    assert isinstance(first, ParcelDoc)
    assert isinstance(second, ParcelDoc)
    assert [(scan.occurred_at, scan.status) for scan in scans(first)] == [
        ("2026-03-05", "picked_up"),
        ("2026-03-07T15:10:00", "delivered"),
    ]
    assert statuses(second) == ["picked_up"]


def test_bad_rows_are_kept_with_their_reasons() -> None:
    rows = {row.line: row.read for row in csv.read(body("csv", "push_unknown_code"))}
    assert str(rows[3]).startswith("no_parcel")
    assert str(rows[4]).startswith("bad_time")
    assert [line for line, read in rows.items() if isinstance(read, ParcelDoc)] == [2, 5, 6]


def test_a_month_that_the_table_does_not_give_away_is_not_guessed() -> None:
    def day(*dates: str) -> list[str]:
        rows = csv.read("awb,status,date\n" + "".join(f"A1,Delivered,{date}\n" for date in dates))
        return [scans(row.read)[0].occurred_at if isinstance(row.read, ParcelDoc) else "refused" for row in rows]

    assert day("03/04/2026") == ["refused"]
    assert day("03/04/2026", "13/04/2026") == ["2026-04-03", "2026-04-13"]
    assert day("03/04/2026", "03/13/2026") == ["2026-03-04", "2026-03-13"]


@pytest.mark.parametrize("table", ["", "a,b\n1,2\n", "status,date\nx,y\n", "awb,status\nA1,Delivered\n"])
def test_a_table_without_the_columns_it_needs_says_which(table: str) -> None:
    with pytest.raises(BadScan, match="missing_column"):
        list(csv.read(table))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_may_be_of_any_spreadsheet(encoding: str) -> None:
    assert csv.text_of("Zürich".encode(encoding)) == "Zürich"
