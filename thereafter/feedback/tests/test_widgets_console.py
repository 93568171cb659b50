"""The console's page of widgets: what to paste, how they look, the feed's address."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.console.tests.tools import signed_in
from thereafter.feedback.queries.widget_settings import settings_of
from thereafter.feedback.tests.review_makers import WRITTEN
from thereafter.feedback.tests.shown import SHOP, make_shop, reviewed
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff

pytestmark = pytest.mark.django_db
LATER = WRITTEN + timedelta(days=1)
GIVEN = {"stars_colour": "#ffee00", "sort": "helpful", "page_size": "20", "shows_country": "on", "sites": ""}


@pytest.fixture
def store() -> Store:
    return make_shop()


@pytest.fixture
def owner(store: Store) -> Client:
    return signed_in(make_staff(store))


def page(store: Store) -> str:
    return reverse("feedback_console:widgets", args=[store.slug])


def test_everything_to_paste_stands_there(store: Store, owner: Client) -> None:
    reviewed(store, 5)
    html = owner.get(page(store)).content.decode()
    for one in ("{{ product.id }}", "get_the_ID", "widgets/widgets.js", "min-height:100vh", "as=include", SHOP):
        assert one in html
    assert "feedback/products/shoe/reviews?in=" in html


def test_the_preview_may_stand_in_the_console(store: Store, owner: Client) -> None:
    reviewed(store, 5)
    answer = owner.get("/s/stride/feedback/products/shoe/reviews", {"in": "http://testserver"})
    assert answer.status_code == 200


def test_a_look_is_kept_and_a_colour_nobody_could_see_is_said(store: Store, owner: Client) -> None:
    with clock.at(LATER):
        assert owner.post(f"{page(store)}keep/", GIVEN).status_code == 302
    kept = settings_of(store)
    assert (kept.sort, kept.page_size, kept.shows_attributes, kept.shows_country) == ("helpful", 20, False, True)
    assert "could hardly be seen" in owner.get(page(store)).content.decode()


@pytest.mark.parametrize("wrong", [{"sites": "shop.example"}, {"sort": "highest"}, {"stars_colour": "red"}])
def test_what_cannot_be_is_refused_with_a_sentence(store: Store, owner: Client, wrong: dict[str, str]) -> None:
    answer = owner.post(f"{page(store)}keep/", GIVEN | wrong)
    assert answer.status_code == 422
    assert settings_of(store).sort == "newest"


def test_the_feeds_address_is_renewed(store: Store, owner: Client) -> None:
    owner.post(f"{page(store)}feed/")
    first = settings_of(store).feed_token
    assert owner.get(f"/s/stride/feedback/feed/{first}.xml").status_code == 200
    assert settings_of(store).feed_fetched_at is not None
    owner.post(f"{page(store)}feed/")
    assert owner.get(f"/s/stride/feedback/feed/{first}.xml").status_code == 404
    assert settings_of(store).feed_token not in ("", first)


def test_support_sees_it_and_changes_nothing(store: Store) -> None:
    clerk = signed_in(make_staff(store, role="support"))
    assert clerk.post(f"{page(store)}keep/", GIVEN).status_code == 403
    assert clerk.post(f"{page(store)}feed/").status_code == 403
