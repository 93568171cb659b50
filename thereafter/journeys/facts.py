"""What conditions are asked about, for many people at once: `gather(seats, names)`.

Only what is named is loaded, in a few queries for all seats. A seat has its moment: facts are those of then (orders
placed, events, messages and consents up to it), so that a rehearsal on the past asks the same. Traits are as they
are now, nobody keeps what they were.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from thereafter.journeys.loading import customers, orders, past
from thereafter.journeys.loading.customers import plain
from thereafter.journeys.loading.seats import Facts, Seat
from thereafter.journeys.rules import vocabulary

__all__ = ["Facts", "Seat", "add_field", "gather", "of_event"]

# Of one store: (store id, seats, names) to the field's value for each seat, None when it is not known.
Load = Callable[[int, Sequence[Seat]], Sequence[Any]]
_added: dict[str, Load] = {}
_LOADERS = {"order": orders.load, "customer": customers.load, "trait": customers.load}
_PAST = frozenset({"happened", "times", "sent", "opened", "clicked"})


def add_field(field: vocabulary.Field, load: Load) -> None:
    """A field of another room: what it is called, and how it is found for many seats of one store."""
    vocabulary.add(field)
    _added[field.name] = load


def gather(seats: Sequence[Seat], names: Collection[str]) -> list[Facts]:
    """The facts of each seat, in their order, as `Condition.holds` wants them; `names` as in `Condition.names`."""
    facts: list[Facts] = [{"now": seat.at} for seat in seats]
    if "fact" in names:
        for seat, known in zip(seats, facts, strict=True):
            known["fact"] = of_event(seat.fact)
    asked = set(names) - {"fact", "now"}
    if not asked or not seats:
        return facts
    by_store: dict[int, list[int]] = defaultdict(list)
    for place, seat in enumerate(seats):
        by_store[seat.store_id].append(place)
    for store_id, places in by_store.items():
        _fill(store_id, [seats[place] for place in places], asked, [facts[place] for place in places])
    return facts


def of_event(payload: Mapping[str, Any]) -> Facts:
    """`fact`: what an event tells, numbers as decimals, and money in whole units beside its cents."""
    told = {name: plain(value) for name, value in payload.items()}
    currency = payload.get("currency")
    if isinstance(currency, str):
        for name in [name for name in told if name.endswith("_minor") and isinstance(told[name], float)]:
            told.setdefault(name.removesuffix("_minor"), told[name] / orders.unit(currency))
    return told


def _fill(store_id: int, seats: Sequence[Seat], names: set[str], facts: Sequence[Facts]) -> None:
    own = names - set(_added)
    roots = {name.partition(":")[0].partition(".")[0] for name in own}
    for load in {_LOADERS[root]: None for root in sorted(roots & set(_LOADERS))}:
        load(store_id, seats, own, facts)
    if roots & _PAST:
        past.load(store_id, seats, own, facts)
    for name in names & set(_added):
        for known, value in zip(facts, _added[name](store_id, seats), strict=True):
            if value is not None:
                known[name] = plain(value)
