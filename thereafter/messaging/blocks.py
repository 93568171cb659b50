"""Parts of a message that other rooms fill: `@block("points")` in a module's `blocks.py`.

The function gives the facts (plain JSON values) or None when the block has nothing to say. How it looks is a partial
beside it, `templates/<module>/blocks/points.mjml`: MJML sections with Liquid, where facts are `{{ points.balance }}`.
Its words stand in `points.en.json`, `points.de.json` … beside the partial, and are `{{ t.heading }}` in it.

With `@block("points", many=True)` the function gets all customers and orders of a batch at once and answers with one
entry (facts or None) for each: use it when the facts come from the database.

With `of_event=True` it gets a third argument: of each message what started it, the payload of an event or {}.

`label` and `sample` show it in the editor of templates: `@block("points", label="Points", sample={"balance": 215})`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from thereafter.commerce.models import Customer, Order

Facts = dict[str, Any]
Fill = Callable[[Customer, Order | None], Facts | None]
FillMany = Callable[[Sequence[Customer], Sequence[Order | None]], Sequence[Facts | None]]
FillTold = Callable[..., Sequence[Facts | None]]


@dataclass(frozen=True)
class Block:
    """`sample` are facts for the editor's preview; `label` and `hint` are what the editor calls it. Without a label it
    is not offered there, because nobody sees it."""

    name: str
    template: str
    fill: FillTold
    sample: Facts = field(default_factory=dict, compare=False)
    label: str = ""
    hint: str = ""


blocks: dict[str, Block] = {}


def block(
    name: str,
    *,
    many: bool = False,
    of_event: bool = False,
    label: str = "",
    hint: str = "",
    sample: Facts | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def add(fill: Callable[..., Any]) -> Callable[..., Any]:
        if name in blocks:
            raise TypeError(f"two blocks are named {name}")
        module = fill.__module__.removeprefix("thereafter.").split(".")[0]
        told = fill if many or of_event else _one_by_one(fill)
        filled = told if of_event else _whatever_happened(told)
        blocks[name] = Block(name, f"{module}/blocks/{name}.mjml", filled, sample or {}, label, hint)
        return fill

    return add


def _one_by_one(fill: Fill) -> FillMany:
    def fill_many(customers: Sequence[Customer], orders: Sequence[Order | None]) -> list[Facts | None]:
        return [fill(customer, order) for customer, order in zip(customers, orders, strict=True)]

    return fill_many


def _whatever_happened(fill: FillMany) -> FillTold:
    def fill_told(
        customers: Sequence[Customer], orders: Sequence[Order | None], events: Sequence[Facts] = ()
    ) -> Sequence[Facts | None]:
        return fill(customers, orders)

    return fill_told
