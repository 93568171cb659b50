"""What the programme's pages know of the shop: names for the keys of a document, and the draft."""

from collections.abc import Iterable, Mapping
from typing import Any

from thereafter.commerce.models import CouponPool, Product
from thereafter.loyalty.console.programme_rules import CHANNELS
from thereafter.loyalty.models import Programme as ProgrammeRow
from thereafter.loyalty.models import ProgrammeVersion
from thereafter.loyalty.queries.programmes import Version, programme_now, row_of
from thereafter.loyalty.rules import programme as rules
from thereafter.loyalty.rules.order_rules import Rule
from thereafter.loyalty.rules.programme import BadProgramme, Programme
from thereafter.loyalty.rules.wording import Change, changes
from thereafter.loyalty.rules.wording_figures import Shop
from thereafter.stores.models import Store


def shop_of(store: Store, *programmes: Programme) -> Shop:
    """With the names of the products and pools that these programmes speak of."""
    ids = {one for programme in programmes for rule in programme.rules for one in _products(rule)}
    pools = {programme.referral.friend_pool for programme in programmes if programme.referral} - {""}
    return Shop(
        currency=store.currency,
        products=_names(Product, store, "external_id", "title", ids),
        channels=CHANNELS,
        pools=_names(CouponPool, store, "key", "name", pools),
    )


def _products(rule: Rule) -> Iterable[str]:
    return getattr(rule, "products", ())


def _names(model: Any, store: Store, key: str, name: str, wanted: set[str]) -> dict[str, str]:
    if not wanted:
        return {}
    return dict(model.objects.of(store).filter(**{f"{key}__in": wanted}).values_list(key, name))


def document_in_force(store: Store) -> dict[str, Any]:
    newest = ProgrammeVersion.objects.of(store).order_by("-from_at", "-number").first()
    return dict(newest.document) if newest else dict(rules.DEFAULT)


def working(store: Store) -> dict[str, Any]:
    """The document that is being written: the draft, or a copy of what holds. A draft that is no programme is left."""
    draft = Draft(store)
    return dict(draft.document) if draft.programme is not None else document_in_force(store)


class Draft:
    """The draft of a store beside what is in force."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.row: ProgrammeRow | None = row_of(store.pk)
        self.in_force: Version = programme_now(store.pk)
        self.problems: list[tuple[str, str]] = []
        self.programme: Programme | None = self._read() if self.exists else None

    @property
    def exists(self) -> bool:
        return self.row is not None and self.row.draft is not None

    @property
    def document(self) -> Mapping[str, Any]:
        return self.row.draft if self.row and self.row.draft is not None else {}

    def _read(self) -> Programme | None:
        try:
            return rules.read(self.document, tz=self.store.time_zone)
        except BadProgramme as wrong:
            self.problems = wrong.problems
            return None

    def changes(self) -> list[Change]:
        if self.programme is None:
            return []
        shop = shop_of(self.store, self.in_force.programme, self.programme)
        return changes(self.in_force.programme, self.programme, shop)
