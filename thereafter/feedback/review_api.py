"""Reviews by the API: those that the shop's own systems collected, and those that are here."""

import hashlib
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import HttpError

from thereafter.feedback.actions import review_intake
from thereafter.feedback.models import Review
from thereafter.kit import clock
from thereafter.stores.api import Bearer
from thereafter.timeline import inbox

router = Router(tags=["Feedback"])
PAGE = 100

BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["reviews"],
                    "properties": {
                        "reviews": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": review_intake.MOST,
                            "items": {"type": "object"},
                        }
                    },
                },
                "example": {
                    "reviews": [
                        {
                            "external_id": "app-4711",
                            "product": "TR2",
                            "rating": 4,
                            "title": "Runs small",
                            "body": "Order a size up.",
                            "author": "Anna Schmidt",
                            "email": "anna@example.com",
                            "written_at": "2026-03-20T10:00:00Z",
                        }
                    ]
                },
            }
        },
    }
}


class ReviewsAccepted(Schema):
    """`received` reviews are kept and taken in within seconds; a call that was sent before is a duplicate."""

    received: int
    duplicate: bool


class ReviewOut(Schema):
    """A review as everybody may see it: never an address, and a surname cut to its letter."""

    id: int
    external_id: str
    product: str
    rating: int
    title: str
    body: str
    author: str
    state: str
    collected: str
    is_verified: bool
    is_incentivised: bool
    is_insider: bool
    language: str
    country: str
    attributes: dict[str, str]
    reply: str
    written_at: datetime
    changed_at: datetime


class ReviewsOut(Schema):
    """`next` is the `after` of the page that follows; 0 when this is the last."""

    reviews: list[ReviewOut]
    next: int


@router.post(
    "/reviews",
    auth=Bearer("feedback:write"),
    response={202: ReviewsAccepted},
    summary="Send reviews",
    openapi_extra=BODY,
)
def send_reviews(request: HttpRequest) -> Status[dict[str, Any]]:
    """Up to 500 reviews, each with an `external_id` that makes it count once.

    Name the product by your own id, that of a variant, or a SKU. Whether the author bought it is computed from `email`
    and the orders here; a review is looked at before it is seen if that is how you do it with all. One that is wrong is
    refused with the reason, under "Needs attention" in the console, and the others go in.
    """
    try:
        reviews = review_intake.read_call(request.body)
    except review_intake.BadCall as error:
        raise HttpError(422, str(error)) from None
    key = hashlib.sha256(request.body).hexdigest()
    store_id = request.auth.store_id  # type: ignore[attr-defined]  # set by Bearer
    call = inbox.Received(store_id, review_intake.ROOM, "api", "reviews", key, request.body.decode())
    new = inbox.put([call], clock.now())
    return Status(202, {"received": len(reviews), "duplicate": not new})


@router.get("/reviews", auth=Bearer("feedback:read"), response=ReviewsOut, summary="Read reviews")
def read_reviews(request: HttpRequest, after: int = 0, product: str = "", state: str = "") -> dict[str, Any]:
    """A hundred at a time in the order they came, of all products or one (your own id), in any state or one."""
    store_id = request.auth.store_id  # type: ignore[attr-defined]  # set by Bearer
    rows = Review.objects.of(store_id).filter(pk__gt=after).exclude(state=Review.State.UNCONFIRMED)
    if product:
        rows = rows.filter(product__external_id=product)
    if state:
        rows = rows.filter(state=state)
    found = list(rows.select_related("product").order_by("pk")[: PAGE + 1])
    shown = found[:PAGE]
    return {"reviews": [_out(one) for one in shown], "next": shown[-1].pk if len(found) > PAGE else 0}


def _out(review: Review) -> dict[str, Any]:
    plain = {name: getattr(review, name) for name in ReviewOut.model_fields if name not in {"product", "author"}}
    return plain | {"product": review.product.external_id, "author": review.shown_name}
