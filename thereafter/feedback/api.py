"""Answers that a shop collected elsewhere."""

import hashlib
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.errors import HttpError

from thereafter.feedback.actions import intake
from thereafter.feedback.card_api import router as cards
from thereafter.feedback.review_api import router as reviews
from thereafter.kit import clock
from thereafter.stores.api import Bearer
from thereafter.timeline import inbox

router = Router(tags=["Feedback"])
router.add_router("", reviews)
router.add_router("", cards)

BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["answers"],
                    "properties": {
                        "answers": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"type": "object"}}
                    },
                },
                "example": {
                    "answers": [
                        {
                            "external_id": "review-8812",
                            "order": "450789469",
                            "order_source": "shopify",
                            "survey": "satisfaction",
                            "score": 5,
                            "comment": "They fit.",
                            "answered_at": "2026-03-03T10:00:00Z",
                        }
                    ]
                },
            }
        },
    }
}


class Accepted(Schema):
    """`received` answers are kept and taken in within seconds; a call that was sent before is a duplicate."""

    received: int
    duplicate: bool


@router.post(
    "/answers", auth=Bearer("feedback:write"), response={202: Accepted}, summary="Send answers", openapi_extra=BODY
)
def send_answers(request: HttpRequest) -> Status[dict[str, Any]]:
    """Up to 1,000 answers of 1 to 5, each with an `external_id` that makes it count once.

    Name the order by `order_number`, or by `order` (your own id) with `order_source` (api, shopify, woocommerce …). An
    answer to an order that we do not have yet waits for it; one that is wrong is refused with the reason, under
    "Needs attention" in the console, and the others go in.
    """
    try:
        answers = intake.read_call(request.body)
    except intake.BadCall as error:
        raise HttpError(422, str(error)) from None
    key = hashlib.sha256(request.body).hexdigest()
    store_id = request.auth.store_id  # type: ignore[attr-defined]  # set by Bearer
    call = inbox.Received(store_id, intake.ROOM, "api", "answers", key, request.body.decode())
    new = inbox.put([call], clock.now())
    return Status(202, {"received": len(answers), "duplicate": not new})
