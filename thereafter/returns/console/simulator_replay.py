"""Past returns under another policy: what the draft would change, and what fees and extras would bring."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.http import wants_fragment
from thereafter.kit.money import Money
from thereafter.kit.pages import render
from thereafter.returns import store_policies
from thereafter.returns.console import policy_fees
from thereafter.returns.console.policy import preset_values, working
from thereafter.returns.past_returns import MOST, Past, past_returns
from thereafter.returns.rules.legal import law
from thereafter.returns.rules.policy.fee_effects import Assumed, Effect, effects
from thereafter.returns.rules.policy.outcomes import OUTCOMES
from thereafter.returns.rules.policy.policies import BadPolicy, compile_policy
from thereafter.returns.rules.policy.simulating import KINDS, Differences, Sums, simulate
from thereafter.stores.models import Store

MONTHS = (3, 6, 12, 24)
# Six policies are tried on each return here.
MOST_FOR_FEES = 300


@staff_page("returns.read")
@require_safe
def replay(request: StaffRequest) -> HttpResponse:
    """The draft against what holds, over the returns of the last months; a part of the page that publishes, too."""
    months = _months(request.GET.get("months", ""))
    draft = store_policies.draft(request.store)
    context: dict[str, Any] = {"months": months, "choices": MONTHS, "draft": draft, "page_title": "Replay past returns"}
    if draft:
        try:
            context |= _replayed(request.store, months, store_policies.compiled(draft))
        except BadPolicy:
            context["wrong"] = "The draft has problems, so nothing can be decided by it."
    page = "_simulator_replay" if wants_fragment(request) else "simulator_replay"
    return render(request, f"returns/console/{page}.html", context)


def _months(text: str) -> int:
    return next((one for one in MONTHS if str(one) == text), 6)


def _replayed(store: Store, months: int, new: Any) -> dict[str, Any]:
    past = past_returns(store, months, clock.now())
    _, holds = store_policies.current(store)
    found = simulate(holds, new, ((one.snapshot, one.day) for one in past.returns), law.current())
    return {"past": past, "covered": covered(past), "found": found, "kinds": _kinds(found), "sums": _sums(found),
            "outcomes": _outcomes(found)}  # fmt: skip


def covered(past: Past) -> list[str]:
    """What was looked at, and what was assumed."""
    count = len(past.returns)
    if past.is_assumed:
        told = [
            f"There were too few returns to learn from, so {count:,} orders stand in for them: each as if its dearest "
            "item had come back ten days after it came, because somebody changed their mind."
        ]
        more = past.asked > MOST
    else:
        told = [f"{count:,} returns as they were asked for, with the policy of the day put aside."]
        more = past.asked > count
    if more:
        told.append(f"There were {past.asked:,}; the newest are counted, so that nobody waits.")
    return told


def _kinds(found: Differences) -> list[dict[str, Any]]:
    return [
        {"label": f"{KINDS[kind].capitalize()}", "count": count, "examples": found.examples[kind]}
        for kind, count in found.kinds.most_common()
    ]


def _sums(found: Differences) -> list[tuple[str, list[tuple[str, str]]]]:
    """By currency: what it would cost or bring, new less old."""
    return [(currency, _sum(sums, currency)) for currency, sums in sorted(found.sums.items()) if sums != Sums()]


def _sum(sums: Sums, currency: str) -> list[tuple[str, str]]:
    rows = [
        ("Goods that could come back", sums.value_minor),
        ("Fees for money back", sums.fees_minor),
        ("Extras for exchange or credit, at most", sums.bonus_minor),
    ]
    return [(label, _signed(minor, currency)) for label, minor in rows if minor]


def _signed(minor: int, currency: str) -> str:
    told = Money(abs(minor), currency).format("en")
    return f"{'+' if minor > 0 else '−'}{told}" if minor else told


def _outcomes(found: Differences) -> list[tuple[str, int, int]]:
    gained, lost = found.outcomes["gained"], found.outcomes["lost"]
    return [(label, gained[name], lost[name]) for name, label in OUTCOMES.items() if gained[name] or lost[name]]


class AssumedForm(forms.Form):
    months = forms.TypedChoiceField(
        label="Returns of the last", choices=[(one, f"{one} months") for one in MONTHS], coerce=int, initial=6
    )
    turned = forms.IntegerField(
        label="Of 100 who would pay for their money, so many exchange or take credit instead",
        min_value=0, max_value=100, initial=10,
        help_text="A guess of yours: nobody knows before it was tried.",
    )  # fmt: skip
    margin = forms.IntegerField(
        label="What is left to you of 100 of sales", min_value=0, max_value=100, initial=40,
        help_text="After what the goods cost. It says what a sale that stays is worth.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PresetRow:
    key: str
    name: str
    about: str
    effect: Effect
    currency: str
    together: int

    def money(self, minor: float) -> str:
        return Money(int(minor), self.currency).format("en")


@staff_page("returns.read")
@require_safe
def fee_presets(request: StaffRequest) -> HttpResponse:
    """What each preset of fees would bring over past returns, by what the shop itself assumes."""
    form = AssumedForm(request.GET if "turned" in request.GET else None)
    said = {name: form[name].initial for name in form.fields}
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
    past = past_returns(request.store, said["months"], clock.now(), MOST_FOR_FEES)
    context = {
        "form": form if form.is_bound else AssumedForm(initial=said),
        "said": said,
        "covered": covered(past),
        "rows": _preset_rows(request.store, past, Assumed(said["turned"] / 100, said["margin"] / 100)),
        "may_edit": request.membership.may("returns.settings"),
        "page_title": "What fees would bring",
    }
    return render(request, "returns/console/simulator_fees.html", context)


def _preset_rows(store: Store, past: Past, assumed: Assumed) -> list[PresetRow]:
    document = working(store)
    currency = str(document.get("currency", store.currency))
    choices = {"": ("As it is now", "What holds today.", store_policies.current_document(store))}
    for key, (name, about, _) in policy_fees.PRESETS.items():
        choices[key] = name, about, policy_fees.put(document, preset_values(key, currency))
    rows = []
    for key, (name, about, said) in choices.items():
        try:
            found = effects(compile_policy(said), past.returns, law.current(), assumed)
        except BadPolicy:
            continue
        effect = found.get(currency, Effect())
        rows.append(PresetRow(key, name, about, effect, currency, effect.together(assumed.margin)))
    return rows
