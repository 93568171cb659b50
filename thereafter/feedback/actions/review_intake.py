"""Reviews that the shop's own systems send: drained from the inbox, many calls at a time, in a few queries."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from thereafter.commerce.models import Customer, Identity, Product
from thereafter.commerce.rules.text import normal_email
from thereafter.feedback.actions import reviews
from thereafter.feedback.models import Review
from thereafter.feedback.queries import bought
from thereafter.feedback.queries.products_named import named_many
from thereafter.feedback.queries.review_rules import rules_of, settings_of
from thereafter.feedback.review_documents import ReviewDoc
from thereafter.feedback.rules import reviews as rules
from thereafter.stores.models import Store
from thereafter.timeline.inbox import Outcome
from thereafter.timeline.log import record
from thereafter.timeline.models import Inbound

ROOM = "reviews"
LONGEST_ID = 100
TOLERANCE_AHEAD = timedelta(hours=24)
# So many in a call.
MOST = 500


class BadCall(ValueError):
    """The body is not a list of reviews; the text says what is wrong with it."""


class _Call(msgspec.Struct):
    reviews: list[msgspec.Raw]


@dataclass(slots=True)
class Sent:
    """One review of a call, and what is wrong with it."""

    row: Inbound
    part: int
    raw: bytes
    doc: ReviewDoc | None = None
    problem: str = ""


def read_call(body: str | bytes) -> list[bytes]:
    """The reviews of a call, each as JSON text: a bad one does not spoil the others. Raises `BadCall`."""
    try:
        call = msgspec.json.decode(body, type=_Call)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadCall(f'send {{"reviews": [...]}}: {error}') from None
    if not 0 < len(call.reviews) <= MOST:
        raise BadCall(f"the call has {len(call.reviews)} reviews; send 1 to {MOST} at a time")
    return [bytes(raw) for raw in call.reviews]


def take_calls(rows: Sequence[Inbound], *, now: datetime) -> list[Outcome]:
    """Takes the reviews of many calls; one outcome per call. What is wrong is refused with its reason."""
    sent: dict[int, list[Sent]] = {}
    outcomes: dict[int, Outcome] = {}
    by_store: dict[int, list[Sent]] = defaultdict(list)
    for row in rows:
        try:
            sent[row.pk] = [Sent(row, part, raw) for part, raw in enumerate(read_call(row.body))]
            by_store[row.store_id] += sent[row.pk]
        except BadCall as error:
            outcomes[row.pk] = Outcome(Inbound.State.REFUSED, reason=f"not_reviews: {error}")
    for store_id, some in by_store.items():
        take(store_id, some, now=now)
    outcomes |= {pk: _outcome(some) for pk, some in sent.items()}
    return [outcomes[row.pk] for row in rows]


def _outcome(sent: Sequence[Sent]) -> Outcome:
    if len(sent) == 1 and sent[0].problem:
        return Outcome(Inbound.State.REFUSED, reason=sent[0].problem)
    refused = [one for one in sent if one.problem]
    return Outcome(rejects=[(f"{one.row.key[:90]}:{one.part}", _alone(one), one.problem) for one in refused])


def _alone(one: Sent) -> str:
    return json.dumps({"reviews": [json.loads(one.raw)]}, ensure_ascii=False)


@transaction.atomic
def take(store_id: int, sent: Sequence[Sent], *, now: datetime) -> list[Review]:
    """Keeps those that are sound and not here yet, to be looked at like any other; whatever stars they have."""
    for one in sent:
        _read(one, now)
    docs = {one.doc.external_id: one.doc for one in sent if one.doc and not one.problem}
    known = Review.objects.of(store_id).filter(external_id__in=docs).values_list("external_id", flat=True)
    for external_id in known:
        docs.pop(external_id)
    products = named_many(Store.objects.get(pk=store_id), [doc.product for doc in docs.values()])
    for one in sent:
        if one.doc and one.doc.external_id in docs and one.doc.product not in products:
            one.problem = f"unknown_product: there is no product {one.doc.product[:80]!r}"
            docs.pop(one.doc.external_id)
    made = Review.objects.bulk_create(_rows(store_id, docs, products, now), batch_size=200)
    record(*(reviews.written(review) for review in made if review.customer_id is not None))
    if not settings_of(store_id).checks_first:
        reviews.publish(store_id, [review.pk for review in made], now=now)
    return made


def _read(one: Sent, now: datetime) -> None:
    try:
        one.doc = msgspec.json.decode(one.raw, type=ReviewDoc, strict=False)
        one.problem = _problem(one.doc, now)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        one.problem = f"not_a_review: {error}"


def _problem(doc: ReviewDoc, now: datetime) -> str:
    if not 0 < len(doc.external_id.strip()) <= LONGEST_ID:
        return f"no_id: a review needs an external_id of at most {LONGEST_ID} characters"
    if doc.written_at.tzinfo is None:
        return "no_time_zone: written_at needs a time zone, such as 2026-03-03T10:00:00Z"
    if doc.written_at > now + TOLERANCE_AHEAD:
        return f"in_the_future: written_at is {doc.written_at.isoformat()}"
    if doc.email and not normal_email(doc.email):
        return "bad_email: email is not an e-mail address"
    try:
        rules.check(doc.rating, doc.title, doc.body)
    except rules.BadReview:
        return (
            f"bad_review: rating is 1 to 5, title at most {rules.LONGEST_TITLE} and body at most "
            f"{rules.LONGEST_BODY} characters"
        )
    return ""


def _rows(store_id: int, docs: Mapping[str, ReviewDoc], products: Mapping[str, Product], now: datetime) -> list[Review]:
    settings = settings_of(store_id)
    people = _people(store_id, [normal_email(doc.email) for doc in docs.values() if doc.email])
    asked_of = rules_of(settings, _whole(store_id, products))
    pairs = {(person.pk, products[doc.product].pk) for doc in docs.values() if (person := people.get(_mail(doc)))}
    orders = bought.not_yet_reviewed(store_id, pairs)
    taken: set[tuple[int, int, int]] = set()
    rows = []
    for doc in docs.values():
        person, product = people.get(_mail(doc)), products[doc.product]
        order_id = _order(orders.get((person.pk, product.pk), ()), doc.written_at) if person else None
        if person and order_id:
            here = (person.pk, product.pk, order_id)
            # Of two about one purchase the second stands without it: one purchase verifies one review.
            order_id = None if here in taken else order_id
            taken.add(here)
        attributes = rules.chosen(asked_of[product.pk].attributes, doc.attributes)
        rows.append(_row(store_id, doc, product, person, order_id, attributes, settings.insider_domains, now))
    return rows


def _row(  # noqa: PLR0913, PLR0917 what the row is made of, each read for the whole batch before
    store_id: int,
    doc: ReviewDoc,
    product: Product,
    person: Customer | None,
    order_id: int | None,
    attributes: Mapping[str, str],
    insider_domains: Sequence[str],
    now: datetime,
) -> Review:
    return Review(
        store_id=store_id,
        product_id=product.pk,
        customer=person,
        order_id=order_id,
        email="" if person else _mail(doc),
        external_id=doc.external_id.strip(),
        rating=doc.rating,
        title=" ".join(doc.title.split()),
        body=doc.body.strip(),
        recommends=doc.recommends,
        attributes=dict(attributes),
        language=doc.language[:10],
        country=doc.country[:2].upper() or (person.country if person else ""),
        shown_name=rules.shown_name(doc.author or (person.name if person else "")),
        collected=Review.Collected.API,
        is_verified=order_id is not None,
        is_incentivised=bool(doc.incentive),
        incentive=doc.incentive[:150],
        is_insider=rules.is_insider(_mail(doc), insider_domains),
        written_at=doc.written_at,
        changed_at=now,
    )


def _mail(doc: ReviewDoc) -> str:
    return normal_email(doc.email) if doc.email else ""


def _people(store_id: int, emails: Sequence[str]) -> dict[str, Customer]:
    known = Identity.objects.of(store_id).filter(kind=Identity.Kind.EMAIL, value__in=set(emails))
    return {identity.value: identity.customer for identity in known.select_related("customer")}


def _whole(store_id: int, products: Mapping[str, Product]) -> list[Product]:
    wanted = {product.pk for product in products.values()}
    return list(Product.objects.of(store_id).filter(pk__in=wanted))


def _order(purchases: Sequence[tuple[datetime, int]], at: datetime) -> int | None:
    """The newest order placed before, of which nobody said anything yet."""
    return max(((placed_at, order_id) for placed_at, order_id in purchases if placed_at < at), default=(at, None))[1]
