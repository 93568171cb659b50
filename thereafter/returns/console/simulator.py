"""What would happen: any order, any reason, by the policy that holds or by the draft, with every amount and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_safe

from thereafter.commerce.models import Order
from thereafter.commerce.queries import find_order
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.money import Money, exponent
from thereafter.kit.pages import render
from thereafter.returns import order_snapshots, pricing, snapshots, store_policies
from thereafter.returns.rules import reasons
from thereafter.returns.rules.legal import law
from thereafter.returns.rules.money.bought import Bought, NotAnOrder
from thereafter.returns.rules.money.refusals import Refused
from thereafter.returns.rules.policy.deciding import decide
from thereafter.returns.rules.policy.offers import LineOffer, Offers, Option
from thereafter.returns.rules.policy.outcomes import EXCHANGES, METHODS, OUTCOMES, RELEASES
from thereafter.returns.rules.policy.policies import BadPolicy, Policy
from thereafter.returns.rules.policy.snapshots import Asked, Line, Snapshot
from thereafter.returns.rules.policy.trace_words import sentences
from thereafter.stores.models import Store

BASES = {
    "withdrawal": "Right of withdrawal",
    "voluntary": "The shop's own policy",
    "non_conformity": "Statutory guarantee",
    "carrier_claim": "Lost or damaged on the way",
    "warranty": "Warranty",
    "goodwill": "Goodwill",
}
NEWEST = 6
_FEES = {"return_postage": "Return postage", "restocking": "Handling"}


@dataclass(frozen=True, slots=True)
class Row:
    """An item on the form."""

    line: Line
    quantity: int
    reason: str
    unsealed: bool


@dataclass(frozen=True, slots=True)
class Way:
    """One outcome with what it comes to; `amounts` are (what, text), the last is the sum."""

    label: str
    ground: str
    release: str
    amounts: list[tuple[str, str]]
    notes: list[str]
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is offered for an item, in words."""

    line: Line
    asked: Asked
    reason: str
    offer: LineOffer
    ways: list[Way]
    methods: str
    trace: list[str]


@staff_page("returns.read")
@require_safe
def try_policy(request: StaffRequest) -> HttpResponse:
    data, now = request.GET, clock.now()
    wanted = data.get("order", "").strip()[:60]
    order = find_order(request.store, wanted) if wanted else None
    context: dict[str, Any] = {
        "wanted": wanted,
        "order": order,
        "by": data.get("policy", ""),
        "draft": store_policies.draft(request.store),
        "page_title": "What would happen",
    }
    if order is None:
        context["newest"] = Order.objects.of(request.store).select_related("customer").order_by("-placed_at")[:NEWEST]
    else:
        context |= _answer(request.store, order, data, clock.day_in(now, request.store.time_zone))
    return render(request, "returns/console/simulator.html", context)


def _answer(store: Store, order: Order, data: QueryDict, today: date) -> dict[str, Any]:
    seen = order_snapshots.snapshot(order)
    rows = [_row(line, data) for line in seen.lines]
    day = _day(data.get("day", ""), today)
    context = {"rows": rows, "day": day, "tree": reasons.tree(), "is_gift": "gift" in data, "methods": METHODS}
    asked = [
        Asked(line=row.line.id, quantity=row.quantity, reason=row.reason, unsealed=row.unsealed)
        for row in rows
        if row.quantity
    ]
    if not asked:
        return context
    snapshot = order_snapshots.snapshot(order, asked=asked, is_gift="gift" in data)
    try:
        policy = _policy(store, data.get("policy", ""))
    except BadPolicy:
        return context | {"wrong": "The draft has problems, so nothing can be decided by it."}
    offers = decide(policy, snapshot, law.current(), day)
    return context | _told(order, snapshot, offers, data.get("method", ""))


def _policy(store: Store, which: str) -> Policy:
    draft = store_policies.draft(store) if which == "draft" else None
    return store_policies.compiled(draft) if draft else store_policies.current(store)[1]


def _row(line: Line, data: QueryDict) -> Row:
    said = data.get(f"quantity.{line.id}", "")
    quantity = min(int(said), 999) if said.isdigit() and len(said) < 4 else 0  # noqa: PLR2004 as many digits as 999 has
    return Row(line, quantity, data.get(f"reason.{line.id}", ""), f"unsealed.{line.id}" in data)


def _day(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today


def _told(order: Order, snapshot: Snapshot, offers: Offers, method: str) -> dict[str, Any]:
    try:
        bought = snapshots.bought(order)
    except NotAnOrder as wrong:
        return {"wrong": f"The order's own figures contradict each other: {wrong}"}
    pairs = list(zip(snapshot.wanted(), offers.lines, strict=True))
    told = [
        Told(
            line=line,
            asked=asked,
            reason=reasons.reason(asked.reason).text,
            offer=offer,
            ways=[_way(bought, snapshot, offers, [(offer, one)], method) for one in offer.options],
            methods=", ".join(METHODS[one] for one in offer.methods),
            trace=sentences(offer.trace, offer.outcomes),
        )
        for (line, asked), offer in pairs
    ]
    return {"told": told, "together": _together(bought, snapshot, offers, method), "offers": offers}


def _together(bought: Bought, snapshot: Snapshot, offers: Offers, method: str) -> list[Way]:
    """Every outcome that is open for all of several items, priced as one return."""
    if len(offers.lines) < 2:  # noqa: PLR2004 several
        return []
    shared = [name for name in OUTCOMES if all(line.option(name) for line in offers.lines)]
    ways = []
    for name in shared:
        chosen = [(line, one) for line in offers.lines if (one := line.option(name))]
        ways.append(_way(bought, snapshot, offers, chosen, method))
    return ways


def _way(
    bought: Bought, snapshot: Snapshot, offers: Offers, chosen: Sequence[tuple[LineOffer, Option]], method: str
) -> Way:
    offer, option = chosen[0]
    way = _method(offer, option, method)
    notes = [f"Sent back: {METHODS[way].lower()}."] if way != "none" else ["Nothing is sent back."]
    if option.needs_review:
        notes.append("A person looks first.")
    if option.due_days is not None:
        notes.append(f"By law within {option.due_days} days.")
    try:
        amounts, wrong = _amounts(bought, _wish(bought, snapshot, offers, chosen, way)), ""
    except Refused as refusal:
        amounts, wrong = [], refusal.sentence(bought.currency, exponent(bought.currency))
    ground = f"{BASES[option.basis]} ({option.article})" if option.article else BASES[option.basis]
    return Way(OUTCOMES[option.outcome], ground, RELEASES[option.release], amounts, notes, wrong)


def _method(offer: LineOffer, option: Option, wished: str) -> str:
    if not option.is_sent_back:
        return "none"
    return wished if wished in offer.methods else next((one for one in offer.methods if one != "none"), "own_carrier")


def _wish(
    bought: Bought, snapshot: Snapshot, offers: Offers, chosen: Sequence[tuple[LineOffer, Option]], method: str
) -> pricing.Wish:
    wish = pricing.Wish(
        chosen=[
            pricing.Chosen(line=line.line, quantity=line.quantity, reason=line.reason, option=option)
            for line, option in chosen
        ],
        method=method,
        shipping=offers.refund_shipping,
        informed=bool(snapshot.order.informed),
        told_of_postage=snapshot.order.told_of_postage,
    )
    outcome = chosen[0][1].outcome
    if outcome not in EXCHANGES:
        return wish
    worth = pricing.price(bought, wish).items
    return replace(wish, goods=pricing.Goods(gross=worth, same=outcome == "exchange_variant"))


def _amounts(bought: Bought, wish: pricing.Wish) -> list[tuple[str, str]]:
    priced, outcome = pricing.price(bought, wish), wish.chosen[0].option.outcome
    quoted = {"items": ("What comes back", priced.items), "shipping": ("Delivery costs", priced.shipping)}
    rows = [(label, minor) for label, minor in quoted.values() if minor]
    rows += [(_FEES.get(one.fee.reason, "Fee"), -one.amount) for one in priced.quote.fees if one.amount]
    if not priced.quote.fees and priced.fees:
        rows.append(("Fees", -priced.fees))
    rows += [("Extra", priced.bonus)] if priced.bonus else []
    if outcome in EXCHANGES:
        rows += [("New goods of the same price", -priced.new_goods)] if priced.new_goods else []
        rows.append(_rest(priced))
    elif outcome == pricing.CREDIT:
        rows.append(("Store credit", priced.credit))
    elif outcome in pricing.NO_MONEY:
        rows.append(("Nothing is paid", 0))
    else:
        rows.append(("Money back", priced.refund))
    return [(label, Money(minor, bought.currency).format("en")) for label, minor in rows]


def _rest(priced: pricing.Price) -> tuple[str, int]:
    """What is left to settle in an exchange."""
    if priced.charge:
        return "The shopper pays", priced.charge
    return ("Comes back as money", priced.refund) if priced.refund else ("Nothing is left to pay", 0)
