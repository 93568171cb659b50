"""The pages on which reviews are looked at, decided about, answered and set up."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from thereafter.commerce.tests.makers import make_product
from thereafter.console.tests.tools import signed_in
from thereafter.feedback import author_links
from thereafter.feedback.actions import appeals, mending, moderating
from thereafter.feedback.models import Appeal, Decision, Report, Review, ReviewGroup, ReviewRule, ReviewSettings
from thereafter.feedback.tests.review_makers import WRITTEN, make_review
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db
NOW = WRITTEN + timedelta(days=1)
HOME = "/console/stride/reviews/"


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def anna(store: Store) -> Staff:
    return make_staff(store)


@pytest.fixture
def ben(store: Store) -> Staff:
    return make_staff(store, role="marketer", email="ben@stride.example")


@pytest.fixture
def browser(anna: Staff) -> Client:
    return signed_in(anna)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def test_what_waits_stands_oldest_first_and_every_tab_finds_its_own(store: Store, browser: Client, anna: Staff) -> None:
    old = make_review(store, 5, "The old one is fine.", email="a@example.com")
    new = make_review(store, 1, "The new one pinches.", email="b@example.com", now=NOW)
    page = text(browser.get(HOME))
    assert page.index("The old one") < page.index("The new one")
    moderating.approve(store, [old.pk], by=anna, now=NOW)
    Report.objects.create(store=store, review=old, reason="spam", voter="x", at=NOW)
    assert "The old one" not in text(browser.get(HOME))
    for tab in ("published", "reported", "all"):
        assert "The old one" in text(browser.get(HOME, {"tab": tab})), tab
    assert "The new one" not in text(browser.get(HOME, {"tab": "published"}))
    assert new.state == "pending"


@pytest.mark.parametrize(
    ("asked", "finds"),
    [
        ({"stars": "1"}, True),
        ({"stars": "5"}, False),
        ({"q": "pinch"}, True),
        ({"q": "b@example.com"}, True),
        ({"q": "nothing"}, False),
        ({"verified": "yes"}, True),
        ({"verified": "no"}, False),
        ({"photos": "yes"}, False),
        ({"language": "de"}, True),
        ({"source": "invitation"}, True),
        ({"source": "imported"}, False),
    ],
)
def test_filters_narrow_the_list(store: Store, browser: Client, asked: dict[str, str], finds: bool) -> None:
    make_review(store, 1, "Sie pinchen.", email="b@example.com", language="de")
    assert ("Sie pinchen." in text(browser.get(HOME, asked))) == finds


def test_many_are_published_at_once_whatever_their_stars(store: Store, browser: Client) -> None:
    given = [make_review(store, stars, email=f"{stars}@example.com") for stars in (1, 3, 5)]
    answer = browser.post(f"{HOME}publish/", {"row": [one.pk for one in given], "list": "?tab=check"}, follow=True)
    assert "3 published." in text(answer)
    assert set(Review.objects.values_list("state", flat=True)) == {"published"}


def test_a_review_shows_its_hints_its_labels_and_why(store: Store, browser: Client) -> None:
    review = make_review(store, 1, "Call me: anna@example.com or 0170 1234567", product=make_product(store))
    page = text(browser.get(f"{HOME}{review.pk}/"))
    assert "e-mail address" in page
    assert "telephone number" in page
    assert "Verified buyer" in page
    assert "Bought in order" in page


def test_two_people_hide_few_stars_on_the_pages(store: Store, browser: Client, ben: Staff) -> None:
    review = make_review(store, 2, "The driver Max Huber is an idiot.")
    browser.post(f"{HOME}{review.pk}/hide/", {"reason": "personal_data", "note": "Names the driver."})
    queue = text(browser.get(f"{HOME}second-look/"))
    assert "Names the driver." in queue
    assert "You proposed this" in queue
    decision = Decision.objects.get()
    browser.post(f"{HOME}second-look/{decision.pk}/agree/")
    assert Review.objects.get().state == "pending"
    signed_in(ben).post(f"{HOME}second-look/{decision.pk}/agree/")
    assert Review.objects.get().state == "hidden"


def test_hiding_without_a_reason_says_what_is_missing(store: Store, browser: Client) -> None:
    review = make_review(store, 5)
    assert "Reason:" in text(browser.post(f"{HOME}{review.pk}/hide/", {"reason": ""}, follow=True))
    assert Decision.objects.count() == 0


def test_an_author_objects_on_the_page_of_the_mail(store: Store, anna: Staff, ben: Staff, client: Client) -> None:
    review = make_review(store, 5, is_published=True)
    decision = moderating.hide(review, reason="off_topic", note="", by=anna, now=NOW)
    page = author_links.appeal_page(decision).partition("/s/")[2]
    shown = text(client.get(f"/s/{page}"))
    assert "It is not about this product." in shown
    assert "Why should it be shown?" in shown
    client.post(f"/s/{page}", {"text": "It is about the sole."})
    assert "It is about the sole." in text(client.get(f"/s/{page}"))
    made = Appeal.objects.get()
    signed_in(ben).post(f"{HOME}objection/{made.pk}/", {"outcome": "upheld", "answer": "You are right."})
    assert Review.objects.get().state == "published"
    assert "You are right." in text(client.get(f"/s/{page}"))


def test_a_link_that_was_changed_opens_nothing(store: Store, client: Client) -> None:
    assert client.get(f"/s/{store.slug}/feedback/reviews/hidden/nonsense").status_code == 410
    assert client.get(f"/s/{store.slug}/feedback/reviews/mended/nonsense").status_code == 410


def test_one_press_brings_the_author_s_own_words_back(store: Store, anna: Staff, client: Client) -> None:
    review = make_review(store, 2, "Teh sole came of.", is_published=True)
    version = mending.mend_typo(review, title="", body="The sole came off.", by=anna, now=NOW)
    page = "/s/" + author_links.mended_page(version).partition("/s/")[2]
    assert "The sole came off." in text(client.get(page))
    assert Review.objects.get().body == "The sole came off."
    client.post(page)
    assert Review.objects.get().body == "Teh sole came of."
    assert "Your own words are back" in text(client.get(page))


def test_the_report_warns_when_few_stars_are_hidden_more_often(
    store: Store, browser: Client, anna: Staff, ben: Staff
) -> None:
    product = make_product(store)
    for place in range(16):
        review = make_review(store, 1 if place < 8 else 5, product=product, email=f"{place}@example.com", now=NOW)
        if place < 6:
            moderating.confirm(moderating.hide(review, reason="off_topic", note="", by=anna, now=NOW), by=ben, now=NOW)
    page = text(browser.get(f"{HOME}how-we-moderate/", {"period": "all"}))
    assert "Few stars are hidden more often than many" in page
    assert "6 of 8" in page
    lines = b"".join(browser.get(f"{HOME}how-we-moderate/log.csv", {"period": "all"})).decode().splitlines()
    assert len(lines) == 7
    assert "Off topic" in lines[1]


def test_settings_offer_nothing_that_looks_at_stars(store: Store, browser: Client) -> None:
    page = text(browser.get(f"{HOME}settings/"))
    assert "no switch" in page
    sent = {
        "asks": "on",
        "wait_days": "21",
        "checks_first": "on",
        "kind": "points",
        "not_in": "de, at",
        "insider_domains": "@stride.example",
    }
    refused = browser.post(f"{HOME}settings/", {**sent, "says_en": "50 points for a 5-star review"})
    assert "good stars" in text(refused)
    assert ReviewSettings.objects.count() == 0
    browser.post(f"{HOME}settings/", {**sent, "says_en": "50 points for any review"})
    kept = ReviewSettings.objects.get()
    assert (kept.wait_days, kept.not_in, kept.insider_domains) == (21, ["DE", "AT"], ["stride.example"])
    assert kept.incentive == {"kind": "points", "says": {"en": "50 points for any review"}}


def test_a_category_is_asked_later_and_about_fit(store: Store, browser: Client) -> None:
    make_product(store, category="Shoes")
    browser.post(f"{HOME}rules/new/", {"what": "category:Shoes", "asks": "on", "wait_days": "30"})
    rule = ReviewRule.objects.get()
    browser.post(f"{HOME}rules/{rule.pk}/ready/", {"ready": "fit"})
    browser.post(
        f"{HOME}rules/{rule.pk}/question/",
        {
            "kind": "choice",
            "label_en": "Where do you run?",
            "options_en": "Road\nTrail",
            "label_de": "Wo läufst du?",
            "options_de": "Straße\nTrail",
        },
    )
    rule.refresh_from_db()
    assert (rule.category, rule.wait_days) == ("Shoes", 30)
    assert [one["key"] for one in rule.attributes] == ["fit", "where_do_you_run"]
    assert rule.attributes[1]["options"][0] == {"key": "road", "label": {"en": "Road", "de": "Straße"}}
    assert "Where do you run?" in text(browser.get(f"{HOME}rules/"))


def test_only_variants_of_one_thing_are_grouped_and_a_group_can_be_split(store: Store, browser: Client) -> None:
    blue = make_product(store, "b", title="Trail Sock blue", category="Socks")
    black = make_product(store, "k", title="Trail Sock black", category="Socks")
    shoe = make_product(store, "s", title="Trail Fox", category="Shoes")
    refused = browser.post(f"{HOME}groups/", {"row": [blue.pk, shoe.pk]}, follow=True)
    assert "may not be shown for another" in text(refused)
    assert ReviewGroup.objects.count() == 0
    browser.post(f"{HOME}groups/", {"row": [blue.pk, black.pk], "name": "Trail Sock"})
    group = ReviewGroup.objects.get()
    assert "Trail Sock black" in text(browser.get(f"{HOME}groups/"))
    browser.post(f"{HOME}groups/{group.pk}/split/")
    assert ReviewGroup.objects.count() == 0


def test_who_may_only_read_changes_nothing(store: Store) -> None:
    review = make_review(store, 5)
    reader = signed_in(make_staff(store, role="analyst", email="x@stride.example"))
    assert reader.get(f"{HOME}{review.pk}/").status_code == 200
    assert reader.post(f"{HOME}{review.pk}/hide/", {"reason": "spam"}).status_code == 403
    assert reader.post(f"{HOME}settings/", {"wait_days": "1"}).status_code == 403
    assert reader.post(f"{HOME}groups/", {"row": ["1"]}).status_code == 403
    assert appeals.moderators(store.pk) == set()


def test_one_review_of_a_product_stands_first(store: Store, browser: Client) -> None:
    low, high = (make_review(store, stars, email=f"{stars}@example.com", is_published=True) for stars in (1, 5))
    for review in (low, high):
        browser.post(f"{HOME}{review.pk}/first/")
    assert list(Review.objects.exclude(pinned_at=None)) == [high]
    browser.post(f"{HOME}{high.pk}/first/")
    assert not Review.objects.exclude(pinned_at=None).exists()


def test_reviews_stand_on_the_page_of_their_customer(store: Store, browser: Client) -> None:
    review = make_review(store, 2, "Too small for me.")
    assert f"{HOME}{review.pk}/" in text(browser.get(f"/console/stride/customers/{review.customer_id}/"))


def test_the_list_asks_as_often_for_many_as_for_few(store: Store, browser: Client) -> None:
    def asked() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(HOME).status_code == 200
        return len(seen)

    for place in range(3):
        make_review(store, 3, f"Review number {place} says something of its own.", email=f"{place}@example.com")
    asked()
    few = asked()
    for place in range(3, 12):
        make_review(store, 3, f"Review number {place} says something of its own.", email=f"{place}@example.com")
    assert asked() == few
