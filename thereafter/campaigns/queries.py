"""What is asked about campaigns."""

from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q

from thereafter.campaigns.models import Campaign, Recipient
from thereafter.commerce.models import Order
from thereafter.journeys.models import Segment
from thereafter.kit import clock
from thereafter.messaging import catalogue
from thereafter.messaging.models import MessageClass
from thereafter.stores.models import Store, StoreQuerySet


def known_templates(store: Store) -> dict[str, str]:
    """Templates that may go to many, by key: what sells or asks, and all that the store wrote itself."""
    return {
        one.key: one.label
        for one in catalogue.templates(store)
        if one.message_class != MessageClass.TRANSACTIONAL or one.group == "own"
    }


def known_segments(store: Store) -> dict[int, str]:
    return dict(Segment.objects.of(store).order_by("name", "pk").values_list("pk", "name"))


def listed(store: Store, *, state: str = "") -> StoreQuerySet[Campaign]:
    """A store's campaigns, newest first."""
    found = Campaign.objects.of(store).order_by("-created_at", "-pk")
    return found.filter(state=state) if state else found


def working(now: datetime) -> list[Campaign]:
    """Campaigns that have something to do, of all stores, the oldest first."""
    rows = Campaign.objects.filter(
        Q(state=Campaign.State.SCHEDULED, launch_at__lte=now) | Q(state=Campaign.State.SENDING)
    )
    return list(rows.order_by("launch_at", "pk"))


def progress(campaign: Campaign) -> dict[str, int]:
    """How many people are in it, by what became of them so far: waiting, queued, held out."""
    rows = Recipient.objects.of(campaign.store_id).filter(campaign=campaign).order_by()
    held = Q(part=Recipient.Part.HELD)
    counted: dict[str, int] = rows.aggregate(
        people=Count("pk"),
        held=Count("pk", filter=held),
        queued=Count("pk", filter=Q(queued_at__isnull=False)),
        waiting=Count("pk", filter=Q(queued_at=None) & ~held),
        undecided=Count("pk", filter=Q(variant=None) & ~held),
    )
    return counted


def orders_of_day(store: Store, on: date, *, only_open: bool) -> StoreQuerySet[Order]:
    """Orders placed on a day on the shop's clock, the oldest first; with `only_open` those still to be packed."""
    zone = clock.zone(store.time_zone)
    begin, end = (datetime.combine(at, time(), zone) for at in (on, on + timedelta(days=1)))
    found = Order.objects.of(store).filter(placed_at__gte=begin, placed_at__lt=end)
    found = found.filter(status=Order.Status.OPEN) if only_open else found.exclude(status=Order.Status.CANCELLED)
    return found.select_related("customer").order_by("placed_at", "pk")
