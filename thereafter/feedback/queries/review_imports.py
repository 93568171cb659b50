"""What a file of reviews would bring, before anything is written."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from thereafter.commerce.models import Identity
from thereafter.commerce.rules.text import normal_email
from thereafter.feedback.models import Review, ReviewImport
from thereafter.feedback.queries import bought
from thereafter.feedback.queries.review_products import Shelf, shelf
from thereafter.feedback.rules import reviews as rules
from thereafter.feedback.rules.review_formats import keeping, reading
from thereafter.feedback.rules.review_formats.keeping import Kept
from thereafter.feedback.rules.review_formats.reading import File
from thereafter.feedback.rules.review_formats.rows import Plan, Refused, ReviewRow, Taken
from thereafter.kit import tables
from thereafter.stores.models import Store

# So many rows are looked up at once, and so many before a page is shown.
SET, LOOKED_AT = 500, 20_000
LONGEST_URL = 500
# A review of ours in a file of ours.
_OWN = re.compile(r"^(?P<slug>[a-z0-9-]+)\.(?P<pk>\d{1,18})$")
Used = set[tuple[int, int, int]]


@dataclass(frozen=True)
class Coming:
    """A row that is brought in, with what is known of it here. With an order it is verified."""

    taken: Taken
    kept: Kept
    external_id: str
    product_id: int
    customer_id: int | None
    order_id: int | None
    notes: tuple[str, ...]


class Part(NamedTuple):
    """What becomes of some rows."""

    coming: list[Coming]
    known: list[Taken]
    refused: list[Refused]


@dataclass
class Missing:
    """A product that the shop does not have, as the file calls it."""

    name: str
    title: str
    rows: int = 0


@dataclass
class Preview:
    """Counts over all rows, and what is not taken."""

    rows: int = 0
    # Rows that were looked at; the counts are of these.
    looked_at: int = 0
    coming: int = 0
    known: int = 0
    verified: int = 0
    of_customers: int = 0
    told_verified: int = 0
    photos: int = 0
    videos: int = 0
    replies: int = 0
    states: Counter[str] = field(default_factory=Counter)
    stars: Counter[int] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    refused: list[Refused] = field(default_factory=list)
    # (line, sentence) of rows that come without a part of them.
    notes: list[tuple[int, str]] = field(default_factory=list)
    missing: dict[str, Missing] = field(default_factory=dict)
    samples: list[Coming] = field(default_factory=list)

    @property
    def wrong(self) -> list[Refused]:
        return [row for row in self.refused if not row.is_left_out]


def read(one: ReviewImport, now: datetime) -> File:
    """The file with the answers so far; raises `Unreadable` where a chosen format does not fit."""
    plan = Plan(ZoneInfo(one.store.time_zone), one.begun_at or now, str(one.answers.get("date_order", "")))
    return reading.open_file(one.system, tables.read(one.body), plan)


def shelf_of(one: ReviewImport) -> Shelf:
    return shelf(one.store_id, {str(name): int(pk) for name, pk in one.answers.get("products", {}).items()})


def sort_out(store: Store, file: File, products: Shelf, rows: Sequence[Taken | Refused], used: Used) -> Part:
    """Which of these rows come, in a constant number of queries. `used`: purchases that have their review; it grows."""
    part = Part([], [], [row for row in rows if isinstance(row, Refused)])
    placed = []
    for row in rows:
        if isinstance(row, Taken):
            product = products.find(row.row)
            placed += [(row, product)] if product else []
            part.refused.extend([] if product else [_unplaced(row, product)])
    known = _known(store, file, [row for row, _ in placed])
    part.known.extend(row for row, _ in placed if row.line in known)
    fresh = [(row, product) for row, product in placed if row.line not in known]
    part.coming.extend(_with_people(store, file, fresh, used))
    return part


def _unplaced(taken: Taken, product: int | None) -> Refused:
    if product == 0:
        return Refused(taken.line, taken.cells, "You left this product out.", is_left_out=True)
    why = (
        f"Your shop has no product “{taken.row.product[:80]}”. Say which one it is, or add it and bring the row again."
    )
    return Refused(taken.line, taken.cells, why)


def _known(store: Store, file: File, rows: Sequence[Taken]) -> set[int]:
    """Lines of reviews that are here already."""
    names = {row.line: _names(store, file, row.row) for row in rows}
    wanted = {name for several in names.values() for name in several}
    there = set(Review.objects.of(store).filter(external_id__in=wanted).values_list("external_id", flat=True))
    own = {row.line: int(found["pk"]) for row in rows if (found := _own(store, file, row.row))}
    here = set(Review.objects.of(store).filter(pk__in=own.values()).values_list("pk", flat=True)) if own else set()
    return {line for line, several in names.items() if there.intersection(several) or own.get(line) in here}


def _names(store: Store, file: File, row: ReviewRow) -> tuple[str, ...]:
    """Under which a review may be known: in our own file also by the name it had before it was taken out."""
    identity = reading.identity(file.format, row, file.plan)
    return (identity, row.external_id) if file.format.is_ours and row.external_id else (identity,)


def _own(store: Store, file: File, row: ReviewRow) -> re.Match[str] | None:
    found = _OWN.match(row.external_id) if file.format.is_ours else None
    return found if found and found["slug"] == store.slug else None


def own_id(store: Store, review: Review) -> str:
    """By which a review is known again when it comes back."""
    return review.external_id or f"{store.slug}.{review.pk}"


def _with_people(store: Store, file: File, rows: Sequence[tuple[Taken, int]], used: Used) -> list[Coming]:
    customers = _customers(store, {row.row.email for row, _ in rows if row.row.email})
    ours = set(customers.values())
    products = {product for _, product in rows}
    bought_by = bought.purchases(store.pk, ours, products) if ours else {}
    reviewed = Review.objects.of(store).filter(customer__in=ours, product__in=products, order__isnull=False)
    used.update(reviewed.values_list("customer", "product", "order") if ours else ())
    found = []
    for row, product in rows:
        customer = customers.get(row.row.email)
        order, note = _order(bought_by.get((customer or 0, product), []), customer, product, row.row, used)
        found.append(
            Coming(
                taken=row,
                kept=keeping.kept(file.format, row.row),
                external_id=reading.identity(file.format, row.row, file.plan),
                product_id=product,
                customer_id=customer,
                order_id=order,
                notes=(*row.notes, *note, *_photo_notes(row.row)),
            )
        )
    return found


def _photo_notes(row: ReviewRow) -> list[str]:
    more = len(row.photo_urls) - rules.MOST_PHOTOS
    notes = [f"Of {len(row.photo_urls)} photos the first {rules.MOST_PHOTOS} come."] if more > 0 else []
    long = [url for url in row.photo_urls[: rules.MOST_PHOTOS] if len(url) > LONGEST_URL]
    return [*notes, *(f"The address of a photo is too long: {url[:60]}…" for url in long)]


def _order(
    bought_in: list[tuple[datetime, int]], customer: int | None, product: int, row: ReviewRow, used: Used
) -> tuple[int | None, tuple[str, ...]]:
    """The newest purchase before the review that has no review yet: what makes it verified."""
    before = [order for at, order in bought_in if at < row.written_at]
    if customer is None or not before:
        return None, ()
    free = next((order for order in before if (customer, product, order) not in used), None)
    if free is None:
        return None, ("This person has reviewed the purchase already; the review comes without being verified.",)
    used.add((customer, product, free))
    return free, ()


def _customers(store: Store, emails: Collection[str]) -> dict[str, int]:
    """The customer of each address that we know. Nobody is made a customer by a review."""
    normal = {email: normal_email(email) for email in emails}
    rows = Identity.objects.of(store).filter(
        kind=Identity.Kind.EMAIL, value__in={one for one in normal.values() if one}
    )
    known = dict(rows.values_list("value", "customer_id"))
    return {email: known[value] for email, value in normal.items() if value in known}


def preview(one: ReviewImport, file: File, *, samples: int = 3) -> Preview:
    """What carrying it out now would do, as its first rows show it."""
    rows, products, used = file.rows(), shelf_of(one), set[tuple[int, int, int]]()
    looked_at = rows[:LOOKED_AT]
    seen = Preview(rows=len(rows), looked_at=len(looked_at))
    for start in range(0, len(looked_at), SET):
        part = sort_out(one.store, file, products, looked_at[start : start + SET], used)
        seen.known += len(part.known)
        seen.refused += part.refused
        seen.samples += part.coming[: samples - len(seen.samples)]
        for each in part.coming:
            _count(seen, each)
    seen.refused.sort(key=lambda row: row.line)
    seen.missing = _missing(file, rows, products)
    return seen


def _count(seen: Preview, one: Coming) -> None:
    row = one.taken.row
    seen.coming += 1
    seen.verified += one.order_id is not None
    seen.of_customers += one.customer_id is not None
    seen.told_verified += row.is_told_verified is True
    seen.photos += len(row.photo_urls)
    seen.videos += len(row.video_urls)
    seen.replies += bool(one.kept.reply)
    seen.states[one.kept.state] += 1
    seen.stars[row.rating] += 1
    seen.first = min(seen.first or row.written_at, row.written_at)
    seen.last = max(seen.last or row.written_at, row.written_at)
    seen.notes += [(one.taken.line, note) for note in one.notes]


def _missing(file: File, rows: Sequence[Taken | Refused], products: Shelf) -> dict[str, Missing]:
    """Products to be found by hand, the ones with most reviews first; those chosen already are among them."""
    found: dict[str, Missing] = {}
    for row in rows:
        if isinstance(row, Taken) and (row.row.product in products.chosen or products.find(row.row) is None):
            told = row.row
            title = told.product_title or told.product_handle or told.sku
            found.setdefault(told.product, Missing(told.product, title)).rows += 1
    return dict(sorted(found.items(), key=lambda pair: -pair[1].rows))
