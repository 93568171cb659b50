"""Coming in: password, second step, choosing the shop, leaving."""

from datetime import datetime
from typing import Any

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from thereafter.console import rules
from thereafter.console.actions import account
from thereafter.console.actions import sign_in as actions
from thereafter.console.actions.sign_in import TooManyTries
from thereafter.console.forms import CodeForm, NewPasswordForm, RecoveryForm, SignInForm
from thereafter.console.guards import StaffRequest, account_page, public_page, staff_page
from thereafter.console.nav import start_url
from thereafter.kit import clock
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.stores.models import Staff

HALF = "half_signed_in"
STAY_SECONDS = 30 * 86400
WAIT = "Too many tries. Wait a quarter of an hour, then try again."


@public_page
def sign_in(request: HttpRequest) -> HttpResponse:
    target = _own_page(request, request.POST.get("next") or request.GET.get("next", ""))
    if request.user.is_authenticated:
        return HttpResponseRedirect(target) if target else redirect("console:choose")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = _try_password(request, form, target)
        if answer:
            return answer
    return render(request, "console/sign_in.html", {"form": form, "next": target})


def _try_password(request: HttpRequest, form: SignInForm, target: str) -> HttpResponse | None:
    given, now = form.cleaned_data, clock.now()
    try:
        staff = actions.check_password(given["email"], given["password"], address=client_address(request), now=now)
    except TooManyTries:
        form.add_error(None, WAIT)
        return None
    if staff is None:
        form.add_error(None, "E-mail and password do not fit together.")
        return None
    if staff.has_second_factor:
        _remember_half(request, staff, now=now, target=target, stay=given["stay"])
        return redirect("console:second_factor")
    return _let_in(request, staff, target=target, stay=given["stay"])


def _remember_half(request: HttpRequest, staff: Staff, *, now: datetime, target: str, stay: bool) -> None:
    request.session.cycle_key()
    request.session[HALF] = {
        "staff": staff.pk,
        "password": staff.get_session_auth_hash(),
        "until": (now + rules.HALF_SIGNED_IN).isoformat(),
        "next": target,
        "stay": stay,
    }


@public_page
def second_factor(request: HttpRequest) -> HttpResponse:
    half: dict[str, Any] = request.session.get(HALF, {})
    staff = _half_signed_in(half, clock.now())
    if staff is None:
        request.session.pop(HALF, None)
        return redirect("console:sign_in")
    with_recovery = "recovery" in request.GET
    form = (RecoveryForm if with_recovery else CodeForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if actions.check_code(staff, form.cleaned_data["code"], address=client_address(request), now=clock.now()):
                return _let_in(request, staff, target=half["next"], stay=half["stay"])
            form.add_error("code", "This code does not fit. Codes change every half minute; each works once.")
        except TooManyTries:
            form.add_error(None, WAIT)
    return render(request, "console/two_factor.html", {"form": form, "with_recovery": with_recovery})


def _half_signed_in(half: dict[str, Any], now: datetime) -> Staff | None:
    """Who gave the right password less than ten minutes ago and has not changed it since."""
    if not half or datetime.fromisoformat(half["until"]) <= now:
        return None
    staff = Staff.objects.filter(pk=half["staff"], is_active=True).first()
    return staff if staff and staff.get_session_auth_hash() == half["password"] else None


def _let_in(request: HttpRequest, staff: Staff, *, target: str, stay: bool) -> HttpResponse:
    request.session.pop(HALF, None)
    login(request, staff, backend="django.contrib.auth.backends.ModelBackend")
    request.session.set_expiry(STAY_SECONDS if stay else 0)
    return HttpResponseRedirect(target) if target else redirect("console:choose")


def _own_page(request: HttpRequest, target: str) -> str:
    """The address if it is on this host, else ""."""
    own = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if own else ""


@require_POST
@public_page
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("console:sign_in")


@public_page
def welcome(request: HttpRequest, token: str) -> HttpResponse:
    """The first password of someone who was invited."""
    staff = account.welcomed(token)
    if staff is None:
        return render(request, "console/welcome_over.html", status=410)
    form = NewPasswordForm(staff, request.POST or None)
    if request.method == "POST" and form.is_valid():
        account.change_password(staff, form.cleaned_data["new"], now=clock.now())
        return _let_in(request, staff, target="", stay=False)
    return render(request, "console/welcome.html", {"form": form, "staff": staff})


@account_page
def choose(request: StaffRequest) -> HttpResponse:
    """To the only shop one works in, or a list to choose from."""
    memberships = request.staff.memberships
    if len(memberships) == 1:
        return redirect("console:home", memberships[0].store.slug)
    return render(request, "console/choose.html", {"memberships": memberships, "page_title": "Your shops"})


@staff_page("orders.read")
def home(request: StaffRequest) -> HttpResponse:
    """Where the work of this person's role begins, else the first page of the menu that they may see."""
    if start := start_url(request.membership):
        return redirect(start)
    pages = [link["url"] for group in request.page_context["nav"] for link in group["items"]]
    return redirect(pages[0] if pages else "console:profile")
