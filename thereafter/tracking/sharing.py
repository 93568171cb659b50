"""What an order's followers see, and what leaves for calendars and wallets."""

from datetime import date, datetime
from typing import Any

from thereafter.commerce.models import Order
from thereafter.stores.models import Store
from thereafter.tracking import queries
from thereafter.tracking.models import Parcel, Promise, WalletKey
from thereafter.tracking.parcel_facts import Seen, in_public
from thereafter.tracking.rules import progress, states

# Of what anybody with the tracking number sees, what a follower need not: it leads to the carrier's page.
_HIDDEN = ("tracking_number", "url", "next_number", "next_url", "service")


def for_followers(order: Order, today: date) -> dict[str, Any]:
    """The way of each parcel without goods, numbers, addresses and words of the carrier."""
    seen = Seen(order.store, queries.settings_of(order.store), today)
    parcels = [in_public(parcel, seen) | dict.fromkeys(_HIDDEN, "") for parcel in queries.parcels_of(order)]
    lead = parcels[progress.leading([one["headline"] for one in parcels])] if parcels else None
    return {
        "parcels": parcels,
        "lead": lead,
        "delivered": sum(one["headline"] == states.DELIVERED for one in parcels),
        "cancelled": order.is_cancelled,
    }


def is_over(order: Order) -> bool:
    """Whether there is no news to come."""
    parcels = Parcel.objects.of(order.store_id).filter(order=order)
    return order.is_cancelled or (
        order.status != Order.Status.OPEN and parcels.exists() and not parcels.on_the_way().exists()
    )


def has_wallet(store: Store, now: datetime) -> bool:
    """Whether passes can be made: the certificate is there and holds."""
    return WalletKey.objects.of(store).filter(expires_at__gt=now).exists()


def news_at(order: Order, parcels: list[Parcel]) -> datetime:
    """When something was last heard of the order: a new version of what was shared begins then."""
    made = Promise.objects.of(order.store_id).filter(order=order).order_by("-made_at").values_list("made_at", flat=True)
    heard = [at for parcel in parcels for at in (parcel.status_at, parcel.last_scan_at) if at]
    return max([order.placed_at, order.changed_at, *heard, *made[:1]])
