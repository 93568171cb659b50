"""Deciding many cases at once: shown first, one by one; then done, and told one by one."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render, url
from thereafter.returns.actions import answering, claims, deciding
from thereafter.returns.actions.claims import CLAIMS, Verdict
from thereafter.returns.console.answers import ANSWERS, answer_in
from thereafter.returns.console.queue import team
from thereafter.returns.console.queue_rows import row_facts
from thereafter.returns.models import Case
from thereafter.returns.rules.policy.outcomes import OUTCOMES
from thereafter.returns.standings import Standing, standings
from thereafter.stores.models import Staff

MOST_AT_ONCE = 200
DEEDS = {"approve": "Approve", "decline": "Decline", "assign": "Assign"}
_RESULT = "returns_chosen"
_TO_DECIDE = ("submitted", "needs_review")


@dataclass(frozen=True)
class Foreseen:
    """`text` is what will be done, or why it cannot be."""

    is_open: bool
    text: str


@staff_page("returns.approve")
def chosen(request: StaffRequest) -> HttpResponse:
    """GET shows what would be done to each of the chosen cases, POST does it."""
    given = request.POST if request.method == "POST" else request.GET
    deed = given.get("do", "") if given.get("do", "") in DEEDS else ""
    rows = _chosen(request, given.getlist("row"))
    if not rows or not deed:
        messages.error(request, "Choose at least one case first, then what is to be done.")
        return redirect(_back(request, given))
    to = next((one for one in team(request.store) if str(one.pk) == given.get("to", "")), None)
    if request.method == "POST":
        request.session[_RESULT] = {
            "deed": deed,
            "back": _back(request, given),
            "rows": _carry_out(request, deed, rows, to),
        }
        return redirect("returns_console:chosen_result", request.store.slug)
    today = clock.day_in(clock.now(), request.store.time_zone)
    seen = [(row_facts(one, today), _foresee(deed, one, to)) for one in rows]
    context = {
        "deed": deed,
        "label": DEEDS[deed],
        "rows": seen,
        "count": sum(foreseen.is_open for _, foreseen in seen),
        "to": to,
        "answers": ANSWERS,
        "back": _back(request, given),
        "page_title": f"{DEEDS[deed]} cases",
    }
    return render(request, "returns/console/chosen.html", context)


def _chosen(request: StaffRequest, keys: list[str]) -> list[Standing]:
    wanted = [int(pk) for pk in keys[:MOST_AT_ONCE] if pk.isdecimal()]
    rows = Case.objects.of(request.store).filter(pk__in=wanted)
    rows = rows.select_related("order__store", "customer", "assigned_to").order_by("-submitted_at", "-pk")
    return list(standings(request.store, list(rows)).values())


def _foresee(deed: str, found: Standing, to: Staff | None) -> Foreseen:
    case = found.case
    if deed == "assign":
        return Foreseen(True, f"Goes to {to.name}." if to else "Goes to nobody.")
    if case.state not in _TO_DECIDE:
        return Foreseen(False, "Was decided already; it stays as it is.")
    if deed == "decline":
        if case.basis == "withdrawal":
            return Foreseen(False, "A withdrawal cannot be declined; it stays as it is.")
        return Foreseen(True, "Ends, and the shopper reads your answer.")
    return Foreseen(True, _approved(found))


def _approved(found: Standing) -> str:
    case = found.case
    wish = OUTCOMES.get(case.outcome, case.outcome).lower()
    if case.method != "none":
        return f"The shopper gets what they need to send it back ({wish})."
    amount = case.quote.get("credit") or case.quote.get("refund") or 0
    if amount:
        return f"{case.money(amount).format('en')} goes out at once ({wish}); nothing is sent back."
    return f"Goes on at once ({wish}); nothing is sent back."


def _carry_out(request: StaffRequest, deed: str, rows: list[Standing], to: Staff | None) -> list[dict[str, Any]]:
    """Each by itself: what cannot be done says why, and keeps nothing from the others."""
    answer = answer_in(request.POST)
    now, by = clock.now(), request.staff
    deeds: dict[str, Callable[[Case], None]] = {
        "approve": lambda case: _decide(case, Verdict(is_good=True), request),
        "decline": lambda case: _decide(case, Verdict(is_good=False, answer=answer), request),
        "assign": lambda case: answering.assign(case, to, by=by, now=now),
    }
    done = []
    for one in rows:
        try:
            deeds[deed](one.case)
            result = Foreseen(True, "Done")
        except ValueError as problem:
            result = Foreseen(False, str(problem))
        done.append({"pk": one.case.pk, "number": one.case.number, **asdict(result)})
    return done


def _decide(case: Case, verdict: Verdict, request: StaffRequest) -> None:
    now, by = clock.now(), request.staff
    if case.basis in CLAIMS:
        claims.decide(case, verdict, by=by, now=now)
    elif verdict.is_good:
        deciding.approve(case, by=by, now=now)
    else:
        deciding.decline(case, answer=verdict.answer, by=by, now=now)


@require_safe
@staff_page("returns.approve")
def result(request: StaffRequest) -> HttpResponse:
    """What became of each case that was chosen."""
    told = request.session.get(_RESULT)
    if not told or not told["back"].startswith(url("returns_console:cases", request.store.slug)):
        return redirect("returns_console:cases", request.store.slug)
    context = {
        "rows": told["rows"],
        "label": DEEDS[told["deed"]],
        "done": sum(row["is_open"] for row in told["rows"]),
        "back": told["back"],
        "page_title": "What was done",
    }
    return render(request, "returns/console/chosen_result.html", context)


def _back(request: StaffRequest, given: Any) -> str:
    """The list as it was looked at."""
    home = url("returns_console:cases", request.store.slug)
    there = given.get("back", "")
    return there if there.partition("?")[0] == home else home
