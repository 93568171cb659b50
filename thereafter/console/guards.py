"""Who may see a merchants' page: `@staff_page("returns.approve")` above every console view."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import get_messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect

from thereafter.console.nav import menu, search_url
from thereafter.kit.http import leave_out_nul, wants_fragment
from thereafter.kit.pages import render
from thereafter.stores.models import Membership, Staff, Store

LAST_STORE = "last_store"


class StaffRequest(HttpRequest):
    """A request that passed `staff_page`: the store in the address, and the person with their role in it."""

    store: Store
    staff: Staff
    membership: Membership
    page_context: dict[str, Any]


View = Callable[..., HttpResponseBase]


def staff_page(verb: str) -> Callable[[View], View]:
    """Lets in who may `verb` in the store of the address; a store one does not work in does not exist for them."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: StaffRequest, store_slug: str, **kwargs: Any) -> HttpResponseBase:
            if not isinstance(request.user, Staff):
                return _to_sign_in(request)
            _admit(request, request.user, store_slug)
            leave_out_nul(request)
            with timezone.override(request.store.time_zone), translation.override("en"):
                if not request.membership.may(verb):
                    return render(
                        request, "console/forbidden.html", {"verb": verb, "page_title": "Not open to you"}, 403
                    )
                response = view(request, **kwargs)
            add_never_cache_headers(response)
            return response

        guarded.verb = verb  # type: ignore[attr-defined]  # read by the test that walks every page
        return guarded

    return guard


def account_page(view: View) -> View:
    """Lets in who is signed in, to what is theirs alone; the menu is that of the shop they were last in."""

    @wraps(view)
    def guarded(request: StaffRequest, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, Staff):
            return _to_sign_in(request)
        request.staff = request.user
        memberships = request.staff.memberships
        last = next((one for one in memberships if one.store.slug == request.session.get(LAST_STORE)), None)
        membership = last or next(iter(memberships), None)
        request.page_context = _shell(request, membership)
        with translation.override("en"):
            response = view(request, **kwargs)
        add_never_cache_headers(response)
        return response

    guarded.is_account_page = True  # type: ignore[attr-defined]  # read by the test that walks every page
    return guarded


def public_page(view: View) -> View:
    """For who is not signed in (yet): in English like the rest of the console, and never from a cache."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        with translation.override("en"):
            response = view(request, **kwargs)
        add_never_cache_headers(response)
        return response

    guarded.is_public = True  # type: ignore[attr-defined]  # read by the test that walks every page
    return guarded


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if not wants_fragment(request):
        return redirect_to_login(request.get_full_path())
    # A part of a page is nothing to come back to; the page is, unless it is of another host.
    page = cast("Any", request).htmx.current_url_abs_path
    return HttpResponseClientRedirect(redirect_to_login(page).url if page else reverse("console:sign_in"))


def _admit(request: StaffRequest, staff: Staff, store_slug: str) -> None:
    membership = next((one for one in staff.memberships if one.store.slug == store_slug), None)
    if membership is None:
        raise Http404
    request.staff, request.membership, request.store = staff, membership, membership.store
    if request.session.get(LAST_STORE) != store_slug:
        request.session[LAST_STORE] = store_slug
    request.page_context = _shell(request, membership)


def _shell(request: StaffRequest, membership: Membership | None) -> dict[str, Any]:
    """What the frame of every page shows: shop, person, menu, messages."""
    own: dict[str, Any] = {
        "staff": request.staff,
        "messages": get_messages(request),
        "links": {
            "home": reverse("console:choose"),
            "profile": reverse("console:profile"),
            "security": reverse("console:security"),
            "sign_out": reverse("console:sign_out"),
        },
    }
    if membership is None:
        return own
    store = membership.store
    own["links"] |= {"home": reverse("console:home", args=[store.slug]), "search": search_url(membership)}
    return own | {
        "store": store,
        "stores": [_store_link(one.store, current=one.store == store) for one in request.staff.memberships],
        "membership": membership,
        "may": membership.may,
        "nav": menu(membership, request.path),
    }


def _store_link(store: Store, *, current: bool) -> dict[str, Any]:
    return {"name": store.name, "url": reverse("console:home", args=[store.slug]), "current": current}
