"""What pages and actions ask about returns."""

from thereafter.returns.models import Case, Grant, GrantShare, NewGoods, ReturnSettings
from thereafter.stores.models import Store, StoreQuerySet


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


def goods_on_the_way(store: Store | int, order_id: int, number: str) -> StoreQuerySet[NewGoods]:
    """What left for an order's returns under a carrier's number."""
    return NewGoods.objects.of(store).filter(case__order_id=order_id, tracking_number=number, state="shipped")


def refunds_of(case: Case) -> StoreQuerySet[GrantShare]:
    """Each payment's part of what was promised in a case, but for what went another way."""
    rows = GrantShare.objects.of(case.store_id).filter(grant__in=grants_of(case)).exclude(state="rerouted")
    return rows.select_related("grant").order_by("pk")
