"""How fast a channel may go: a bucket that fills with time and is emptied by messages. Plain Python."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Bucket:
    tokens: float
    at: datetime


def take(bucket: Bucket | None, wanted: int, per_minute: int, now: datetime) -> tuple[int, Bucket]:
    """How many of the wanted may go now, and the bucket afterwards. It holds ten seconds' worth, so that a channel is
    never given a whole minute's at once; a bucket that nobody used yet is full."""
    most = max(1.0, per_minute / 6)
    passed = max((now - bucket.at).total_seconds(), 0) if bucket else 0
    tokens = min(bucket.tokens + passed * per_minute / 60, most) if bucket else most
    going = min(wanted, int(tokens))
    return going, Bucket(tokens - going, max(now, bucket.at) if bucket else now)


def turn_of(place: int, per_minute: int, now: datetime) -> datetime:
    """When the message at this place (0 is the first) of those who wait will have its turn, about."""
    return now + timedelta(minutes=(place + 1) / per_minute)
