"""What messages say of a case, as plain JSON: many cases in a handful of reads. What conditions ask of refunds."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from thereafter.commerce.models import Tender
from thereafter.journeys.facts import add_field
from thereafter.journeys.rules.vocabulary import ORDER, Field
from thereafter.returns import links
from thereafter.returns.labels.paper import address_lines
from thereafter.returns.models import (
    Case,
    CaseUnit,
    CreditAccount,
    Grant,
    GrantShare,
    NewGoods,
    ParcelCase,
    ReturnParcel,
)
from thereafter.returns.rules.claims import CLAIMS
from thereafter.returns.snapshots import STORE_CREDIT
from thereafter.returns.told_twice import parcels_are_exchanges, refunds_are_ours
from thereafter.storefront.links import in_language, page

Facts = dict[str, Any]
_ENDED = ("declined", "cancelled", "expired")
# Who takes the parcel wants to see a code.
_SHOWN = ("counter", "qr")
_CAN_BE_SENT = ("created", "qr_shown", "pre_transit")
_ITEMS = 10


add_field(Field("order.refund_is_ours", "flag", "The refund was made for a return here", ORDER), refunds_are_ours)
add_field(Field("order.parcel_is_exchange", "flag", "The parcel holds an exchange", ORDER), parcels_are_exchanges)


def cases(store_id: int, ids: Collection[int]) -> dict[int, Case]:
    rows = Case.objects.of(store_id).filter(pk__in=ids).select_related("order__store", "customer")
    return {case.pk: case for case in rows}


def items(found: Collection[Case]) -> dict[int, Facts]:
    """{number, order, outcome, basis, is_claim, is_gift, answer, send_by, items, url …} of each, by its key."""
    units = _units(found)
    return {case.pk: _item_facts(case, units[case.pk]) for case in found}


def _item_facts(case: Case, units: Sequence[CaseUnit]) -> Facts:
    rows = _together(units)
    return {
        "number": case.number,
        "order": case.order.number,
        "outcome": case.outcome,
        "basis": case.basis,
        "is_claim": case.basis in CLAIMS,
        "is_gift": case.is_gift,
        "method": case.method,
        "release": case.release,
        "answer": case.answer,
        "send_by": case.send_by.isoformat() if case.send_by else None,
        "currency": case.currency,
        "items": rows[:_ITEMS],
        "more_items": max(0, len(rows) - _ITEMS) or None,
        "has_images": any(row["image"] for row in rows),
        "url": _link(case),
        "start_url": None if case.is_gift else _in_language(case, links.start_page(case.order)),
        **_promised(case),
    }


def _link(case: Case) -> str:
    return _in_language(case, links.case_page(case))


def _in_language(case: Case, url: str) -> str:
    return in_language(url, case.locale or case.customer.locale or case.order.store.locale, case.order.store)


def _promised(case: Case) -> Facts:
    """What the shopper was shown when it was asked for, until more is known. Whoever got a gift is not told prices."""
    is_told = not case.is_gift and case.released_at is None
    return {f"{name}_minor": (is_told and case.quote.get(name)) or None for name in ("refund", "credit", "charge")}


def _together(units: Iterable[CaseUnit]) -> list[Facts]:
    """Units of a line as one row."""
    rows: dict[int, Facts] = {}
    for unit in units:
        product = unit.line.product
        image = product.image_url if product and product.image_url.startswith(("https://", "http://")) else None
        fresh = {"title": unit.line.title, "variant": unit.line.variant_title or None, "quantity": 0, "image": image}
        rows.setdefault(unit.line_id, fresh)["quantity"] += 1
    return list(rows.values())


def _units(found: Collection[Case]) -> Mapping[int, list[CaseUnit]]:
    of_case: dict[int, list[CaseUnit]] = defaultdict(list)
    rows = CaseUnit.objects.filter(store_id__in=_stores(found), case__in=[case.pk for case in found])
    for unit in rows.select_related("line__product").order_by("pk"):
        of_case[unit.case_id].append(unit)
    return of_case


def _stores(found: Iterable[Case]) -> set[int]:
    return {case.store_id for case in found}


def steps(found: Collection[Case]) -> dict[int, Facts]:
    """The way of each case in visible steps: {"steps": [{"name", "state": done, current, todo or problem}]}."""
    return {case.pk: {"steps": steps_of(case), "url": _link(case)} for case in found}


def steps_of(case: Case) -> list[Facts]:
    if case.state in _ENDED:
        return [{"name": "asked", "state": "done"}, {"name": case.state, "state": "problem"}]
    passed = [("asked", True), ("accepted", case.decided_at is not None)]
    if case.method != "none":
        came = bool(case.received_at)
        passed += [("handed_in", bool(case.handed_in_at) or came), ("arrived", came)]
    passed.append((_end(case), case.resolved_at is not None))
    current = next((at for at, (_, is_done) in enumerate(passed) if not is_done), len(passed))
    return [
        {"name": name, "state": "done" if is_done else "current" if at == current else "todo"}
        for at, (name, is_done) in enumerate(passed)
    ]


def _end(case: Case) -> str:
    if case.outcome in {"refund", "keep", "donate"}:
        return "paid"
    return case.outcome if case.outcome in {"store_credit", "repair"} else "goods"


def ways(found: Collection[Case]) -> dict[int, Facts]:
    """How to send it, for those who have something to send that is not on its way yet."""
    parcels = _parcels(found)
    return {case.pk: _way(case, parcels[case.pk]) for case in found if case.pk in parcels and not case.is_over}


def _way(case: Case, parcel: ReturnParcel) -> Facts:
    token = links.case_token(case)
    has_label = parcel.method in {"label", "own_carrier"} and bool(parcel.label or address_lines(parcel.receiver))
    return {
        "method": parcel.method,
        "send_by": parcel.send_by.isoformat() if parcel.send_by else None,
        "address": address_lines(parcel.receiver) or None,
        "code": parcel.code,
        "code_url": page(case.order.store, "returns_storefront:code", token) if parcel.method in _SHOWN else None,
        "label_url": page(case.order.store, "returns_storefront:label", token) if has_label else None,
        "is_paid": bool(parcel.label),
        "number": case.number,
        "url": _link(case),
    }


def _parcels(found: Collection[Case]) -> dict[int, ReturnParcel]:
    """The newest one of each case that can still be sent."""
    rows = ParcelCase.objects.filter(store_id__in=_stores(found), case__in=[case.pk for case in found])
    rows = rows.filter(parcel__state__in=_CAN_BE_SENT, parcel__handed_in_at=None).select_related("parcel")
    return {row.case_id: row.parcel for row in rows.order_by("parcel_id")}


def findings(found: Collection[Case]) -> dict[int, Facts]:
    """What the inspection said of units that were not simply good, each with its reason."""
    units = _units(found)
    told = {case.pk: _findings(case, units[case.pk]) for case in found}
    return {pk: facts for pk, facts in told.items() if facts["deductions"] or facts["rejected"] or facts["missing"]}


def _findings(case: Case, units: Sequence[CaseUnit]) -> Facts:
    return {
        "deductions": [
            {"title": unit.line.title, "amount_minor": unit.deduction_minor, "why": unit.inspection_note or None}
            for unit in units
            if unit.deduction_minor
        ],
        "rejected": [
            {"title": unit.line.title, "why": unit.inspection_note or None}
            for unit in units
            if unit.verdict == "rejected"
        ],
        "missing": [{"title": unit.line.title} for unit in units if unit.state == "missing" and case.received_at],
        "currency": case.currency,
        "url": _link(case),
    }


def goods(found: Collection[Case]) -> dict[int, Facts]:
    """What goes out instead, with the carrier's number once it has left."""
    of_case: dict[int, list[NewGoods]] = defaultdict(list)
    rows = NewGoods.objects.filter(store_id__in=_stores(found), case__in=[case.pk for case in found])
    for one in rows.exclude(state="cancelled").select_related("product").order_by("pk"):
        of_case[one.case_id].append(one)
    return {pk: _goods(of) for pk, of in of_case.items()}


def _goods(rows: Sequence[NewGoods]) -> Facts:
    sent = next((one for one in rows if one.tracking_number), rows[0])
    return {
        "items": [
            {"title": one.title, "variant": one.variant_title or None, "quantity": one.quantity}
            for one in rows[:_ITEMS]
        ],
        "carrier": sent.carrier or None,
        "tracking_number": sent.tracking_number or None,
    }


def money(store_id: int, grant_ids: Collection[int]) -> dict[int, Facts]:
    """What a refund came to, and where each part of it went, by grant: {amount_minor, fees_minor, currency, parts}."""
    granted = {one.pk: one for one in Grant.objects.of(store_id).filter(pk__in=grant_ids)}
    shares: dict[int, list[GrantShare]] = defaultdict(list)
    rows = GrantShare.objects.of(store_id).filter(grant__in=granted, state=GrantShare.State.SETTLED)
    for share in rows.order_by("pk"):
        shares[share.grant_id].append(share)
    kinds = _kinds(store_id, granted.values())
    credit = _credit_of(store_id, [share for of in shares.values() for share in of])
    return {
        pk: {
            "amount_minor": one.amount_minor + _bonus(shares[pk], credit),
            "fees_minor": one.fees_minor or None,
            "currency": one.currency,
            "parts": [_part(share, one, kinds, credit) for share in shares[pk]],
        }
        for pk, one in granted.items()
        if shares[pk]
    }


def _kinds(store_id: int, granted: Iterable[Grant]) -> dict[tuple[int, str], str]:
    """How each payment of these orders was paid, as the shop names it."""
    rows = Tender.objects.of(store_id).filter(order_id__in={one.order_id for one in granted})
    return {(order, name): kind for order, name, kind in rows.values_list("order_id", "external_id", "kind")}


def _credit_of(store_id: int, shares: Sequence[GrantShare]) -> dict[str, CreditAccount]:
    wanted = [f"share:{share.pk}" for share in shares if share.tender == STORE_CREDIT]
    if not wanted:
        return {}
    return {one.source: one for one in CreditAccount.objects.of(store_id).filter(source__in=wanted)}


def _bonus(shares: Iterable[GrantShare], credit: Mapping[str, CreditAccount]) -> int:
    known = (credit.get(f"share:{share.pk}") for share in shares)
    return sum(one.bonus_minor for one in known if one)


def _part(
    share: GrantShare, granted: Grant, kinds: Mapping[tuple[int, str], str], credit: Mapping[str, CreditAccount]
) -> Facts:
    account = credit.get(f"share:{share.pk}")
    if share.tender == STORE_CREDIT:
        return credit_part(account, share.amount_minor)
    return {"to": _known_kind(kinds.get((granted.order_id, share.tender), "")), "amount_minor": share.amount_minor}


def credit_part(account: CreditAccount | None, amount_minor: int = 0) -> Facts:
    """Store credit: its code, what it is worth now, and the last day of what the shop put on top."""
    if account is None:
        return {"to": "credit", "amount_minor": amount_minor}
    return {
        "to": "credit",
        "amount_minor": account.balance_minor,
        "bonus_minor": account.bonus_minor or None,
        "code": account.shown_code,
        "expires_on": account.expires_on.isoformat() if account.expires_on and account.bonus_minor else None,
    }


_KINDS = {
    "card": ("card", "credit_card", "debit_card", "stripe", "shopify_payments", "visa", "mastercard", "amex"),
    "paypal": ("paypal",),
    "bank": ("bank", "bank_transfer", "sepa", "invoice", "klarna", "bacs"),
    "gift_card": ("gift_card", "giftcard"),
    "cash": ("cash", "till"),
}


def _known_kind(kind: str) -> str:
    """One of those for which a mail can say when the money shows; "original" for any other way of paying."""
    said = kind.lower()
    return next((name for name, aliases in _KINDS.items() if any(alias in said for alias in aliases)), "original")
