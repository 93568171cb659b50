"""What widgets show of a product, to whom, and that the stars decide nothing about it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.actions.products import take_products
from thereafter.commerce.documents import ProductDoc, VariantDoc
from thereafter.commerce.models import Product
from thereafter.commerce.tests.makers import PLACED, make_product
from thereafter.feedback import widget_pages
from thereafter.feedback.actions import reviews, widgets
from thereafter.feedback.actions.voting import vote
from thereafter.feedback.models import Review, ReviewRule
from thereafter.feedback.rules.widgets import SORTS, wanted
from thereafter.feedback.tests.review_makers import WRITTEN, make_review
from thereafter.feedback.tests.shown import OTHER, SHOP, URL, make_shoe, make_shop, review_settings, reviewed
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
LATER = WRITTEN + timedelta(days=1)


@pytest.fixture
def store() -> Store:
    cache.clear()
    widget_pages.forget()
    return make_shop()


def shown(kind: str = "list", product: str = "shoe", headers: dict[str, str] | None = None, **query: Any) -> Any:
    with clock.at(LATER):
        return Client(headers=headers or {}).get(URL + kind, {"product": product, **query})


def page(kind: str = "list", product: str = "shoe", **query: Any) -> str:
    answer = shown(kind, product, **query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def stars_of(html: str) -> list[int]:
    """The stars of the reviews in the order they stand."""
    return [int(stars) for stars in re.findall(r"Review \d+ of (\d) stars\.</p>", html)]


def test_by_itself_everything_stands_there_and_the_stars_decide_nothing(store: Store) -> None:
    reviewed(store, 5, 1, 4, 2, 3)
    html = page()
    assert stars_of(html) == [3, 2, 4, 1, 5]
    assert "All published reviews, whatever their stars." in html
    assert "<span data-count>" in html


@pytest.mark.parametrize("sort", ["newest", "helpful", "photos"])
def test_no_order_a_shop_can_choose_looks_at_the_stars(store: Store, sort: str) -> None:
    reviewed(store, 1, 5, 1, 5)
    widgets.change(store, {"sort": sort}, by=None, now=LATER)
    assert stars_of(page()) == [5, 1, 5, 1]


def test_a_shop_cannot_choose_an_order_by_stars(store: Store) -> None:
    with pytest.raises(widgets.BadWidgets):
        widgets.change(store, {"sort": "highest"}, by=None, now=LATER)


def test_a_visitor_may_choose(store: Store) -> None:
    many = reviewed(store, 3, 5, 1)
    assert stars_of(page(sort="highest")) == [5, 3, 1]
    assert stars_of(page(sort="lowest")) == [1, 3, 5]
    vote(many[0], voter="a", is_helpful=True, now=LATER)
    assert stars_of(page(sort="helpful")) == [3, 1, 5]
    assert stars_of(page(stars=1)) == [1]
    assert "1 review fits" in page(stars=1)
    assert stars_of(page(q="REVIEW 5 sTars")) == [5]
    assert "No review fits" in page(photos=1)


@pytest.mark.parametrize("query", [{"sort": "rating; drop"}, {"stars": "9"}, {"page": "-1"}, {"attribute": "a:b:c"}])
def test_what_makes_no_sense_is_as_if_it_had_not_been_said(store: Store, query: dict[str, str]) -> None:
    reviewed(store, 5, 1)
    assert stars_of(page(**query)) == [1, 5]


def test_long_lists_are_turned_page_by_page(store: Store) -> None:
    reviewed(store, *[4] * 12)
    assert len(stars_of(page())) == 10
    second = page(page=2)
    assert len(stars_of(second)) == 2
    assert "Page 2 of 2" in second
    assert len(stars_of(page(page=99))) == 2


def test_bars_and_mean_are_counted(store: Store) -> None:
    reviewed(store, 5, 5, 1)
    html = page()
    assert '<p class="tr-mean">3.7</p>' in html
    assert "3 reviews" in html
    assert 'rect width="66.7"' in html


def test_attributes_are_summed_in_words(store: Store) -> None:
    shoe = make_shoe(store)
    fit = {"key": "fit", "kind": "scale", "label": {"en": "Fit", "de": "Passform"}}
    options = [{"key": "small", "label": {"en": "Runs small"}}, {"key": "true", "label": {"en": "True to size"}}]
    ReviewRule.objects.create(store=store, product=shoe, attributes=[{**fit, "options": options}])
    for review, said in zip(reviewed(store, 5, 4, 3, product=shoe), ("small", "small", "true"), strict=True):
        Review.objects.of(store).filter(pk=review.pk).update(attributes={"fit": said})
    html = page()
    assert re.search(r"Fit</dt><dd><strong>Runs small</strong> 67\s?%", html)
    assert stars_of(page(attribute="fit:true")) == [3]
    assert stars_of(page(attribute="fit:small")) == [4, 5]
    assert stars_of(page(attribute="x' OR 1=1 --:small")) == []
    assert "Passform" in page(locale="de")


def test_each_review_says_how_it_came_here(store: Store) -> None:
    one, two, three, four = reviewed(store, 5, 4, 3, 2)
    rows = Review.objects.of(store)
    rows.filter(pk=one.pk).update(collected="imported", source="Judge.me", is_verified=False)
    rows.filter(pk=two.pk).update(is_incentivised=True, incentive="50 points")
    rows.filter(pk=three.pk).update(is_insider=True)
    rows.filter(pk=four.pk).update(is_verified=False, collected="web")
    html = page()
    for label in ("Imported from Judge.me", "Received for writing: 50 points", "Works for the shop", "Verified buyer"):
        assert f"<li>{label}</li>" in html
    assert "<li>Purchase not verified</li>" in html
    assert html.count("<li>Verified buyer</li>") == 2


def test_nothing_of_the_author_is_shown_but_the_name_they_have_in_public(store: Store) -> None:
    reviewed(store, 5)
    for kind in ("list", "stars", "gallery", "questions"):
        assert "@" not in page(kind).replace("@container", "").replace("@context", "").replace("@type", "")
    assert "John R." in page()
    assert "Runner</strong>" not in page()


@pytest.mark.parametrize("name", ["shoe", "gid://shop/Product/shoe", "trail-runner", "TR-42", "v42"])
def test_products_are_named_as_the_shop_names_them(store: Store, name: str) -> None:
    variant = VariantDoc(external_id="v42", sku="TR-42")
    doc = ProductDoc(external_id="shoe", title="Trail", url=f"{SHOP}/products/trail-runner", variants=[variant])
    take_products(store, [doc], source="api", now=PLACED)
    reviewed(store, 4, product=Product.objects.of(store).get())
    assert stars_of(page(product=name)) == [4]


@pytest.mark.parametrize("kind", ["stars", "list", "gallery", "form", "questions"])
@pytest.mark.parametrize("product", ["nobody", "", "0"])
def test_a_product_we_do_not_know_is_friendly_and_no_error(store: Store, kind: str, product: str) -> None:
    answer = shown(kind, product)
    assert answer.status_code == 200
    assert b'class="tr' in answer.content
    assert b"ld+json" not in answer.content


def test_reviews_of_another_shop_never_stand_there(store: Store) -> None:
    other = make_store("other")
    reviewed(other, 1, product=make_product(other))
    make_shoe(store)
    assert stars_of(page()) == []


def test_hidden_and_waiting_reviews_never_stand_there(store: Store) -> None:
    reviewed(store, 5)
    make_review(store, 1, "Waiting to be read.", product=make_shoe(store))
    assert "Waiting to be read" not in page()
    assert '"reviewCount":1' in page()


def test_search_engines_read_what_stands_on_the_page(store: Store) -> None:
    shoe = make_shoe(store)
    evil = '</script><script>alert(1)</script> & "quoted"'
    (one, *_rest) = reviewed(store, 5, 1, product=shoe)
    Review.objects.of(store).filter(pk=one.pk).update(body=evil, shown_name="A" * 80)
    html = page()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert data["@type"] == "Product"
    assert data["aggregateRating"] == {
        "@type": "AggregateRating",
        "ratingValue": 3,
        "reviewCount": 2,
        "bestRating": 5,
        "worstRating": 1,
    }
    assert [one["reviewRating"]["ratingValue"] for one in data["review"]] == [1, 5]
    assert data["review"][1]["reviewBody"] == evil
    assert all(0 < len(one["author"]["name"]) < 100 and one["datePublished"] for one in data["review"])
    assert "<script>alert" not in html


def test_what_is_read_is_what_was_filtered(store: Store) -> None:
    reviewed(store, 5, 1)
    assert json.loads(re.findall(r'json">(.*?)</script>', page(stars=1))[0])["aggregateRating"]["reviewCount"] == 2


def test_how_reviews_are_collected_and_checked_stands_beside_them_in_every_language(store: Store) -> None:
    reviewed(store, 5)
    review_settings(store, policy_note={"en": "We love dogs.", "de": "Wir mögen Hunde."}, open_to_all=True)
    seen = {locale: page(locale=locale) for locale in ("en", "de", "fr", "es", "pt")}
    assert len(set(seen.values())) == 5
    assert all("<details" in html and html.count("<dt>") >= 6 for html in seen.values())
    assert "We love dogs." in seen["en"]
    assert "Wir mögen Hunde." in seen["de"]
    assert "also without having bought" in seen["en"]


def test_a_widget_sets_no_cookie_and_is_told_apart_by_site(store: Store) -> None:
    reviewed(store, 5)
    mine, theirs = shown(headers={"origin": SHOP}, locale="de"), shown(headers={"origin": OTHER})
    assert not mine.cookies
    assert mine["Access-Control-Allow-Origin"] == SHOP
    assert mine["Content-Language"] == "de"
    assert "Origin" in mine["Vary"]
    assert "Access-Control-Allow-Origin" not in theirs
    assert "Access-Control-Allow-Credentials" not in mine
    widgets.change(store, {"sites": [OTHER]}, by=None, now=LATER)
    assert shown(headers={"origin": OTHER})["Access-Control-Allow-Origin"] == OTHER


def test_who_has_seen_it_hears_that_nothing_changed_until_something_does(store: Store) -> None:
    reviewed(store, 5)
    tag = shown()["ETag"]
    assert shown(headers={"if-none-match": tag}).status_code == 304
    reviewed(store, 1)
    answer = shown(headers={"if-none-match": tag})
    assert (answer.status_code, stars_of(answer.content.decode())) == (200, [1, 5])


def test_a_kept_page_costs_few_queries_and_a_new_review_makes_it_anew(store: Store) -> None:
    reviewed(store, *[4] * 11)
    with CaptureQueriesContext(connection) as first:
        page()
    with CaptureQueriesContext(connection) as queries:
        page()
    assert len(queries) <= 6 < len(first)
    reviewed(store, 1)
    assert "12 reviews" in page()


def test_a_vote_is_seen_within_ten_minutes(store: Store) -> None:
    (review,) = reviewed(store, 5)
    page()
    vote(review, voter="a", is_helpful=True, now=LATER)
    with clock.at(LATER + timedelta(minutes=11)):
        html = Client().get(URL + "list", {"product": "shoe"}).content.decode()
    assert "Helpful (<span data-count>1</span>)" in html


def test_pages_of_words_and_far_pages_are_not_kept() -> None:
    assert wanted({"stars": "1", "sort": "helpful"}).is_kept
    assert not any(wanted(one).is_kept for one in ({"q": "love"}, {"page": "4"}, {"attribute": "fit:small"}))


def test_a_withdrawn_review_is_gone_at_once(store: Store) -> None:
    first, _ = reviewed(store, 5, 2)
    page()
    reviews.withdraw(first, now=LATER)
    assert stars_of(page()) == [2]


def test_stars_of_many_products_come_in_one_call(store: Store) -> None:
    reviewed(store, 4, 4)
    make_product(store, "sock", title="Sock")
    with clock.at(LATER), CaptureQueriesContext(connection) as queries:
        answer = Client().get(URL + "stars.json", {"product": ["shoe", "sock", "nobody"]}).json()
    assert "2 reviews" in answer["stars"]["shoe"]
    assert "No reviews yet" in answer["stars"]["sock"]
    assert "No reviews yet" in answer["stars"]["nobody"]
    assert len(queries) < 15


def test_json_holds_what_the_list_shows(store: Store) -> None:
    reviewed(store, 5, 1)
    with clock.at(LATER):
        found = Client().get(URL + "list.json", {"product": "shoe"}).json()
    assert (found["count"], found["mean"]) == (2, 3.0)
    assert [one["rating"] for one in found["reviews"]] == [1, 5]
    assert "email" not in json.dumps(found)


def test_the_shops_server_can_put_it_into_its_page(store: Store) -> None:
    reviewed(store, 5)
    html = page(**{"as": "include"})
    assert html.startswith('<div data-thereafter-reviews="list" data-product="shoe"><template shadowrootmode="open">')
    assert html.index("</template>") < html.index("ld+json")


def test_a_name_cannot_break_out_of_the_page(store: Store) -> None:
    html = page(product='"><script>alert(1)</script>', **{"as": "include"})
    assert "<script>alert" not in html


def test_the_script_is_small(store: Store) -> None:
    answer = Client().get(URL + "widgets.js")
    assert len(answer.content) < 4400
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_our_own_page_shows_everything_without_scripts(store: Store) -> None:
    reviewed(store, 5, 1)
    with clock.at(LATER):
        answer = Client().get("/s/stride/feedback/products/shoe/reviews", {"stars": "1"})
        assert stars_of(answer.content.decode()) == [1]
        assert Client().get("/s/stride/feedback/products/nobody/reviews").status_code == 404
        framed = Client().get("/s/stride/feedback/products/shoe/reviews", {"in": SHOP})
        assert f"frame-ancestors {SHOP}" in framed["Content-Security-Policy"]
        assert Client().get("/s/stride/feedback/products/shoe/reviews", {"in": OTHER}).status_code == 403


def test_what_is_asked_for_can_be_written_down_and_read_again() -> None:
    asked = {"sort": "lowest", "stars": "2", "photos": "1", "in": "de", "attribute": "fit:small", "q": "too small"}
    one = wanted(asked)
    assert wanted(dict(pair.split("=") for pair in one.query().replace("%3A", ":").replace("+", " ").split("&"))) == one
    assert one.query(page=3).endswith("page=3")
    assert set(SORTS) >= {"newest", "highest"}
