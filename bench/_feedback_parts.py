"""What the benchmark of feedback measures, in one installation."""

import json
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

django.setup()

import msgspec
from django.urls import reverse

from bench._pages_parts import PLACED, order
from thereafter.commerce.actions.orders import take_orders
from thereafter.commerce.actions.products import take_products
from thereafter.commerce.documents import ProductDoc
from thereafter.commerce.models import Order, Product
from thereafter.feedback.actions import answering, asking, intake, ratings
from thereafter.feedback.models import Answer, Review
from thereafter.kit import clock
from thereafter.stores import actions as stores
from thereafter.stores.models import Store
from thereafter.timeline import inbox
from thereafter.timeline.worker import run_until_idle

ORDERS, CALL = 600, 500
STARS = (5, 5, 5, 4, 4, 3, 2, 1)
WORDS = "They fit well, and after a month of rain they still look good. The laces could be longer. "


def prepare(reviews: int) -> dict[str, Any]:
    """A shop with orders, one product with this many published reviews and one with fifty."""
    store = stores.open_store("bench", name="Bench", currency="EUR", now=PLACED, time_zone="Europe/Berlin")
    stores.add_staff(store, email="o@bench.example", name="O", role="owner", password="correct horse", now=PLACED)  # noqa: S106 of a shop that is thrown away
    products = [ProductDoc(external_id=name, title=f"Shoe {name}") for name in ("hot", "usual")]
    take_products(store, products, source="api", now=PLACED)
    take_orders(store, [order(at) for at in range(ORDERS)], source="api", now=clock.now())
    run_until_idle()
    for name, count in (("hot", reviews), ("usual", 50)):
        _write(store, Product.objects.of(store).get(external_id=name), count)
    return {"paths": {name: _paths(name) for name in ("hot", "usual")}}


def _write(store: Store, product: Product, count: int) -> None:
    """Reviews as an import leaves them; how they come in is measured elsewhere."""
    Review.objects.bulk_create(
        (_review(store, product, at) for at in range(count)),
        batch_size=500,
    )
    ratings.recount(store.pk, [product.pk], now=clock.now())


def _review(store: Store, product: Product, at: int) -> Review:
    written = PLACED - timedelta(minutes=at)
    return Review(
        store=store,
        product=product,
        rating=STARS[at % len(STARS)],
        title=f"Review {at}",
        body=WORDS * (1 + at % 4),
        language=("en", "de", "fr")[at % 3],
        country=("US", "DE", "FR")[at % 3],
        attributes={"fit": ("small", "true", "large")[at % 3]},
        shown_name=f"Buyer {at}",
        state=Review.State.PUBLISHED,
        collected=Review.Collected.IMPORTED,
        helpful=at % 7,
        written_at=written,
        changed_at=written,
        published_at=written,
    )


def _paths(product: str) -> dict[str, list[str]]:
    """Cached: what visitors see first. Made: pages with a filter, each other than the one before."""
    page = f"{reverse('feedback_storefront:widget', args=['bench', 'list'])}?product={product}"
    stars = f"{reverse('feedback_storefront:widget', args=['bench', 'stars'])}?product={product}"
    return {
        "list": [f"{page}&locale={language}" for language in ("en", "de")],
        "stars": [stars],
        "made": [f"{page}&attribute=fit:small&page={number}" for number in range(1, 60)],
    }


def answers() -> dict[str, Any]:
    """Answers through the action that the page of an answer calls, and through the API's intake in calls of 500."""
    store, now = Store.objects.get(slug="bench"), clock.now()
    orders = list(Order.objects.of(store).order_by("pk"))
    asked = [asking.Asking(one.customer_id, f"bench:{one.pk}", one.pk) for one in orders]
    invitations = asking.ask(store.pk, asked, now=now)

    def one_by_one() -> int:
        for invitation in invitations:
            answering.answer(invitation, score=4, comment="It came in time.", now=now + timedelta(minutes=1))
        return len(invitations)

    return {"asked": len(invitations), "answer": _rate(one_by_one), "intake": _rate(lambda: _calls(store, orders))}


def _calls(store: Store, orders: list[Order]) -> int:
    told = [
        {
            "external_id": f"outside-{at}",
            "order_number": orders[at % len(orders)].number,
            "survey": "satisfaction",
            "score": 1 + at % 5,
            "comment": "It came in time.",
            "answered_at": "2026-03-03T10:00:00Z",
        }
        for at in range(4 * CALL)
    ]
    for first in range(0, len(told), CALL):
        body = msgspec.json.encode({"answers": told[first : first + CALL]}).decode()
        call = inbox.Received(store.pk, intake.ROOM, "api", "answers", f"call-{first}", body)
        inbox.put([call], clock.now())
    before = Answer.objects.of(store).count()
    inbox.drain(intake.ROOM, lambda rows: intake.take_calls(rows, now=clock.now()), clock.now(), limit=20)
    return Answer.objects.of(store).count() - before


def _rate(work: Callable[[], int]) -> dict[str, float]:
    began = time.perf_counter()
    count = work()
    taken = time.perf_counter() - began
    return {"count": count, "per_second": round(count / taken)}


if __name__ == "__main__":
    print(json.dumps({"prepare": lambda: prepare(int(sys.argv[2])), "answers": answers}[sys.argv[1]]()))
