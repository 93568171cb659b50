"""What machines call things, in words."""

from thereafter.events.base import Event
from thereafter.kit.pages import humanise


def meaning(event_name: str) -> str:
    """What an event says, by the first sentence of the catalogue; "" when nobody knows the event any more."""
    kind = Event.names.get(event_name)
    return (kind.__doc__ or "").strip().partition(". ")[0] if kind else ""


def handler_in_words(subscriber: str) -> str:
    """ "loyalty.award_for_order" as "Loyalty: award for order"."""
    room, _, function = subscriber.partition(".")
    return f"{humanise(room)}: {humanise(function).lower()}"
