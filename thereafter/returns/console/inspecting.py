"""How each item came, and what becomes of it: one at a time, the next at once."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.money import NotMoney, exponent, to_minor
from thereafter.kit.pages import render
from thereafter.returns import scanning
from thereafter.returns.actions import photos, putting_away, units
from thereafter.returns.console.warehouse import TO_INSPECT
from thereafter.returns.console.warehouse_words import RELEASE, UNIT, unit_row
from thereafter.returns.labels import stock
from thereafter.returns.models import CaseUnit, Photo, ReturnParcel
from thereafter.returns.rules.dispositions import DISPOSITIONS, GRADES, usual
from thereafter.returns.rules.machines import MACHINES, CannotGo
from thereafter.returns.rules.machines import UNIT as UNITS
from thereafter.returns.rules.policy.outcomes import OUTCOMES
from thereafter.returns.rules.scanned import stock_code

SHOWN = 100
# Parts of the value that are offered to keep back, in percent.
PARTS = (10, 20, 30, 50)


@staff_page("returns.receive")
def queue(request: StaffRequest) -> HttpResponse:
    """What is here and was not looked at yet, the longest waiting first."""
    rows = _units(request).filter(state__in=TO_INSPECT).order_by("received_at", "pk")
    facts = {"rows": [unit_row(unit) for unit in rows[:SHOWN]], "count": rows.count()}
    return render(request, "returns/console/warehouse_inspect.html", facts)


def _units(request: StaffRequest) -> Any:
    rows = CaseUnit.objects.of(request.store)
    return rows.select_related("case__store", "case__order", "case__customer", "line__product")


@staff_page("returns.receive")
def unit(request: StaffRequest, unit_id: int) -> HttpResponse:
    found = get_object_or_404(_units(request), pk=unit_id)
    if request.method == "POST":
        return _say(request, found)
    return _page(request, found)


@dataclass(frozen=True)
class _Said:
    """What was filled in."""

    verdict: str = ""
    grade: str = ""
    amount: str = ""
    note: str = ""
    to: str = ""


def _page(request: StaffRequest, unit: CaseUnit, said: _Said | None = None, problem: str = "") -> HttpResponse:
    case = unit.case
    pictures = Photo.objects.of(request.store).filter(case=case).defer("content", "thumbnail").order_by("pk")
    facts = {
        "unit": unit_row(unit),
        "case": case,
        "outcome": OUTCOMES.get(case.outcome, case.outcome),
        "release": "" if unit.released_at else RELEASE.get(case.release, ""),
        "may_inspect": unit.state in TO_INSPECT,
        "verdicts": _verdicts(unit),
        "may_deduct": _may_deduct(unit),
        "no_deduction": _why_no_deduction(unit),
        "parts": [{"percent": part, "money": case.money(unit.value_minor * part // 100)} for part in PARTS],
        "grades": [(key, text, DISPOSITIONS[_usual(unit, key)]) for key, text in GRADES.items()],
        "grade_text": GRADES.get(unit.grade, ""),
        "dispositions": list(DISPOSITIONS.items()),
        "changes": _changes(unit),
        "shoppers_photos": [one.pk for one in pictures if one.taken_by == "shopper"],
        "our_photos": [one.pk for one in pictures if one.unit_id == unit.pk],
        "said": said or _Said(grade=unit.grade, note=unit.inspection_note),
        "problem": problem,
        "steps": _steps(unit),
        "code": stock_code(case.number, scanning.place_of(unit)),
        "back": _back(request, unit),
    }
    return render(request, "returns/console/warehouse_unit.html", facts)


def _may_deduct(unit: CaseUnit) -> bool:
    return unit.released_at is None and unit.value_minor > 0 and units.may_deduct(unit.case, unit)


def _why_no_deduction(unit: CaseUnit) -> str:
    if _may_deduct(unit):
        return ""
    if unit.released_at:
        return "It was paid out already, so nothing can be kept back for wear."
    return "Nothing may be kept back for wear here: the law or the reason of this return does not allow it."


def _verdicts(unit: CaseUnit) -> list[tuple[str, str, str]]:
    """(key, words, what it means) of what can be said of it."""
    said = [
        ("accepted", "Accept", "The shopper gets everything for it."),
        ("accepted_with_deduction", "Accept for less", "Part of its value is kept back for wear."),
        ("rejected", "Do not accept", "The shopper gets nothing for it. Support tells them why."),
        ("manual", "Set aside", "Somebody else decides; nothing is paid yet."),
    ]
    allowed = MACHINES[UNITS].get(unit.state, ())
    return [one for one in said if one[0] in allowed and (one[0] != "accepted_with_deduction" or _may_deduct(unit))]


def _usual(unit: CaseUnit, grade: str, *, rejected: bool = False) -> str:
    return usual(grade, unit.reason, rejected=rejected, last=scanning.last_choice(unit, grade))


def _changes(unit: CaseUnit) -> list[tuple[str, str]]:
    """What can still be said of it otherwise; each is a step of its own."""
    allowed = MACHINES[UNITS].get(unit.state, ())
    found = [("received", "It is here after all")] if unit.state in ("missing", "wrong_item") else []
    if unit.state == "rejected":
        found.append(("accepted", "Accept it after all"))
    return found + [(key, text) for key, text in DISPOSITIONS.items() if key in allowed]


def _steps(unit: CaseUnit) -> list[dict[str, Any]]:
    rows = unit.case.steps.filter(machine=UNITS, subject=unit.pk).select_related("by").order_by("-at", "-pk")
    return [
        {
            "title": UNIT.get(step.became, (step.became, ""))[0],
            "tone": UNIT.get(step.became, ("", "neutral"))[1],
            "icon": "parcel",
            "at": step.at,
            "actor": step.by.name if step.by else "",
            "quote": step.why,
        }
        for step in rows
    ]


def _back(request: StaffRequest, unit: CaseUnit) -> str:
    parcel = ReturnParcel.objects.of(request.store).filter(links__case=unit.case).values_list("pk", flat=True)[:2]
    if len(parcel) == 1:
        return reverse("returns_console:receive_parcel", args=[request.store.slug, parcel[0]])
    return reverse("returns_console:receive_case", args=[request.store.slug, unit.case_id])


def _say(request: StaffRequest, unit: CaseUnit) -> HttpResponse:
    said = _Said(**{name: request.POST.get(name, "").strip() for name in ("verdict", "grade", "amount", "note", "to")})
    try:
        _inspect(request, unit, said)
    except (CannotGo, ValueError, NotMoney) as why:
        found = get_object_or_404(_units(request), pk=unit.pk)
        return _page(request, found, said, str(why))
    _keep_photos(request, unit)
    return redirect(_next(request, unit))


def _inspect(request: StaffRequest, unit: CaseUnit, said: _Said) -> None:
    if said.verdict not in units.VERDICTS:
        raise ValueError("Say whether it is accepted.")
    if said.grade and said.grade not in GRADES:
        raise ValueError("Say how it came.")
    if said.to and said.to not in DISPOSITIONS:
        raise ValueError("Choose where it goes.")
    rejected, less = said.verdict == "rejected", said.verdict == "accepted_with_deduction"
    to = "" if said.verdict == "manual" else said.to or _usual(unit, said.grade, rejected=rejected)
    units.inspect(
        unit,
        said.verdict,
        by=request.staff,
        now=clock.now(),
        grade=said.grade,
        deduction_minor=_amount(unit, said.amount) if less else 0,
        note=said.note,
        to=to,
    )
    became = DISPOSITIONS.get(to, "set aside")
    messages.success(request, f"{unit.line.title}: {became.lower()}.{_paid(unit)}")


def _amount(unit: CaseUnit, text: str) -> int:
    """Minor units of an amount, or of a percentage of the value."""
    bare = text.replace(" ", "").replace(",", ".")
    try:
        if bare.endswith("%"):
            return round(unit.value_minor * float(bare[:-1]) / 100)
        return to_minor(bare, unit.case.currency)
    except (ValueError, OverflowError) as wrong:
        sample = f"{1234 / 10 ** exponent(unit.case.currency):g}"
        raise ValueError(
            f"Enter what is kept back as an amount such as {sample}, or as a part such as 20 %."
        ) from wrong


def _paid(unit: CaseUnit) -> str:
    """What went out because of it."""
    fresh = CaseUnit.objects.of(unit.store_id).filter(pk=unit.pk, released_at__isnull=False).exists()
    return f" {unit.case.number} is released." if fresh and unit.released_at is None else ""


def _keep_photos(request: StaffRequest, unit: CaseUnit) -> None:
    files = request.FILES.getlist("photos")
    if not files:
        return
    _, problems = photos.add(request.store, files, belongs_to=unit, taken_by="warehouse", now=clock.now())
    for problem in problems:
        messages.error(request, problem)


def _next(request: StaffRequest, unit: CaseUnit) -> str:
    """The next of the same parcel, else of the queue, else the scanner's field."""
    slug = request.store.slug
    waiting = CaseUnit.objects.of(request.store).filter(state__in=("received", "wrong_item"))
    together = waiting.filter(case__parcel_links__parcel__links__case=unit.case_id) | waiting.filter(case=unit.case_id)
    if following := together.exclude(pk=unit.pk).order_by("case_id", "pk").first():
        return reverse("returns_console:inspect_unit", args=[slug, following.pk])
    return reverse(
        "returns_console:inspect_queue" if "queue" in request.POST else "returns_console:warehouse", args=[slug]
    )


@require_POST
@staff_page("returns.receive")
def change(request: StaffRequest, unit_id: int) -> HttpResponse:
    """Says otherwise; what was said before stays written."""
    found = get_object_or_404(_units(request), pk=unit_id)
    to, by, now = request.POST.get("to", ""), request.staff, clock.now()
    try:
        if to not in dict(_changes(found)):
            raise CannotGo("This cannot be said of it any more. Look at it again.")
        if to == "received":
            units.receive(found.case, {found.pk: to}, by=by, now=now)
        elif to == "accepted":
            units.inspect(found, to, by=by, now=now, grade=found.grade, note=found.inspection_note)
        else:
            putting_away.redirect(found, to, by=by, now=now)
        messages.success(request, f"{found.line.title}: {UNIT[to][0].lower()}.")
    except (CannotGo, ValueError) as why:
        messages.error(request, str(why))
    return redirect("returns_console:inspect_unit", request.store.slug, unit_id)


@require_safe
@staff_page("returns.receive")
def label(request: StaffRequest, unit_id: int) -> HttpResponse:
    """A small label for the item, to print."""
    found = get_object_or_404(_units(request), pk=unit_id)
    made = stock.label(
        stock.Sticker(
            code=stock_code(found.case.number, scanning.place_of(found)),
            title=found.line.title,
            variant=found.line.variant_title,
            sku=found.line.sku,
            grade=GRADES.get(found.grade, "Not inspected yet"),
            disposition=DISPOSITIONS.get(found.state, UNIT.get(found.state, (found.state,))[0]),
            destination=found.destination,
        )
    )
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.case.number}.pdf"'
    return response
