"""What the page of a case shows."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from thereafter.commerce.panels import tellers
from thereafter.events.parcels import ParcelShipped
from thereafter.kit.clock import day_in
from thereafter.kit.pages import money as money_text
from thereafter.returns import case_words, refund_words
from thereafter.returns.actions.claims import CLAIMS, numbers_of
from thereafter.returns.actions.units import may_deduct
from thereafter.returns.case_words import CHANNELS, FEES, MACHINES, state_of
from thereafter.returns.models import Case, CaseStep, CaseUnit, Photo, Remark
from thereafter.returns.next_steps import due, next_step
from thereafter.returns.pricing import WHOLE
from thereafter.returns.rules import reasons
from thereafter.returns.rules.policy.outcomes import METHODS, OUTCOMES, RELEASES
from thereafter.returns.standings import Standing
from thereafter.timeline.models import Entry

_MOST_MOVES = 40
_MOVES = (
    "parcel.shipped",
    "parcel.moved",
    "parcel.out_for_delivery",
    "parcel.attempted",
    "parcel.available_for_pickup",
    "parcel.delivered",
    "parcel.exception",
    "parcel.returned",
    "parcel.problem_reported",
)


def head(found: Standing, today: date) -> dict[str, Any]:
    case = found.case
    words, tone = state_of(case)
    return {
        "state": words,
        "tone": tone,
        "wish": OUTCOMES.get(case.outcome, case.outcome),
        "basis": case_words.BASES.get(case.basis, case.basis),
        "method": METHODS.get(case.method, case.method),
        "release": RELEASES.get(case.release, case.release),
        "channel": CHANNELS.get(case.channel, case.channel),
        "next": next_step(found),
        "due": due(case, today),
        "is_claim": case.basis in CLAIMS,
        "to_decide": case.state in ("submitted", "needs_review"),
        "goes_on": not case.is_over and case.state != "resolved",
        "may_reopen": case.state in ("declined", "resolved", "closed", "cancelled", "expired"),
    }


def items(found: Standing, photos: Iterable[Photo]) -> list[dict[str, Any]]:
    """Each unit with what was said of it, and what can be done with it now."""
    taken: dict[int, list[Photo]] = {}
    for photo in photos:
        taken.setdefault(photo.unit_id or 0, []).append(photo)
    return [_item(found.case, unit, taken.get(unit.pk, [])) for unit in found.units]


def _item(case: Case, unit: CaseUnit, photos: Sequence[Photo]) -> dict[str, Any]:
    words, tone = case_words.UNIT.get(unit.state, (unit.state, "neutral"))
    goes_on = not case.is_over
    return {
        "unit": unit,
        "line": unit.line,
        "image": unit.line.product.image_url if unit.line.product else "",
        "state": words,
        "tone": tone,
        "verdict": case_words.UNIT[unit.verdict][0] if unit.verdict and unit.verdict != unit.state else "",
        "grade": case_words.GRADES.get(unit.grade, ""),
        "reason": reasons.reason(unit.reason).text,
        "value": case.money(unit.value_minor),
        "deduction": case.money(unit.deduction_minor) if unit.deduction_minor else None,
        "photos": photos,
        "may_receive": goes_on and unit.state in ("expected", "missing"),
        "may_inspect": goes_on and unit.state in ("received", "manual", "wrong_item"),
        "may_deduct": may_deduct(case, unit),
        "may_forgive": goes_on and unit.state == "missing" and reasons.reason(unit.reason).arrives,
        "may_dispose": bool(unit.verdict) and unit.state not in ("received", "manual"),
    }


def machine_steps(case: Case) -> dict[str, list[dict[str, Any]]]:
    """What each machine went through, the newest first."""
    rows = CaseStep.objects.of(case.store_id).filter(case=case).select_related("by").order_by("-at", "-pk")
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in MACHINES}
    for row in rows:
        words, _tone = MACHINES[row.machine].get(row.became, (row.became.replace("_", " "), ""))
        who = row.by.name if row.by else case_actor(row.actor)
        found[row.machine].append({"title": words, "at": row.at, "actor": who, "body": row.why})
    return found


def case_actor(actor: str) -> str:
    names = {"shopper": "the shopper", "carrier": "the carrier", "counter": "the counter", "provider": "the payment"}
    return names.get(actor, "")


def parcels(found: Standing) -> list[dict[str, Any]]:
    rows = []
    for one in found.parcels:
        words, tone = case_words.PARCEL.get(one.state, (one.state, "neutral"))
        method = METHODS.get(one.method, one.method)
        rows.append({"parcel": one, "state": words, "tone": tone, "method": method})
    return rows


def new_goods(found: Standing) -> list[dict[str, Any]]:
    rows = []
    for one in found.goods:
        words, tone = case_words.GOODS.get(one.state, (one.state, "neutral"))
        price = found.case.money(one.price_minor * one.quantity)
        rows.append({"goods": one, "state": words, "tone": tone, "price": price})
    return rows


def money(found: Standing) -> list[dict[str, Any]]:
    """Each promise with its parts."""
    kinds = refund_words.kinds_of(found.case.order.store, found.shares)
    by_grant: dict[int, list[dict[str, Any]]] = {}
    for share in found.shares:
        words, tone = refund_words.state(share)
        part = {"share": share, "state": words, "tone": tone, "to": refund_words.goes_to(share, kinds)}
        by_grant.setdefault(share.grant_id, []).append(part | {"amount": found.case.money(share.amount_minor)})
    return [{"grant": grant, "shares": by_grant.get(grant.pk, [])} for grant in found.grants]


def quote(case: Case) -> list[tuple[str, str]]:
    """The sum as the shopper was shown it; the last line is what it comes to, and the lines before add up to it."""
    told = case.quote
    if not told:
        return []
    lines: list[tuple[str, int]] = [("Items", told.get("items", 0))]
    share = told.get("share", WHOLE)
    if share < WHOLE:
        lines.append(
            (f"The shopper keeps it for {share / 100:g}% of the value", told["items"] * share // WHOLE - told["items"])
        )
    lines += [(FEES.get(fee["purpose"], "Fee"), -fee["amount"]) for fee in told.get("fees", ()) if fee["amount"]]
    lines.append(("Delivery costs", told.get("shipping", 0)))
    lines.append(("Bonus", told.get("bonus", 0)))
    lines.append(("New goods", -told.get("new_goods", 0)))
    label, result = _comes_to(case)
    if case.outcome in ("replacement", "repair"):
        lines.append(("Made good by other goods" if case.outcome == "replacement" else "Mended", -told.get("items", 0)))
    rest = result - sum(amount for _label, amount in lines)
    lines.append(("Rounding, and what stays with the shop", rest))
    shown = [(name, amount) for name, amount in lines if amount or name == "Items"]
    return [(name, money_text(amount, case.currency)) for name, amount in [*shown, (label, abs(result))]]


def _comes_to(case: Case) -> tuple[str, int]:
    told = case.quote
    if told.get("charge"):
        return "The shopper pays", -told["charge"]
    if told.get("credit"):
        return "Store credit", told["credit"]
    return "Paid back", told.get("refund", 0)


def remarks(case: Case) -> list[Remark]:
    return list(Remark.objects.of(case.store_id).filter(case=case).select_related("by").order_by("-at", "-pk"))


def photos(case: Case) -> list[Photo]:
    """Without the pictures themselves."""
    rows = Photo.objects.of(case.store_id).filter(case=case).defer("content", "thumbnail")
    return list(rows.order_by("added_at", "pk"))


def evidence(case: Case) -> dict[str, Any]:
    """What is known of the delivery that is complained about, from the log, the newest first."""
    rows = Entry.objects.of(case.store_id).filter(order_id=case.order_id, name__in=_MOVES)
    entries = list(rows.order_by("-occurred_at", "-id")[:_MOST_MOVES])
    shipped = {one.payload.get("tracking_number", "") for one in entries if one.name == ParcelShipped.name}
    return {
        "moves": [_told(one) for one in entries],
        "numbers": sorted(filter(None, shipped | set(numbers_of(case)))),
    }


def _told(entry: Entry) -> dict[str, Any]:
    icon, title, body = tellers[entry.name](entry.payload)
    return {"icon": icon, "title": title, "body": body, "at": entry.occurred_at}


def today_of(case: Case, now: Any) -> date:
    return day_in(now, case.order.store.time_zone)
