"""Reviews taken along, photos fetched, and the pages of both."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from thereafter.commerce.documents import VariantDoc
from thereafter.commerce.models import Product
from thereafter.commerce.tests.makers import make_product
from thereafter.feedback.actions import review_fetching, review_imports
from thereafter.feedback.models import Rating, Review, ReviewImport, ReviewPhoto
from thereafter.feedback.queries import moderation, review_exports, shown_reviews
from thereafter.feedback.rules.review_formats.formats import FORMATS
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
from thereafter.kit import clock, tables
from thereafter.messaging.channels import guarded
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.worker import run_until_idle

pytestmark = pytest.mark.django_db


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


# Of what the rules take letter by letter, the same comes out of the shop that was brought into it.
@pytest.mark.parametrize("key", sorted(FORMATS))
def test_a_file_that_was_brought_is_taken_along_as_it_came(store: Store, staff: Staff, key: str) -> None:
    for number, handle in enumerate(
        ["clay-teapot", "wool-socks", "candle", "oak-shelf", "leather-bag", "mug", "soap", "rope"], start=1
    ):
        make_product(
            store,
            {"leather-bag": "999"}.get(handle, f"701234567890{number}"),
            title=handle.replace("-", " ").capitalize(),
            url=f"https://shop.example.com/products/{handle}",
            variants=[
                VariantDoc(external_id=f"v{number}", sku={"candle": "CND-1", "oak-shelf": "SHELF-1"}.get(handle, ""))
            ],
        )
    data = (FIXTURES / f"{key}.csv").read_bytes()
    one = review_imports.look(store, "file.csv", data, by=staff, now=NOW)
    carry_out(one, staff)
    before, after = tables.read(tables.text_of(data)), tables.read(table(store, key))
    assert (one.taken, refused(one)) == (len(before.rows), {})
    shared = [name for name in after.columns if name in before.columns]
    for (_, told), (_, written) in zip(before.rows, after.rows, strict=True):
        was, now = dict(zip(before.columns, told, strict=True)), dict(zip(after.columns, written, strict=True))
        assert {name: now[name] for name in shared} == {name: was[name] for name in shared}


def test_what_changed_here_is_taken_along(store: Store, staff: Staff, teapot: Product) -> None:
    bring(store, staff)
    Review.objects.of(store).filter(body="The lid is loose").update(
        reply="Here is another", state="hidden", hidden_for="fake"
    )
    rows = tables.read(table(store, "judgeme")).rows
    assert rows[1][1] == [
        "", "The lid is loose", "1", "05/04/2025", "Tom Okafor", "tom@example.com", "", "teapot", "Here is another",
        "", "not-yet",
    ]  # fmt: skip


def test_to_another_app_goes_our_word_on_who_bought_and_our_products(
    store: Store, staff: Staff, teapot: Product
) -> None:
    bring(store, staff, "rating,body,author,date,product_title,verified\n5,A,Ann Lee,2025-01-02,Clay teapot,yes\n")
    rows = tables.read(table(store, "loox"))
    cells = dict(zip(rows.columns, rows.rows[0][1], strict=True))
    assert (cells["product_Id"], cells["product_handle"], cells["verified_purchase"]) == ("701", "teapot", "false")


def test_tables_without_a_state_hold_published_ones_only(store: Store, staff: Staff, teapot: Product) -> None:
    bring(store, staff)
    assert len(tables.read(table(store, "loox")).rows) == 2
    seen = review_exports.outlook(store, "loox")
    assert (seen.reviews, seen.left_out, dict(seen.lost)) == (2, 2, {"titles": 1})


def test_our_own_file_brought_back_is_known(store: Store, staff: Staff, teapot: Product) -> None:
    bring(store, staff)
    native = Review.objects.create(
        store=store,
        product=teapot,
        rating=3,
        body="here",
        collected="web",
        state="published",
        written_at=NOW,
        changed_at=NOW,
    )
    ours = table(store, "thereafter")
    one = bring(store, staff, ours)
    assert (one.taken, one.known) == (0, 5)
    other = make_store("outlet", name="Outlet")
    make_product(other, "701", title="Clay teapot")
    there = bring(other, make_staff(other, email="o@outlet.example"), ours)
    assert (there.taken, there.known) == (5, 0)
    assert Review.objects.of(other).get(body=native.body).source == "web"


def test_lines_hold_everything(store: Store, staff: Staff, teapot: Product) -> None:
    bring(store, staff)
    lines = list(review_exports.lines(store))
    assert len(lines) == 4
    assert '"source": "Judge.me"' in lines[0]
    assert '"cells": ["Warm", "Holds the heat"' in lines[0]


def jpeg() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(held, "JPEG")
    return held.getvalue()


def test_photos_are_fetched_and_made_anew(
    store: Store, staff: Staff, teapot: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def answers(url: str) -> guarded.File:
        asked.append(url)
        return guarded.File(302, b"", "https://other.example.com/a.jpg") if "img." in url else guarded.File(200, jpeg())

    monkeypatch.setattr(review_fetching, "download", answers)
    bring(store, staff, FILE.replace("https://img", "http://img"))
    assert review_fetching.fetch_due(NOW) == 1
    assert asked == ["https://img.example.com/a.jpg", "https://other.example.com/a.jpg"]
    photo = ReviewPhoto.objects.of(store).get()
    assert (photo.width, photo.fetch_at, photo.problem) == (64, None, "")
    assert said(store, "Holds the heat").photo_count == 1
    assert Rating.objects.of(store).get().photos == 1
    assert review_fetching.fetch_due(NOW) == 0
    # To its own app goes what it told; to another one an address that will last.
    assert "img.example.com/a.jpg" in table(store, "judgeme")
    ours = table(store, "loox")
    assert "/feedback/photos/" in ours
    assert "img.example.com" not in ours


def test_a_photo_on_its_way_is_shown_to_nobody(store: Store, staff: Staff, teapot: Product) -> None:
    bring(store, staff)
    review = said(store, "Holds the heat")
    assert review.photos.count() == 1
    assert (review.photo_count, dict(moderation.photos_of(store, [review]))) == (0, {})
    assert shown_reviews.photos_of(store.pk, [review.pk]) == {}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (guarded.File(404, b""), "not there any more"),
        (guarded.File(200, b"<html>"), "not a photo"),
        (guarded.File(200, b"", is_cut=True), "larger than 15 MB"),
        (guarded.Forbidden("It is in a private network."), "private network"),
    ],
)
def test_a_photo_that_cannot_be_had_is_listed_with_the_reason(
    store: Store, staff: Staff, teapot: Product, monkeypatch: pytest.MonkeyPatch, answer: object, problem: str
) -> None:
    def answers(url: str) -> guarded.File:
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, guarded.File)
        return answer

    monkeypatch.setattr(review_fetching, "download", answers)
    bring(store, staff)
    review_fetching.fetch_due(NOW)
    photo = ReviewPhoto.objects.of(store).get()
    assert problem in photo.problem
    assert photo.fetch_at is None


def test_a_photo_is_tried_again_later_and_not_for_ever(store: Store, staff: Staff, teapot: Product) -> None:
    bring(store, staff)
    moment, tries = NOW, 0
    while ReviewPhoto.objects.of(store).filter(fetch_at__isnull=False).exists():
        tries += review_fetching.fetch_due(moment)
        moment += timedelta(hours=12)
    photo = ReviewPhoto.objects.of(store).get()
    assert (tries, photo.problem) == (review_fetching.MOST_TRIES, "There is no network in tests.")


def test_the_pages_lead_from_the_file_to_the_reviews(
    store: Store, staff: Staff, teapot: Product, client: Client
) -> None:
    client.force_login(staff)
    start = reverse("feedback_console:review_imports", args=[store.slug])
    text = FILE + ",A,9,26/03/2025,Ann,,701,,,,ok\n,B,4,26/03/2025,Ann,,,kettle,,javascript:alert(1),ok\n"
    with clock.at(NOW):
        answer = client.post(start, {"file": SimpleUploadedFile("old.csv", text.encode())}, follow=True)
        page = answer.content.decode()
        assert "no whole number of stars" in page
        assert "kettle" in page
        one = ReviewImport.objects.get()
        here = reverse("feedback_console:review_import", args=[store.slug, one.pk])
        wrong = client.post(here, {"system": "judgeme", "product_0": "no such thing"})
        assert "no product of this name" in wrong.content.decode()
        page = client.post(here, {"system": "judgeme", "product_0": "clay teapot"}, follow=True).content.decode()
        assert "javascript:alert(1)” is no address on the web" in page.replace("&#34;", '"')
        client.post(reverse("feedback_console:review_import_begin", args=[store.slug, one.pk]))
        assert "0 of 6 rows are done" in client.get(here).content.decode()
        run_until_idle(NOW)
        assert "Brought in" in client.get(here).content.decode()
        fragment = client.get(reverse("feedback_console:review_import_progress", args=[store.slug, one.pk]))
    assert fragment.headers["HX-Refresh"] == "true"
    assert said(store, "B").product_id == teapot.pk


def test_a_file_of_dates_asks_before_it_shows_anything(
    store: Store, staff: Staff, teapot: Product, client: Client
) -> None:
    client.force_login(staff)
    one = look(store, staff, f"{HEAD}\n,A,5,05/03/2024,Ann,,701,,,,ok\n")
    page = client.get(reverse("feedback_console:review_import", args=[store.slug, one.pk])).content.decode()
    assert "can be read in two ways" in page
    assert 'value="dmy"' in page


def test_the_page_of_taking_along_says_what_is_lost_and_sends_the_file(
    store: Store, staff: Staff, teapot: Product, client: Client
) -> None:
    bring(store, staff)
    client.force_login(staff)
    page = client.get(
        reverse("feedback_console:review_exports", args=[store.slug]), {"format": "loox"}
    ).content.decode()
    assert "Titles" in page
    file = reverse("feedback_console:review_export_file", args=[store.slug])
    answer = client.post(file, {"format": "judgeme_export"})
    assert answer.headers["Content-Disposition"].endswith('.csv"')
    assert answer.getvalue().decode().startswith("title,body,rating,review_date,source")
    assert client.get(file).status_code == 405


def test_only_who_may_write_moves_reviews_and_only_their_own(store: Store, staff: Staff, client: Client) -> None:
    client.force_login(make_staff(store, "analyst"))
    for name in ("review_imports", "review_exports"):
        assert client.get(reverse(f"feedback_console:{name}", args=[store.slug])).status_code == 403
    other = make_store("other")
    client.force_login(make_staff(other))
    make_product(store, "701")
    one = look(store, staff)
    assert client.get(reverse("feedback_console:review_import", args=["other", one.pk])).status_code == 404
