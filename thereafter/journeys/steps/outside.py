"""Steps that tell others than the customer: a program of the shop, its people, its support inbox."""

from collections.abc import Mapping, Sequence
from typing import Any

from thereafter.journeys.registry import Go, Next, Setting, Visit, step
from thereafter.messaging.actions.outside import Telling, tell_many

_LIQUID = "May hold {{ customer.name }}, {{ order.number }} and {{ event.… }} of what started the journey"


@step(
    "webhook",
    label="Call a webhook",
    settings=[
        Setting("url", "Address", "url", required=True, hint="Begins with https://; the call is signed"),
        Setting("title", "Title", hint=_LIQUID),
        Setting("text", "Text", "long_text", hint="Goes along as `text`"),
    ],
    icon="flow",
    group="Do",
)
def webhook(visits: Sequence[Visit]) -> Sequence[Next]:
    """Posts customer, order and event as JSON, signed with the shop's secret; tried again until it is heard."""
    return _tell(visits, "webhook", ("url", "title", "text"))


@step(
    "notify",
    label="Tell the team",
    settings=[
        Setting("text", "Text", "long_text", required=True, hint=_LIQUID),
        Setting("title", "Title", hint="Left empty: the shop and the order's number"),
        Setting("place", "Place", hint="The name of one of your team's places; left empty: all of them"),
    ],
    icon="people",
    group="Do",
)
def notify(visits: Sequence[Visit]) -> Sequence[Next]:
    """Posts to where the shop's people are: Slack, Teams, Telegram, whatever is set under Messages, Channels."""
    return _tell(visits, "team", ("text", "title", "place"))


@step(
    "ticket",
    label="Open a support ticket",
    settings=[
        Setting("title", "Subject", required=True, hint=_LIQUID),
        Setting("text", "Text", "long_text", required=True, hint="Who it is about and the order are added below it"),
    ],
    icon="chat",
    group="Do",
)
def ticket(visits: Sequence[Visit]) -> Sequence[Next]:
    """A mail to the shop's support address that any help desk takes; an answer to it goes to the customer."""
    return _tell(visits, "ticket", ("title", "text"))


def _tell(visits: Sequence[Visit], channel: str, names: Sequence[str]) -> Sequence[Next]:
    if visits:
        tell_many([_telling(visit, channel, names) for visit in visits], visits[0].now)
    return [Go() for _ in visits]


def _telling(visit: Visit, channel: str, names: Sequence[str]) -> Telling:
    settings: Mapping[str, Any] = visit.settings
    return Telling(
        store_id=visit.store_id,
        customer_id=visit.customer_id,
        channel=channel,
        key=visit.source,
        due_at=visit.now,
        settings={name: str(settings.get(name) or "") for name in names},
        order_id=visit.order_id,
        event=dict(visit.facts),
        origin=visit.origin,
    )
