"""The programme of points: what holds in plain sentences, what the draft changes, its versions, and publishing."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.loyalty.actions import programmes
from thereafter.loyalty.console.programme_shop import Draft, shop_of
from thereafter.loyalty.models import ProgrammeVersion
from thereafter.loyalty.queries import previewing
from thereafter.loyalty.rules import programme as rules
from thereafter.loyalty.rules import ready_programmes, wording, wording_advice
from thereafter.loyalty.rules.programme import BadProgramme, Programme
from thereafter.loyalty.rules.wording_figures import Shop
from thereafter.stores.actions import audit
from thereafter.stores.models import Store

PAGE, EDIT = "loyalty_console:programme", "loyalty_console:programme_edit"
NEWEST = 5


@staff_page("loyalty.read")
@require_safe
def programme(request: StaffRequest) -> HttpResponse:
    """What is in force."""
    store, draft = request.store, Draft(request.store)
    holds = draft.in_force.programme
    shop = shop_of(store, holds)
    versions = _versions(store)
    context = {
        "page_title": "Loyalty",
        "version": versions[0] if versions else None,
        "parts": wording.parts(holds, shop),
        "advice": wording_advice.advice(holds, shop, clock.now()),
        "holds": holds,
        "draft": draft,
        "is_open": draft.row is None or draft.row.is_open,
        "changes": draft.changes(),
        "versions": versions[:NEWEST],
        "ready": ready_programmes.READY.values(),
        "may_edit": request.membership.may("loyalty.write"),
    }
    return render(request, "loyalty/console/programme.html", context)


def _versions(store: Store) -> list[ProgrammeVersion]:
    return list(ProgrammeVersion.objects.of(store).order_by("-from_at", "-number"))


@staff_page("loyalty.write")
@require_POST
def start(request: StaffRequest) -> HttpResponse:
    """Begins a draft from a ready programme."""
    key = request.POST.get("key", "")
    if key not in ready_programmes.READY:
        raise Http404
    document = ready_programmes.document(key, request.store.currency)
    programmes.save_draft(request.store, document, by=request.staff, now=clock.now())
    name = ready_programmes.READY[key].name
    messages.success(request, f"“{name}” is your draft now. Change what you like, then publish it.")
    return redirect("loyalty_console:programme_publish", request.store.slug)


@staff_page("loyalty.write")
@require_POST
def discard(request: StaffRequest) -> HttpResponse:
    with transaction.atomic():
        programmes.save_draft(request.store, None, by=request.staff, now=clock.now())
        audit(
            request.store, by=request.staff, verb="loyalty.discard", now=clock.now(), subject="draft of the programme"
        )
    messages.success(request, "The draft is gone. What held still holds.")
    return redirect(PAGE, request.store.slug)


@staff_page("loyalty.write")
@require_POST
def door(request: StaffRequest) -> HttpResponse:
    """Lets people join by themselves, or not for now."""
    is_open = request.POST.get("open") == "yes"
    programmes.open_door(request.store, is_open=is_open, by=request.staff, now=clock.now())
    messages.success(request, "People can join again." if is_open else "Nobody can join for now. Members stay members.")
    return redirect(PAGE, request.store.slug)


@staff_page("loyalty.write")
def publish(request: StaffRequest) -> HttpResponse:
    """What the draft changes; publishing it."""
    draft = Draft(request.store)
    if not draft.exists:
        messages.info(request, "There is no draft to publish.")
        return redirect(PAGE, request.store.slug)
    if request.method == "POST":
        return _publish(request, draft)
    now = clock.now()
    context = {
        "page_title": "Publish the programme",
        "draft": draft,
        "problems": [text for _, text in draft.problems],
        "changes": draft.changes(),
        "advice": _advice(request.store, draft.programme),
        "dated": previewing.dated(draft.programme, now) if draft.programme else [],
    }
    return render(request, "loyalty/console/programme_publish.html", context)


def _advice(store: Store, programme: Programme | None) -> list[str]:
    return wording_advice.advice(programme, shop_of(store, programme), clock.now()) if programme else []


def _publish(request: StaffRequest, draft: Draft) -> HttpResponse:
    note = request.POST.get("note", "").strip()[:200]
    try:
        version = programmes.publish(request.store, draft.document, by=request.staff, now=clock.now(), note=note)
    except BadProgramme as wrong:
        messages.error(request, f"The draft has a problem: {wrong.problems[0][1]}")
        return redirect("loyalty_console:programme_publish", request.store.slug)
    messages.success(request, f"Version {version.number} holds from now on. Points given before stay as they were.")
    return redirect(PAGE, request.store.slug)


@staff_page("loyalty.write")
@require_safe
def preview(request: StaffRequest) -> HttpResponse:
    """What the draft would have given for past orders."""
    draft, now = Draft(request.store), clock.now()
    if draft.programme is None:
        messages.info(request, "There is no draft to try.")
        return redirect(PAGE, request.store.slug)
    always = request.GET.get("always") == "1"
    tried = previewing.undated(draft.programme) if always else draft.programme
    seen = previewing.preview(request.store, tried, now)
    shop = shop_of(request.store, draft.in_force.programme, draft.programme)
    context = {
        "page_title": "On past orders",
        "seen": seen,
        "examples": [_example(one, draft.in_force.programme, tried, shop) for one in seen.examples],
        "tiers": _tiers(seen, draft.in_force.programme, tried),
        "always": always,
        "dated": previewing.dated(draft.programme, now),
        "most": previewing.MOST_ORDERS,
    }
    return render(request, "loyalty/console/programme_preview.html", context)


def _tiers(seen: previewing.Preview, was: Programme, would: Programme) -> list[tuple[str, int, int]]:
    """Each tier of either programme, with how many of the buyers have it now and would have it."""
    if (was.tiers, was.tier) == (would.tiers, would.tier):
        return []
    names = {"": "None"} | {tier.id: tier.name for tier in (*was.tiers, *would.tiers)}
    counts = [(key, name, seen.now_tiers[key], seen.then_tiers[key]) for key, name in names.items()]
    return [(name, had, have) for key, name, had, have in counts if had or have or would.tier_of(key)]


def _example(one: previewing.Example, was: Programme, would: Programme, shop: Shop) -> dict[str, Any]:
    return {
        "order": one.order,
        "now": one.now.points,
        "then": one.then.points,
        "difference": one.difference,
        "now_why": wording_advice.why(one.now.snapshot, was, shop),
        "then_why": wording_advice.why(one.then.snapshot, would, shop),
    }


@staff_page("loyalty.read")
@require_safe
def versions(request: StaffRequest) -> HttpResponse:
    """All versions, and one of them with what it changed."""
    listed = _versions(request.store)
    asked = request.GET.get("number", "")
    shown = next((one for one in listed if str(one.number) == asked), None)
    if asked and shown is None:
        raise Http404
    shown = shown or next(iter(listed), None)
    context: dict[str, Any] = {"page_title": "Versions of the programme", "versions": listed, "shown": shown}
    if shown:
        context |= _of_version(request.store, shown, listed)
        context["may_edit"] = request.membership.may("loyalty.write")
    return render(request, "loyalty/console/programme_versions.html", context)


def _of_version(store: Store, shown: ProgrammeVersion, listed: list[ProgrammeVersion]) -> dict[str, Any]:
    at = listed.index(shown)
    document = listed[at + 1].document if at + 1 < len(listed) else rules.DEFAULT
    before, holds = (rules.read(one, tz=store.time_zone) for one in (document, shown.document))
    shop = shop_of(store, before, holds)
    return {
        "parts": wording.parts(holds, shop),
        "changes": wording.changes(before, holds, shop),
        "is_current": at == 0,
    }


@staff_page("loyalty.write")
@require_POST
def restore(request: StaffRequest) -> HttpResponse:
    """An old version becomes the draft; publishing it is the owner's next step."""
    number = request.POST.get("number", "")
    version = ProgrammeVersion.objects.of(request.store).filter(number=number if number.isdigit() else 0).first()
    if version is None:
        raise Http404
    with transaction.atomic():
        programmes.save_draft(request.store, version.document, by=request.staff, now=clock.now())
        audit(request.store, by=request.staff, verb="loyalty.restore", now=clock.now(), subject=f"version {number}")
    messages.success(request, f"Version {number} is your draft now. Nothing changes before you publish it.")
    return redirect("loyalty_console:programme_publish", request.store.slug)
