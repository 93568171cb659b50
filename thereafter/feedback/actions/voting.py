"""Visitors of a shop say whether a review or an answer helped them, and report what should not stand there.

Who they are is a hash of their network and their browser: nothing is kept in the browser, and an address that changes
within a household or an office does not make a second vote. It undercounts; that is the side to err on.
"""

import hashlib
import hmac
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from thereafter.feedback.models import ProductAnswer, Report, Review, Vote
from thereafter.feedback.rules.answers import network_of
from thereafter.stores.models import Store


def voter(store: Store, address: str, user_agent: str) -> str:
    """A visitor, as a hash that means nothing elsewhere and cannot be turned back without our key."""
    said = f"thereafter.voter|{store.pk}|{network_of(address)}|{user_agent[:300]}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()


@transaction.atomic
def vote(thing: Review | ProductAnswer, *, voter: str, is_helpful: bool, now: datetime) -> bool:
    """The last word of a visitor counts, once; whether it changed anything.

    The database says whether it is a first vote, another one or the same again, however many arrive at once.
    """
    about = {"review" if isinstance(thing, Review) else "answer": thing}
    votes = Vote.objects.of(thing.store_id)
    turned = votes.filter(**about, voter=voter, is_helpful=not is_helpful).update(is_helpful=is_helpful, at=now)
    if not turned and not _first(Vote(store_id=thing.store_id, voter=voter, is_helpful=is_helpful, at=now, **about)):
        return False
    gains, loses = ("helpful", "unhelpful") if is_helpful else ("unhelpful", "helpful")
    changes: dict[str, Any] = {gains: F(gains) + 1} | ({loses: F(loses) - 1} if turned else {})
    type(thing).objects.of(thing.store_id).filter(pk=thing.pk).update(**changes)
    return True


@transaction.atomic
def report(
    store: Store, *, reason: str, text: str, voter: str, now: datetime, review: Review | None = None, **about: Any
) -> bool:
    """Somebody of the shop will look at it; it hides nothing. A visitor reports a review once; whether this was new."""
    row = Report(store=store, review=review, reason=reason, text=text[:500], voter=voter, at=now, **about)
    if review is None and Report.objects.of(store).filter(voter=voter, seen_at=None, **about).exists():
        return False
    return _first(row)


def _first(row: Vote | Report) -> bool:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True
