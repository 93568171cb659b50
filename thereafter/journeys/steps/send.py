from collections.abc import Sequence

from thereafter.journeys.registry import Go, Next, Setting, Visit, step
from thereafter.messaging.actions.queueing import SendRequest, send_many


@step(
    "send",
    label="Send a message",
    settings=[
        Setting("template", "Message", "template", required=True),
        Setting("priority", "Priority", "number", hint="When several want the same person, the higher one goes first"),
        Setting("channels", "Channels, the best first", "channels", hint="Left empty: those of the message"),
    ],
    icon="mail",
    group="Message",
)
def send(visits: Sequence[Visit]) -> Sequence[Next]:
    """Queues `template`; in it, `event` is what started the journey."""
    if visits:
        send_many([_request(visit) for visit in visits], visits[0].now)
    return [Go() for _ in visits]


def _request(visit: Visit) -> SendRequest:
    return SendRequest(
        store_id=visit.store_id,
        customer_id=visit.customer_id,
        template=visit.settings["template"],
        key=visit.source,
        due_at=visit.now,
        order_id=visit.order_id,
        facts={"event": visit.facts},
        channels=visit.settings.get("channels") or (),
        origin=visit.origin,
        priority=visit.settings.get("priority") or 0,
    )
