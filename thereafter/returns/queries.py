"""What pages and actions ask about returns."""

from collections.abc import Collection
from statistics import median

from thereafter.returns.models import Case, Grant, GrantShare, NewGoods, ReturnParcel, ReturnSettings
from thereafter.stores.models import Store, StoreQuerySet

# A parcel that is still with the shopper.
NOT_SENT = ("created", "qr_shown", "pre_transit")


def settings_of(store: Store | int) -> ReturnSettings:
    """What the store said of its returns; the defaults, unsaved, where it said nothing."""
    found = ReturnSettings.objects.of(store).first()
    return found or ReturnSettings(store_id=store if isinstance(store, int) else store.pk)


def grants_of(case: Case) -> StoreQuerySet[Grant]:
    """What was promised in a case and not taken back."""
    rows = Grant.objects.of(case.store_id).select_related("order__store")
    return rows.filter(order_id=case.order_id, source__startswith=case.grant_source, withdrawn_at=None)


def case_of_grant(store: Store | int, grant_id: int) -> Case | None:
    """The case that a refund was promised in; None for one that was given by hand."""
    granted = Grant.objects.of(store).filter(pk=grant_id).first()
    kind, _, rest = granted.source.partition(":") if granted else ("", "", "")
    if kind != "case":
        return None
    found: Case | None = Case.objects.of(store).select_related("order__store").filter(pk=rest.partition(":")[0]).first()
    return found


def goods_on_the_way(store: Store | int, numbers: Collection[str]) -> StoreQuerySet[NewGoods]:
    """What left under one of these carriers' numbers."""
    return NewGoods.objects.of(store).filter(tracking_number__in=numbers, state="shipped")


def refunds_of(case: Case) -> StoreQuerySet[GrantShare]:
    """Each payment's part of what was promised in a case, but for what went another way."""
    rows = GrantShare.objects.of(case.store_id).filter(grant__in=grants_of(case)).exclude(state="rerouted")
    return rows.select_related("grant").order_by("pk")


# Of so many of the newest cases, and not of fewer than that, a shop's own pace is told; else what is usual.
PACE_OF, FEWEST = 60, 10
USUAL_DAYS = {"at_once": 2, "dropped_off": 5, "in_transit": 6, "received": 9, "inspected": 10}


def usual_days(store: Store | int, release: str) -> int:
    """Days from asking until the shopper has what was promised, the median of the shop's own newest cases."""
    rows = Case.objects.of(store).filter(release=release, resolved_at__isnull=False).exclude(method="none")
    spans = rows.order_by("-resolved_at").values_list("submitted_at", "resolved_at")[:PACE_OF]
    days = [(resolved - asked).days for asked, resolved in spans if resolved]
    return max(1, round(median(days))) if len(days) >= FEWEST else USUAL_DAYS[release]


def parcels_to_join(case: Case) -> StoreQuerySet[ReturnParcel]:
    """Other parcels of the same shopper that have not left and go the same way to the same place."""
    own = ReturnParcel.objects.of(case.store_id).filter(links__case=case).order_by("-pk").first()
    rows = ReturnParcel.objects.of(case.store_id)
    if own is None or own.state not in NOT_SENT or case.is_gift:
        return rows.none()
    rows = rows.filter(links__case__customer=case.customer_id, links__case__is_gift=False, links__case__state="open")
    alike = rows.filter(state__in=NOT_SENT, method=own.method, receiver=own.receiver)
    return alike.exclude(pk=own.pk).distinct().order_by("pk")
