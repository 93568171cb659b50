"""The pages of what people say."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.feedback.actions import learning, themes
from thereafter.feedback.models import Review, Survey, Theme
from thereafter.feedback.queries import themes as queries
from thereafter.feedback.tests.makers import ASKED
from thereafter.feedback.tests.results_makers import give
from thereafter.feedback.tests.review_makers import make_review
from thereafter.feedback.tests.words_makers import LATE, REFUND, say, say_enough
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
NOW = ASKED + timedelta(days=1)


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    return make_order(store)


@pytest.fixture
def marketer(store: Store, client: Client) -> Client:
    client.force_login(make_staff(store, "marketer"))
    return client


def address(store: Store, name: str, *args: Any) -> str:
    return reverse(f"feedback_console:{name}", args=[store.slug, *args])


def shown(client: Client, store: Store, name: str, *args: Any, **query: str) -> str:
    with clock.at(NOW + timedelta(hours=1)):
        answer = client.get(address(store, name, *args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def learn(store: Store, order: Order) -> Theme:
    say_enough(order)
    learning.learn(store, NOW)
    return next(one for one in queries.themes(store) if "refund" in one.words[:3])


def change(client: Client, store: Store, theme: Theme, what: str, to: str = "") -> str:
    with clock.at(NOW):
        answer = client.post(address(store, "theme_change", theme.pk), {"what": what, "to": to}, follow=True)
    assert answer.status_code == 200
    theme.refresh_from_db()
    return answer.content.decode()


def test_with_few_comments_the_page_says_how_many_are_missing(marketer: Client, store: Store, order: Order) -> None:
    say(order, LATE, 37, 1)
    page = shown(marketer, store, "themes")
    assert "Not enough comments yet: 37 of 200" in page
    survey = Survey.objects.of(store).get(key="satisfaction")
    assert "Not enough comments yet: 37 of 200" in shown(marketer, store, "survey_results", survey.pk)


def test_with_enough_comments_it_says_when_they_are_learnt(marketer: Client, store: Store, order: Order) -> None:
    say(order, LATE, 200, 1)
    assert "The words are learnt within a day" in shown(marketer, store, "themes")


def test_themes_stand_with_their_numbers_and_how_good_the_model_is(
    marketer: Client, store: Store, order: Order
) -> None:
    theme = learn(store, order)
    page = shown(marketer, store, "themes")
    assert theme.name in page
    assert "2 of 5" in page
    assert "five-fold cross-validation" in page
    assert "120 with a high and 120 with a low score" in page
    survey = Survey.objects.of(store).get(key="satisfaction")
    assert theme.name in shown(marketer, store, "survey_results", survey.pk)


def test_a_theme_shows_what_people_wrote_with_their_orders(marketer: Client, store: Store, order: Order) -> None:
    theme = learn(store, order)
    make_review(store, 1, "No refund, and the return took long.", order=order, now=NOW)
    give(order, [5], comment="The refund for the return is missing", at=NOW)
    themes.read_new(NOW)
    page = shown(marketer, store, "theme", theme.pk)
    assert "No refund, and the return took long." in page
    assert "1 star" in page
    assert reverse("commerce_console:order", args=[store.slug, order.pk]) in page
    # Five stars for words of anger.
    assert "Sounds unhappy" in page
    only = shown(marketer, store, "theme", theme.pk, where="reviews")
    assert "No refund, and the return took long." in only
    assert "is missing" not in only
    # Hidden since: at once, not only after the weekly look.
    Review.objects.of(store).update(state="withdrawn")
    assert "No refund, and" not in shown(marketer, store, "theme", theme.pk)


def test_a_theme_is_drawn_by_weeks_that_say_something(marketer: Client, store: Store, order: Order) -> None:
    theme = learn(store, order)
    assert "Share of comments by week" not in shown(marketer, store, "theme", theme.pk)
    say(order, REFUND, 30, 1, at=NOW - timedelta(days=15))
    say(order, REFUND, 29, 1, at=NOW - timedelta(days=30))
    themes.look_through(NOW)
    page = shown(marketer, store, "theme", theme.pk)
    assert "100% (30 of 30)" in page
    assert "(29 of 29)" not in page


def test_other_comments_are_there_to_read(marketer: Client, store: Store, order: Order) -> None:
    learn(store, order)
    assert "All perfect" in shown(marketer, store, "theme_other")


def test_filters_that_make_no_sense_do_no_harm(marketer: Client, store: Store, order: Order) -> None:
    learn(store, order)
    page = shown(marketer, store, "themes", where="999", band="x", sounds="loud", language="zz", period="soon")
    assert "240" in page
    assert "No comment fits" in shown(marketer, store, "themes", band="middle")


def test_themes_are_renamed_hidden_and_merged(marketer: Client, store: Store, order: Order) -> None:
    theme = learn(store, order)
    late = next(one for one in queries.themes(store) if "late" in one.words[:3])
    assert "It is called “Money back” now." in change(marketer, store, theme, "rename", "Money back")
    assert "Money back" in shown(marketer, store, "themes")
    change(marketer, store, theme, "hide")
    assert "Hidden themes (1)" in shown(marketer, store, "themes")
    change(marketer, store, theme, "show")
    assert theme.hidden_at is None
    change(marketer, store, theme, "merge", str(late.pk))
    assert theme.merged_into_id == late.pk
    assert "part of another theme itself" in change(marketer, store, late, "merge", str(theme.pk))
    assert "Choose the theme" in change(marketer, store, late, "merge", "nobody")
    change(marketer, store, theme, "separate")
    assert theme.merged_into_id is None


def test_what_a_theme_is_called_is_escaped(marketer: Client, store: Store, order: Order) -> None:
    theme = learn(store, order)
    change(marketer, store, theme, "rename", "<b>Money</b>")
    assert "<b>Money</b>" not in shown(marketer, store, "themes")


def test_who_may_only_read_changes_nothing(client: Client, store: Store, order: Order) -> None:
    theme = learn(store, order)
    client.force_login(make_staff(store, "analyst"))
    assert "Save the name" not in shown(client, store, "theme", theme.pk)
    answer = client.post(address(store, "theme_change", theme.pk), {"what": "hide"})
    assert answer.status_code == 403
    theme.refresh_from_db()
    assert theme.hidden_at is None


def test_a_theme_of_another_shop_is_not_there(marketer: Client, store: Store, order: Order) -> None:
    other = make_store("other")
    theme = learn(other, make_order(other))
    assert marketer.get(address(store, "theme", theme.pk)).status_code == 404
    assert marketer.post(address(store, "theme_change", theme.pk), {"what": "hide"}).status_code == 404
    mine = learn(store, order)
    assert "Choose the theme" in change(marketer, store, mine, "merge", str(theme.pk))
