"""The lines and tenders of orders, written for many orders at once."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from django.db import transaction
from django.db.models import ProtectedError

from thereafter.commerce.actions.products import Catalogue
from thereafter.commerce.documents import Line, OrderDoc
from thereafter.commerce.models import Order, OrderLine, Tender
from thereafter.commerce.rules.orders import Amounts, minor
from thereafter.commerce.rules.text import clean
from thereafter.stores.models import Store
from thereafter.timeline.rows import insert

Given = tuple[Order, OrderDoc, Amounts]
_TOLD = [
    "product", "variant", "title", "variant_title", "sku", "quantity",
    "unit_price_minor", "discount_minor", "tax_minor", "total_minor",
]  # fmt: skip


def put_lines(store: Store, given: Sequence[Given], catalogue: Catalogue, *, known: Collection[int]) -> None:
    """Writes the lines as the documents have them; of orders that are `known` (by id) lines may change or go."""
    insert(
        row for order, doc, amounts in given if order.pk not in known for row in _rows(order, doc, amounts, catalogue)
    )
    if known:
        held = [each for each in given if each[0].pk in known]
        _make_room(store, {order.pk: doc for order, doc, _ in held})
        OrderLine.objects.bulk_create(
            [row for order, doc, amounts in held for row in _rows(order, doc, amounts, catalogue)],
            update_conflicts=True,
            unique_fields=["order", "external_id"],
            update_fields=_TOLD,
        )


def _make_room(store: Store, docs: dict[int, OrderDoc]) -> None:
    """Lines that the shop numbers anew keep their row (reviews hang on it); those that are gone go."""
    held: dict[int, list[OrderLine]] = defaultdict(list)
    for row in OrderLine.objects.of(store).filter(order_id__in=docs).order_by("id"):
        held[row.order_id].append(row)
    renamed, gone = [], []
    for order_id, rows in held.items():
        wanted = {line.external_id: line for line in docs[order_id].lines}
        spare = [row for row in rows if row.external_id not in wanted]
        missing = [line for key, line in wanted.items() if key not in {row.external_id for row in rows}]
        for row in spare:
            same = next((line for line in missing if _is_same(row, line)), None)
            if same is None:
                gone.append(row.pk)
                continue
            missing.remove(same)
            row.external_id = same.external_id
            renamed.append(row)
    OrderLine.objects.bulk_update(renamed, ["external_id"])
    for pk in gone:
        _remove(store, pk)


def _remove(store: Store, pk: int) -> None:
    """A line on which something hangs that must not be lost, such as a return, stays as it was bought."""
    try:
        with transaction.atomic():
            OrderLine.objects.of(store).filter(pk=pk).delete()
    except ProtectedError:
        return


def _is_same(row: OrderLine, line: Line) -> bool:
    return (row.sku, row.title) == (clean(line.sku, 80), clean(line.title, 255))


def _rows(order: Order, doc: OrderDoc, amounts: Amounts, catalogue: Catalogue) -> Iterator[OrderLine]:
    for line, money in zip(doc.lines, amounts.lines, strict=True):
        product, variant = catalogue.of(line)
        yield OrderLine(
            store_id=order.store_id,
            order_id=order.pk,
            external_id=line.external_id,
            product_id=product.pk if product else None,
            variant_id=variant.pk if variant else None,
            title=clean(line.title, 255) or (product.title if product else "Item"),
            variant_title=clean(line.variant_title, 255),
            sku=clean(line.sku, 80),
            quantity=line.quantity,
            unit_price_minor=money.unit,
            discount_minor=money.discount,
            tax_minor=money.tax,
            total_minor=money.total,
        )


def put_tenders(given: Sequence[Given], *, known: Collection[int]) -> None:
    """Ways of paying, as the shop has them now; one it no longer names stays (it was paid and given back)."""
    rows = {
        (order.pk, payment.external_id): Tender(
            store_id=order.store_id,
            order_id=order.pk,
            external_id=clean(payment.external_id, 80),
            kind=clean(payment.kind, 40),
            amount_minor=minor(payment.amount, order.currency),
            status=clean(payment.status, 20),
        )
        for order, doc, _ in given
        for payment in doc.payments
    }
    insert(row for row in rows.values() if row.order_id not in known)
    Tender.objects.bulk_create(
        [row for row in rows.values() if row.order_id in known],
        update_conflicts=True,
        unique_fields=["order", "external_id"],
        update_fields=["kind", "amount_minor", "status"],
    )
