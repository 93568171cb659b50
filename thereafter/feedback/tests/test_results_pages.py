"""The pages an analyst reads results on."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from thereafter.commerce.tests.makers import SHOES, make_order
from thereafter.feedback.models import Survey
from thereafter.feedback.tests.makers import ASKED
from thereafter.feedback.tests.results_makers import arrive, give, make_survey
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
NOW = ASKED + timedelta(days=2)
PAGES = ("survey_results", "survey_groups", "survey_compare", "survey_answers", "survey_answers_csv")


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def analyst(store: Store, client: Client) -> Client:
    client.force_login(make_staff(store, "analyst"))
    return client


def satisfaction(store: Store) -> Survey:
    return Survey.objects.of(store).get(key="satisfaction")


def shown(client: Client, name: str, *args: Any, status: int = 200, **query: Any) -> str:
    with clock.at(NOW):
        answer = client.get(reverse(f"feedback_console:{name}", args=args), query)
        body = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code == status
    return body.decode()


def test_the_overview_shows_each_survey_with_its_interval(store: Store, analyst: Client) -> None:
    order = make_order(store)
    give(order, [5] * 80 + [1] * 20)
    give(order, [10] * 50 + [8] * 30 + [0] * 20, survey=make_survey(store, "nps", "Loyal friends").key)
    page = shown(analyst, "results", store.slug)
    assert "Loyal friends" in page
    assert "likely 14 to 44" in page
    assert "likely 71 %" in page.replace("\xa0", " ").replace("71%", "71 %")


@pytest.mark.parametrize("period", ["30", "all", "x"])
def test_an_empty_shop_is_told_what_will_come(store: Store, analyst: Client, period: str) -> None:
    assert "No answers yet" in shown(analyst, "results", store.slug, period=period)


@pytest.mark.parametrize("name", PAGES)
def test_who_does_not_work_here_sees_nothing(store: Store, client: Client, name: str) -> None:
    give(make_order(store), [5])
    other = make_store("other")
    client.force_login(make_staff(other))
    survey = satisfaction(store)
    shown(client, name, store.slug, survey.pk, status=404)
    shown(client, name, other.slug, survey.pk, status=404)


def test_one_survey_says_how_sure_it_is_and_what_a_better_score_would_take(store: Store, analyst: Client) -> None:
    survey = make_survey(store, "nps")
    give(make_order(store), [10] * 50 + [8] * 30 + [0] * 20, survey=survey.key, comment="Quick <b>parcel</b>")
    page = shown(analyst, "survey_results", store.slug, survey.pk)
    assert "30 from 100 answers; in 95 of 100 cases the true score lies between 14 and 44." in page
    assert "About 235 answers would tell it to ±10 points." in page
    assert "Promoters (9–10)" in page
    assert "Quick &lt;b&gt;parcel&lt;/b&gt;" in page


def test_few_answers_are_said_to_be_few(store: Store, analyst: Client) -> None:
    give(make_order(store), [5] * 29)
    page = shown(analyst, "survey_results", store.slug, satisfaction(store).pk)
    assert "With fewer than 30 answers a score says little" in page
    assert "A line needs two months with at least 30 answers each" in page


def test_late_stands_beside_on_time_with_a_verdict(store: Store, analyst: Client) -> None:
    for late, scores in ((True, [1] * 30 + [5] * 10), (False, [5] * 40)):
        order = make_order(store)
        arrive(order, late=late)
        give(order, scores)
    page = shown(analyst, "survey_results", store.slug, satisfaction(store).pk)
    assert "Late orders: −75 points, significantly lower." in page


def test_a_group_that_differs_from_the_rest_is_marked_and_a_small_one_is_not(store: Store, analyst: Client) -> None:
    for carrier, scores in (("ups", [1] * 40), ("dhl", [5] * 200), ("gls", [1] * 5)):
        order = make_order(store)
        arrive(order, late=False, carrier=carrier)
        give(order, scores)
    page = shown(analyst, "survey_groups", store.slug, satisfaction(store).pk, by="carrier")
    told = {row.split("</a>")[0].split(">")[-1]: row for row in page.split("<tr>") if "row-link" in row}
    assert "Worse than the rest" in told["UPS"]
    assert "Better than the rest" in told["DHL"]
    assert "too few to say" in told["GLS"]


def test_two_periods_get_a_plain_verdict(store: Store, analyst: Client) -> None:
    survey, order = make_survey(store, "nps"), make_order(store)
    give(order, [10] * 50 + [8] * 30 + [0] * 20, survey=survey.key, at=NOW - timedelta(days=40))
    give(order, [10] * 60 + [8] * 25 + [0] * 15, survey=survey.key, at=NOW - timedelta(days=1))
    page = shown(analyst, "survey_compare", store.slug, survey.pk, a_period="30", b_period="30-before")
    assert "No significant change" in page
    assert "Chance alone gives a difference of this size in 16 of 100 such comparisons." in page
    assert "z: 1.39, p = 0.163." in page


def test_a_handful_of_answers_gets_no_verdict(store: Store, analyst: Client) -> None:
    survey, order = make_survey(store, "nps"), make_order(store)
    give(order, [10] * 40, survey=survey.key, at=NOW - timedelta(days=40))
    give(order, [0] * 5, survey=survey.key, at=NOW - timedelta(days=1))
    page = shown(analyst, "survey_compare", store.slug, survey.pk, a_period="30", b_period="30-before")
    assert "Too few answers for a verdict" in page
    assert "95 % sure" not in page


def test_two_groups_get_a_plain_verdict(store: Store, analyst: Client) -> None:
    for carrier, scores in (("ups", [1] * 40), ("dhl", [5] * 200)):
        order = make_order(store)
        arrive(order, late=False, carrier=carrier)
        give(order, scores)
    survey = satisfaction(store)
    asked: dict[str, Any] = {"a_period": "90", "b_period": "90", "a_group": "carrier:dhl", "b_group": "carrier:ups"}
    page = shown(analyst, "survey_compare", store.slug, survey.pk, **asked)
    assert "Significant: DHL is higher than UPS" in page
    assert "Both sides are the same" in shown(analyst, "survey_compare", store.slug, survey.pk, b_period="90")


@pytest.mark.parametrize(
    "query",
    [
        {"a_period": "custom", "a_since": "2026-13-01", "b_group": "carrier"},
        {"a_period": "custom", "a_since": "0001-01-01", "a_until": "9999-12-31"},
        {"a_group": "nothing:at all", "b_group": "product:x"},
    ],
)
def test_nonsense_in_the_address_shows_the_page_all_the_same(
    store: Store, analyst: Client, query: dict[str, Any]
) -> None:
    give(make_order(store), [5])
    shown(analyst, "survey_compare", store.slug, satisfaction(store).pk, **query)


def test_answers_are_found_by_band_words_and_group(store: Store, analyst: Client) -> None:
    order = make_order(store, number="1001")
    arrive(order, late=True)
    give(order, [1], comment="Never came")
    give(make_order(store, number="1002"), [5], comment="So quick")
    give(make_order(store, number="1003"), [3])
    survey = satisfaction(store)

    def found(**query: Any) -> set[str]:
        page = shown(analyst, "survey_answers", store.slug, survey.pk, **query)
        return {words for words in ("Never came", "So quick", "No words.") if words in page}

    assert found() == {"Never came", "So quick", "No words."}
    assert found(band="low") == {"Never came"}
    assert found(q="QUICK") == {"So quick"}
    assert found(q="#1001") == {"Never came"}
    assert found(words="1") == {"Never came", "So quick"}
    assert found(group="late:late") == {"Never came"}
    assert found(band="low", q="quick") == set()


def test_answers_are_downloaded_as_they_are_filtered_and_nothing_becomes_a_formula(
    store: Store, analyst: Client
) -> None:
    give(make_order(store, number="1001"), [1], comment="=1+1")
    give(make_order(store, number="1002"), [5], comment='Two\nlines, "quoted"')
    survey = satisfaction(store)
    rows = list(csv.DictReader(io.StringIO(shown(analyst, "survey_answers_csv", store.slug, survey.pk), newline="")))
    assert {(row["score"], row["group"], row["comment"], row["order"]) for row in rows} == {
        ("1", "low", "'=1+1", "1001"),
        ("5", "high", 'Two\nlines, "quoted"', "1002"),
    }
    assert shown(analyst, "survey_answers_csv", store.slug, survey.pk, band="middle").count("\n") == 1


def test_answers_stand_on_the_pages_of_their_order_and_person(store: Store, client: Client) -> None:
    order = make_order(store)
    give(order, [4], comment="Well packed")
    give(order, [9], survey=make_survey(store, "nps", "Loyal friends").key)
    client.force_login(make_staff(store))
    for name, pk in (("order", order.pk), ("customer", order.customer_id)):
        with clock.at(NOW):
            page = client.get(reverse(f"commerce_console:{name}", args=[store.slug, pk])).content.decode()
        assert "Well packed" in page
        assert "Loyal friends" in page
        assert "9 of 10" in page


def test_a_product_is_called_by_its_name(store: Store, analyst: Client) -> None:
    give(make_order(store), [5, 5])
    page = shown(analyst, "survey_groups", store.slug, satisfaction(store).pk, by="product")
    assert SHOES.title in page


@pytest.mark.parametrize("size", [2, 60])
def test_a_page_takes_as_many_queries_for_many_answers_as_for_few(
    store: Store, analyst: Client, size: int, django_assert_max_num_queries: Any
) -> None:
    order = make_order(store)
    arrive(order, late=False)
    give(order, [5, 1] * (size // 2), comment="Well")
    survey = satisfaction(store)
    for name, most in (("survey_results", 42), ("survey_groups", 18), ("survey_compare", 28), ("survey_answers", 16)):
        with django_assert_max_num_queries(most):
            shown(analyst, name, store.slug, survey.pk)
