"""Keys with which we may write into a shop system. Sealed, and never shown again."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from django.db import transaction

from thereafter.commerce.connectors.discounts import Credentials, ShopSystem
from thereafter.commerce.connectors.wire import host_of
from thereafter.commerce.models import Coupon, CouponPool, ShopAccess
from thereafter.kit import tokens
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

LONGEST = 500


class BadAccess(ValueError):
    """Credentials that cannot be; the text says what to do. `field` names the one at fault."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def set_access(
    store: Store, system: ShopSystem, given: Mapping[str, str], *, by: Staff | None, now: datetime
) -> ShopAccess:
    """Keeps the credentials and lets what waited for them go at once; a secret left empty stays as it was."""
    access = ShopAccess.objects.of(store).select_for_update().filter(source=system.name).first()
    kept = complete(system, given, credentials_of(access) if access else {})
    access = access or ShopAccess(store=store, source=system.name, created_at=now)
    access.sealed_credentials = tokens.seal(msgspec.json.encode(kept).decode())
    access.error, access.rests_until = "", None
    access.save()
    waiting = Coupon.objects.of(store).filter(pool__delivery=system.name, push_state=Coupon.Push.WAITING)
    waiting.update(push_due_at=now, push_tries=0)
    audit(store, by=by, verb="coupons.set_access", now=now, subject=system.title, detail={"fields": sorted(kept)})
    return access


def complete(system: ShopSystem, given: Mapping[str, str], before: Credentials) -> dict[str, str]:
    """What was typed in, with the secrets that were kept; raises `BadAccess`."""
    shop = host_of(str(given.get("shop", "")))
    if not shop:
        raise BadAccess("shop", "Give the address of the shop; it begins with https://.")
    # At another address the secrets have to be typed in anew: whoever hears there would get to know them.
    before = before if before.get("shop") == shop else {}
    kept = {"shop": shop}
    for field in system.fields[1:]:
        value = str(given.get(field.name, "")).strip()[:LONGEST] or (before.get(field.name, "") if field.secret else "")
        if field.required and not value:
            raise BadAccess(field.name, f"{field.label} is missing. At another address it has to be typed in anew.")
        if value:
            kept[field.name] = value
    if system.name == CouponPool.Delivery.SHOPIFY and not (kept.get("token") or kept.get("client_secret")):
        raise BadAccess("token", "Give an access token, or the client's id and secret.")
    return kept


@transaction.atomic
def drop_access(access: ShopAccess, *, by: Staff | None, now: datetime) -> None:
    """Forgets the credentials; codes that were not told to the shop wait for new ones."""
    access.delete()
    audit(access.store, by=by, verb="coupons.drop_access", now=now, subject=access.source)


def credentials_of(access: ShopAccess) -> dict[str, str]:
    """What the merchant typed in; nothing when the installation's secret key has changed since."""
    try:
        return msgspec.json.decode(tokens.unseal(access.sealed_credentials), type=dict[str, str])
    except tokens.BadToken:
        return {}
