"""Making and withdrawing links to pages of figures."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from thereafter.insights.models import SharedLink
from thereafter.kit import tokens
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

LONGEST_DAYS = 365
MOST_OPEN = 100
_HINT = 4


class CannotShare(ValueError):
    """The text says why not."""


class Wanted(NamedTuple):
    """A page with its filters as in its address, what the link is called, and for how many days it is good."""

    page: str
    filters: Mapping[str, str]
    label: str
    days: int


@transaction.atomic
def share(store: Store, wanted: Wanted, *, by: Staff, now: datetime) -> tuple[SharedLink, str]:
    """The link and its token, which nobody can read again. Raises `CannotShare`."""
    if not 1 <= wanted.days <= LONGEST_DAYS:
        raise CannotShare(f"A link is good for 1 to {LONGEST_DAYS} days.")
    if SharedLink.objects.of(store).filter(revoked_at=None, expires_at__gt=now).count() >= MOST_OPEN:
        raise CannotShare(f"{MOST_OPEN} links are open already. Withdraw some that are not needed any more.")
    token = tokens.random_token()
    link = SharedLink.objects.create(
        store=store,
        page=wanted.page,
        filters=dict(wanted.filters),
        label=wanted.label,
        fingerprint=tokens.fingerprint(token),
        hint=token[-_HINT:],
        made_by=by,
        made_at=now,
        expires_at=now + timedelta(days=wanted.days),
    )
    audit(store, by=by, verb="insights.link_made", now=now, subject=link.label, detail={"days": wanted.days})
    return link, token


@transaction.atomic
def withdraw(link: SharedLink, *, by: Staff, now: datetime) -> None:
    """At once, and for good."""
    if SharedLink.objects.of(link.store_id).filter(pk=link.pk, revoked_at=None).update(revoked_at=now):
        audit(link.store, by=by, verb="insights.link_withdrawn", now=now, subject=link.label)


def note_opened(link: SharedLink, now: datetime) -> None:
    """When it was last of use, to the minute."""
    if link.last_opened_at is None or now - link.last_opened_at > timedelta(minutes=1):
        SharedLink.objects.of(link.store_id).filter(pk=link.pk).update(last_opened_at=now)
