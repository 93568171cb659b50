"""The nine rules of law that the product keeps by itself, each shown through what anybody can do.

16 CFR Part 465 (consumer reviews and testimonials, United States); Directives 2005/29/EC and (EU) 2019/2161.
"""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from thereafter.commerce.models import Product
from thereafter.commerce.tests.makers import PLACED, make_order, make_pool, make_product
from thereafter.console.tests.tools import signed_in
from thereafter.feedback import widget_facts, widget_pages
from thereafter.feedback.actions import (
    answering,
    appeals,
    moderating,
    replying,
    review_imports,
    review_plans,
    review_setup,
    reviews,
)
from thereafter.feedback.actions.review_plans import Delivered
from thereafter.feedback.console.reviews_settings_forms import SettingsForm
from thereafter.feedback.models import Ask, Decision, Rating, Review, ReviewSettings, ReviewThanks
from thereafter.feedback.queries import moderation_report
from thereafter.feedback.queries.review_rules import settings_of
from thereafter.feedback.rules.moderation import CannotDecide
from thereafter.feedback.rules.review_groups import UnlikeProducts
from thereafter.feedback.rules.widgets import SORTS
from thereafter.feedback.tests.makers import make_invitation
from thereafter.feedback.tests.review_makers import WRITTEN, make_review
from thereafter.feedback.tests.shown import URL, make_shoe, make_shop, review_settings
from thereafter.journeys.actions import publishing
from thereafter.kit import clock
from thereafter.messaging import library, linting
from thereafter.messaging.models import Message
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff

pytestmark = pytest.mark.django_db
NOW = WRITTEN + timedelta(days=1)
EVERY = (1, 2, 3, 4, 5)


@pytest.fixture
def store() -> Store:
    cache.clear()
    widget_pages.forget()
    return make_shop()


@pytest.fixture
def shoe(store: Store) -> Product:
    return make_shoe(store)


@pytest.fixture
def anna(store: Store) -> Staff:
    return make_staff(store)


@pytest.fixture
def ben(store: Store) -> Staff:
    return make_staff(store, role="marketer", email="ben@stride.example")


def of_every_rating(store: Store, shoe: Product, **more: Any) -> dict[int, Review]:
    """One review of each number of stars, in the same words, of a buyer each."""
    return {stars: make_review(store, stars, product=shoe, email=f"b{stars}@example.com", **more) for stars in EVERY}


def widget(shoe: Product, **query: Any) -> str:
    with clock.at(NOW):
        answer = Client().get(f"{URL}list", {"product": shoe.external_id, **query})
    assert answer.status_code == 200
    return str(answer.content.decode())


# 1. What is given for a review never depends on what it says (465.4).


def test_1_the_reward_is_the_same_for_any_stars_and_is_given_before_anybody_has_looked(
    store: Store, shoe: Product
) -> None:
    pool = make_pool(store)
    incentive = {"kind": "coupon", "pool": pool.key, "says": {"en": "10% off for any review"}}
    review_settings(store, incentive=incentive)
    given = of_every_rating(store, shoe, is_published=False)
    thanks = ReviewThanks.objects.select_related("review")
    assert {one.review.rating for one in thanks} == set(EVERY)
    assert {(one.what, bool(one.coupon_code), one.given_at) for one in thanks} == {
        ("10% off for any review", True, WRITTEN)
    }
    assert {Review.objects.get(pk=one.pk).state for one in given.values()} == {"pending"}


def test_1_no_message_may_promise_something_for_good_stars(store: Store, anna: Staff) -> None:
    document = library.document("review_request")
    assert linting.may_publish(linting.findings(store, "review_request", document, NOW))
    document = document | {
        "words": document["words"] | {"en": document["words"]["en"] | {"subject": "A coupon for a 5-star review"}}
    }
    assert not linting.may_publish(linting.findings(store, "review_request", document, NOW))
    form = SettingsForm(
        store, ReviewSettings(store=store), {"wait_days": 5, "kind": "points", "says_en": "50 points for five stars"}
    )
    assert not form.is_valid()
    review = make_review(store, 2, is_published=True)
    with pytest.raises(CannotDecide, match="good stars"):
        replying.write_privately(review, "A voucher for a 5-star review?", by=anna, now=NOW)


# 2. Nothing is suppressed for its sentiment (465.7).


def test_2_every_rating_is_published_by_the_same_press(store: Store, shoe: Product, anna: Staff) -> None:
    given = of_every_rating(store, shoe)
    assert moderating.approve(store, [one.pk for one in given.values()], by=anna, now=NOW) == 5


@pytest.mark.parametrize("checks_first", [True, False])
def test_2_whether_somebody_looks_first_does_not_depend_on_stars(
    store: Store, shoe: Product, checks_first: bool
) -> None:
    review_settings(store, checks_first=checks_first)
    assert len({one.state for one in of_every_rating(store, shoe, body="Fits.").values()}) == 1
    same = of_every_rating(store, make_product(store, "cap"), body="Call 0170 1234567 for more.")
    assert {one.state for one in same.values()} == {"pending"}


def test_2_there_is_no_setting_about_stars(store: Store) -> None:
    names = {field.name for field in ReviewSettings._meta.get_fields()} | set(
        SettingsForm(store, settings_of(store.pk)).fields
    )
    assert not [name for name in names if re.search(r"star|rating|min_|from_", name)]


def test_2_hiding_takes_a_reason_two_people_for_few_stars_and_leaves_a_trace(
    store: Store, shoe: Product, anna: Staff, ben: Staff
) -> None:
    given = of_every_rating(store, shoe, is_published=True)
    for review in given.values():
        with pytest.raises(CannotDecide):
            moderating.hide(review, reason="", note="", by=anna, now=NOW)
        decision = moderating.hide(review, reason="off_topic", note="", by=anna, now=NOW)
        if decision.state == Decision.State.PROPOSED:
            with pytest.raises(CannotDecide):
                moderating.confirm(decision, by=anna, now=NOW)
            assert Review.objects.get(pk=review.pk).state == "published"
            moderating.confirm(decision, by=ben, now=NOW)
    logged = list(moderation_report.log(store, None, NOW))
    assert [(one.rating, one.second == ben) for one in logged] == [
        (1, True),
        (2, True),
        (3, True),
        (4, False),
        (5, False),
    ]
    assert Message.objects.filter(template="review_hidden").count() == 5


def test_2_the_report_warns_when_few_stars_are_hidden_more_often(
    store: Store, shoe: Product, anna: Staff, ben: Staff
) -> None:
    for place in range(8):
        make_review(store, 5, product=shoe, email=f"h{place}@example.com", is_published=True)
        low = make_review(store, 1, product=shoe, email=f"l{place}@example.com", is_published=True)
        if place < 5:
            moderating.confirm(moderating.hide(low, reason="off_topic", note="", by=anna, now=NOW), by=ben, now=NOW)
    told = moderation_report.report(store, None, NOW)
    assert (told.rates.few.hidden, told.rates.few.came, told.rates.warns) == (5, 8, True)


def test_2_an_author_who_objects_is_heard_by_somebody_else(store: Store, anna: Staff, ben: Staff) -> None:
    review = make_review(store, 4, is_published=True)
    made = appeals.appeal(moderating.hide(review, reason="spam", note="", by=anna, now=NOW), "It is not.", now=NOW)
    with pytest.raises(CannotDecide):
        appeals.decide(made, upheld=False, answer="It is.", by=anna, now=NOW)
    appeals.decide(made, upheld=True, answer="Right.", by=ben, now=NOW)
    assert Review.objects.get().state == "published"


# 3. No gating: everybody delivered gets the same public way.


def test_3_everybody_delivered_is_asked_whatever_they_said_before_and_however_late(store: Store, shoe: Product) -> None:
    orders = [make_order(store, email=f"b{score}@example.com", number=f"N{score}") for score in EVERY]
    for score, order in zip(EVERY, orders, strict=True):
        invitation = make_invitation(order, source=f"run:{score}")
        answering.answer(invitation, score=score, now=PLACED + timedelta(days=5, hours=1))
    came = PLACED + timedelta(days=6)
    for score, order in zip(EVERY, orders, strict=True):
        at = came + timedelta(days=30 if score == 1 else 0)
        review_plans.plan(store.pk, [Delivered(order.customer_id, order.pk, at, f"parcel:{order.pk}")], now=at)
    planned = Ask.objects.filter(what="review")
    assert {one.order_id for one in planned} == {order.pk for order in orders}
    assert len({(one.priority, one.survey_id, one.state) for one in planned}) == 1


@pytest.mark.parametrize(
    "trigger",
    [
        {"event": "survey.answered"},
        {"event": "parcel.delivered", "if": "trait.feedback.score >= 4"},
    ],
)
def test_3_no_journey_asks_only_the_pleased(store: Store, trigger: dict[str, str]) -> None:
    document = {"trigger": trigger, "steps": [{"id": "ask", "kind": "ask_reviews"}]}
    assert any("same way" in str(problem) for problem in publishing.check(store, document))
    everybody = document | {"trigger": {"event": "parcel.delivered"}}
    assert publishing.check(store, everybody) == []


def test_3_no_ready_journey_chooses_who_is_asked_for_a_review_by_what_they_said(store: Store) -> None:
    for journey in publishing.install_recipes(store, PLACED):
        assert not [one for one in publishing.check(store, journey.draft) if "same way" in str(one)], journey.key


# 4. Insiders are labelled (465.5).


def test_4_what_the_shop_s_own_people_write_says_so(store: Store, shoe: Product) -> None:
    review_settings(store, insider_domains=["stride.example"])
    make_review(store, 5, product=shoe, email="ceo@mail.stride.example", is_published=True)
    told = make_review(
        store, 5, product=shoe, email="cousin@example.com", order=make_order(store, email="cousin@example.com")
    )
    assert [one.is_insider for one in Review.objects.order_by("pk")] == [True, False]
    assert "Works for the shop" in widget(shoe)
    author = reviews.Author(customer=make_order(store, email="x@example.com").customer, says_insider=True)
    own = reviews.write(None, shoe, author, reviews.Draft(rating=5), now=NOW)
    assert own.is_insider
    assert not told.is_insider


# 5. No review is moved to a product it was not written about.


def test_5_unlike_products_cannot_share_reviews(store: Store, anna: Staff) -> None:
    blue = make_product(store, "b", title="Trail Sock blue", category="Socks")
    black = make_product(store, "k", title="Trail Sock black", category="Socks")
    shoe = make_product(store, "s", title="Trail Fox", category="Shoes")
    with pytest.raises(UnlikeProducts):
        review_setup.make_group(store, "Best", [blue.pk, shoe.pk], by=anna, now=NOW)
    group = review_setup.make_group(store, "Sock", [blue.pk, black.pk], by=anna, now=NOW)
    with pytest.raises(UnlikeProducts):
        review_setup.add_to_group(group, [shoe.pk], by=anna, now=NOW)


# 6. How reviews are collected and checked stands beside them (2019/2161).


def test_6_the_block_of_the_omnibus_directive_stands_beside_the_reviews(
    store: Store, shoe: Product, anna: Staff
) -> None:
    given = of_every_rating(store, shoe, is_published=True)
    moderating.hide(given[5], reason="spam", note="", by=anna, now=NOW)
    html = widget(shoe)
    for said in (
        "How we collect and check reviews",
        "Where they come from",
        "How we check them",
        "Are all of them shown?",
        "Is anything given for them?",
        "In which order?",
        "How is the score made?",
        "1 review is hidden now",
    ):
        assert said in html, said


def test_6_no_order_of_display_looks_at_stars_by_itself(store: Store, shoe: Product) -> None:
    for place, stars in enumerate((5, 1, 4)):
        make_review(
            store,
            stars,
            f"Review of {stars} stars.",
            product=shoe,
            email=f"{stars}@example.com",
            is_published=True,
            now=WRITTEN + timedelta(hours=place),
        )
    shown = re.findall(r"Review of (\d) stars\.</p>", widget(shoe))
    assert shown == ["4", "1", "5"]
    assert SORTS


# 7. Counts shown come from the database (465.8).


def test_7_what_is_counted_is_there(store: Store, shoe: Product, anna: Staff) -> None:
    given = of_every_rating(store, shoe, is_published=True)
    moderating.hide(given[5], reason="spam", note="", by=anna, now=NOW)
    reviews.withdraw(given[4], now=NOW)
    rating = Rating.objects.get(product=shoe)
    there = Review.objects.filter(product=shoe, state="published")
    assert (rating.count, rating.mean) == (there.count(), 2.0) == (3, 2.0)
    html = widget(shoe).lower()
    assert not re.search(r"people are (?:viewing|looking)|sold in the last|almost gone", html)


# 8. What sums reviews up is made of all of them and says of how many; nothing is written by a machine.


def test_8_what_sums_reviews_up_counts_every_rating(store: Store, shoe: Product) -> None:
    of_every_rating(store, shoe, is_published=True)
    html = widget(shoe)
    assert re.search(r"3(?:\.0)? of 5|3\.0", html)
    assert Rating.objects.get(product=shoe).counts == dict.fromkeys((5, 4, 3, 2, 1), 1)
    assert set(widget_facts.GATHER) == {"stars", "list", "gallery", "form", "questions"}


# 9. Imported reviews keep where they come from, and verify nothing.

FILE = """title,body,rating,review_date,reviewer_name,reviewer_email,product_id,reply,picture_urls,curated
Fine,They fit,5,19/03/2026,Ida Brandt,ida@example.com,shoe,,,ok
Bad,They pinch,1,20/03/2026,Ken Adams,ken@example.com,shoe,,,ok
"""


def test_9_imported_reviews_say_so_and_are_verified_only_by_an_order_here(
    store: Store, shoe: Product, anna: Staff
) -> None:
    make_order(store, email="ken@example.com")
    one = review_imports.look(store, "reviews.csv", FILE.encode(), by=anna, now=NOW)
    assert review_imports.begin(one, by=anna, now=NOW)
    while review_imports.carry_on(NOW):
        pass
    told = {review.rating: review for review in Review.objects.all()}
    assert {review.collected for review in told.values()} == {"imported"}
    assert not told[5].is_verified
    assert told[1].is_verified == (told[1].order_id is not None)
    assert "Imported from Judge.me" in widget(shoe)
    page = signed_in(anna).get(f"/console/stride/reviews/{told[5].pk}/").content.decode()
    assert "Not verified" in page
    assert 'name="is_verified"' not in page


def test_9_nobody_sets_verified_by_hand(store: Store, anna: Staff) -> None:
    review = make_review(store, 5, product=make_product(store, "cap"))
    assert not review.is_verified
    browser = signed_in(anna)
    for name in ("mend", "publish", "reply"):
        browser.post(f"/console/stride/reviews/{review.pk}/{name}/", {"is_verified": "on", "text": "Hi", "rating": "5"})
    assert not Review.objects.get(pk=review.pk).is_verified
