"""What machines call things, in words."""

from thereafter.events.base import Event


def humanise(name: str) -> str:
    """"parcel.out_for_delivery" as "Parcel out for delivery"."""
    words = name.replace(".", " ").replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def meaning(event_name: str) -> str:
    """What an event says, in the words of the catalogue; "" when nobody knows the event any more."""
    kind = Event.names.get(event_name)
    return (kind.__doc__ or "").strip() if kind else ""


def handler_in_words(subscriber: str) -> str:
    """"loyalty.award_for_order" as "Loyalty: award for order"."""
    room, _, function = subscriber.partition(".")
    return f"{humanise(room)}: {humanise(function).lower()}"
