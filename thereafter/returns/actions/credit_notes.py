"""Credit notes, numbered without gaps.

The number is taken when the refund has settled: until then a promise can be withdrawn, and a number that was taken for
it would be missing from the books. It is taken from the store's row in the transaction that writes the note, so that
two at once wait for each other and a transaction that fails gives its number back.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from thereafter.commerce.models import Order, OrderLine
from thereafter.kit import clock
from thereafter.returns.actions.exchange_rates import booked
from thereafter.returns.models import CreditNote, Grant, ReturnSettings
from thereafter.returns.rules.money import credit_lines
from thereafter.returns.rules.money.credit_lines import Entry
from thereafter.returns.rules.money.taxes import rate_name
from thereafter.returns.snapshots import bought
from thereafter.storefront.shell import choose_language
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store


@transaction.atomic
def issue(store_id: int, grant_id: int, *, now: datetime) -> CreditNote | None:
    """Writes the note of a settled refund; asked again it returns the first. None where nothing went back."""
    granted = Grant.objects.of(store_id).select_related("order__store", "order__customer").get(pk=grant_id)
    known = CreditNote.objects.of(store_id).filter(grant=granted, cancels=None).first()
    if known or not granted.amount_minor or granted.settled_at is None:
        return known
    order = granted.order
    entries = credit_lines.close(_entries(granted), granted.amount_minor)
    return _write(
        granted,
        now,
        lines=[entry.as_json() for entry in entries],
        taxes=credit_lines.taxes(entries),
        net_minor=sum(entry.net for entry in entries),
        tax_minor=sum(entry.tax for entry in entries),
        total_minor=granted.amount_minor,
        seller=_seller(order.store),
        buyer=_buyer(order),
        language=choose_language(order.customer.locale or order.store.locale, order.store.locale),
        booked=booked(order, granted.amount_minor, now),
    )


def _write(granted: Grant, now: datetime, **stands: Any) -> CreditNote:
    store = granted.order.store
    return CreditNote.objects.create(
        store=store,
        number=_number(store, now),
        grant=granted,
        order=granted.order,
        issued_at=now,
        issued_on=clock.day_in(now, store.time_zone),
        currency=granted.currency,
        **stands,
    )


def _number(store: Store, now: datetime) -> int:
    """The next one, with the row held until the note is written."""
    ReturnSettings.objects.of(store).get_or_create(store=store, defaults={"changed_at": now})
    rows = ReturnSettings.objects.of(store)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    settings = rows.get()
    ReturnSettings.objects.of(store).filter(pk=settings.pk).update(next_credit_note=settings.next_credit_note + 1)
    return settings.next_credit_note


def _entries(granted: Grant) -> list[Entry]:
    """The goods and the delivery as the order's stored figures say them."""
    order = bought(granted.order)
    rates = {line.id: rate_name(line.whole, line.rate) for line in order.lines}
    lines = {line.external_id: line for line in OrderLine.objects.of(granted.store_id).filter(order=granted.order)}
    entries = [_entry(item, lines.get(item["line"]), rates.get(item["line"], "")) for item in granted.items]
    if granted.shipping_net_minor or granted.shipping_tax_minor:
        rate = rate_name(order.shipping.whole, order.shipping.rate)
        entries.append(
            Entry("shipping", "", "", 0, rate, net=granted.shipping_net_minor, tax=granted.shipping_tax_minor)
        )
    return [entry for entry in entries if entry.net or entry.tax]


def _entry(item: Mapping[str, Any], line: OrderLine | None, rate: str) -> Entry:
    title = " · ".join(part for part in (line.title, line.variant_title) if part) if line else str(item["line"])
    return Entry("item", title, line.sku if line else "", item["units"], rate, net=item["net"], tax=item["tax"])


def _seller(store: Store) -> dict[str, str]:
    return {
        "name": store.name,
        "address": store.legal_address,
        "country": store.country,
        "email": store.support_email,
        "site": store.shop_url,
    }


def _buyer(order: Order) -> dict[str, Any]:
    """Who it was sold to; where the order tells no address the customer's name and mail have to do."""
    address = order.shipping_address
    town = " ".join(part for part in (address.get("postcode", ""), address.get("city", "")) if part)
    lines = [address.get("line1", ""), address.get("line2", ""), town]
    return {
        "name": address.get("name") or order.customer.display_name,
        "lines": [str(line) for line in lines if line],
        "country": str(address.get("country", "")),
        "email": order.customer.email,
        "order": order.number,
        "ordered_on": clock.day_in(order.placed_at, order.store.time_zone).isoformat(),
    }


def cancel_of(store_id: int, grant_id: int, *, why: str, now: datetime) -> CreditNote | None:
    """Cancels the note of a refund that came to nothing, if there is one."""
    note = CreditNote.objects.of(store_id).filter(grant_id=grant_id, cancels=None).first()
    return cancel(note, why=why, by=None, now=now) if note else None


@transaction.atomic
def cancel(note: CreditNote, *, why: str, by: Staff | None, now: datetime) -> CreditNote:
    """Writes a note of its own that takes another back, with the same figures below zero; once for each note."""
    known = CreditNote.objects.of(note.store_id).filter(cancels=note).first()
    if known or note.cancels_id:
        return known or note
    granted = Grant.objects.of(note.store_id).select_related("order__store").get(pk=note.grant_id)
    other = _write(
        granted,
        now,
        cancels=note,
        why=why[:300],
        lines=[line | {"net": -line["net"], "tax": -line["tax"]} for line in note.lines],
        taxes=[one | {"net": -one["net"], "tax": -one["tax"]} for one in note.taxes],
        net_minor=-note.net_minor,
        tax_minor=-note.tax_minor,
        total_minor=-note.total_minor,
        seller=note.seller,
        buyer=note.buyer,
        language=note.language,
        booked={},
    )
    audit(granted.order.store, by=by, verb="returns.cancel_note", now=now, subject=note.name, detail={"by": other.name})
    return other
