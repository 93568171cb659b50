"""The editor of the programme: a page for each section, and for each rule, way to earn and tier."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.kit.tokens import fingerprint
from thereafter.loyalty.actions import programmes
from thereafter.loyalty.console.programme_fields import Document, SectionForm
from thereafter.loyalty.console.programme_people import JoiningForm, ReferralForm
from thereafter.loyalty.console.programme_sections import LifetimeForm, OrdersForm, RefundsForm, StackingForm
from thereafter.loyalty.console.programme_shop import Draft, shop_of, working
from thereafter.loyalty.console.programme_tiers import StandingForm
from thereafter.loyalty.console.programme_ways import DaysForm
from thereafter.loyalty.rules import programme as rules
from thereafter.loyalty.rules import wording, wording_advice
from thereafter.loyalty.rules.programme import Tier
from thereafter.loyalty.rules.ways import GROUPS, WAYS, name_of
from thereafter.loyalty.rules.wording_figures import Speaker
from thereafter.loyalty.rules.wording_rules import KINDS, rule_sentence
from thereafter.loyalty.rules.wording_tiers import tier_sentence
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
        return saved(request, said, part)
    context = _frame(request.store, document, part) | {"form": form, "page_title": wording.SECTIONS[part]}
    return render(request, "loyalty/console/programme_edit.html", context)


def saved(request: StaffRequest, document: Document, part: str) -> HttpResponse:
    programmes.save_draft(request.store, document, by=request.staff, now=clock.now())
    messages.success(request, "Saved as a draft. Members see it once you publish.")
    if "review" in request.POST:
        return redirect("loyalty_console:programme_publish", request.store.slug)
    return redirect(section(request.store, part))


def mark(item: Any) -> str:
    """Of a rule or tier, so that a form about it is not applied to another that took its place."""
    return fingerprint(json.dumps(item, sort_keys=True))[:16]


def section(store: Store, part: str) -> str:
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
        "sections": [(one.title, section(store, one.key), one.key == part) for one in parts],
        "said": next(one for one in parts if one.key == part),
        "draft": draft,
        "changes": draft.changes(),
        "programme": programme,
        "marks": {name: [mark(one) for one in document.get(name) or ()] for name in ("rules", "tiers")},
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
        "tiers": lambda: {"tiers": [(one, _tier_text(one, speaker)) for one in programme.tiers]},
    }
    return shown[part]() if part in shown else {}


def _tier_text(tier: Tier, speaker: Speaker) -> str:
    """Beside its name, without it."""
    text = tier_sentence(tier, speaker).removeprefix(f"{tier.name}, ")
    return f"{text[:1].upper()}{text[1:]}"


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
