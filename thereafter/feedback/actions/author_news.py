"""What authors of reviews are told: by mail to those we know as customers. The block `review_news` fills the mail."""

from datetime import datetime

from thereafter.feedback.models import Review
from thereafter.messaging.actions.queueing import SendRequest, send_many

HIDDEN, APPEAL, MENDED, REPLY, PRIVATE, UPDATE = (
    "review_hidden",
    "review_appeal_decided",
    "review_mended",
    "review_reply",
    "review_private",
    "review_update",
)


def tell(review: Review, template: str, *, key: str, now: datetime, **about: int) -> None:
    """Queues the mail in the caller's transaction. `about` names the decision, version or letter it is about; who
    brought the review is unknown to us when it has no customer, and is told nothing."""
    if review.customer_id is None:
        return
    request = SendRequest(
        store_id=review.store_id,
        customer_id=review.customer_id,
        order_id=review.order_id,
        template=template,
        key=f"{template}:{key}",
        due_at=now,
        facts={"event": {"review_id": review.pk, **about}},
    )
    send_many([request], now)


def event_ids(review: Review, customer_id: int, now: datetime, by: int | None = None) -> dict[str, object]:
    """What every event about a review says. `by` is the person of the shop who did it."""
    return {
        "store_id": review.store_id,
        "customer_id": customer_id,
        "order_id": review.order_id,
        "occurred_at": now,
        "actor": f"staff:{by}" if by else "",
        "review_id": review.pk,
    }
