"""The replay on three made orders: one late with an answer, one cancelled, one that cannot be taken."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db

ORDERS = [
    ("late", "c1", "delivered", "2018-01-02 10:00:00", "2018-01-03 09:00:00", "2018-01-20 10:00:00"),
    ("gone", "c2", "canceled", "2018-01-04 10:00:00", "", ""),
    ("bare", "c3", "shipped", "2018-01-05 10:00:00", "", ""),
]


def table(folder: Path, name: str, head: str, *rows: tuple[str, ...]) -> None:
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([tuple(head.split(",")), *rows])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    head = "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,"
    head += "order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date"
    rows = [
        (key, who, status, at, at, carrier, there, "2018-01-15 00:00:00")
        for key, who, status, at, carrier, there in ORDERS
    ]
    table(tmp_path, "olist_orders_dataset", head, *rows)
    head = "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value"
    table(
        tmp_path, "olist_order_items_dataset", head, ("late", "1", "p1", "s1", "2018-01-05 00:00:00", "49.90", "7.10")
    )
    head = "order_id,payment_sequential,payment_type,payment_installments,payment_value"
    paid = [
        (key, "1", "boleto", "1", amount) for key, amount in (("late", "57.00"), ("gone", "30.00"), ("bare", "10.00"))
    ]
    table(tmp_path, "olist_order_payments_dataset", head, *paid)
    head = "review_id,order_id,review_score,review_comment_title,review_comment_message,review_creation_date,"
    head += "review_answer_timestamp"
    review = ("r1", "late", "2", "Atrasou", "Chegou tarde", "2018-01-21 00:00:00", "2018-01-22 09:00:00")
    table(tmp_path, "olist_order_reviews_dataset", head, review)
    head = "customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state"
    people = [(f"c{at}", f"u{at}", "01000", "sao paulo", "SP") for at in (1, 2, 3)]
    table(tmp_path, "olist_customers_dataset", head, *people)
    head = "product_id,product_category_name,product_name_lenght,product_description_lenght,product_photos_qty,"
    head += "product_weight_g,product_length_cm,product_height_cm,product_width_cm"
    table(tmp_path, "olist_products_dataset", head, ("p1", "bebes", "10", "20", "1", "500", "10", "10", "10"))
    head = "product_category_name,product_category_name_english"
    table(tmp_path, "product_category_name_translation", head, ("bebes", "baby"))
    return tmp_path


def replay(folder: Path) -> dict[str, Any]:
    out = StringIO()
    call_command("replay", "olist", str(folder), "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue().strip().splitlines()[-1])
    return told


def test_a_replay_counts_what_stands_in_the_tables_and_a_second_changes_nothing(folder: Path) -> None:
    first, second = replay(folder), replay(folder)
    counted = {"orders": 2, "parcels_delivered": 1, "late_parcels": 1, "surveys_answered": 1, "points_awarded": 49 + 25}
    assert counted.items() <= first.items()
    assert first["refused"] == {"no_lines": 1}
    assert first["messages"] > 0
    assert (first["duplicates"], second["duplicates"]) == (0, 7)
    same = ("orders", "parcels_delivered", "messages", "surveys_answered", "points_awarded", "events", "deliveries")
    assert [second[key] for key in same] == [first[key] for key in same]


def test_a_folder_without_tables_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read as Olist"):
        replay(tmp_path)
