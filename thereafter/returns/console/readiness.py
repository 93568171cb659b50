"""How ready the shop is for returns: a score from what its pages and mails say, and where each thing is mended."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render, short_day
from thereafter.returns.actions import readiness as actions
from thereafter.returns.models import ReadinessCheck
from thereafter.returns.rules.figures.readiness import BY_KEY, CHECKS, Check
from thereafter.stores.models import Store

MOST_DRAWN = 26
STATES = {"passed": ("Done", "good"), "failed": ("To do", "bad"), "unknown": ("Not known", "neutral")}
_ORDER = ("failed", "unknown", "passed")
_VERBS = {"console:settings": "settings.edit", "messaging_console:templates": "messages.read"}
_GOOD, _FAIR = 80, 50


@require_safe
@staff_page("returns.read")
def readiness(request: StaffRequest) -> HttpResponse:
    rows = ReadinessCheck.objects.of(request.store).order_by("-asked_at")
    done = list(rows.filter(done_at__isnull=False)[:MOST_DRAWN])
    newest = done[0] if done else None
    groups = _groups(request, newest) if newest else []
    context: dict[str, Any] = {
        "newest": newest,
        "before": done[1] if len(done) > 1 else None,
        "is_waiting": rows.filter(done_at=None).exists(),
        "groups": groups,
        "drawn": _drawn(done),
        "tone": _tone(newest),
        "checks": CHECKS,
        "whole": sum(check.weight for check in CHECKS),
        "left": sum(row["check"].weight for group in groups for row in group["rows"] if row["state"] == "failed"),
        "may_ask": request.membership.may("returns.approve"),
        "page_title": "Returns readiness",
    }
    return render(request, "returns/console/readiness.html", context)


def _tone(newest: ReadinessCheck | None) -> str:
    if newest is None or newest.score is None:
        return "neutral"
    return "good" if newest.score >= _GOOD else "warn" if newest.score >= _FAIR else "bad"


def _groups(request: StaffRequest, newest: ReadinessCheck) -> list[dict[str, Any]]:
    """What is to be done first, the weightiest above."""
    found: dict[str, list[dict[str, Any]]] = {}
    for said in newest.findings:
        check = BY_KEY.get(said["key"])
        if check is not None:
            found.setdefault(check.group, []).append(_row(request, check, said))
    for rows in found.values():
        rows.sort(key=lambda row: (_ORDER.index(row["state"]), -row["check"].weight))
    return [{"title": title, "rows": rows} for title, rows in found.items()]


def _row(request: StaffRequest, check: Check, said: dict[str, str]) -> dict[str, Any]:
    words, tone = STATES[said["state"]]
    page, label = check.fix
    may = request.membership.may(_VERBS.get(page, "returns.settings"))
    return {
        "check": check,
        "state": said["state"],
        "words": words,
        "tone": tone,
        "evidence": said["evidence"],
        "seen_at": said["url"],
        "fix": (label, reverse(page, args=[request.store.slug])) if may and said["state"] != "passed" else None,
    }


def _drawn(done: Sequence[ReadinessCheck]) -> list[dict[str, Any]]:
    return [
        {"label": short_day(one.asked_at), "value": one.score, "text": f"{one.score} of 100"}
        for one in reversed(done)
        if one.score is not None
    ]


@require_POST
@staff_page("returns.approve")
def ask(request: StaffRequest) -> HttpResponse:
    store: Store = request.store
    actions.ask(store, by=request.staff, now=clock.now())
    messages.success(request, "We are looking at your shop. It takes less than a minute; this page shows the result.")
    return redirect("returns_console:readiness", store.slug)
