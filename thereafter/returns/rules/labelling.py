"""How patiently a label is asked for. Plain Python."""

from datetime import timedelta

# A worker that dies leaves the parcel to the next one after this; longer than all requests of one label together.
LEASE = timedelta(minutes=5)
MOST_TRIES = 6
_FIRST = timedelta(minutes=1)


def next_try(attempts: int, *, asked_for: int = 0) -> timedelta | None:
    """The pause after so many tries: 1, 3, 9, 27, 81 minutes, or longer where they asked for it (seconds); None when it
    is time to go another way."""
    if attempts >= MOST_TRIES:
        return None
    return max(_FIRST * int(3 ** (attempts - 1)), timedelta(seconds=asked_for))
