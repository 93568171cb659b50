"""What is a person's own: name, password, second factor."""

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString, mark_safe

from thereafter.console.actions import account
from thereafter.console.forms import ChangePasswordForm, CodeForm, NameForm, OwnPasswordForm
from thereafter.console.guards import StaffRequest, account_page
from thereafter.kit import clock, tokens
from thereafter.kit.pages import render
from thereafter.stores import auth

NEW_SECRET = "new_second_factor"  # noqa: S105 the name of a place in the session


@account_page
def profile(request: StaffRequest) -> HttpResponse:
    form = NameForm(request.POST or None, initial={"name": request.staff.name})
    if request.method == "POST" and form.is_valid():
        account.rename(request.staff, form.cleaned_data["name"])
        messages.success(request, "Saved.")
        return redirect("console:profile")
    return render(
        request,
        "console/profile.html",
        {"form": form, "memberships": request.staff.memberships, "page_title": "Profile"},
    )


@account_page
def security(request: StaffRequest) -> HttpResponse:
    form = ChangePasswordForm(request.staff, request.POST or None)
    if request.method == "POST" and form.is_valid():
        account.change_password(request.staff, form.cleaned_data["new"], now=clock.now())
        update_session_auth_hash(request, request.staff)
        messages.success(request, "Your password is changed. Everywhere else you are signed out.")
        return redirect("console:security")
    return render(
        request,
        "console/security.html",
        {"form": form, "codes_left": len(request.staff.recovery_codes), "page_title": "Sign-in and security"},
    )


@account_page
def turn_on(request: StaffRequest) -> HttpResponse:
    """The secret waits in the session, sealed, until a code proves that the app has it."""
    if request.staff.has_second_factor:
        return redirect("console:security")
    if NEW_SECRET not in request.session:
        request.session[NEW_SECRET] = tokens.seal(auth.new_second_factor())
    secret = tokens.unseal(request.session[NEW_SECRET])
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"].replace(" ", "")
        codes = account.turn_on_second_factor(request.staff, secret=secret, code=code, now=clock.now())
        if codes:
            del request.session[NEW_SECRET]
            return render(request, "console/recovery_codes.html", {"codes": codes, "page_title": "Recovery codes"})
        form.add_error("code", "This code does not fit. Wait for the next one, and check the clock of the phone.")
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    context = {"form": form, "qr": _qr(auth.provisioning_uri(secret, request.staff)), "secret": spaced}
    return render(request, "console/turn_on.html", context | {"page_title": "Turn on the second step"})


def _qr(text: str) -> SafeString:
    """An inline SVG, black on white also on a dark page: not every camera reads the reverse."""
    svg = segno.make(text, error="m").svg_inline(scale=4, border=3, dark="#000", light="#fff")
    return mark_safe(svg)  # noqa: S308 drawn by us, holds no text


@account_page
def turn_off(request: StaffRequest) -> HttpResponse:
    if not request.staff.has_second_factor:
        return redirect("console:security")
    form = OwnPasswordForm(request.staff, request.POST or None)
    if request.method == "POST" and form.is_valid():
        account.turn_off_second_factor(request.staff, now=clock.now())
        messages.success(request, "The second step is off. Your password alone opens the door now.")
        return redirect("console:security")
    return render(request, "console/turn_off.html", {"form": form, "page_title": "Turn off the second step"})
