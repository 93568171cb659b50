"""How cases stand: each with its units, parcels, money and new goods, in five queries for any number of them."""

from collections.abc import Collection
from dataclasses import dataclass, field

from thereafter.returns.models import Case, CaseUnit, Grant, GrantShare, NewGoods, ParcelCase, ReturnParcel
from thereafter.stores.models import Store


@dataclass(slots=True)
class Standing:
    case: Case
    units: list[CaseUnit] = field(default_factory=list)
    parcels: list[ReturnParcel] = field(default_factory=list)
    goods: list[NewGoods] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    shares: list[GrantShare] = field(default_factory=list)

    def units_in(self, *states: str) -> list[CaseUnit]:
        return [unit for unit in self.units if unit.state in states]

    def goods_in(self, *states: str) -> list[NewGoods]:
        return [one for one in self.goods if one.state in states]

    def shares_in(self, *states: str) -> list[GrantShare]:
        return [share for share in self.shares if share.state in states]


def standings(store: Store, cases: Collection[Case]) -> dict[int, Standing]:
    """By case id, in the order of `cases`."""
    found = {case.pk: Standing(case) for case in cases}
    if not found:
        return found
    for unit in CaseUnit.objects.of(store).filter(case_id__in=found).select_related("line__product").order_by("pk"):
        found[unit.case_id].units.append(unit)
    links = ParcelCase.objects.of(store).filter(case_id__in=found).select_related("parcel").defer("parcel__label")
    for link in links.order_by("parcel_id"):
        found[link.case_id].parcels.append(link.parcel)
    for goods in NewGoods.objects.of(store).filter(case_id__in=found).order_by("pk"):
        found[goods.case_id].goods.append(goods)
    _add_money(store, found)
    return found


def standing(case: Case) -> Standing:
    return standings(case.order.store, [case])[case.pk]


def _add_money(store: Store, found: dict[int, Standing]) -> None:
    orders = {one.case.order_id for one in found.values()}
    granted = (
        Grant.objects.of(store).filter(order_id__in=orders, source__startswith="case:").select_related("granted_by")
    )
    grants = {}
    for grant in granted.order_by("pk"):
        owner = found.get(_case_of(grant))
        if owner is not None:
            owner.grants.append(grant)
            grants[grant.pk] = owner
    if grants:
        parts = GrantShare.objects.of(store).filter(grant_id__in=grants).select_related("grant__order")
        for share in parts.order_by("pk"):
            grants[share.grant_id].shares.append(share)


def _case_of(grant: Grant) -> int:
    """As `Case.grant_source` begins."""
    number = grant.source.split(":")[1]
    return int(number) if number.isdecimal() else 0
