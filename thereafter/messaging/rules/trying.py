"""When to try again. Plain Python."""

from datetime import timedelta

from thereafter.messaging.rules.classes import TRANSACTIONAL

LEASE = timedelta(minutes=10)
MOST_TRIES = 8


def may_send_after_interruption(message_class: str, interrupted_before: bool) -> bool:
    """A worker died while the channel had the message: we cannot know whether it went out.

    What the shopper waits for is tried once more; anything else is left as `unknown`.
    """
    return message_class == TRANSACTIONAL and not interrupted_before


def next_try(attempts: int) -> timedelta | None:
    """The pause before another try after a temporary refusal: 1 minute, growing to 9 hours; None after eight."""
    return None if attempts >= MOST_TRIES else timedelta(minutes=1) * min(3 ** (attempts - 1), 540)
