"""Refunds in the console: what is promised, where it is, what went wrong, and what a colleague can do about it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render
from thereafter.returns import refund_queries, refund_words, setting_credit_notes
from thereafter.returns.actions import charge_errands, credit_notes, hold_errands, paying_by_hand, releasing
from thereafter.returns.actions.paying_by_hand import CannotPay
from thereafter.returns.models import CasePayment, CreditAccount, CreditNote, Grant, GrantShare, Hold
from thereafter.returns.rules.machines import CannotGo
from thereafter.stores.models import Store, StoreQuerySet

PAGE = 50
State = GrantShare.State
TABS = {"hand": "To do by hand", "failed": "Failed", "waiting": "On the way", "settled": "Paid", "all": "All"}


@require_safe
@staff_page("returns.read")
def index(request: StaffRequest) -> HttpResponse:
    counts = refund_queries.open_counts(request.store)
    first = next((name for name in ("hand", "failed", "waiting") if counts[name]), "all")
    tab = request.GET.get("state", "") if request.GET.get("state", "") in TABS else first
    q = request.GET.get("q", "")[:80].replace("\0", "").strip()
    page = Paginator(_found(request.store, tab, q), PAGE).get_page(request.GET.get("page"))
    kinds = refund_words.kinds_of(request.store, page.object_list)
    context = {
        "page": page,
        "rows": [refund_words.row(share, kinds) for share in page],
        "tab": tab,
        "q": q,
        "tabs": [
            {
                "label": label,
                "url": f"?{urlencode({'state': name})}",
                "current": name == tab,
                "count": counts.get(name) or None,
            }
            for name, label in TABS.items()
        ],
        "query": "?" + urlencode({"state": tab} | ({"q": q} if q else {}) | {"page": ""}),
        "to_return": list(refund_queries.payments_to_return(request.store)[:PAGE]),
        "hold_tasks": list(refund_queries.holds_to_see_to(request.store)[:PAGE]),
        "has_any": bool(page.paginator.count) or GrantShare.objects.of(request.store).exists(),
        "page_title": "Refunds",
    }
    return render(request, "returns/console/refunds.html", context)


def _found(store: Store, tab: str, q: str) -> StoreQuerySet[GrantShare]:
    rows = GrantShare.objects.of(store).filter(refund_queries.BY_STATE[tab]).select_related("grant__order__customer")
    if q:
        order = "grant__order__"
        rows = rows.filter(
            Q(**{f"{order}number__iexact": q.removeprefix("#")})
            | Q(**{f"{order}number__iexact": q})
            | Q(**{f"{order}customer__name__icontains": q})
            | Q(**{f"{order}customer__email__iexact": q})
            | Q(provider_ref=q)
        )
    return rows.order_by("-changed_at", "-pk") if tab in ("settled", "all") else rows.order_by("changed_at", "pk")


@require_safe
@staff_page("returns.read")
def grant(request: StaffRequest, grant_id: int) -> HttpResponse:
    """One refund: how it was counted, its parts, what was tried, its papers."""
    rows = Grant.objects.of(request.store).select_related("order__customer", "granted_by")
    granted = get_object_or_404(rows, pk=grant_id)
    shares = list(granted.shares.select_related("grant__order").order_by("pk"))
    kinds = refund_words.kinds_of(request.store, shares)
    context = {
        "grant": granted,
        "order": granted.order,
        "shares": [refund_words.share(share, kinds) for share in shares],
        "state": refund_words.state_of_grant(granted, shares),
        "sentences": refund_words.sentences(granted, kinds),
        "may_withdraw": not granted.withdrawn_at and all(share.state == State.GRANTED for share in shares) and shares,
        "notes": refund_queries.notes_of(granted),
        "credits": {
            f"credit-{one.pk}": one for one in CreditAccount.objects.of(request.store).filter(order=granted.order)
        },
        "page_title": f"Refund of {granted.order.number}",
    }
    return render(request, "returns/console/refund.html", context)


@require_POST
@staff_page("returns.refund")
def do(request: StaffRequest, share_id: int) -> HttpResponse:
    """Try again, stop, give credit, note as paid."""
    rows = GrantShare.objects.of(request.store).select_related("grant__order")
    share = get_object_or_404(rows, pk=share_id)
    try:
        messages.success(request, _done(request, share))
    except (CannotPay, CannotGo) as wrong:
        messages.error(request, str(wrong))
    return redirect("returns_console:refund", request.store.slug, share.grant_id)


def _done(request: StaffRequest, share: GrantShare) -> str:
    by, now = request.staff, clock.now()
    match request.POST.get("do"):
        case "again":
            paying_by_hand.again(share, by=by, now=now)
            return "It is tried again now."
        case "stop":
            paying_by_hand.stop(share, by=by, now=now)
            return "Stopped. Choose how it goes on."
        case "credit":
            agreed = request.POST.get("agreed") == "on"
            paying_by_hand.to_credit(share, agreed=agreed, by=by, now=now)
            return "The shopper gets store credit instead."
        case "paid":
            reference = request.POST.get("reference", "").replace("\0", "")
            paying_by_hand.paid_by_hand(share, reference=reference, by=by, now=now)
            return "Noted as paid."
    raise CannotPay("Choose what to do with it.")


@require_POST
@staff_page("returns.refund")
def return_payment(request: StaffRequest, payment_id: int) -> HttpResponse:
    """What was paid for an exchange goes back: tried again, or written down as done."""
    payment = get_object_or_404(CasePayment.objects.of(request.store), pk=payment_id)
    by, now = request.staff, clock.now()
    try:
        if request.POST.get("do") == "again":
            charge_errands.try_again(payment, by=by, now=now)
            messages.success(request, "It is tried again now.")
        else:
            reference = request.POST.get("reference", "").replace("\0", "")
            charge_errands.given_back_by_hand(payment, reference=reference, by=by, now=now)
            messages.success(request, "Noted as given back.")
    except charge_errands.CannotGiveBack as wrong:
        messages.error(request, str(wrong))
    return redirect("returns_console:refunds", request.store.slug)


@require_POST
@staff_page("returns.refund")
def see_to_hold(request: StaffRequest, hold_id: int) -> HttpResponse:
    """A hold on a card: tried again, written down as settled, or let go because the shopper is trusted."""
    held = get_object_or_404(Hold.objects.of(request.store), pk=hold_id)
    by, now = request.staff, clock.now()
    try:
        match request.POST.get("do"):
            case "again":
                hold_errands.try_again(held, by=by, now=now)
                messages.success(request, "It is tried again now.")
            case "let_go":
                hold_errands.let_go(held, by=by, now=now)
                messages.success(request, "It is let go. What was charged goes back.")
            case _:
                reference = request.POST.get("reference", "").replace("\0", "")
                hold_errands.done_by_hand(held, reference=reference, by=by, now=now)
                messages.success(request, "Noted as settled.")
    except hold_errands.CannotDo as wrong:
        messages.error(request, str(wrong))
    return redirect("returns_console:case", request.store.slug, held.case_id)


@require_POST
@staff_page("returns.refund")
def withdraw(request: StaffRequest, grant_id: int) -> HttpResponse:
    granted = get_object_or_404(Grant.objects.of(request.store).select_related("order"), pk=grant_id)
    try:
        releasing.withdraw(granted, by=request.staff, now=clock.now())
        messages.success(request, "The refund is taken back. Its money can be promised again.")
    except CannotGo:
        messages.error(request, "Some of it has gone out, so it cannot be taken back any more.")
    return redirect("returns_console:refund", request.store.slug, granted.pk)


@require_safe
@staff_page("returns.read")
def note(request: StaffRequest, note_id: int) -> HttpResponse:
    """The credit note to print: in the customer's language, or with ?own=1 in the shop's."""
    found = get_object_or_404(CreditNote.objects.of(request.store).select_related("cancels"), pk=note_id)
    found.store = request.store
    language = request.store.locale if request.GET.get("own") else ""
    made = setting_credit_notes.pdf(found, language=language)
    name = f'inline; filename="{found.name}.pdf"'
    return HttpResponse(made, content_type="application/pdf", headers={"Content-Disposition": name})


@require_POST
@staff_page("returns.refund")
def cancel_note(request: StaffRequest, note_id: int) -> HttpResponse:
    found = get_object_or_404(CreditNote.objects.of(request.store), pk=note_id)
    why = " ".join(request.POST.get("why", "").replace("\0", "").split())
    if not why:
        messages.error(request, "Say why the credit note is cancelled: the reason stays with it.")
    else:
        other = credit_notes.cancel(found, why=why, by=request.staff, now=clock.now())
        messages.success(request, f"{found.name} is cancelled by {other.name}.")
    return redirect("returns_console:refund", request.store.slug, found.grant_id)
