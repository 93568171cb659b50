"""Keeping photos and showing them."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from thereafter.commerce.tests.makers import PLACED, make_order
from thereafter.console.tests.tools import signed_in
from thereafter.returns import links
from thereafter.returns.actions import photos
from thereafter.returns.models import Photo
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(db: None) -> Store:
    cache.clear()
    return make_store()


def photo(shade: int = 0, name: str = "shoe.jpg") -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (600, 400), (shade * 9, 40, 90)).save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")


def added(store: Store, *files: Any, belongs_to: Any = "visit-1") -> tuple[list[Photo], list[str]]:
    return photos.add(store, files, belongs_to=belongs_to, taken_by="shopper", now=PLACED)


def test_good_photos_are_kept_and_bad_ones_named(store: Store) -> None:
    kept, problems = added(store, photo(), SimpleUploadedFile("bill.pdf", b"%PDF"), photo(1))
    assert len(kept) == Photo.objects.count() == 2
    assert len(problems) == 1
    assert problems[0].startswith("bill.pdf: ")


def test_the_same_photo_is_kept_once(store: Store) -> None:
    added(store, photo(), photo())
    assert added(store, photo()) == ([], [])
    assert Photo.objects.count() == 1


def test_no_more_than_ten_fit(store: Store) -> None:
    added(store, *[photo(shade) for shade in range(8)])
    kept, problems = added(store, *[photo(shade) for shade in range(8, 12)])
    assert (len(kept), len(problems)) == (2, 1)
    assert Photo.objects.count() == 10
    other, none = added(store, photo(20), belongs_to="visit-2")
    assert (len(other), none) == (1, [])


def test_an_upload_that_no_case_was_made_of_is_forgotten(store: Store) -> None:
    added(store, photo())
    assert photos.forget_uploads(PLACED + timedelta(days=6)) == 0
    assert photos.forget_uploads(PLACED + timedelta(days=8)) == 1


def test_staff_of_the_shop_see_it_as_a_picture_and_nothing_else(store: Store) -> None:
    (kept,), _ = added(store, photo())
    make_order(store)
    response = signed_in(make_staff(store)).get(f"/console/stride/returns/photos/{kept.pk}")
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("inline; filename=")
    assert "private" in response["Cache-Control"]
    assert response.content == bytes(kept.content)
    other = make_store(slug="other", name="Other")
    assert signed_in(make_staff(other)).get(f"/console/other/returns/photos/{kept.pk}").status_code == 404
    assert Client().get(f"/console/stride/returns/photos/{kept.pk}").status_code == 302


def test_a_shopper_sees_it_through_a_signed_link_for_a_day(store: Store) -> None:
    (kept,), _ = added(store, photo())
    path = "/s/" + links.photo_page(kept, small=True).partition("/s/")[2]
    response = Client().get(path)
    assert response.content == bytes(kept.thumbnail)
    assert response["Cache-Control"] == "private, max-age=3600"
    assert Client().get(path[:-3]).status_code == 404
    make_store(slug="other", name="Other")
    assert Client().get(path.replace("/s/stride/", "/s/other/")).status_code == 404
