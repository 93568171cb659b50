"""Inviting friends: the member's page with link, code and QR, and the page that friends come to."""

import io
from typing import Any

import segno
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from thereafter.kit import clock, tokens
from thereafter.kit.http import client_address
from thereafter.kit.pages import render
from thereafter.loyalty import inviting, words
from thereafter.loyalty.actions import referrals
from thereafter.loyalty.models import Member, Referral
from thereafter.loyalty.queries import programmes
from thereafter.loyalty.queries import referrals as queries
from thereafter.loyalty.queries.standings import Standing, find_member
from thereafter.loyalty.storefront.doors import member_page, private
from thereafter.loyalty.storefront.forms import CodeForm, FriendForm
from thereafter.messaging.actions import preferences
from thereafter.messaging.rules.gate import OFFERS
from thereafter.storefront import actions as doors
from thereafter.storefront import rules, sessions
from thereafter.storefront.guards import ShopperRequest, refuse, shopper_page

WELCOME, WELCOME_DAYS = "invitation", 90


@require_safe
@member_page
def invite(request: ShopperRequest, one: Standing) -> HttpResponse:
    """The member's link, ways to send it, and what became of each invitation."""
    terms = inviting.offered(one.version)
    if terms is None or one.member.is_held_out:
        return render(request, "loyalty/storefront/invite_closed.html", {})
    link = inviting.link_of(request.store, one.member)
    gift = inviting.promise(request.store, one.version, terms)
    programme = one.version.programme
    facts = {
        "link": link,
        "code": one.member.referral_code,
        "qr": mark_safe(_qr(link)),  # noqa: S308 drawn from our own address
        "gift": gift,
        "ways": inviting.ways(request.store, gift, link),
        "invited": [inviting.invited(each, programme) for each in queries.of_advocate(one.member)],
        "sums": queries.sums_of_advocate(one.member),
    }
    return render(request, "loyalty/storefront/invite.html", facts)


@require_safe
@member_page
def invite_qr(request: ShopperRequest, one: Standing) -> HttpResponse:
    """The code as a file, to print or to put somewhere."""
    content = _qr(inviting.link_of(request.store, one.member), border=4)
    response = HttpResponse(content, content_type="image/svg+xml")
    response["Content-Disposition"] = 'inline; filename="invitation.svg"'
    return response


def _qr(link: str, border: int = 0) -> str:
    drawn = io.BytesIO()
    segno.make(link, error="m", micro=False).save(drawn, kind="svg", border=border, xmldecl=False, omitsize=True)
    return drawn.getvalue().decode()


@csrf_exempt
@shopper_page
def enter(request: ShopperRequest) -> HttpResponse:
    """For who was told a code, by word of mouth or on paper."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("loyalty_storefront:friend", request.store.slug, form.cleaned_data["code"])
    return render(request, "loyalty/storefront/friend_enter.html", {"form": form})


@csrf_exempt
@shopper_page
def friend(request: ShopperRequest, code: str) -> HttpResponse:
    """Who invites (the first name only), what there is for it, and a field for the address. Links are opened inside
    other programs, which often keep no cookie: hence no CSRF token, and nothing here needs one."""
    member = find_member(request.store, referral_code=code)
    if member is None:
        return _unknown(request)
    version = programmes.programme_now(request.store.pk)
    terms = inviting.offered(version)
    if terms is None or member.is_held_out:
        return render(request, "loyalty/storefront/friend_over.html", {"first_name": member.customer.first_name})
    form = FriendForm(request.POST or None, promise=_promise(request))
    if request.method == "POST" and form.is_valid():
        return _claimed(request, member, form)
    facts = {
        "form": form,
        "first_name": member.customer.first_name,
        "gift": inviting.promise(request.store, version, terms),
        "also": inviting.told_to_friend(version, terms, member.customer.first_name),
        "is_own": sessions.customer_of(request, request.store) == member.customer,
    }
    return private(render(request, "loyalty/storefront/friend.html", facts))


def _unknown(request: ShopperRequest) -> HttpResponse:
    """Codes that are not there are counted, so that nobody finds those that are by trying."""
    if not doors.knock(request.store, {f"invitation:{client_address(request)}": rules.FROM_ADDRESS}, clock.now()):
        return refuse(request, 429)
    return render(request, "loyalty/storefront/friend_unknown.html", {"form": CodeForm()}, status=404)


def _promise(request: ShopperRequest) -> str:
    return _(
        "Yes, %(shop)s may send me news and offers by e-mail. I can end this at any time with one tap in every mail."
    ) % {"shop": request.store.name}


def _claimed(request: ShopperRequest, member: Member, form: FriendForm) -> HttpResponse:
    email = form.cleaned_data["email"]
    tries = {f"address:{client_address(request)}": rules.FROM_ADDRESS, f"friend:{email}": rules.FOR_EMAIL}
    if not doors.knock(request.store, tries, clock.now()):
        return refuse(request, 429)
    if form.cleaned_data["website"]:
        return _sent(request, email)
    now = clock.now()
    language = (translation.get_language() or "en").split("-")[0]
    person = referrals.friend_of(request.store, email=email, language=language, now=now)
    address = client_address(request)
    done = referrals.claim(member, person, ip=address, channel="link", now=now)
    if form.cleaned_data["wants_news"]:
        yes = preferences.Choice(channel="email", purpose=OFFERS, granted=True, shown=_promise(request))
        preferences.choose(person, [yes], {"email": email}, source="invitation", place=f"from {address}", now=now)
    if done.result != "ok" or done.referral is None:
        return _sent(request, email)
    token = tokens.sign(WELCOME, request.store.pk, done.referral.pk)
    there = reverse("loyalty_storefront:friend_welcome", args=[request.store.slug, token])
    return redirect(there)


def _sent(request: ShopperRequest, email: str) -> HttpResponse:
    """The same whatever spoke against it: this page tells nobody who is a customer here."""
    return render(request, "loyalty/storefront/friend_sent.html", {"email": email})


@require_safe
@shopper_page
def friend_welcome(request: ShopperRequest, token: str) -> HttpResponse:
    """The friend's code, to copy; the same stands in the mail."""
    referral = _referral(request, token)
    if referral is None:
        return refuse(request, 404)
    version = programmes.programme_at(request.store.pk, referral.claimed_at)
    return private(render(request, "loyalty/storefront/friend_welcome.html", _present(referral, version)))


def _present(referral: Referral, version: programmes.Version) -> dict[str, Any]:
    terms, coupon = version.programme.referral, referral.friend_coupon
    is_refused = referral.state in (Referral.State.HELD, Referral.State.REFUSED)
    points = terms.friend_points if terms and not is_refused else 0
    return {
        "email": referral.friend_email,
        "first_name": referral.advocate.customer.first_name,
        "coupon": inviting.coupon_facts(coupon, clock.now()) if coupon else None,
        "present": inviting.present_words(coupon) if coupon else "",
        "points": words.points(version.programme, points) if points else "",
    }


def _referral(request: ShopperRequest, token: str) -> Referral | None:
    try:
        store_id, pk = tokens.read(WELCOME, token, max_age_days=WELCOME_DAYS)
    except (tokens.BadToken, ValueError):
        return None
    rows = Referral.objects.of(request.store).select_related("friend_coupon__pool__store", "advocate__customer")
    return rows.filter(pk=pk).first() if store_id == request.store.pk else None
