"""A shop whose product has reviews to show, for tests of widgets and of the feed."""

from datetime import timedelta

from thereafter.commerce.models import Order, Product
from thereafter.commerce.tests.makers import make_order, make_product
from thereafter.feedback.models import Review, ReviewSettings
from thereafter.feedback.tests.review_makers import WRITTEN, make_review
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

SHOP, OTHER = "https://shop.example", "https://evil.example"
URL = "/s/stride/feedback/widgets/"


def make_shop() -> Store:
    return make_store(shop_url=f"{SHOP}/en")


def make_shoe(store: Store) -> Product:
    return make_product(store, url=f"{SHOP}/products/trail-runner")


def reviewed(store: Store, *ratings: int, product: Product | None = None) -> list[Review]:
    """One review for each number of stars, of people of their own, an hour apart, published."""
    product = product or make_shoe(store)
    people = Order.objects.of(store).count()
    return [
        make_review(
            store,
            rating,
            f"Review {people + at} of {rating} stars.",
            product=product,
            order=make_order(store, email=f"buyer{people + at}@example.com"),
            is_published=True,
            now=WRITTEN + timedelta(hours=at),
        )
        for at, rating in enumerate(ratings)
    ]


def review_settings(store: Store, **changed: object) -> ReviewSettings:
    kept, _ = ReviewSettings.objects.of(store).get_or_create(store=store)
    ReviewSettings.objects.of(store).filter(pk=kept.pk).update(changed_at=WRITTEN, **changed)
    return ReviewSettings.objects.of(store).get()
