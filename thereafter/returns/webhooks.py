"""What payment providers tell of refunds and payments: /hooks/<store>/stripe. Read when the inbox is drained."""

from collections.abc import Sequence
from importlib import import_module

from thereafter.commerce.webhooks import NOTHING_TO_KEEP, Call, Envelope, delivery_key, source
from thereafter.returns.actions.refund_news import ROOM
from thereafter.returns.payments.registry import STRIPE

# Loads Stripe's library, which takes half a second: only who is told of by Stripe waits for it.
NEWS = "thereafter.returns.payments.stripe_news"


@source(STRIPE)
def read_stripe(secrets: Sequence[str], call: Call) -> Envelope | None:
    news = import_module(NEWS)
    if not news.is_genuine(secrets, call.headers.get("stripe-signature", ""), call.body):
        return None
    try:
        topic, event_id = news.topic_and_id(call.body)
    except ValueError:
        return NOTHING_TO_KEEP
    if topic not in news.TOPICS:
        return NOTHING_TO_KEEP
    return Envelope(topic, delivery_key(event_id or None, topic, call.body), ROOM)
