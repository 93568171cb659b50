"""What a page of figures is: its place in the address, its title, and what makes it."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from thereafter.insights.cards import Card, Fact, Page
from thereafter.insights.console.filters import Choice, Filters
from thereafter.insights.figures.asking import as_of


class Spec(NamedTuple):
    """`own` are choices of the page itself; `is_narrowed` is False where filters of orders mean nothing."""

    key: str
    title: str
    about: str
    build: Callable[[Filters], Page]
    own: tuple[Choice, ...] = ()
    is_narrowed: bool = True


def page(spec: Spec, filters: Filters, cards: Sequence[Card], facts: Sequence[Fact] = ()) -> Page:
    return Page(
        spec.key,
        spec.title,
        spec.about,
        cards,
        as_of=as_of(filters.view.store),
        filters=filters.words,
        facts=facts,
        orders=filters.size.orders,
    )
