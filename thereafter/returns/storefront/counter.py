"""The page of a partner's counter: scan the shopper's code, see what should be in hand, take it.

Whoever has the secret link may do this and nothing else; the link is the key, so no cookie and no CSRF token.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from thereafter.kit import clock, tokens
from thereafter.kit.pages import render
from thereafter.returns import points
from thereafter.returns.actions import handing_in, photos
from thereafter.returns.actions.handing_in import Taken
from thereafter.returns.labels import phone
from thereafter.returns.models import DropOffPoint
from thereafter.returns.rules.machines import CannotGo
from thereafter.returns.storefront import counter_checks
from thereafter.returns.storefront.counter_checks import Checked
from thereafter.storefront.actions import knock
from thereafter.storefront.guards import ShopperRequest, shopper_page

View = Callable[..., HttpResponse]
# Within ten minutes: a busy counter scans one in ten seconds, and does not mistype thirty.
SCANS, WRONG_CODES = 120, 30
MOST_AT_ONCE, LARGEST_BODY = 200, 100_000


def at_counter(view: View) -> View:
    """A page for whoever has the counter's link; the view gets `point` and `token`."""

    def checked(request: ShopperRequest, token: str, **kwargs: Any) -> HttpResponse:
        try:
            point = points.counter_of(request.store, token)
        except (tokens.BadToken, ValueError, TypeError):
            return render(request, "returns/storefront/counter_over.html", status=410)
        return view(request, point=point, token=token, **kwargs)

    return csrf_exempt(never_cache(shopper_page(wraps(view)(checked))))


@at_counter
def counter(request: ShopperRequest, point: DropOffPoint, token: str) -> HttpResponse:
    """`?code=` shows what should be in hand; posting it takes the parcel."""
    if request.method == "POST":
        return _take(request, point, token)
    code = request.GET.get("code", "").strip()[:200]
    if not code:
        return _page(request, point, token, taken=request.GET.get("taken", "")[:16])
    found = _checked(request, point, code)
    return _page(request, point, token, code=code, found=found)


def _checked(request: ShopperRequest, point: DropOffPoint, code: str) -> Checked:
    return _found(request, point, code) if _may_ask(request, point) else _too_many()


def _may_ask(request: ShopperRequest, point: DropOffPoint) -> bool:
    return knock(request.store, {f"counter:{point.pk}": SCANS}, clock.now())


def _found(request: ShopperRequest, point: DropOffPoint, code: str) -> Checked:
    found = counter_checks.check(request.store, code)
    if found.parcel is None and not knock(request.store, {f"counter-wrong:{point.pk}": WRONG_CODES}, clock.now()):
        return _too_many()
    return found


def _too_many() -> Checked:
    return Checked(refusal=_("That was a lot of tries. Please wait a few minutes."), for_now=True)


def _page(
    request: ShopperRequest,
    point: DropOffPoint,
    token: str,
    *,
    code: str = "",
    found: Checked | None = None,
    taken: str = "",
) -> HttpResponse:
    here = reverse("returns_storefront:counter", args=[request.store.slug, token])
    today = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = counter_checks.taken_since(point, today)
    facts = {
        "point": point,
        "here": here,
        "token": token,
        "code": code,
        "found": found,
        "parcel": counter_checks.contents(found.parcel) if found and found.parcel and not found.refusal else None,
        "taken": next((row for row in rows if row["code"] == taken), None),
        "rows": rows,
        "key": phone.counter_key(request.store),
        "no_code": counter_checks.no_code(),
        # The list of languages would lose the code; a counter has one.
        "languages": [],
    }
    return render(request, "returns/storefront/counter.html", facts)


def _take(request: ShopperRequest, point: DropOffPoint, token: str) -> HttpResponse:
    code = request.POST.get("code", "").strip()[:200]
    found = _checked(request, point, code)
    if found.parcel is None or found.refusal:
        return _page(request, point, token, code=code, found=found)
    problem = _hand_in(found, point, Taken(bag=request.POST.get("bag", "")), clock.now())
    if problem:
        return _page(request, point, token, code=code, found=Checked(found.parcel, problem))
    case = found.parcel.cases.order_by("pk").first()
    if case is not None and request.FILES.getlist("photos"):
        # What is wrong with a photo changes nothing of what was handed in.
        photos.add(request.store, request.FILES.getlist("photos"), belongs_to=case, taken_by="counter", now=clock.now())
    here = reverse("returns_storefront:counter", args=[request.store.slug, token])
    return HttpResponseRedirect(f"{here}?{urlencode({'taken': found.parcel.code})}", status=303)


def _hand_in(found: Checked, point: DropOffPoint, taken: Taken, now: datetime) -> str:
    """Why it could not be taken; "" when it was, or had been."""
    assert found.parcel is not None  # noqa: S101 the callers have looked
    try:
        handing_in.take(found.parcel, point, taken, now=now)
    except CannotGo:
        return _("Somebody took this parcel a moment ago. Scan the code once more.")
    return ""


@require_POST
@at_counter
def scans(request: ShopperRequest, point: DropOffPoint, token: str) -> HttpResponse:
    """What was scanned without a line: `[{"code", "bag", "at"}]`; told twice, the second time changes nothing.

    Answers `{"told": [{"code", "taken", "text"}]}`. What may go well in a while is not among them, and told again. The
    goods are at the counter by now, so also those of a return that is over are taken, and somebody decides.
    """
    try:
        given = json.loads(request.body[:LARGEST_BODY].replace(b"\\u0000", b""))
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        return JsonResponse({"told": []}, status=400)
    # The scans of a long outage come at once and count as one; wrong codes have a limit of their own.
    may_ask = _may_ask(request, point)
    return JsonResponse({"told": list(_told_later(request, point, given[:MOST_AT_ONCE])) if may_ask else []})


def _told_later(request: ShopperRequest, point: DropOffPoint, given: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in given:
        code = str(one.get("code", ""))[:200]
        found = _found(request, point, code)
        if found.for_now and found.parcel is None:
            # A right code would still be told from a wrong one, so nothing after it is looked at.
            return
        if found.for_now:
            continue
        is_taken = found.before
        if found.parcel and not found.before:
            taken = Taken(bag=str(one.get("bag", "")), at=_when(str(one.get("at", ""))))
            is_taken = not _hand_in(found, point, taken, clock.now())
            # Nothing spoke against it: somebody took it this moment, and the next look says who.
            if not is_taken and not found.refusal:
                continue
        yield {"code": code, "taken": is_taken, "text": found.refusal}


def _when(text: str) -> datetime | None:
    try:
        found = parse_datetime(text[:40])
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None


@require_safe
@at_counter
def manifest(request: ShopperRequest, point: DropOffPoint, token: str) -> HttpResponse:
    """So that the page can stand on the home screen of a phone."""
    here = reverse("returns_storefront:counter", args=[request.store.slug, token])
    named = {
        "name": f"{request.store.name}: {point.name}",
        "short_name": request.store.name[:12],
        "start_url": here,
        "scope": here,
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": request.store.brand_colour or "#1d1c1a",
        "icons": [
            {
                "src": reverse("returns_storefront:counter_icon", args=[request.store.slug, token]),
                "sizes": "any",
                "type": "image/svg+xml",
                "purpose": "any",
            }
        ],
    }
    return JsonResponse(named, content_type="application/manifest+json")


@require_safe
@at_counter
def icon(request: ShopperRequest, point: DropOffPoint, token: str) -> HttpResponse:
    """The shop's first letter on its colour."""
    facts = {"letter": request.store.name[:1].upper()}
    response = render(request, "returns/storefront/counter_icon.svg", facts)
    response["Content-Type"] = "image/svg+xml"
    return response


@require_safe
@at_counter
def worker(request: ShopperRequest, point: DropOffPoint, token: str) -> HttpResponse:
    """Keeps the page for when there is no line."""
    response = render(request, "returns/storefront/counter_worker.js")
    response["Content-Type"] = "text/javascript; charset=utf-8"
    return response
