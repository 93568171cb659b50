"""What machines call things, in words."""

import re

from thereafter.events.base import Event
from thereafter.kit.pages import humanise

_CODE = re.compile(r"(^|; )[a-z]+(?:_[a-z]+)+: (.)")
_VERBS = {"create": "created", "update": "changed", "updated": "changed", "delete": "deleted"}


def meaning(event_name: str) -> str:
    """What an event says, by the first sentence of the catalogue; "" when nobody knows the event any more."""
    kind = Event.names.get(event_name)
    return (kind.__doc__ or "").strip().partition(". ")[0] if kind else ""


def handler_in_words(subscriber: str) -> str:
    """ "loyalty.award_for_order" as "Loyalty: award for order"."""
    room, _, function = subscriber.partition(".")
    return f"{humanise(room)}: {humanise(function).lower()}"


def reason_in_words(reason: str) -> str:
    """ "bad_quantity: it is -2; totals_differ: …" without the codes, which are for programs, as sentences."""
    return _CODE.sub(lambda found: (". " if found[1] else "") + found[2].upper(), reason)


def topic_in_words(topic: str) -> str:
    """ "orders/create" and "order.created" as "Order created"."""
    noun, _, verb = topic.replace(".", "/").partition("/")
    return f"{humanise(noun).removesuffix('s')} {_VERBS.get(verb, verb.replace('_', ' '))}" if verb else humanise(topic)


def awaited(waits_for: str) -> str:
    """ "order:shopify:77" as "Order 77 of Shopify", "parcel:JD014600" as "Parcel JD014600"."""
    kind, _, rest = waits_for.partition(":")
    source, _, key = rest.rpartition(":")
    return f"{humanise(kind)} {key}".strip() + (f" of {humanise(source)}" if source else "")
