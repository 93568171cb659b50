"""How recommendations do: shown, clicked, bought, and what they bring by the holdout."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.journeys.console import proof_words
from thereafter.journeys.rules import proof as proofs
from thereafter.journeys.rules.proof import Arm, Proof
from thereafter.kit import clock
from thereafter.kit.pages import number, percent, render
from thereafter.recommendations.console.words import MODELS, QUESTIONS, SLOTS
from thereafter.recommendations.models import BackTest
from thereafter.recommendations.queries import picks, results
from thereafter.recommendations.queries.results import SlotResult
from thereafter.recommendations.queries.settings import settings_of

PERIODS = {"7": "7 days", "30": "30 days", "90": "90 days"}


@require_safe
@staff_page("recommendations.read")
def overview(request: StaffRequest) -> HttpResponse:
    now = clock.now()
    chosen = request.GET.get("days", "30")
    chosen = chosen if chosen in PERIODS else "30"
    found = results.results(request.store, since=now - timedelta(days=int(chosen)), until=now)
    kept = settings_of(request.store.pk)
    context: dict[str, Any] = {
        "page_title": "Recommendations",
        "periods": list(PERIODS.items()),
        "chosen": chosen,
        "whole": _told(found.whole),
        "slots": [_told(one) for one in found.slots],
        "templates": [
            {"label": name.replace("_", " ").capitalize(), "count": count} for name, count in found.templates
        ],
        "quality": _quality(results.back_test(request.store)),
        "build": picks.last_build(request.store),
        "holdout": kept.holdout,
        "told": _proof(
            results.proof(request.store, now), results.still_open(request.store, now), request.store.currency
        ),
    }
    return render(request, "recommendations/console/overview.html", context)


def _quality(test: BackTest | None) -> dict[str, Any] | None:
    """How much of what was really bought stood among the first twenty, beside bestsellers."""
    if test is None:
        return None
    rows = [
        {
            "question": QUESTIONS.get(one["question"], one["question"]),
            "model": MODELS.get(one["model"], one["model"]),
            "cases": one["cases"],
            "recall": percent(one["recall"]),
            "bestsellers": percent(one["bestsellers"]),
        }
        for one in test.figures
    ]
    return {"rows": rows, "first_day": test.first_day, "orders": test.orders, "at": test.at}


def _told(one: SlotResult) -> dict[str, Any]:
    return {
        "name": SLOTS.get(one.slot, ""),
        "shown": one.shown,
        "clicked": one.clicked,
        "rate": percent(one.click_rate) if one.click_rate is not None else "–",
        "bought": one.bought,
        "after_click": one.after_click,
        "amount_minor": one.amount_minor,
    }


def _proof(proved: Proof, still_open: int, currency: str) -> dict[str, Any]:
    """What the holdout says, as the macro of the journeys' proof shows it."""
    lines = [
        proof_words.sentence(proved, results.SEEN_WINDOW.days, did="ordered").replace("got it", "were shown some"),
        proof_words.verdict(proved).replace("the journey", "recommending").replace("The journey", "Recommending"),
        proof_words.earned(proved, currency),
    ]
    return {
        "badge": _badge(proved),
        "lines": [line for line in lines if line],
        "rows": _rows(proved, currency),
        "still_open": still_open,
        "band": None,
        "rates": [],
        "is_early": proved.verdict in (proofs.TOO_FEW, proofs.EARLY),
    }


def _badge(proved: Proof) -> tuple[str, str]:
    if not proved.treated.people and not proved.held.people:
        return "Not yet", "neutral"
    return proof_words.TITLES[proved.verdict], proof_words.TONES.get(proved.verdict, "neutral")


def _rows(proved: Proof, currency: str) -> list[dict[str, str]]:
    def money(arm: Arm) -> str:
        return proof_words.money_each(arm.mean, currency) if arm.people else "–"

    def share(arm: Arm) -> str:
        return proof_words.share(arm) if arm.people else "–"

    both = proved.treated.people and proved.held.people
    gap = f"{proof_words.points(proved.treated.rate - proved.held.rate)} points" if both else ""
    treated, held = proved.treated, proved.held
    return [
        {"label": "People", "treated": number(treated.people), "held": number(held.people), "gap": ""},
        {"label": "Ordered within 30 days", "treated": share(treated), "held": share(held), "gap": gap},
        {"label": "Ordered for, each", "treated": money(treated), "held": money(held), "gap": ""},
    ]
