"""Points for orders of the past: a rule and a window, reckoned first, given once."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.loyalty.actions import backfilling
from thereafter.loyalty.console.programme_fields import as_json, ask_where_shown
from thereafter.loyalty.console.programme_rules import categories
from thereafter.loyalty.console.programme_shop import shop_of
from thereafter.loyalty.models import Backfill
from thereafter.loyalty.queries.programmes import programme_now
from thereafter.loyalty.rules import programme as rules
from thereafter.loyalty.rules.wording_figures import Speaker, many
from thereafter.loyalty.rules.wording_rules import rule_sentence
from thereafter.stores.models import Store

PAGE = "loyalty_console:programme_backfill"
NEWEST = 50


class BackfillForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=60, help_text="Each name gives its points once. The members read: given later."
    )
    kind = forms.ChoiceField(
        label="What they get",
        choices=[("multiplier", "A factor on what the order earned"), ("fixed", "So many points for each order")],
    )
    x = forms.DecimalField(
        label="Times the points",
        min_value=Decimal("1.01"),
        max_value=100,
        max_digits=8,
        decimal_places=4,
        help_text="2 gives the same again.",
    )
    points = forms.IntegerField(label="Points", min_value=1, max_value=1_000_000)
    starts_on = forms.DateField(label="Orders from", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(
        label="to, with this day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    categories = forms.MultipleChoiceField(
        label="Only for the categories", required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "inline"})
    )
    min_amount = forms.DecimalField(
        label="Only orders from", required=False, min_value=0, max_digits=12, decimal_places=2
    )
    SHOWN_FOR: ClassVar = {
        "x": ("kind", ("multiplier",)),
        "categories": ("kind", ("multiplier",)),
        "points": ("kind", ("fixed",)),
    }

    def __init__(self, store: Store, today: date, data: Any = None) -> None:
        self.store = store
        start = {"kind": "multiplier", "x": "2", "starts_on": today - timedelta(days=30), "ends_on": today}
        super().__init__(data, initial=start)
        ask_where_shown(self, self.SHOWN_FOR)
        self.fields["categories"].choices = [(one, one) for one in categories(store)]  # type: ignore[attr-defined]  # a choices field
        self.fields["min_amount"].label = f"Only orders from ({store.currency})"

    def shown(self) -> list[str]:
        return [name for name in self.fields if getattr(self.fields[name], "choices", True)]

    def clean_name(self) -> str:
        name: str = " ".join(self.cleaned_data["name"].split())
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", "It should not end before it starts.")
        done = Backfill.objects.of(self.store).filter(key=cleaned.get("name", ""), done_at__isnull=False)
        if "name" in cleaned and done.exists():
            self.add_error("name", "These points were given already. Give this one a name of its own.")
        return cleaned

    def rule(self) -> dict[str, Any]:
        """As the programme has it."""
        clean = self.cleaned_data
        rule: dict[str, Any] = {"kind": clean["kind"], "name": clean["name"]}
        if clean["kind"] == "multiplier":
            rule |= {"x": as_json(clean["x"]), "categories": clean["categories"]}
        else:
            rule["points"] = clean["points"]
        if clean["min_amount"]:
            rule["min_amount"] = as_json(clean["min_amount"])
        return rule

    def window(self) -> dict[str, datetime]:
        """Whole days in the shop's zone."""
        clean = self.cleaned_data
        starts, ends = clean["starts_on"], clean["ends_on"] + timedelta(days=1)
        zone = timezone.get_current_timezone()
        return {"starts_at": datetime.combine(starts, time(0), zone), "ends_at": datetime.combine(ends, time(0), zone)}


@staff_page("loyalty.write")
def backfill(request: StaffRequest) -> HttpResponse:
    """First what it would give, then the deed; both by the same reckoning."""
    now = clock.now()
    form = BackfillForm(request.store, timezone.localtime(now).date(), request.POST or None)
    context: dict[str, Any] = {"page_title": "Points for past orders", "form": form, "done": _done(request.store)}
    if request.method == "POST" and form.is_valid():
        if "give" in request.POST:
            return _given(request, form, now)
        context["reckoned"] = backfilling.preview(request.store, form.rule(), **form.window())
    return render(request, "loyalty/console/programme_backfill.html", context)


def _given(request: StaffRequest, form: BackfillForm, now: datetime) -> HttpResponse:
    name = form.cleaned_data["name"]
    try:
        done = backfilling.carry_out(request.store, name, form.rule(), **form.window(), by=request.staff, now=now)
    except backfilling.AlreadyDone as wrong:
        messages.error(request, str(wrong))
        return redirect(PAGE, request.store.slug)
    messages.success(request, f"“{name}” gave {many(done.points, 'point')} for {many(done.orders, 'order')}.")
    return redirect(PAGE, request.store.slug)


def _done(store: Store) -> list[tuple[Backfill, str]]:
    """Those that were carried out, with their rule in words."""
    programme = programme_now(store.pk).programme
    speaker = Speaker(programme, shop_of(store, programme))
    rows = Backfill.objects.of(store).filter(done_at__isnull=False).select_related("by").order_by("-done_at")[:NEWEST]
    return [(row, rule_sentence(rules.read({"rules": [row.rule]}).rules[0], speaker)) for row in rows]
