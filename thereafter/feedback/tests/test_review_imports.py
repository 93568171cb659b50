"""Reviews of another app brought in: nothing twice, nothing lost, nobody verified who did not buy."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from thereafter.commerce.documents import Line, VariantDoc
from thereafter.commerce.models import Customer, Product
from thereafter.commerce.tests.makers import make_order, make_product
from thereafter.feedback.actions import review_fetching, review_imports
from thereafter.feedback.actions.review_imports import NotReady
from thereafter.feedback.models import Rating, Review, ReviewImport
from thereafter.feedback.queries import review_imports as asking
from thereafter.feedback.queries.review_rules import settings_of
from thereafter.feedback.tests.import_makers import (
    FILE,
    FIXTURES,
    HEAD,
    NOW,
    bring,
    carry_out,
    look,
    refused,
    said,
    table,
)
from thereafter.kit.tables import Unreadable
from thereafter.messaging.channels import guarded
from thereafter.messaging.models import Message
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.models import Entry
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db
TEAPOT = Line(external_id="1", title="Clay teapot", quantity=1, unit_price="20.00", product_id="701")


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def staff(store: Store) -> Staff:
    return make_staff(store)


@pytest.fixture
def teapot(store: Store) -> Product:
    return make_product(store, "701", title="Clay teapot", url="https://shop.example.com/products/teapot")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(url: str) -> guarded.File:
        raise guarded.NoAnswer("There is no network in tests.")

    monkeypatch.setattr(review_fetching, "download", nothing)


def test_reviews_come_with_their_label_and_their_date(store: Store, staff: Staff, teapot: Product) -> None:
    one = bring(store, staff)
    assert (one.state, one.taken, one.refused, one.body) == ("done", 4, 0, "")
    review = said(store, "Holds the heat")
    assert (review.product_id, review.rating, review.title, review.reply) == (teapot.pk, 5, "Warm", "Thank you")
    assert (review.collected, review.source) == ("imported", "Judge.me")
    assert review.written_at == datetime(2025, 3, 24, 23, tzinfo=UTC)


def test_what_was_hidden_there_is_hidden_here_with_its_reason(store: Store, staff: Staff, teapot: Product) -> None:
    bring(store, staff)
    states = Review.objects.of(store).order_by("pk").values_list("state", "hidden_for")
    assert list(states) == [("published", ""), ("published", ""), ("hidden", "imported_hidden"), ("pending", "")]


def test_published_ones_are_counted_and_others_are_not(store: Store, staff: Staff, teapot: Product) -> None:
    bring(store, staff)
    assert Rating.objects.of(store).get(product=teapot).counts == {5: 1, 4: 0, 3: 0, 2: 0, 1: 1}


def test_shoppers_see_a_surname_as_a_letter_and_never_an_address(store: Store, staff: Staff, teapot: Product) -> None:
    text = FILE + ',A,5,26/03/2025,"Schmidt, Anna",,701,,,,ok\n,B,5,26/03/2025,ida@example.com,,701,,,,ok\n'
    bring(store, staff, text)
    assert said(store, "Holds the heat").shown_name == "Ida Maria B."
    assert (said(store, "A").shown_name, said(store, "B").shown_name) == ("Anna S.", "")


def test_only_who_bought_it_here_before_is_verified(store: Store, staff: Staff, teapot: Product) -> None:
    bought = datetime(2025, 3, 1, tzinfo=UTC)
    order = make_order(store, email="Ida@Example.com", placed_at=bought, lines=[TEAPOT])
    make_order(store, email="tom@example.com", placed_at=bought + timedelta(days=90), lines=[TEAPOT])
    head = "product_handle,product_Id,rating,author,email,body,created_at,photo_url,reply,replied_at,verified_purchase"
    text = (
        f"{head}\nteapot,701,5,Ida B,ida@example.com,bought it,2025-03-25,,,,false\n"
        "teapot,701,5,Tom,tom@example.com,bought it later,2025-03-25,,,,true\n"
        "teapot,701,5,Kim,kim@example.com,told verified there,2025-03-25,,,,true\n"
    )
    bring(store, staff, text)
    ida = said(store, "bought it")
    assert (ida.is_verified, ida.order_id, ida.customer_id) == (True, order.pk, order.customer_id)
    tom = said(store, "bought it later")
    assert (tom.is_verified, tom.customer_id is not None) == (False, True)
    assert not said(store, "told verified there").is_verified


def test_one_purchase_makes_one_review_verified(store: Store, staff: Staff, teapot: Product) -> None:
    make_order(store, email="ida@example.com", placed_at=datetime(2025, 3, 1, tzinfo=UTC), lines=[TEAPOT])
    one = bring(store, staff, FILE + ",And still good,5,26/04/2025,Ida,ida@example.com,701,,,,ok\n")
    assert one.taken == 5
    assert not said(store, "And still good").is_verified
    assert "has reviewed the purchase already" in one.brought.get(row=6).notes[0]


def test_nobody_becomes_a_customer_is_written_to_or_earns_by_it(store: Store, staff: Staff, teapot: Product) -> None:
    bring(store, staff)
    run_until_idle(NOW)
    assert not Customer.objects.of(store).exists()
    assert not Message.objects.of(store).exists()
    assert not Entry.objects.of(store).filter(name__startswith="review.").exists()


def test_the_same_file_twice_brings_nothing_twice(store: Store, staff: Staff, teapot: Product) -> None:
    bring(store, staff)
    again = bring(store, staff)
    assert (again.taken, again.known, Review.objects.of(store).count()) == (0, 4, 4)


def test_a_row_without_a_product_waits_with_its_reason_and_comes_when_it_is_mapped(
    store: Store, staff: Staff, teapot: Product
) -> None:
    one = look(store, staff, FILE + ",Old,3,26/03/2025,Ann,,,kettle,,,ok\n,Gone,3,26/03/2025,Ann,,,lamp,,,ok\n")
    seen = asking.preview(one, asking.read(one, NOW))
    assert list(seen.missing) == ["kettle", "lamp"]
    review_imports.answer(one, system="judgeme", date_order="", products={"kettle": teapot.pk, "lamp": 0})
    carry_out(one, staff)
    assert said(store, "Old").product_id == teapot.pk
    assert refused(one) == {7: "You left this product out."}


@pytest.mark.parametrize(
    "cells", ["gid://shopify/Product/701,", "701.0,", ",https://shop.example.com/products/teapot", ",Teapot", ",pot-1"]
)
def test_products_are_found_by_whatever_names_them(store: Store, staff: Staff, cells: str) -> None:
    make_product(
        store,
        "701",
        title="Clay teapot",
        url="https://shop.example.com/products/teapot",
        variants=[VariantDoc(external_id="9", sku="POT-1")],
    )
    name = "sku" if "pot-1" in cells else "product_handle"
    one = bring(store, staff, f"rating,body,date,product_id,{name}\n5,A,2025-01-02,{cells}\n")
    assert (one.taken, refused(one)) == (1, {})


def test_a_name_of_two_products_is_not_guessed(store: Store, staff: Staff) -> None:
    make_product(store, "1", title="Cup")
    make_product(store, "2", title="Cup")
    one = look(store, staff, "rating,body,date,product_title\n5,A,2025-01-02,Cup\n")
    assert list(asking.preview(one, asking.read(one, NOW)).missing) == ["Cup"]
    assert asking.shelf_of(one).named("Cup (2)") == Product.objects.of(store).get(external_id="2").pk


def test_the_preview_is_what_happens(store: Store, staff: Staff, teapot: Product) -> None:
    make_order(store, email="ida@example.com", placed_at=datetime(2025, 3, 1, tzinfo=UTC), lines=[TEAPOT])
    one = look(store, staff, FILE + ",A,9,26/03/2025,Ann,,701,,,,ok\n")
    seen = asking.preview(one, asking.read(one, NOW))
    assert (seen.rows, seen.coming, seen.verified, seen.photos, len(seen.refused)) == (5, 4, 1, 1, 1)
    done = carry_out(one, staff)
    assert (done.taken, done.refused) == (seen.coming, len(seen.refused))
    assert Review.objects.of(store).filter(is_verified=True).count() == seen.verified


def test_of_a_large_file_the_first_rows_are_shown(
    store: Store, staff: Staff, teapot: Product, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr(asking, "LOOKED_AT", 2)
    one = look(store, staff)
    client.force_login(staff)
    page = client.get(reverse("feedback_console:review_import", args=[store.slug, one.pk])).content.decode()
    assert "These are the first 2 of 4 rows" in page
    assert "Bring them all" in page
    assert carry_out(one, staff).taken == 4


def test_looking_costs_the_same_number_of_questions_for_few_and_many(
    store: Store, staff: Staff, teapot: Product
) -> None:
    counts = []
    for rows in (2, 200):
        text = f"{HEAD}\n" + "".join(f",B{at},5,25/03/2025,A,a{at}@example.com,701,,,,ok\n" for at in range(rows))
        one = look(store, staff, text)
        file = asking.read(one, NOW)
        with CaptureQueriesContext(connection) as asked:
            asking.preview(one, file)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_many_rows_come_in_parts_and_go_on_after_a_stop(
    store: Store, staff: Staff, teapot: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_imports, "PART", 3)
    monkeypatch.setattr(review_imports, "PARTS_AT_ONCE", 2)
    text = f"{HEAD}\n" + "".join(f",B{at},5,25/03/2025,A,,701,,,,ok\n" for at in range(10))
    one = look(store, staff, text)
    review_imports.begin(one, by=staff, now=NOW)
    assert review_imports.carry_on(NOW) == 6
    one.refresh_from_db()
    assert (one.state, one.done, one.taken) == ("running", 6, 6)
    run_until_idle(NOW)
    one.refresh_from_db()
    assert (one.state, one.taken, Review.objects.of(store).count()) == ("done", 10, 10)


def test_a_row_that_breaks_does_not_stop_the_others(
    store: Store, staff: Staff, teapot: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = review_imports._reviews

    def fails_on_one(one: ReviewImport, rows: list[asking.Coming], now: datetime) -> list[Review]:
        if any(row.kept.rating == 1 for row in rows):
            raise RuntimeError("broken")
        return real(one, rows, now)

    monkeypatch.setattr(review_imports, "_reviews", fails_on_one)
    one = bring(store, staff)
    assert (one.taken, one.refused) == (3, 1)
    assert "Something went wrong" in refused(one)[3]


def test_dates_that_may_be_either_month_are_asked_about(store: Store, staff: Staff, teapot: Product) -> None:
    one = look(store, staff, f"{HEAD}\n,A,5,05/03/2024,Ann,,701,,,,ok\n")
    with pytest.raises(NotReady, match="comes first"):
        review_imports.begin(one, by=staff, now=NOW)
    review_imports.answer(one, system="judgeme", date_order="mdy", products={})
    carry_out(one, staff)
    assert said(store, "A").written_at == datetime(2024, 5, 2, 22, tzinfo=UTC)


def test_an_unknown_file_is_not_kept(store: Store, staff: Staff) -> None:
    with pytest.raises(Unreadable, match="needs stars, a date and a product"):
        look(store, staff, "first_name,points\nAnn,3\n")
    assert not ReviewImport.objects.exists()


def test_refused_rows_are_mended_and_brought_again(store: Store, staff: Staff, teapot: Product) -> None:
    one = bring(
        store, staff, f"{HEAD}\n,\"=nice, 'very'\",45,25/03/2025,Ann,,701,,,,ok\n,B,4,26/03/2025,Bo,,701,,,,ok\n"
    )
    assert "45” is no whole number of stars" in refused(one)[2]
    browser = Client()
    browser.force_login(staff)
    page = reverse("feedback_console:review_import_refused", args=[store.slug, one.pk])
    text = browser.get(page).getvalue().decode()
    assert text.startswith("reason,line,title,body,rating")
    assert "'=nice" in text
    mended = review_imports.mend(one, "mended.csv", text.replace(",45,", ",5,").encode(), by=staff, now=NOW)
    carry_out(mended, staff)
    assert (mended.taken, mended.known) == (1, 0)
    assert said(store, "=nice, 'very'").rating == 5


def test_an_insider_is_labelled(store: Store, staff: Staff, teapot: Product) -> None:
    settings = settings_of(store.pk)
    settings.insider_domains = ["example.com"]
    settings.save()
    bring(store, staff)
    assert said(store, "Holds the heat").is_insider
    assert not said(store, "Later").is_insider


def test_a_private_reply_is_kept_and_not_shown(store: Store, staff: Staff) -> None:
    make_product(store, "7012345678903", title="Candle", url="https://shop.example.com/products/candle")
    bring(store, staff, (FIXTURES / "okendo.csv").read_text().replace(",,1,CND-1", "candle,,1,CND-1"))
    assert said(store, "Burns long").reply == ""
    assert "Happy to hear,2025-02-02T09:00:00Z,false" in table(store, "okendo")
