"""What people of the shop do with a case: each is one form of its page, and leads back to it."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.money import NotMoney, to_minor
from thereafter.kit.pages import url
from thereafter.returns.actions import answering, claims, deciding, goods, photos, releasing, units
from thereafter.returns.actions.claims import CLAIMS, Verdict
from thereafter.returns.case_words import counted
from thereafter.returns.console.answers import answer_in
from thereafter.returns.console.queue import team
from thereafter.returns.models import Case, CaseUnit, NewGoods, ReturnParcel

# Does it, and says what was done.
Deed = Callable[[StaffRequest, Case, datetime], str]


def deed(verb: str) -> Callable[[Deed], Callable[..., HttpResponseBase]]:
    """A form of the page of a case: what is refused is said there, in the words of the rule that refused it."""

    def make(change: Deed) -> Callable[..., HttpResponseBase]:
        @require_POST
        @staff_page(verb)
        @wraps(change)
        def view(request: StaffRequest, case_id: int) -> HttpResponse:
            rows = Case.objects.of(request.store).select_related("order__store", "customer")
            case = get_object_or_404(rows, pk=case_id)
            try:
                messages.success(request, change(request, case, clock.now()))
            except ValueError as problem:
                messages.error(request, str(problem))
            return HttpResponseRedirect(url("returns_console:case", request.store.slug, case.pk))

        return view

    return make


@deed("returns.approve")
def approve(request: StaffRequest, case: Case, now: datetime) -> str:
    deciding.approve(case, by=request.staff, now=now, note=request.POST.get("note", ""))
    return f"{case.number} is approved."


@deed("returns.approve")
def decline(request: StaffRequest, case: Case, now: datetime) -> str:
    answer = answer_in(request.POST)
    if case.basis in CLAIMS:
        claims.decide(case, Verdict(is_good=False, answer=answer), by=request.staff, now=now)
    else:
        deciding.decline(case, answer=answer, by=request.staff, now=now)
    return f"{case.number} is declined, and the shopper reads why."


@deed("returns.approve")
def decide_claim(request: StaffRequest, case: Case, now: datetime) -> str:
    verdict = Verdict(is_good=True, payer=request.POST.get("payer", ""), owed_minor=_owed(request, case))
    claims.decide(case, verdict, by=request.staff, now=now)
    return f"The claim of {case.number} is accepted."


@deed("returns.approve")
def name_payer(request: StaffRequest, case: Case, now: datetime) -> str:
    owed = _owed(request, case)
    claims.name_payer(case, request.POST.get("payer", ""), owed_minor=owed, by=request.staff, now=now)
    return "Written down who pays."


def _owed(request: StaffRequest, case: Case) -> int:
    return minor(request.POST.get("owed", "") or "0", case.currency)


def minor(text: str, currency: str) -> int:
    try:
        return to_minor(text.strip().replace(",", "."), currency)
    except NotMoney:
        raise ValueError("Give the amount as a number, such as 49.90.") from None


@deed("returns.approve")
def cancel(request: StaffRequest, case: Case, now: datetime) -> str:
    deciding.cancel(case, by=request.staff, now=now, why=request.POST.get("why", ""))
    return f"{case.number} is cancelled; its items can be asked for again."


@deed("returns.approve")
def reopen(request: StaffRequest, case: Case, now: datetime) -> str:
    why = request.POST.get("why", "").strip()
    if not why:
        raise ValueError("Say why it goes on: whoever reads the case later will ask.")
    deciding.reopen(case, why=why, by=request.staff, now=now)
    return f"{case.number} goes on."


@deed("returns.approve")
def finish(request: StaffRequest, case: Case, now: datetime) -> str:
    """A repair that is done, or a case of which nothing more will come."""
    releasing.resolve(case, by=request.staff, now=now, why=request.POST.get("why", ""))
    return f"{case.number} is done."


@deed("returns.approve")
def review(request: StaffRequest, case: Case, now: datetime) -> str:
    answering.look_again(case, request.POST.get("why", ""), by=request.staff, now=now)
    return "Marked for a look." if case.review else "Seen to."


@deed("returns.approve")
def assign(request: StaffRequest, case: Case, now: datetime) -> str:
    to = next((one for one in team(request.store) if str(one.pk) == request.POST.get("to", "")), None)
    answering.assign(case, to, by=request.staff, now=now)
    return f"Now with {to.name}." if to else "Now with nobody."


@deed("returns.receive")
def note(request: StaffRequest, case: Case, now: datetime) -> str:
    answering.note(case, request.POST.get("text", ""), by=request.staff, now=now)
    return "Noted, for colleagues only."


@deed("returns.approve")
def answer(request: StaffRequest, case: Case, now: datetime) -> str:
    answering.answer(case, request.POST.get("text", ""), by=request.staff, now=now)
    return "The shopper can read your answer."


@deed("returns.refund")
def release(request: StaffRequest, case: Case, now: datetime) -> str:
    releasing.release_by_hand(case, by=request.staff, now=now)
    case.refresh_from_db(fields=["released_at", "review"])
    if case.released_at is None:
        raise ValueError(case.review or "It could not be released yet: the shopper has to pay first.")
    return "Released: what was promised goes out now."


@deed("returns.refund")
def paid(request: StaffRequest, case: Case, now: datetime) -> str:
    reference = request.POST.get("reference", "").strip()
    if not reference:
        raise ValueError("Say how you know that it was paid: a reference, the cash desk, a name.")
    if not goods.paid(case, reference=reference, now=now, by=request.staff):
        raise ValueError("It was marked as paid before.")
    return "Written down as paid; the new goods may leave."


@deed("returns.receive")
def receive(request: StaffRequest, case: Case, now: datetime) -> str:
    """The fields are `found-<unit>`; a parcel of the case counts as opened with it."""
    found = {
        int(name.removeprefix("found-")): str(state)
        for name, state in request.POST.items()
        if name.startswith("found-") and name.removeprefix("found-").isdecimal() and state
    }
    if not found:
        raise ValueError("Say of at least one item whether it is here.")
    units.receive(case, found, by=request.staff, now=now, parcel=_parcel(request, case))
    return f"Written down for {counted(len(found), 'item')}."


def _parcel(request: StaffRequest, case: Case) -> ReturnParcel | None:
    key = request.POST.get("parcel", "")
    rows = ReturnParcel.objects.of(request.store).filter(links__case=case)
    found: ReturnParcel | None = rows.filter(pk=key).first() if key.isdecimal() else None
    return found


@deed("returns.receive")
def note_extra(request: StaffRequest, case: Case, now: datetime) -> str:
    units.note_extra(case, request.POST.get("what", ""), by=request.staff, now=now)
    return "Written down; somebody decides what becomes of it."


def _unit(request: StaffRequest, case: Case) -> CaseUnit:
    key = request.POST.get("unit", "")
    rows = CaseUnit.objects.of(request.store).filter(case=case)
    found: CaseUnit | None = rows.select_related("line").filter(pk=key).first() if key.isdecimal() else None
    if found is None:
        raise ValueError("Choose an item of this case.")
    return found


@deed("returns.receive")
def inspect(request: StaffRequest, case: Case, now: datetime) -> str:
    given = request.POST
    unit, verdict, to = _unit(request, case), given.get("verdict", ""), given.get("to", "")
    if verdict not in units.VERDICTS:
        raise ValueError("Choose what you found: accept it, for less, or not.")
    if to and to not in units.DISPOSITIONS:
        raise ValueError("Choose from the list where it goes.")
    worn = given.get("deduction", "") if verdict == "accepted_with_deduction" else ""
    units.inspect(
        unit,
        verdict,
        by=request.staff,
        now=now,
        grade=given.get("grade", "") if given.get("grade", "") in units.GRADES else "",
        deduction_minor=minor(worn, case.currency) if worn else 0,
        note=given.get("note", ""),
        to=to,
    )
    return "Written down what you found."


@deed("returns.receive")
def dispose(request: StaffRequest, case: Case, now: datetime) -> str:
    to = request.POST.get("to", "")
    if to not in units.DISPOSITIONS:
        raise ValueError("Choose where it goes.")
    units.dispose(_unit(request, case), to, by=request.staff, now=now)
    return "Written down where it goes."


@deed("returns.refund")
def forgive(request: StaffRequest, case: Case, now: datetime) -> str:
    why = request.POST.get("why", "").strip()
    if not why:
        raise ValueError("Say why your shop pays for it although it is not here.")
    units.forgive_missing(_unit(request, case), by=request.staff, now=now, why=why)
    return "Your shop pays for it as if it had come."


@deed("returns.receive")
def add_photos(request: StaffRequest, case: Case, now: datetime) -> str:
    files = request.FILES.getlist("photos")
    if not files:
        raise ValueError("Choose at least one photo.")
    unit = _unit(request, case) if request.POST.get("unit") else None
    made, problems = photos.add(request.store, files, belongs_to=unit or case, taken_by="warehouse", now=now)
    for problem in problems:
        messages.error(request, problem)
    return f"{counted(len(made), 'photo')} added."


def _goods(request: StaffRequest, case: Case) -> list[NewGoods]:
    keys = [key for key in request.POST.getlist("goods") if key.isdecimal()]
    rows: Any = NewGoods.objects.of(request.store).filter(case=case, pk__in=keys)
    return list(rows.order_by("pk"))


@deed("returns.receive")
def ship(request: StaffRequest, case: Case, now: datetime) -> str:
    carrier, number = request.POST.get("carrier", ""), request.POST.get("number", "")
    goods.ship(_goods(request, case), carrier=carrier, number=number, by=request.staff, now=now)
    return "The new goods have left, and the shopper can follow them." if number.strip() else "The new goods have left."


@deed("returns.approve")
def cannot_be_had(request: StaffRequest, case: Case, now: datetime) -> str:
    chosen, why = _goods(request, case), request.POST.get("why", "").strip()
    if not chosen:
        raise ValueError("Choose what cannot be had.")
    for one in chosen:
        goods.cancel(one, why=why or "It cannot be had any more.", by=request.staff, now=now)
    return "Written down; the shopper is paid back instead, as far as that is due."
