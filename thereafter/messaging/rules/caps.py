"""How much is enough: so many messages in so many days, and some time between two. Plain Python."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from thereafter.messaging.rules.classes import MARKETING, TRANSACTIONAL
from thereafter.messaging.rules.contact_rules import Cap, Caps

LONGEST_WINDOW = timedelta(days=31)
# What a reader chose on the preference page: at most one offer in so many days.
PACES = {"weekly": 7, "monthly": 30}


class Contact(NamedTuple):
    """A message somebody got."""

    at: datetime
    message_class: str
    channel: str


class Limits(NamedTuple):
    """The shop's caps, and the reader's own."""

    caps: Caps
    pace: str = ""


def free_at(
    message_class: str, channel: str, history: Sequence[Contact], limits: Limits, now: datetime
) -> datetime | None:
    """When the person may be written to again by this class and channel; None when that is now."""
    if message_class == TRANSACTIONAL:
        return None
    caps = [*limits.caps.limits]
    if message_class == MARKETING and limits.pace in PACES:
        caps.append(Cap(classes=(MARKETING,), most=1, days=PACES[limits.pace]))
    free = [_free_of(cap, history, now) for cap in caps if _counts(cap, message_class, channel)]
    if history and limits.caps.hours_between:
        free.append(max(contact.at for contact in history) + timedelta(hours=limits.caps.hours_between))
    latest = max((moment for moment in free if moment), default=now)
    return latest if latest > now else None


def _counts(cap: Cap, message_class: str, channel: str) -> bool:
    return message_class in cap.classes and (not cap.channels or channel in cap.channels)


def _free_of(cap: Cap, history: Iterable[Contact], now: datetime) -> datetime | None:
    window = timedelta(days=cap.days)
    counted = sorted(
        contact.at
        for contact in history
        if contact.at > now - window and _counts(cap, contact.message_class, contact.channel)
    )
    return counted[-cap.most] + window if len(counted) >= cap.most else None
