"""Writing, changing and taking back reviews; what the law wants of each."""

from datetime import timedelta
from typing import Any

import pytest

from thereafter.commerce.documents import Line
from thereafter.commerce.models import Coupon, Order, Product
from thereafter.commerce.tests.makers import PLACED, make_order, make_pool, make_product
from thereafter.events.reviews import ReviewChanged, ReviewPublished, ReviewWithdrawn, ReviewWritten
from thereafter.feedback.actions import moderating, review_photos, reviews
from thereafter.feedback.actions.reviews import Author, Draft
from thereafter.feedback.models import Rating, Review, ReviewPhoto, ReviewSettings, ReviewThanks, ReviewVersion
from thereafter.feedback.queries import bought
from thereafter.feedback.rules.reviews import BadReview
from thereafter.kit.tests.test_pictures import file_of
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.tests.tools import assert_recorded

pytestmark = pytest.mark.django_db
NOW = PLACED + timedelta(days=20)
SOCKS = Line(external_id="9", title="Socks", quantity=1, unit_price="5", product_id="socks")


@pytest.fixture
def shoe() -> Product:
    return make_product(make_store())


@pytest.fixture
def order(shoe: Product) -> Order:
    return make_order(shoe.store)


def settings(product: Product, **fields: Any) -> ReviewSettings:
    return ReviewSettings.objects.create(store=product.store, **fields)


def write(order: Order, product: Product, rating: int = 4, **words: Any) -> Review:
    author = Author(customer=order.customer, order=order)
    return reviews.write(None, product, author, Draft(rating=rating, **words), now=NOW)


def test_a_buyer_is_verified_by_the_order_and_shown_by_first_name(order: Order, shoe: Product) -> None:
    review = write(order, shoe, 2, title=" Too  small ", body="They pinch.", language="en")
    assert (review.is_verified, review.order_id, review.shown_name) == (True, order.pk, "John R.")
    assert (review.title, review.state) == ("Too small", Review.State.PENDING)
    assert_recorded(ReviewWritten, review_id=review.pk, rating=2, verified=True, has_words=True, order_id=order.pk)


def test_who_did_not_buy_it_is_not_verified(order: Order, shoe: Product) -> None:
    socks = make_product(shoe.store, "socks", title="Socks")
    review = write(order, socks)
    assert (review.is_verified, review.order_id) == (False, None)


def test_an_order_after_the_review_or_a_cancelled_one_verifies_nothing(shoe: Product) -> None:
    later = make_order(shoe.store, placed_at=NOW + timedelta(days=1))
    assert not write(later, shoe).is_verified
    cancelled = make_order(
        shoe.store, email="eve@example.com", status="cancelled", cancelled_at=PLACED + timedelta(days=1)
    )
    assert cancelled.is_cancelled
    assert not write(cancelled, shoe).is_verified


def test_another_person_s_order_verifies_nobody(order: Order, shoe: Product) -> None:
    other = make_order(shoe.store, email="eve@example.com", lines=[SOCKS])
    review = reviews.write(None, shoe, Author(customer=other.customer, order=order), Draft(rating=5), now=NOW)
    assert not review.is_verified


def test_the_same_purchase_is_reviewed_once_and_the_next_one_again(order: Order, shoe: Product) -> None:
    first = write(order, shoe, 2)
    assert write(order, shoe, 3).pk == first.pk
    again = make_order(shoe.store, placed_at=PLACED + timedelta(days=5))
    assert write(again, shoe, 5).pk != first.pk
    assert_recorded(ReviewWritten, times=2)


@pytest.mark.parametrize("checks_first", [True, False])
def test_one_star_and_five_go_the_same_way(shoe: Product, checks_first: bool) -> None:
    settings(shoe, checks_first=checks_first)
    states = set()
    for rating in range(1, 6):
        order = make_order(shoe.store, email=f"p{rating}@example.com")
        states.add(write(order, shoe, rating).state)
    assert states == {Review.State.PENDING if checks_first else Review.State.PUBLISHED}
    assert_recorded(ReviewPublished, times=0 if checks_first else 5)


def test_what_can_be_seen_is_counted(order: Order, shoe: Product) -> None:
    review = write(order, shoe, 2)
    assert reviews.publish(shoe.store_id, [review.pk], now=NOW) == 1
    assert reviews.publish(shoe.store_id, [review.pk], now=NOW) == 0
    rating = Rating.objects.get(product=shoe)
    assert (rating.count, rating.two) == (1, 1)
    assert_recorded(ReviewPublished, review_id=review.pk)


def test_a_change_keeps_what_stood_before_and_is_looked_at_again(order: Order, shoe: Product) -> None:
    review = write(order, shoe, 1, body="Late and small.")
    reviews.publish(shoe.store_id, [review.pk], now=NOW)
    changed = reviews.change(review, Draft(rating=4, body="The new pair fits."), now=NOW + timedelta(days=3))
    assert (changed.state, changed.version, changed.rating) == (Review.State.PENDING, 2, 4)
    assert ReviewVersion.objects.values_list("number", "rating", "body", "changed_by").get() == (
        1,
        1,
        "Late and small.",
        "author",
    )
    assert Rating.objects.get(product=shoe).count == 0
    assert_recorded(ReviewChanged, rating=4, was=1)
    assert_recorded(ReviewWritten)


def test_saying_the_same_again_changes_nothing(order: Order, shoe: Product) -> None:
    review = write(order, shoe, 1, body="Small.")
    assert reviews.change(review, Draft(rating=1, body="Small."), now=NOW).version == 1
    assert not ReviewVersion.objects.exists()


def test_where_nobody_looks_first_a_change_is_seen_at_once_unless_it_was_hidden(order: Order, shoe: Product) -> None:
    settings(shoe, checks_first=False)
    review = write(order, shoe, 5)
    changed = reviews.change(review, Draft(rating=1, body="It broke."), now=NOW)
    assert (changed.state, Rating.objects.get(product=shoe).one) == (Review.State.PUBLISHED, 1)
    Review.objects.filter(pk=review.pk).update(state=Review.State.HIDDEN, hidden_for="personal_data")
    changed = reviews.change(review, Draft(rating=1, body="It broke, no names."), now=NOW)
    assert (changed.state, changed.hidden_for) == (Review.State.PENDING, "")


def test_a_decision_about_other_words_does_not_hold_for_new_ones(order: Order, shoe: Product) -> None:
    review = write(order, shoe, 1, body="Ask for Bob.")
    person = make_staff(shoe.store)
    decision = moderating.hide(review, reason="personal_data", note="", by=person, now=NOW)
    assert decision.state == "proposed"
    reviews.change(review, Draft(rating=1, body="It broke."), now=NOW)
    decision.refresh_from_db()
    assert decision.state == "lifted"


def test_what_was_taken_back_is_gone_with_its_pictures_and_can_be_written_again(order: Order, shoe: Product) -> None:
    pictures, _problems = review_photos.made([file_of("JPEG")])
    review = write(order, shoe, 3, photos=pictures)
    reviews.publish(shoe.store_id, [review.pk], now=NOW)
    assert reviews.withdraw(review, now=NOW)
    assert not reviews.withdraw(review, now=NOW)
    assert reviews.publish(shoe.store_id, [review.pk], now=NOW) == 0
    assert not ReviewPhoto.objects.exists()
    assert Rating.objects.get(product=shoe).count == 0
    assert_recorded(ReviewWithdrawn, review_id=review.pk)
    assert write(order, shoe, 3).state == Review.State.PENDING


def test_photos_are_kept_once_six_fit_and_nothing_hides_in_them(order: Order, shoe: Product) -> None:
    files = [file_of("JPEG", colour=(20 * n, 100, 200), comment=b"secret place") for n in range(7)]
    pictures, problems = review_photos.made(files)
    assert len(problems) == 1
    review = write(order, shoe, 5, photos=[*pictures, pictures[0]])
    assert review.photo_count == 6
    assert not any(b"secret" in bytes(photo.content) for photo in review.photos.all())
    staying = list(review.photos.order_by("place").values_list("pk", flat=True)[:2])
    changed = reviews.change(review, Draft(rating=5, keep=staying), now=NOW)
    assert changed.photo_count == 2


def test_what_an_iphone_takes_is_read() -> None:
    pictures, problems = review_photos.made([file_of("HEIF"), b"no photo"])
    assert (len(pictures), len(problems)) == (1, 1)


def test_the_same_thanks_for_one_star_and_five_before_anybody_looked(shoe: Product) -> None:
    pool = make_pool(shoe.store, "Thanks")
    settings(shoe, incentive={"kind": "coupon", "pool": pool.key, "says": {"en": "a code for 10% off"}})
    for rating in (1, 5):
        order = make_order(shoe.store, email=f"p{rating}@example.com")
        review = write(order, shoe, rating)
        assert (review.state, review.is_incentivised, review.incentive) == ("pending", True, "a code for 10% off")
    assert Coupon.objects.filter(pool=pool, issued_at__isnull=False).count() == 2
    assert ReviewThanks.objects.exclude(coupon_code="").count() == 2


def test_an_order_brings_one_code_however_many_products_are_reviewed(order: Order, shoe: Product) -> None:
    pool = make_pool(shoe.store, "Thanks")
    settings(shoe, incentive={"kind": "coupon", "pool": pool.key, "says": {"en": "a code"}})
    review = write(order, shoe, 1)
    reviews.change(review, Draft(rating=5), now=NOW)
    assert Coupon.objects.filter(pool=pool, issued_at__isnull=False).count() == 1


def test_who_did_not_buy_here_is_promised_nothing(order: Order, shoe: Product) -> None:
    settings(shoe, incentive={"kind": "points", "says": {"en": "50 points"}})
    assert not write(order, make_product(shoe.store, "socks", title="Socks")).is_incentivised
    assert write(order, shoe).incentive == "50 points"


def test_the_shop_s_own_people_are_labelled(order: Order, shoe: Product) -> None:
    settings(shoe, insider_domains=["stride.example"])
    own = make_order(shoe.store, email="boss@stride.example")
    assert write(own, shoe, 5).is_insider
    assert not write(order, shoe, 5).is_insider
    family = make_order(shoe.store, email="sister@example.com")
    said = Author(customer=family.customer, order=family, says_insider=True)
    assert reviews.write(None, shoe, said, Draft(rating=5), now=NOW).is_insider


def test_stars_that_are_none_are_refused(order: Order, shoe: Product) -> None:
    with pytest.raises(BadReview):
        write(order, shoe, 6)
    assert not Review.objects.exists()


def test_who_bought_leaves_out_cancelled_orders_and_other_shops(order: Order, shoe: Product) -> None:
    cancelled = make_order(shoe.store, email="eve@example.com", status="cancelled", cancelled_at=PLACED)
    other = make_product(make_store("other"))
    make_order(other.store)
    eve = cancelled.customer_id
    pair = (order.customer_id, shoe.pk)
    people = {order.customer_id, eve}
    assert bought.purchases(shoe.store_id, people, [shoe.pk, other.pk]) == {pair: [(order.placed_at, order.pk)]}
    assert bought.bought_before(shoe.store_id, [pair], NOW) == {pair: order.pk}
    assert bought.bought_before(shoe.store_id, [pair], PLACED) == {}
