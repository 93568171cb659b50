"""Steps that write down something about the customer."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.models import Customer
from thereafter.journeys.registry import Go, Next, Setting, Visit, step


@step(
    "tag",
    label="Tag the customer",
    settings=[
        Setting("tag", "Tag", required=True, hint="Conditions know it as customer.tags"),
        Setting("remove", "Take it away instead", "flag"),
    ],
    icon="tag",
    group="Customer",
)
def tag(visits: Sequence[Visit]) -> Sequence[Next]:
    """Adds a tag, or takes it away."""
    by_store: dict[int, dict[int, dict[str, bool]]] = defaultdict(dict)
    for visit in visits:
        changes = by_store[visit.store_id].setdefault(visit.customer_id, {})
        changes[str(visit.settings["tag"]).strip()] = not visit.settings.get("remove")
    for store_id, changes_of in by_store.items():
        rows = Customer.objects.of(store_id).filter(pk__in=changes_of).order_by("pk")
        # Locked until the step is written, so that of two steps at once neither's tag is lost.
        held = dict(rows.select_for_update(no_key=True).values_list("pk", "traits"))
        set_traits(store_id, {pk: {"tags": _tags(held[pk].get("tags"), changes_of[pk])} for pk in held})
    return [Go() for _ in visits]


def _tags(held: Any, changes: Mapping[str, bool]) -> list[str] | None:
    kept = [one for one in held if changes.get(one, True)] if isinstance(held, list) else []
    return [*kept, *(one for one, is_added in changes.items() if is_added and one not in kept)] or None


@step(
    "trait",
    label="Set a trait",
    settings=[
        Setting("name", "Trait", "trait", required=True, hint="Such as care.owner"),
        Setting("value", "Value", hint="Left empty: the trait is taken away"),
    ],
    icon="person",
    group="Customer",
)
def trait(visits: Sequence[Visit]) -> Sequence[Next]:
    """Writes a value down about the customer, or takes it away."""
    by_store: dict[int, dict[int, dict[str, Any]]] = defaultdict(dict)
    for visit in visits:
        value = visit.settings.get("value")
        by_store[visit.store_id].setdefault(visit.customer_id, {})[str(visit.settings["name"])] = value
    for store_id, traits in by_store.items():
        set_traits(store_id, traits)
    return [Go() for _ in visits]
