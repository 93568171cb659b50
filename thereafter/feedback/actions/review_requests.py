"""Reviews that a person may be asked for now: the request, and the mail with five stars for each product."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from thereafter.events.reviews import ReviewsAsked
from thereafter.feedback.actions import skipping
from thereafter.feedback.models import Ask, RequestedProduct, ReviewRequest
from thereafter.feedback.queries import review_asks as queries
from thereafter.feedback.queries.review_rules import settings_of
from thereafter.messaging.actions.queueing import SendRequest, send_many
from thereafter.timeline.log import record

TEMPLATE, REMINDER = "review_request", "review_reminder"


def carry_out(store_id: int, asks: Sequence[Ask], *, now: datetime) -> list[ReviewRequest]:
    """One request and one mail for each, in the caller's transaction; what cannot be asked any more is skipped with
    its reason."""
    settings = settings_of(store_id)
    there = queries.bought(store_id, {ask.order_id or 0 for ask in asks})
    said = queries.reviewed(store_id, {ask.customer_id for ask in asks})
    left: dict[int, list[int]] = {}
    skipped: dict[str, list[Ask]] = {}
    for ask in asks:
        order = there.orders.get(ask.order_id or 0)
        why = "" if settings.asks else queries.OFF
        why = why or queries.why_not(order, settings.not_in)
        left[ask.pk] = [] if why else _left(ask, there, said)
        if not left[ask.pk]:
            skipped.setdefault(why or queries.REVIEWED, []).append(ask)
    for why, some in skipped.items():
        skipping.skip(store_id, some, why, now=now)
    return _ask(store_id, [ask for ask in asks if left[ask.pk]], left, there, now)


def _left(ask: Ask, there: queries.Bought, said: set[tuple[int, int]]) -> list[int]:
    """The products it was planned for that are still to be asked about."""
    goods = there.products.get(ask.order_id or 0, {})
    wanted = ask.facts.get("product_ids") or list(goods)
    return [one for one in wanted if one in goods and (ask.customer_id, one) not in said]


def _ask(
    store_id: int, asks: Sequence[Ask], products: Mapping[int, Sequence[int]], there: queries.Bought, now: datetime
) -> list[ReviewRequest]:
    requests = ReviewRequest.objects.bulk_create(
        ReviewRequest(store_id=store_id, customer_id=ask.customer_id, order_id=ask.order_id or 0, ask=ask, asked_at=now)
        for ask in asks
    )
    RequestedProduct.objects.bulk_create(
        [
            RequestedProduct(
                store_id=store_id,
                request=request,
                product_id=product_id,
                line=there.products[request.order_id][product_id],
            )
            for request, ask in zip(requests, asks, strict=True)
            for product_id in products[ask.pk]
        ],
        batch_size=500,
    )
    send_many([_mail(one, TEMPLATE, ask.origin, now) for one, ask in zip(requests, asks, strict=True)], now)
    record(*(_asked(one, len(products[ask.pk]), now) for one, ask in zip(requests, asks, strict=True)))
    return requests


def remind(store_id: int, asks: Sequence[Ask], *, now: datetime) -> None:
    """Once more, to who has written nothing and whose order still stands; whatever else they may have told us."""
    settings = settings_of(store_id)
    requests = queries.requests_of(store_id, [ask.pk for ask in asks])
    said = queries.reviewed(store_id, {one.customer_id for one in requests})
    origins = {ask.pk: ask.origin for ask in asks}
    due = [
        one
        for one in requests
        if settings.asks
        and not queries.why_not(one.order, settings.not_in)
        and not any((one.customer_id, each.product_id) in said for each in one.products.all())
    ]
    send_many([_mail(one, REMINDER, origins[one.ask_id or 0], now) for one in due], now)


def _mail(request: ReviewRequest, template: str, origin: str, now: datetime) -> SendRequest:
    return SendRequest(
        store_id=request.store_id,
        customer_id=request.customer_id,
        order_id=request.order_id,
        template=template,
        key=f"{template}:{request.pk}",
        due_at=now,
        origin=origin,
        facts={"event": {"request_id": request.pk}},
    )


def _asked(request: ReviewRequest, products: int, now: datetime) -> ReviewsAsked:
    return ReviewsAsked(
        store_id=request.store_id,
        customer_id=request.customer_id,
        order_id=request.order_id,
        occurred_at=now,
        request_id=request.pk,
        products=products,
    )
