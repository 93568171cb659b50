"""The key with which we may write into the shop system: typed in, proved, forgotten."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from thereafter.commerce.actions import shop_access
from thereafter.commerce.actions.shop_access import BadAccess
from thereafter.commerce.connectors import wire
from thereafter.commerce.connectors.discounts import ShopSystem
from thereafter.commerce.connectors.shop_systems import SYSTEMS
from thereafter.commerce.console.coupon_forms import AccessForm
from thereafter.commerce.models import Coupon, ShopAccess
from thereafter.console.guards import StaffRequest, staff_page
from thereafter.kit import clock
from thereafter.kit.pages import render


@staff_page("settings.edit")
def access(request: StaffRequest, source: str) -> HttpResponse:
    system = SYSTEMS.get(source)
    if system is None:
        raise Http404
    held = ShopAccess.objects.of(request.store).filter(source=source).first()
    known = shop_access.credentials_of(held) if held else {}
    form = AccessForm(system, known)
    if request.method == "POST" and request.POST.get("action") == "forget" and held:
        held.store = request.store
        shop_access.drop_access(held, by=request.staff, now=clock.now())
        messages.success(request, f"The key to {system.title} is forgotten.")
        return redirect("commerce_console:shop_access", request.store.slug, source)
    if request.method == "POST":
        form = AccessForm(system, known, request.POST)
        if form.is_valid() and _set(request, system, form, known):
            return redirect("commerce_console:shop_access", request.store.slug, source)
    waiting = Coupon.objects.of(request.store).filter(pool__delivery=source, push_state=Coupon.Push.WAITING)
    context = {
        "system": system,
        "held": held,
        "form": form,
        "waiting": waiting.count(),
        "page_title": f"Writing to {system.title}",
    }
    return render(request, "commerce/console/shop_access.html", context)


def _set(request: StaffRequest, system: ShopSystem, form: AccessForm, known: dict[str, str]) -> bool:
    """Proves the key before it is kept: a wrong one is told here, not by codes that do not work."""
    try:
        system.check(shop_access.complete(system, form.cleaned_data, known))
        shop_access.set_access(request.store, system, form.cleaned_data, by=request.staff, now=clock.now())
    except BadAccess as wrong:
        form.add_error(wrong.field if wrong.field in form.fields else None, str(wrong))
        return False
    except (wire.Refused, wire.NotNow) as wrong:
        form.add_error(None, str(wrong))
        return False
    except (KeyError, TypeError, AttributeError):
        form.add_error(None, f"The answer is not one of {system.title}: is the address right?")
        return False
    messages.success(request, f"{system.title} takes our codes. What waited for it goes there now.")
    return True
