"""Reviews are written without a script, opening a link counts for nothing, and strangers confirm their address."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from thereafter.commerce.documents import Line
from thereafter.commerce.models import Coupon, Customer, Order, Product
from thereafter.commerce.tests.makers import PLACED, SHOES, make_order, make_pool, make_product
from thereafter.events.parcels import ParcelDelivered
from thereafter.events.reviews import ReviewWritten
from thereafter.feedback import review_links
from thereafter.feedback.actions import open_reviews, reviews
from thereafter.feedback.actions.reviews import Author, Draft
from thereafter.feedback.models import Review, ReviewConfirmation, ReviewRule, ReviewSettings
from thereafter.kit import clock
from thereafter.kit.tests.test_pictures import file_of
from thereafter.storefront.actions import drop_documents
from thereafter.storefront.links import account_page, order_page
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store
from thereafter.timeline.log import record
from thereafter.timeline.tests.tools import assert_recorded

pytestmark = pytest.mark.django_db
SOCKS = Line(external_id="2", title="Socks", quantity=2, unit_price="5", product_id="socks")
FIT = {
    "key": "fit",
    "kind": "scale",
    "label": {"en": "How does it fit?", "de": "Wie passt es?"},
    "options": [{"key": "small", "label": {"en": "Small"}}, {"key": "true", "label": {"en": "True to size"}}],
}


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def order(store: Store) -> Order:
    return make_order(store, lines=[SHOES, SOCKS])


@pytest.fixture
def client() -> Client:
    """Like a browser inside a mail app: it keeps no cookies, so it has no CSRF token."""
    return Client(enforce_csrf_checks=True)


def path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def form_of(order: Order) -> str:
    return path(review_links.form_page(order))


def photo(name: str = "shoe.jpg", kind: str = "JPEG") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, file_of(kind), content_type="image/jpeg")


def test_several_products_are_reviewed_in_one_form(client: Client, order: Order) -> None:
    answer = client.post(
        form_of(order),
        {
            "p1-rating": "2",
            "p1-title": "Small",
            "p1-body": "Order a size up.",
            "p1-recommends": "no",
            "p1-photos": [photo(), photo("b.heic", "HEIF")],
            "p2-rating": "5",
        },
    )
    assert answer.status_code == 302
    shoe, socks = Review.objects.order_by("product__external_id")
    assert (shoe.rating, shoe.title, shoe.recommends, shoe.photo_count) == (2, "Small", False, 2)
    assert (socks.rating, socks.is_verified, socks.language) == (5, True, "en")
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Thank you" in page
    assert_recorded(ReviewWritten, times=2)


def test_a_star_in_the_mail_only_chooses(client: Client, order: Order) -> None:
    for stars in range(1, 6):
        page = client.get(f"{form_of(order)}?star=2-{stars}").content.decode()
        assert re.search(rf'name="p2-rating" value="{stars}" checked', page)
        assert 'name="p1-rating" value="1" checked' not in page
    client.head(f"{form_of(order)}?star=1-5")
    client.get(f"{form_of(order)}?star=99-9")
    assert not Review.objects.exists()


def test_what_is_sound_is_kept_and_the_rest_is_shown_again(client: Client, order: Order) -> None:
    answer = client.post(form_of(order), {"p1-rating": "4", "p2-body": "Warm, but no stars chosen."})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose one to five stars" in page
    assert "Warm, but no stars chosen." in page
    assert Review.objects.get().product.external_id == "shoe"


def test_an_empty_form_says_what_is_missing(client: Client, order: Order) -> None:
    answer = client.post(form_of(order), {})
    assert answer.status_code == 422
    assert "at least one product" in answer.content.decode()


def test_a_file_that_is_no_photo_is_told_and_the_words_are_kept(client: Client, order: Order) -> None:
    bad = SimpleUploadedFile("virus.jpg", b"MZ", content_type="image/jpeg")
    answer = client.post(form_of(order), {"p1-rating": "4", "p1-photos": [bad]})
    assert "virus.jpg" in answer.content.decode()
    assert Review.objects.get().photo_count == 0


def test_what_a_product_is_asked_beyond_stars(client: Client, order: Order) -> None:
    shoe = Product.objects.get(external_id="shoe")
    ReviewRule.objects.create(store=order.store, product=shoe, attributes=[FIT])
    page = client.get(form_of(order)).content.decode()
    assert page.count("How does it fit?") == 1
    client.post(form_of(order), {"p1-rating": "4", "p1-a_fit": "small"})
    assert Review.objects.get().attributes == {"fit": "small"}


def test_what_was_written_stands_in_the_form_and_is_changed_there(client: Client, order: Order) -> None:
    client.post(form_of(order), {"p1-rating": "4", "p1-body": "Good."})
    page = client.get(form_of(order)).content.decode()
    assert 'name="p1-rating" value="4" checked' in page
    client.post(form_of(order), {"p1-rating": "1", "p1-body": "They broke."})
    review = Review.objects.get()
    assert (review.rating, review.version) == (1, 2)


@pytest.mark.parametrize("rating", ["1", "5"])
def test_what_is_given_is_told_before_and_the_same_after(client: Client, order: Order, rating: str) -> None:
    pool = make_pool(order.store, "Thanks")
    incentive = {"kind": "coupon", "pool": pool.key, "says": {"en": "10% off", "de": "10 % Rabatt"}}
    ReviewSettings.objects.create(store=order.store, incentive=incentive)
    assert "10 % Rabatt für jede Bewertung" in client.get(form_of(order) + "?lang=de").content.decode()
    answer = client.post(form_of(order), {"p1-rating": rating})
    code = Coupon.objects.get(pool=pool).code
    assert code in client.get(answer.headers["Location"]).content.decode()


def test_who_belongs_to_the_shop_says_so(client: Client, order: Order) -> None:
    client.post(form_of(order), {"p1-rating": "5", "by-insider": "on", "by-name": "Eve Owner"})
    review = Review.objects.get()
    assert (review.is_insider, review.shown_name) == (True, "Eve O.")


def test_a_forged_or_foreign_link_and_a_cancelled_order_open_nothing(client: Client, order: Order) -> None:
    make_store("other")
    gone = make_order(order.store, status="cancelled", cancelled_at=PLACED, email="eve@example.com")
    good = form_of(order)
    for link in (good[:-2] + "xx", good.replace("/stride/", "/other/"), form_of(gone)):
        assert client.post(link, {"p1-rating": "5"}).status_code == 410, link
    assert not Review.objects.exists()


def written(order: Order, **words: Any) -> Review:
    author = Author(customer=order.customer, order=order)
    shoe = Product.objects.of(order.store).get(external_id="shoe")
    return reviews.write(None, shoe, author, Draft(rating=3, **words), now=PLACED + timedelta(days=20))


def test_an_author_changes_and_takes_back_their_review(client: Client, order: Order) -> None:
    review = written(order, body="Okay.")
    own = path(review_links.own_page(review))
    assert "Okay." in client.get(own).content.decode()
    client.post(own, {"p1-rating": "4", "p1-body": "Better than I thought.", "p1-photos": [photo()]})
    review.refresh_from_db()
    assert (review.rating, review.photo_count) == (4, 1)
    picture = re.search(r'src="([^"]+/reviews/photo/[^"]+)"', client.get(own).content.decode())
    assert picture
    assert client.get(path(picture[1])).headers["Content-Type"] == "image/jpeg"
    gone = str(review.photos.values_list("pk", flat=True).get())
    client.post(own, {"p1-rating": "4", "p1-body": "Better than I thought.", "gone": gone})
    review.refresh_from_db()
    assert review.photo_count == 0
    assert client.post(own, {"do": "withdraw"}).status_code == 422
    client.post(own, {"do": "withdraw", "sure": "yes"})
    review.refresh_from_db()
    assert review.state == Review.State.WITHDRAWN


def test_everybody_delivered_finds_the_way_on_the_order_s_page(client: Client, order: Order) -> None:
    page = path(order_page(order))
    assert "Review what you bought" not in client.get(page).content.decode()
    with transaction.atomic():
        ids: dict[str, Any] = {"store_id": order.store_id, "customer_id": order.customer_id, "order_id": order.pk}
        record(ParcelDelivered(**ids, occurred_at=clock.now(), parcel_id=1, carrier="dhl", late=True))
    # As tracking does when a parcel moves.
    drop_documents(order.store_id, [order.pk])
    assert "Review what you bought" in client.get(page).content.decode()


def test_the_account_lists_what_its_owner_wrote(order: Order) -> None:
    review = written(order, body="Okay.")
    page = Client().get(path(account_page(order.customer)), follow=True).content.decode()
    assert "My reviews" in page
    assert review.product.title in page


STRANGER = {"p1-rating": "2", "p1-body": "I saw it in a shop.", "by-email": "Eve@Example.com", "by-name": "Eve Stone"}


def write_path(store: Store) -> str:
    return reverse("feedback_storefront:write_review", args=[store.slug, "shoe"])


def test_only_buyers_write_where_the_shop_wants_that(order: Order) -> None:
    page = Client().post(write_path(order.store), STRANGER)
    assert "Reviews are written by buyers" in page.content.decode()
    assert not Review.objects.exists()


def opened(store: Store) -> None:
    ReviewSettings.objects.create(store=store, open_to_all=True, checks_first=False)


def test_a_stranger_s_review_is_seen_once_the_mailbox_said_yes(store: Store) -> None:
    make_product(store)
    opened(store)
    browser = Client()
    assert "Eve@" not in browser.post(write_path(store), STRANGER).content.decode()
    review = Review.objects.get()
    assert (review.state, review.shown_name, review.customer) == (Review.State.UNCONFIRMED, "Eve S.", None)
    assert_recorded(ReviewWritten, times=0)
    asked = ReviewConfirmation.objects.get()
    link = path(review_links.confirm_page(asked))
    browser.get(link)
    review.refresh_from_db()
    assert review.state == Review.State.UNCONFIRMED
    page = browser.post(link, follow=True).content.decode()
    review.refresh_from_db()
    assert (review.state, review.is_verified, review.email) == (Review.State.PUBLISHED, False, "")
    assert "Not verified" in page
    assert Customer.objects.get(email="eve@example.com") == review.customer
    browser.post(link)
    assert_recorded(ReviewWritten, verified=False, collected="web")


def test_a_stranger_who_turns_out_to_have_bought_it_is_verified(store: Store) -> None:
    opened(store)
    order = make_order(store, email="eve@example.com")
    Client().post(write_path(store), STRANGER)
    review = open_reviews.confirm(ReviewConfirmation.objects.get(), now=clock.now())
    assert (review.is_verified, review.order_id) == (True, order.pk)


def test_one_person_has_one_voice_for_a_purchase(store: Store) -> None:
    opened(store)
    order = make_order(store, email="eve@example.com")
    first = written(order, body="Great.")
    Client().post(write_path(store), STRANGER)
    assert open_reviews.confirm(ReviewConfirmation.objects.get(), now=clock.now()).pk == first.pk
    first.refresh_from_db()
    assert (first.rating, Review.objects.count()) == (2, 1)


def test_machines_and_floods_bring_nothing(store: Store) -> None:
    make_product(store)
    opened(store)
    browser = Client()
    browser.post(write_path(store), {**STRANGER, "by-website": "https://spam.example"})
    assert not Review.objects.exists()
    for _ in range(6):
        browser.post(write_path(store), STRANGER)
    assert Review.objects.count() == open_reviews.MOST_MAILS
    statuses = {
        browser.post(write_path(store), {**STRANGER, "by-email": f"e{n}@example.com"}).status_code for n in range(30)
    }
    assert 429 in statuses


def test_what_nobody_confirmed_is_forgotten(store: Store) -> None:
    make_product(store)
    opened(store)
    Client().post(write_path(store), STRANGER)
    assert open_reviews.forget_unconfirmed(clock.now() + timedelta(days=10)) == 0
    assert open_reviews.forget_unconfirmed(clock.now() + timedelta(days=16)) == 1
    assert not Review.objects.exists()


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt"])
def test_the_pages_speak_the_reader_s_language(client: Client, order: Order, language: str) -> None:
    page = client.get(form_of(order) + f"?lang={language}").content.decode()
    assert f'lang="{language}"' in page
    assert ("Your stars" in page) == (language == "en")
