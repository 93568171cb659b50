"""What a partner's counter may know of a parcel, and whether it may take it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from thereafter.kit.pages import moment
from thereafter.returns.labels import phone
from thereafter.returns.models import Case, CaseUnit, DropOffPoint, ReturnParcel
from thereafter.stores.models import Store

_BEFORE = ("created", "qr_shown", "pre_transit")
_MAKING = ("label_requested", "failed")
_OVER = ("cancelled", "expired", "declined", "closed")


@dataclass(frozen=True)
class Checked:
    """`refusal`: why the parcel is not taken, in the page's language; "" when it is."""

    parcel: ReturnParcel | None = None
    refusal: str = ""
    # It was taken before: nobody has to worry.
    before: bool = False
    # The same code may do in a while.
    for_now: bool = False


def check(store: Store, scanned: str) -> Checked:
    """What a code means at a counter: the shopper's signed code, or the letters beneath it."""
    code = "".join(scanned.split()).upper()
    if ":" in code:
        try:
            code = phone.read(phone.counter_key(store), code)
        except phone.BadCode:
            return Checked(refusal=no_code())
    parcel = ReturnParcel.objects.of(store).filter(code=code).defer("label").select_related("store").first()
    if parcel is None:
        return Checked(
            refusal=_(
                "No parcel has this code. Check each letter, or ask the shopper to open the page of the return again."
            )
        )
    return _check(parcel)


def no_code() -> str:
    """Of a code that this shop has not signed."""
    return _(
        "This is no code of this shop. Do not take the parcel. Ask the shopper to show the code on the page of the "
        "return."
    )


def _check(parcel: ReturnParcel) -> Checked:
    if parcel.handed_in_at:
        return Checked(parcel, _told_before(parcel, parcel.handed_in_at), before=True)
    if parcel.state in _MAKING:
        return Checked(parcel, _("This return is still being prepared. Try again in a minute."), for_now=True)
    states = set(parcel.cases.values_list("state", flat=True))
    if parcel.state == "expired" or states == {"expired"}:
        return Checked(
            parcel,
            _("The time to send this return is over. Do not take the parcel. Ask the shopper to write to the shop."),
        )
    if parcel.state not in _BEFORE or states <= set(_OVER):
        return Checked(
            parcel, _("This return was cancelled. Do not take the parcel. Ask the shopper to ask for the return again.")
        )
    return Checked(parcel)


def _told_before(parcel: ReturnParcel, at: datetime) -> str:
    if parcel.counter:
        told = {"when": moment(at), "counter": parcel.counter}
        return _("This parcel was taken already, on %(when)s at %(counter)s.") % told
    return _("This parcel is on its way to the shop since %(when)s.") % {"when": moment(at)}


def contents(parcel: ReturnParcel) -> dict[str, Any]:
    """What should be in hand. Of the shopper the first name only, and none of who gave a present."""
    cases: Sequence[Case] = list(parcel.cases.select_related("customer"))
    first = next((case for case in cases if not case.is_gift), None)
    rows = CaseUnit.objects.of(parcel.store_id).filter(case__in=cases, state="expected").select_related("line__product")
    items: dict[int, dict[str, Any]] = {}
    for unit in rows.order_by("case_id", "pk"):
        line = unit.line
        image = line.product.image_url if line.product else ""
        row = items.setdefault(
            line.pk, {"title": line.title, "variant": line.variant_title, "image": image, "quantity": 0}
        )
        row["quantity"] += 1
    return {"name": first.customer.first_name if first else "", "items": list(items.values()), "code": parcel.code}


def taken_since(point: DropOffPoint, since: datetime) -> list[dict[str, Any]]:
    """What the counter took, the newest first."""
    rows = ReturnParcel.objects.of(point.store_id).filter(handed_in_to=point, handed_in_at__gte=since)
    return [
        {"at": one.handed_in_at, "code": one.code, "bag": one.bag}
        for one in rows.defer("label").order_by("-handed_in_at", "-pk")[:200]
    ]
