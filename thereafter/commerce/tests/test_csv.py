"""Orders from text files: ready mappings, mappings of one's own, and files as people really have them."""
# ruff: noqa: E501 tables are read as tables

import json
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from thereafter.commerce.connectors.csv import read_orders
from thereafter.commerce.connectors.mapping import find_mapping
from thereafter.commerce.connectors.olist import read_history
from thereafter.commerce.connectors.reading import Unreadable
from thereafter.commerce.models import Fulfilment, Order, OrderLine
from thereafter.events.orders import OrderPlaced
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline import inbox
from thereafter.timeline.tests.tools import assert_recorded

SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
    "Lineitem sku,Lineitem discount,Billing Name,Shipping Name,Shipping Address1,Shipping City,Shipping Zip,"
    "Shipping Province,Shipping Country,Notes,Cancelled at,Payment Method,Refunded Amount,Id,Phone,Source\n"
    "#1001,john@example.com,paid,2026-03-03 11:00:02 +0100,fulfilled,2026-03-04 09:00:00 +0100,yes,EUR,98.82,4.90,16.56,"
    '103.72,SPRING10,10.98,DHL,2026-03-03 11:00:00 +0100,1,"Trail Runner 2, red",89.90,TR2,0.00,John Runner,John Runner,'
    "Torstr. 1,Berlin,'10119,BE,DE,\"ring\ntwice\",,card,0.00,5001,'+491712345678,web\n"
    "#1001,john@example.com,,,,,,,,,,,,,,,2,Socks,9.95,MS,0.00,,,,,,,,,,,,,,\n"
    "#1002,mary@example.com,refunded,2026-03-03 12:00:02 +0100,,,no,EUR,10.00,0.00,1.90,11.90,,0.00,DHL,"
    "2026-03-03 12:00:00 +0100,1,Laces,10.00,LA,0.00,Mary,Mary,Weg 2,Bonn,53111,NW,DE,,2026-03-05 09:00:00 +0100,card,"
    "11.90,5002,,web\n"
)
WOO = (
    "order_id;order_number;date;status;shipping_total;tax_total;fee_total;discount_total;order_total;refunded_total;"
    "order_currency;payment_method;customer_id;billing_first_name;billing_last_name;billing_email;billing_phone;"
    "billing_country;billing_city;item_id;item_product_id;item_name;item_sku;item_quantity;item_subtotal;item_total;item_total_tax\r\n"
    "727;727;2026-03-03 10:00:00;completed;4.12;13.54;0;8.40;84.81;0;EUR;paypal;0;John;Runner;john@example.com;"
    "0171 2345678;DE;Berlin;315;93;Trail Runner 2;TR2;1;75.55;67.15;12.76\r\n"
    "728;728;2026-03-03 11:00:00;pending;0;0;0;0;5;0;EUR;;0;X;Y;x@example.com;;DE;Bonn;316;94;Laces;LA;1;5;5;0\r\n"
)
GERMAN = {
    "title": "A till in Cologne", "source": "till", "key": "Bon", "time_zone": "Europe/Berlin", "decimal": ",",
    "dates": ["%d.%m.%Y %H:%M"],
    "order": {"external_id": "Bon", "number": "Bon", "placed_at": "Zeit", "currency": {"value": "EUR"}, "total": "Summe"},
    "customer": {"email": "Mail"},
    "line": {"fields": {"title": "Artikel", "quantity": "Menge", "unit_price": "Preis"}},
}  # fmt: skip


@pytest.fixture
def store() -> Store:
    return make_store(country="DE")


def written(folder: Path, text: str, name: str = "orders.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def import_csv(path: Path, mapping: str | Path) -> dict:
    out = StringIO()
    call_command("import_orders", "csv", str(path), store="stride", mapping=str(mapping), json=True, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_shopifys_export_becomes_orders(store: Store, tmp_path: Path) -> None:
    report = import_csv(written(tmp_path, SHOPIFY), "shopify")
    assert (report["read"], report["new_orders"], report["refused"]) == (2, 2, {})
    john, mary = Order.objects.of(store).order_by("number")
    assert (john.external_id, john.source, john.total_minor, john.note) == ("5001", "shopify", 10372, "ring\ntwice")
    assert (john.customer.phone, john.shipping_address["postcode"]) == ("+491712345678", "10119")
    assert list(john.lines.order_by("id").values_list("title", "quantity")) == [
        ("Trail Runner 2, red", 1),
        ("Socks", 2),
    ]
    assert (john.taxes_included, mary.taxes_included) == (True, False)
    assert (mary.is_cancelled, mary.refunded_minor) == (True, 1190)
    assert Fulfilment.objects.of(store).get().order == john


@pytest.mark.django_db
def test_importing_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path, SHOPIFY)
    import_csv(path, "shopify")
    report = import_csv(path, "shopify")
    assert (report["new_orders"], report["duplicates"]) == (0, 2)
    assert_recorded(OrderPlaced, times=2)


@pytest.mark.django_db
def test_woocommerces_export_becomes_orders(store: Store, tmp_path: Path) -> None:
    report = import_csv(written(tmp_path, WOO), "woocommerce")
    assert (report["read"], report["new_orders"], report["refused"]) == (1, 1, {})
    line = OrderLine.objects.of(store).get()
    assert (line.unit_price_minor, line.discount_minor, line.total_minor) == (7555, 840, 6715)


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_mapping_of_ones_own_and_files_of_any_spreadsheet(
    store: Store, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    mapping = written(tmp_path, json.dumps(GERMAN), "till.json")
    rows = [
        "Bon|Zeit|Summe|Mail|Artikel|Menge|Preis",
        "7|03.03.2026 10:30|1.234,50|jo@example.com|Schuhgröße 42|1,0|1.234,50",
    ]
    path = written(tmp_path, "\r\n".join(rows).replace("|", delimiter), encoding=encoding)
    assert import_csv(path, mapping)["refused"] == {}
    order = Order.objects.of(store).get()
    assert (order.total_minor, order.placed_at.isoformat()) == (123450, "2026-03-03T09:30:00+00:00")
    assert order.lines.get().title == "Schuhgröße 42"


@pytest.mark.django_db
def test_a_bad_row_is_kept_with_its_reason_and_the_others_go_in(store: Store, tmp_path: Path) -> None:
    text = SHOPIFY.replace("2026-03-03 12:00:00 +0100,1,Laces", "yesterday,1,Laces")
    report = import_csv(written(tmp_path, text), "shopify")
    assert (report["new_orders"], report["refused"]) == (1, {"wrong_shape": 1})
    (kept,) = inbox.refused(store)
    assert "placed_at" in kept.reason
    mended = kept.body.replace("yesterday", "2026-03-03T12:00:00+01:00")
    assert inbox.replay(store, kept.pk, order_time(store), body=mended)


def order_time(store: Store) -> datetime:
    return Order.objects.of(store).get().placed_at


@pytest.mark.django_db
def test_scattered_rows_of_an_order_are_refused(store: Store, tmp_path: Path) -> None:
    mapping = written(tmp_path, json.dumps(GERMAN), "till.json")
    rows = ["Bon;Zeit;Summe;Mail;Artikel;Menge;Preis"]
    rows += [f"{bon};03.03.2026 10:30;5;jo@example.com;Shoe;1;5" for bon in (1, 2, 1)]
    report = import_csv(written(tmp_path, "\n".join(rows)), mapping)
    assert (report["new_orders"], report["refused"]) == (2, {"no_id": 1})


@pytest.mark.django_db
def test_what_is_missing_is_named(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,2\n")
    with pytest.raises(CommandError, match=r'missing_column: orders\.csv has no column "Name"; it has a, b'):
        import_csv(path, "shopify")
    with pytest.raises(CommandError, match="no_mapping"):
        import_csv(path, "magento")
    with pytest.raises(CommandError, match="There is no store"):
        call_command("import_orders", "csv", str(path), store="nobody", mapping="shopify")
    with pytest.raises(CommandError, match="empty_file"):
        import_csv(written(tmp_path, ""), "shopify")


def test_a_mapping_with_a_mistake_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "Bon\n1\n")
    for wrong in ({"order": {"colour": "Bon"}}, {"order": {"number": {"guess": 1}}}, {"nonsense": 1}):
        mapping = written(tmp_path, json.dumps(GERMAN | wrong), "wrong.json")
        with pytest.raises(Unreadable, match=r"bad_mapping|wrong_shape"):
            list(read_orders(path, find_mapping(str(mapping))))


def olist_folder(folder: Path) -> Path:
    tables = {
        "olist_orders_dataset": "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
        "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date\n"
        "o1,c1,delivered,2018-03-05 10:00:00,2018-03-05 10:10:00,2018-03-06 09:00:00,2018-03-12 15:00:00,2018-03-20 00:00:00\n"
        "o2,c1,unavailable,2018-01-05 10:00:00,,,,2018-01-20 00:00:00\n",
        "olist_order_items_dataset": "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\n"
        "o1,1,p1,s,2018-03-08 00:00:00,99.9,10.1\no1,2,p1,s,2018-03-08 00:00:00,99.9,10.1\n",
        "olist_order_payments_dataset": "order_id,payment_sequential,payment_type,payment_installments,payment_value\n"
        "o1,1,voucher,1,20.00\no1,2,credit_card,2,201.5\no2,1,boleto,1,33.3\n",
        "olist_customers_dataset": "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state\n"
        "c1,u1,01310,sao paulo,SP\n",
        "olist_products_dataset": "product_id,product_category_name\np1,beleza_saude\n",
        "product_category_name_translation": "product_category_name,product_category_name_english\nbeleza_saude,health_beauty\n",
        "olist_order_reviews_dataset": "review_id,order_id,review_score,review_comment_title,review_comment_message,"
        'review_creation_date,review_answer_timestamp\nr1,o1,5,,"Muito\nbom",2018-03-13 00:00:00,2018-03-14 10:00:00\n',
    }
    for name, text in tables.items():
        written(folder, text, f"{name}.csv", encoding="utf-8-sig")
    return folder


def test_olist_is_read_as_a_history(tmp_path: Path) -> None:
    delivered, unavailable = read_history(olist_folder(tmp_path))
    order = delivered.order
    assert (order.status, order.total, order.shipping, order.fulfilments) == ("open", "220.0", "20.2", [])
    assert order.placed_at.isoformat() == "2018-03-05T13:00:00+00:00"
    assert [payment.amount for payment in order.payments] == ["20.00", "201.5"]
    assert (order.lines[0].title, order.lines[0].category, order.customer.external_id) == (
        "Health beauty",
        "Health beauty",
        "u1",
    )
    assert delivered.delivered_at
    assert delivered.delivered_at.isoformat() == "2018-03-12T18:00:00+00:00"
    assert [review.comment for review in delivered.reviews] == ["Muito\nbom"]
    # In summer time.
    assert unavailable.order.placed_at.isoformat() == "2018-01-05T12:00:00+00:00"
    assert (unavailable.order.status, unavailable.order.total, unavailable.order.lines) == ("unavailable", "33.3", [])


@pytest.mark.django_db
def test_olists_tables_can_be_imported(tmp_path: Path) -> None:
    store = make_store(currency="BRL")
    assert import_csv(olist_folder(tmp_path), "olist")["new_orders"] == 2
    shipped = Order.objects.of(store).get(external_id="o1")
    assert (shipped.status, shipped.destination) == ("fulfilled", "BR-SP")
    assert str(shipped.promised_on) == "2018-03-20"
