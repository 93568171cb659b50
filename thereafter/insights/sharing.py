"""Who may see what a shared link shows."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from thereafter.insights.models import SharedLink
from thereafter.kit import tokens
from thereafter.stores.models import Membership, Store

VERB = "insights.write"
_LONGEST_TOKEN = 80


class Listed(NamedTuple):
    """A link, and whether whoever made it may still share."""

    link: SharedLink
    may_share: bool


def links_of(store: Store) -> list[Listed]:
    """Newest first."""
    links = list(SharedLink.objects.of(store).select_related("made_by").order_by("-made_at", "-pk"))
    sharers = _sharers(store, {link.made_by_id for link in links})
    return [Listed(link, link.made_by_id in sharers) for link in links]


def opened(token: str, now: datetime) -> SharedLink | None:
    """The link that a token opens. None when it was withdrawn, has ended, or whoever made it may not share any more.

    It is looked for by the fingerprint of 256 random bits: how long that takes tells nothing about any token.
    """
    if len(token) > _LONGEST_TOKEN:
        return None
    found = (
        SharedLink.objects.filter(fingerprint=tokens.fingerprint(token), revoked_at=None, expires_at__gt=now)
        .select_related("store", "made_by")
        .first()
    )
    return found if found and _sharers(found.store, {found.made_by_id}) else None


def _sharers(store: Store, staff_ids: set[int]) -> Sequence[int]:
    """Of these people those who may share this store's figures today."""
    members = Membership.objects.of(store).filter(staff_id__in=staff_ids, staff__is_active=True)
    return [member.staff_id for member in members if member.may(VERB)]
