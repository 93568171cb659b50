"""The editor of the programme: a page for each section, and for each rule, way to earn and tier."""

from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.loyalty.actions import programmes
from thereafter.loyalty.console.programme_fields import Document, SectionForm
from thereafter.loyalty.console.programme_people import JoiningForm, ReferralForm
from thereafter.loyalty.console.programme_rules import RuleForm
from thereafter.loyalty.console.programme_sections import LifetimeForm, OrdersForm, RefundsForm, StackingForm
from thereafter.loyalty.console.programme_shop import Draft, shop_of, working
from thereafter.loyalty.console.programme_tiers import StandingForm, TierForm
from thereafter.loyalty.console.programme_ways import DaysForm, WayForm
from thereafter.loyalty.rules import programme as rules
from thereafter.loyalty.rules import wording, wording_advice
from thereafter.loyalty.rules.programme import BadProgramme
from thereafter.loyalty.rules.ways import GROUPS, WAYS, name_of
from thereafter.loyalty.rules.wording_figures import Speaker
from thereafter.loyalty.rules.wording_rules import KINDS, rule_sentence
from thereafter.stores.models import Store

EDIT = "loyalty_console:programme_edit"
FORMS: dict[str, type[SectionForm]] = {
    "orders": OrdersForm,
    "bonuses": StackingForm,
    "days": DaysForm,
    "referral": ReferralForm,
    "lifetime": LifetimeForm,
    "refunds": RefundsForm,
    "tiers": StandingForm,
    "joining": JoiningForm,
}
OWN = "Your own"
ABOUT = {
    "orders": "What every order earns, before multipliers and bonuses.",
    "bonuses": "More points for some goods, days or customers, and goods that earn nothing.",
    "ways": "Points for what people do beside buying.",
    "days": "Points for days that come by themselves.",
    "referral": "Members invite friends; both get something once the friend really bought.",
    "lifetime": "From when points can be used, and until when.",
    "refunds": "What happens to points when an order comes back.",
    "tiers": "Levels that members rise to, and what they have there.",
    "joining": "Who takes part, and what the programme and its points are called.",
}


@staff_page("loyalty.write")
def edit(request: StaffRequest) -> HttpResponse:
    """One section. It works on the draft: nothing changes for members before it is published."""
    part = request.GET.get("part", "orders")
    if part not in wording.SECTIONS:
        raise Http404
    document = working(request.store)
    form = FORMS[part](request.store, document, request.POST or None) if part in FORMS else None
    if form is not None and request.method == "POST" and (said := form.accepted()) is not None:
        return _saved(request, said, part)
    context = _frame(request.store, document, part) | {"form": form, "page_title": wording.SECTIONS[part]}
    return render(request, "loyalty/console/programme_edit.html", context)


def _saved(request: StaffRequest, document: Document, part: str) -> HttpResponse:
    programmes.save_draft(request.store, document, by=request.staff, now=clock.now())
    messages.success(request, "Saved as a draft. Members see it once you publish.")
    if "review" in request.POST:
        return redirect("loyalty_console:programme_publish", request.store.slug)
    return redirect(_section(request.store, part))


def _section(store: Store, part: str) -> str:
    return f"{reverse(EDIT, args=[store.slug])}?{urlencode({'part': part})}"


def _frame(store: Store, document: Document, part: str) -> dict[str, Any]:
    """The menu of the sections, the section in words, its lists and examples."""
    programme = rules.read(document, tz=store.time_zone)
    shop = shop_of(store, programme)
    draft = Draft(store)
    parts = wording.parts(programme, shop)
    return {
        "part": part,
        "about": ABOUT[part],
        "parts": parts,
        "sections": [
            {"label": one.title, "url": _section(store, one.key), "current": one.key == part} for one in parts
        ],
        "said": next(one for one in parts if one.key == part),
        "draft": draft,
        "changes": draft.changes(),
        "programme": programme,
        **_lists(part, Speaker(programme, shop)),
    }


def _lists(part: str, speaker: Speaker) -> dict[str, Any]:
    """What a section shows beside its form."""
    programme, shop, now = speaker.programme, speaker.shop, clock.now()
    shown: dict[str, Callable[[], dict[str, Any]]] = {
        "orders": lambda: {"example": _basket(speaker)},
        "bonuses": lambda: {"rules": _rules(speaker), "stackings": wording_advice.stackings(programme, shop, now)},
        "ways": lambda: {"ways": _ways(speaker), "groups": (*GROUPS, OWN)},
        "lifetime": lambda: {"example": wording_advice.lifetime(programme, shop, now)},
        "refunds": lambda: {"refunded": wording_advice.refunds(programme, shop, now)},
        "tiers": lambda: {"tiers": [(one, wording.tier_sentence(one, speaker)) for one in programme.tiers]},
    }
    return shown[part]() if part in shown else {}


def _basket(speaker: Speaker) -> str:
    plainly = speaker.programme.model_copy(update={"rules": (), "tiers": ()})
    points = speaker.points(wording_advice.basket(plainly, speaker.shop, clock.now()))
    return f"An order of {speaker.money(Decimal(wording_advice.BASKET))} earns {points}."


def _rules(speaker: Speaker) -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {
            "at": at,
            "name": rule.name or KINDS[rule.kind][0],
            "text": rule_sentence(rule, speaker),
            "is_over": rule.ends_at is not None and rule.ends_at <= now,
            "is_coming": rule.starts_at is not None and rule.starts_at > now,
            "priority": rule.priority,
        }
        for at, rule in enumerate(speaker.programme.rules)
    ]


def _ways(speaker: Speaker) -> list[dict[str, Any]]:
    """All known ways, then the shop's own; those that are in the programme with what they give."""
    actions = speaker.programme.actions
    keys = [*WAYS, *(key for key in actions if key not in WAYS)]
    return [_way(key, speaker) for key in keys]


def _way(key: str, speaker: Speaker) -> dict[str, Any]:
    action, known = speaker.programme.actions.get(key), WAYS.get(key)
    label = action.label if action else ""
    name = known.name if known else name_of(key, label)
    return {
        "key": key,
        "name": name,
        "about": known.about if known else f"Your own event, sent by your systems as “{key}”.",
        "icon": known.icon if known else "code",
        "group": known.group if known else OWN,
        "proof": known.proof if known else "told",
        "is_there": action is not None,
        "is_on": action is not None and action.is_on,
        "text": wording.way_terms(action, speaker) if action else "",
    }


@staff_page("loyalty.write")
def rule(request: StaffRequest) -> HttpResponse:
    """One rule for orders, `?at=` its place; without, a new one."""
    document = working(request.store)
    at = _place(request, len(document.get("rules") or ()))
    form = RuleForm(request.store, document, at, request.POST or None)
    title = "New rule" if at is None else form.initial["name"] or "Rule"
    return _item(request, form, "bonuses", {"page_title": title, "what": "rule", "at": at, "kinds": KINDS})


@staff_page("loyalty.write")
def tier(request: StaffRequest) -> HttpResponse:
    """One tier, `?at=` its place; without, a new one."""
    document = working(request.store)
    at = _place(request, len(document.get("tiers") or ()))
    form = TierForm(request.store, document, at, request.POST or None)
    title = "New tier" if at is None else form.initial["name"]
    return _item(request, form, "tiers", {"page_title": title, "what": "tier", "at": at})


@staff_page("loyalty.write")
def way(request: StaffRequest) -> HttpResponse:
    """One way to earn, by its key; without, a new one of the shop's own."""
    key = request.GET.get("key", "")
    document = working(request.store)
    if key and key not in WAYS and key not in (document.get("actions") or {}):
        raise Http404
    form = WayForm(request.store, document, key, request.POST or None)
    is_there = key in form.programme.actions
    title = WAYS[key].name if key in WAYS else name_of(key, form.initial["label"]) if key else "Your own event"
    extra = {"page_title": title, "what": "way", "at": key if is_there else None, "known": WAYS.get(key)}
    return _item(request, form, "ways", extra)


def _place(request: StaffRequest, count: int) -> int | None:
    at = request.GET.get("at", "")
    if not at:
        return None
    if not at.isdigit() or int(at) >= count:
        raise Http404
    return int(at)


def _item(request: StaffRequest, form: SectionForm, part: str, extra: dict[str, Any]) -> HttpResponse:
    if request.method == "POST" and (said := form.accepted()) is not None:
        return _saved(request, said, part)
    context = extra | {
        "form": form,
        "part": part,
        "section": wording.SECTIONS[part],
        "back": _section(request.store, part),
    }
    return render(request, "loyalty/console/programme_item.html", context)


@staff_page("loyalty.write")
@require_POST
def change(request: StaffRequest) -> HttpResponse:
    """Takes out, copies, or switches one rule, way or tier."""
    what, at, do = (request.POST.get(name, "") for name in ("what", "at", "do"))
    part = {"rule": "bonuses", "tier": "tiers", "way": "ways"}.get(what)
    document = deepcopy(working(request.store))
    if part is None or not _changed(document, what, at, do):
        raise Http404
    try:
        rules.read(document, tz=request.store.time_zone)
    except BadProgramme as wrong:
        messages.error(request, f"It is still needed: {wrong.problems[0][1]}")
        return redirect(_section(request.store, part))
    return _saved(request, document, part)


def _changed(document: Document, what: str, at: str, do: str) -> bool:
    """Whether there was such a thing to change."""
    if what == "way":
        return _changed_way(document.get("actions") or {}, at, do)
    items: list[Any] = document.get("rules" if what == "rule" else "tiers") or []
    if not at.isdigit() or int(at) >= len(items):
        return False
    if do == "drop":
        del items[int(at)]
    elif do == "copy" and what == "rule":
        copied = {**items[int(at)], "name": f"{items[int(at)].get('name') or 'Rule'} (copy)"[:80]}
        items.insert(int(at) + 1, copied)
    else:
        return False
    return True


def _changed_way(actions: Document, key: str, do: str) -> bool:
    if key not in actions:
        return False
    if do == "drop":
        del actions[key]
    elif do == "switch":
        actions[key] = {**actions[key], "is_on": not actions[key].get("is_on", True)}
    else:
        return False
    return True
