"""Figures of a campaign as its pages draw them."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from thereafter.campaigns.reporting import Report
from thereafter.journeys.console import proof_words
from thereafter.journeys.rules import proof as rules
from thereafter.journeys.rules.proof import Arm, Proof
from thereafter.kit.pages import number


def hours(report: Report) -> dict[str, list[dict[str, Any]]]:
    """Points of the charts by hour: what was sent, and what readers opened and clicked."""
    sent = [{"label": _hour(at), "value": count} for at, count, _, _ in report.by_hour]
    read = [{"label": _hour(at), "value": opened, "second": clicked} for at, _, opened, clicked in report.by_hour]
    return {"sent": sent, "read": read if any(point["value"] or point["second"] for point in read) else []}


def _hour(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%a %d, %H:00}"


def per_hour(turns: list[tuple[datetime, int]]) -> list[dict[str, Any]]:
    return [{"label": _hour(at), "value": count} for at, count in turns]


def proof(proved: Proof, days: int, currency: str) -> dict[str, Any]:
    """What the holdout says, as the macro of the journeys' proof shows it."""
    lines = [
        proof_words.sentence(proved, days, did="bought"),
        proof_words.verdict(proved).replace("the journey", "the campaign").replace("The journey", "The campaign"),
        proof_words.earned(proved, currency),
    ]
    return {
        "badge": (proof_words.TITLES[proved.verdict], proof_words.TONES.get(proved.verdict, "neutral")),
        "lines": [line for line in lines if line],
        "rows": _rows(proved, currency),
        "still_open": 0,
        "band": None,
        "rates": [],
        "is_early": proved.verdict in (rules.TOO_FEW, rules.EARLY),
    }


def _rows(proved: Proof, currency: str) -> list[dict[str, str]]:
    def money(arm: Arm) -> str:
        return proof_words.money_each(arm.mean, currency) if arm.people else "–"

    gap = f"{proof_words.points(proved.treated.rate - proved.held.rate)} points" if proved.held.people else ""
    return [
        {"label": "People", "treated": number(proved.treated.people), "held": number(proved.held.people), "gap": ""},
        {
            "label": "Bought",
            "treated": proof_words.share(proved.treated),
            "held": proof_words.share(proved.held),
            "gap": gap,
        },
        {"label": "Ordered, each", "treated": money(proved.treated), "held": money(proved.held), "gap": ""},
    ]
