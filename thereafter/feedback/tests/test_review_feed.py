"""Google's product review feed: whole, valid against its schema, and silent about who wrote."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import xmlschema
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.tests.makers import make_product
from thereafter.feedback.actions import reviews, widgets
from thereafter.feedback.models import Review
from thereafter.feedback.queries import review_feed as queries
from thereafter.feedback.rules.review_feed import Listed, Reviewed, feed
from thereafter.feedback.tests.review_makers import WRITTEN, make_review
from thereafter.feedback.tests.shown import make_shoe, make_shop, reviewed
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
LATER = WRITTEN + timedelta(days=1)
SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "fixtures" / "product_reviews_2_4.xsd")


@pytest.fixture
def store() -> Store:
    return make_shop()


def fetched(store: Store) -> str:
    token = widgets.renew_feed(store, by=None, now=LATER).feed_token
    with clock.at(LATER):
        answer: Any = Client().get(f"/s/{store.slug}/feedback/feed/{token}.xml")
    text = b"".join(answer.streaming_content).decode()
    SCHEMA.validate(text)
    return text


def test_a_shop_without_reviews_has_a_valid_feed(store: Store) -> None:
    assert "<reviews>\n</reviews>" in fetched(store)


def test_all_published_reviews_stand_in_it_whatever_their_stars(store: Store) -> None:
    reviewed(store, 5, 1, 2)
    make_review(store, 1, "Still waiting.", product=make_shoe(store))
    text = fetched(store)
    assert [text.count(f'max="5">{stars}</overall>') for stars in (1, 2, 5)] == [1, 1, 1]
    assert "Still waiting" not in text


def test_what_is_taken_back_is_missing_the_next_time(store: Store) -> None:
    first, _ = reviewed(store, 5, 3)
    assert fetched(store).count("<review>") == 2
    reviews.withdraw(first, now=LATER)
    assert fetched(store).count("<review>") == 1


def test_how_it_was_collected_is_told_as_it_is(store: Store) -> None:
    one, two, three = reviewed(store, 5, 4, 3)
    rows = Review.objects.of(store)
    rows.filter(pk=two.pk).update(collected="imported", is_verified=False, is_incentivised=True, shown_name="")
    rows.filter(pk=three.pk).update(collected="web")
    text = fetched(store)
    assert text.count("post_fulfillment") == 1
    assert text.count("unsolicited") == 1
    assert text.count("<is_verified_purchase>true") == 2
    assert text.count("<is_incentivized_review>true") == 1
    assert '<name is_anonymous="true">Anonymous</name>' in text
    assert rows.get(pk=one.pk).collected == "invitation"


def test_nothing_of_the_author_but_their_public_name(store: Store) -> None:
    reviewed(store, 5)
    text = fetched(store)
    assert "@" not in text
    assert "Runner</name>" not in text
    assert "1001" not in text


def test_any_words_make_valid_xml(store: Store) -> None:
    (one,) = reviewed(store, 5)
    Review.objects.of(store).filter(pk=one.pk).update(body="a\x0b<b>&\ufffe]]> 👟 \x1f", title="<!--")
    assert "👟" in fetched(store)


def test_reviews_of_another_shop_are_not_in_it(store: Store) -> None:
    other = make_store("other")
    reviewed(other, 1, product=make_product(other))
    assert "<review>" not in fetched(store)


def test_a_wrong_address_is_nothings(store: Store) -> None:
    for token in ("x", "None", ""):
        assert Client().get(f"/s/stride/feedback/feed/{token}.xml").status_code == 404


def test_many_reviews_are_read_in_few_queries(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    reviewed(store, *[4] * 9)
    monkeypatch.setattr(queries, "AT_ONCE", 4)
    with CaptureQueriesContext(connection) as seen:
        assert len(list(queries.listed(store))) == 9
    assert len(seen) <= 10


def test_a_product_without_a_sku_is_known_by_its_address() -> None:
    one = Listed(
        number="1",
        author="Ann",
        verified=True,
        incentivised=False,
        at="2026-03-01T10:00:00Z",
        content="Good.",
        rating=4,
        url="https://shop.example/a#reviews",
        product=Reviewed("Shoe", "https://shop.example/a"),
    )
    text = "".join(feed("Shop & Sons", [one]))
    SCHEMA.validate(text)
    assert "product_ids" not in text
    assert "Shop &amp; Sons" in text
