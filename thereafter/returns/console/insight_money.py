"""What returns cost and keep, and how long shoppers wait, in words and rows."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from thereafter.kit.money import Money
from thereafter.kit.pages import money, number, percent
from thereafter.kit.shares import Spread, share
from thereafter.returns import figures, money_figures
from thereafter.returns.console.insight_rates import carrier_name
from thereafter.returns.rules.dispositions import DISPOSITIONS
from thereafter.returns.rules.figures import money as rules
from thereafter.returns.rules.figures.money import Closed, Cost, Retained

if TYPE_CHECKING:
    from thereafter.returns.console.insight import Board

FATES = {**DISPOSITIONS, "kept": "Stays with the shopper", "missing": "Never arrived"}
WAITS = {"asked": "From the request", "handed_in": "From the first scan", "received": "From its arrival"}


def money_of(board: "Board") -> dict[str, Any]:
    cases, currency = board.cases, board.store.currency
    kept = rules.retained(cases)
    cost = rules.cost(cases, money_figures.handling_minor(board.store))
    answered = money_figures.withdrawals(board.store, board.start, board.now, board.today)
    return {
        "cases": cases,
        "tiles": _tiles(cases, kept, cost, currency),
        "retained": _retained(kept, currency),
        "waits": [_wait(label, rules.waits(cases, key)) for key, label in WAITS.items()],
        "cost": _cost(cost, currency),
        "recovery": [_recovery(one, currency) for one in rules.recovery(cases)],
        "answered": answered,
        "claims": _claims(board),
        "policies": [_policy(number, listed, currency) for number, listed in money_figures.by_policy(cases).items()],
        "enough": rules.ENOUGH,
        "has_any": bool(cases or answered.due),
    }


def shown(minor: int, currency: str) -> str:
    return money(Money(minor, currency))


def _tiles(cases: Sequence[Closed], kept: Retained, cost: Cost, currency: str) -> list[dict[str, str]]:
    exchanged, ratio = rules.exchange_share(cases), rules.refund_ratio(cases)
    letters = rules.letters_per_return(cases)
    return [
        {
            "label": "Retained revenue",
            "value": percent(kept.share, 1),
            "hint": f"{shown(kept.total, currency)} of {shown(kept.returned, currency)} returned; aim for 35 %",
        },
        {
            "label": "Exchange share",
            "value": percent(exchanged.value, 1) if exchanged else "–",
            "hint": f"{percent(exchanged.low)} – {percent(exchanged.high)}, {exchanged.part} of {exchanged.whole} cases"
            if exchanged
            else "no cases yet",
        },
        {"label": "Refund ratio", "value": percent(ratio, 1), "hint": "money back of returned value"},
        {
            "label": "Cost of a return",
            "value": shown(cost.each, currency) if cost.each is not None else "–",
            "hint": f"over {number(cost.cases)} cases",
        },
        {
            "label": "Messages a return",
            "value": number(letters, 2) if letters is not None else "–",
            "hint": "that shoppers wrote in the case; aim for 0.05",
        },
    ]


def _retained(kept: Retained, currency: str) -> list[dict[str, Any]]:
    parts = {
        "Exchanged for other goods": kept.exchanged,
        "Store credit that was spent": kept.credit_spent,
        "Store credit not yet spent": kept.credit_unspent,
        "Paid on top in exchanges": kept.upsell,
    }
    whole = kept.returned or 1
    return [
        {"label": name, "value": value, "text": f"{shown(value, currency)} ({percent(value / whole, 1)})"}
        for name, value in parts.items()
    ]


def _wait(label: str, found: Spread | None) -> dict[str, str]:
    if found is None:
        return {"label": label, "median": "–", "p90": "–", "count": f"fewer than {rules.ENOUGH}"}
    return {
        "label": label,
        "median": f"{number(found.median, 1)} days",
        "p90": f"{number(found.p90, 1)} days",
        "count": number(found.whole),
    }


def _cost(cost: Cost, currency: str) -> list[dict[str, str]]:
    each = max(1, cost.cases)
    rows = {
        "Labels that were paid for": cost.labels,
        "Handling, as your policy says": cost.handling,
        "Write-down by what became of the goods": cost.write_down,
        "Fees that shoppers paid": -cost.fees,
        "Together": cost.total,
    }
    return [
        {"label": name, "whole": shown(value, currency), "each": shown(round(value / each), currency)}
        for name, value in rows.items()
    ]


def _recovery(one: rules.Recovery, currency: str) -> dict[str, str]:
    return {
        "label": FATES.get(one.fate, one.fate),
        "units": number(one.units),
        "value": shown(one.value, currency),
        "recovered": shown(one.recovered, currency),
        "rate": percent(one.recovered / one.value) if one.value else "–",
    }


def _claims(board: "Board") -> list[dict[str, str]]:
    found = figures.claims_by_carrier(board.store, board.start, board.now)
    rows = []
    for carrier, (part, whole) in sorted(found.items(), key=lambda each: (-each[1][0], -each[1][1], each[0])):
        rate = share(part, whole)
        known = rate and whole >= rules.ENOUGH
        rows.append(
            {
                "label": carrier_name(carrier),
                "claims": number(part),
                "parcels": number(whole),
                "rate": percent(rate.value, 1) if rate and known else "–",
                "interval": f"{percent(rate.low, 1)} – {percent(rate.high, 1)}" if rate and known else "too few to say",
            }
        )
    return rows


def _policy(version: int, cases: Sequence[Closed], currency: str) -> dict[str, str]:
    exchanged, kept = rules.exchange_share(cases), rules.retained(cases)
    wait = rules.waits(cases, "asked")
    return {
        "label": f"Version {version}" if version else "The ready policy",
        "cases": number(len(cases)),
        "exchanged": f"{percent(exchanged.value)} ({percent(exchanged.low)} – {percent(exchanged.high)})"
        if exchanged
        else "–",
        "ratio": percent(rules.refund_ratio(cases)),
        "retained": percent(kept.share),
        "wait": f"{number(wait.median, 1)} days" if wait else "–",
    }
