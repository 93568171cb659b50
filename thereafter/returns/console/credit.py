"""Store credit in the console: who has how much, how it came to be, and corrections."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock, money
from thereafter.kit.money import Money, NotMoney
from thereafter.kit.pages import render
from thereafter.returns.actions import checkout_credit, credit
from thereafter.returns.actions.credit import BadMovement
from thereafter.returns.checkouts.registry import CHECKOUTS
from thereafter.returns.models import CheckoutCredit, CreditAccount, CreditLine
from thereafter.stores.models import Store, StoreQuerySet

PAGE = 50
TABS = {"open": "With a balance", "empty": "Used up", "all": "All"}
WORDS = {
    "issued": ("gift", "Given", "good"),
    "spent": ("bag", "Spent", "neutral"),
    "given_back": ("return", "Given back", "info"),
    "expired": ("clock", "Bonus ended", "warn"),
    "adjusted": ("settings", "Corrected", "info"),
}


class AdjustForm(forms.Form):
    amount = forms.CharField(
        label="Amount",
        max_length=20,
        help_text="With a minus it is taken away, such as -5.00.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    why = forms.CharField(label="Why", max_length=120)

    def __init__(self, currency: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean_amount(self) -> int:
        """Minor units."""
        try:
            return money.to_minor(self.cleaned_data["amount"].replace(",", "."), self.currency)
        except NotMoney:
            raise forms.ValidationError("Give an amount such as 5.00 or -5.00.") from None


@require_safe
@staff_page("returns.read")
def index(request: StaffRequest) -> HttpResponse:
    tab = request.GET.get("state", "") if request.GET.get("state", "") in TABS else "open"
    q = request.GET.get("q", "")[:80].replace("\0", "").strip()
    page = Paginator(_found(request.store, tab, q), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "tab": tab,
        "q": q,
        "sums": _sums(request.store),
        "tabs": [
            {"label": label, "url": f"?{urlencode({'state': name})}", "current": name == tab}
            for name, label in TABS.items()
        ],
        "query": "?" + urlencode({"state": tab} | ({"q": q} if q else {}) | {"page": ""}),
        "stuck": _stuck(request.store),
        "has_any": bool(page.paginator.count) or CreditAccount.objects.of(request.store).exists(),
        "page_title": "Store credit",
    }
    return render(request, "returns/console/credits.html", context)


def _stuck(store: Store) -> list[CheckoutCredit]:
    """Credits that the shop's checkout did not take, or of which we cannot hear: a person has to look."""
    rows = CheckoutCredit.objects.of(store).exclude(error="").select_related("account__customer")
    return list(rows.filter(Q(due_at=None) | Q(attempts=0)).order_by("changed_at")[:PAGE])


def _found(store: Store, tab: str, q: str) -> StoreQuerySet[CreditAccount]:
    rows = CreditAccount.objects.of(store).select_related("customer")
    has_value = Q(paid_minor__gt=0) | Q(bonus_minor__gt=0)
    rows = {"open": rows.filter(has_value), "empty": rows.exclude(has_value), "all": rows}[tab]
    if q:
        code = credit.normal_code(q)
        named = Q(customer__name__icontains=q) | Q(customer__email__iexact=q)
        rows = rows.filter(named | Q(code=code) | Q(code__endswith=code) if code else named)
    return rows.order_by("-issued_at", "-pk")


def _sums(store: Store) -> list[dict[str, Any]]:
    """What the shop owes, by currency."""
    rows = CreditAccount.objects.of(store).filter(Q(paid_minor__gt=0) | Q(bonus_minor__gt=0)).values("currency")
    found = rows.annotate(
        many=Count("pk"), owed=Sum(F("paid_minor") + F("bonus_minor")), bonus=Sum("bonus_minor")
    ).order_by("-owed")
    return [
        {
            "owed": Money(row["owed"], row["currency"]),
            "bonus": Money(row["bonus"], row["currency"]),
            "many": row["many"],
        }
        for row in found
    ]


@staff_page("returns.read")
def account(request: StaffRequest, credit_id: int) -> HttpResponse:
    """One credit with its lines; who may refund may correct it."""
    rows = CreditAccount.objects.of(request.store).select_related("customer", "order", "store")
    found = get_object_or_404(rows, pk=credit_id)
    may_adjust = request.membership.may("returns.refund")
    if request.method == "POST" and may_adjust and request.POST.get("checkout"):
        return _move(request, found)
    form = AdjustForm(found.currency, request.POST or None)
    if request.method == "POST" and may_adjust and form.is_valid():
        try:
            why = form.cleaned_data["why"]
            credit.adjust(found, form.cleaned_data["amount"], why=why, by=request.staff, now=clock.now())
            messages.success(request, "The credit is corrected.")
            return redirect("returns_console:credit_account", request.store.slug, found.pk)
        except BadMovement as wrong:
            form.add_error("amount", str(wrong))
    lines = CreditLine.objects.of(request.store).filter(account=found).select_related("by").order_by("-at", "-pk")
    context = {
        "account": found,
        "usable": found.money(credit.usable(found, clock.now())),
        "lines": [_line(found, line) for line in lines[:500]],
        "form": form if may_adjust else None,
        "checkout": CheckoutCredit.objects.of(request.store).filter(account=found).first(),
        "checkouts": CHECKOUTS,
        "page_title": "Store credit",
    }
    return render(request, "returns/console/credit.html", context)


def _move(request: StaffRequest, found: CreditAccount) -> HttpResponse:
    """To the checkout again, or back from it."""
    try:
        if request.POST["checkout"] == "back":
            checkout_credit.take_back(found, by=request.staff, now=clock.now())
            messages.success(request, "It is taken back from the checkout now.")
        else:
            checkout_credit.try_again(found, by=request.staff, now=clock.now())
            messages.success(request, "It is tried again now.")
    except checkout_credit.CannotMove as wrong:
        messages.error(request, str(wrong))
    return redirect("returns_console:credit_account", request.store.slug, found.pk)


def _line(account: CreditAccount, line: CreditLine) -> dict[str, Any]:
    icon, words, tone = WORDS[line.kind]
    about = f" on order {line.used_for}" if line.kind in ("spent", "given_back") and line.used_for else ""
    # A correction may go either way; the other words say by themselves which way they go.
    amount = line.amount_minor if line.kind == "adjusted" else abs(line.amount_minor)
    bonus = f"of it {account.money(abs(line.bonus_minor)).format('en')} bonus" if line.bonus_minor else ""
    return {
        "icon": icon,
        "tone": tone,
        "title": f"{words} {account.money(amount).format('en')}{about}",
        "body": " · ".join(part for part in (line.used_for if line.kind == "adjusted" else "", bonus) if part),
        "at": line.at,
        "actor": line.by.name if line.by else "",
    }
