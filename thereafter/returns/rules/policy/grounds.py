"""On which grounds an item may come back today, and why not when there is none. Plain Python."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from thereafter.returns.rules.policy.items import Item
from thereafter.returns.rules.reasons import Basis
from thereafter.returns.rules.sentences import Said, say


class Ground(NamedTuple):
    """`until` is its last day, None before the item has arrived; `article` the law it rests on, "" for the policy."""

    basis: Basis
    until: date | None
    article: str = ""


def grounds(item: Item) -> list[Ground]:
    """All that are open, the one that fits the reason first."""
    if item.asked.quantity <= 0 or item.units > item.line.left:
        return []
    found = [*_claims(item), *_voluntary(item), *_withdrawal(item)]
    return found or list(_goodwill(item))


def _claims(item: Item) -> Iterator[Ground]:
    """Something was wrong: the statutory guarantee, what never came, the policy's own time, a warranty."""
    if not item.is_claim:
        return
    basis, covered, warranty = item.reason.basis, item.floor.conformity, item.line.warranty_until
    if covered:
        yield Ground(basis, max(filter(None, (covered.until, item.claims.until))), covered.article)
    elif item.floor.undelivered:
        yield Ground(basis, item.floor.undelivered_until, item.floor.undelivered)
    elif _may_complain(item) and item.claims.is_open(item.today) and not _is_hidden_or_rejected(item):
        yield Ground(basis, item.claims.until)
    elif item.reason.conformity and warranty and item.today <= warranty:
        yield Ground("warranty", warranty)


def _voluntary(item: Item) -> Iterator[Ground]:
    wished = item.reason.arrives and item.is_here and not item.is_refused
    if wished and item.span.since and item.span.is_open(item.today):
        yield Ground("voluntary", item.span.until)


def _withdrawal(item: Item) -> Iterator[Ground]:
    right = item.floor.withdrawal
    if right and right.right:
        yield Ground("withdrawal", right.until, right.article)


def _goodwill(item: Item) -> Iterator[Ground]:
    days, until = item.settled.value(("goodwill",)), item.span.until
    if days and until and not item.is_refused and item.today <= until + timedelta(days=days):
        yield Ground("goodwill", until + timedelta(days=days))


def _may_complain(item: Item) -> bool:
    """It has arrived, or what is said is that it did not."""
    return item.is_here or not item.reason.arrives


def _is_hidden_or_rejected(item: Item) -> bool:
    return bool(item.settled.value(("hide",)) or item.settled.value(("reject",)))


def why_not(item: Item, found: list[Ground]) -> Said | None:
    """Why the item cannot come back, for the shopper; None when it can."""
    line, left = item.line, item.line.left
    if left == 0:
        return say("cancelled" if line.cancelled >= line.quantity else "already_returned")
    if item.asked.quantity <= 0:
        return say("none_chosen")
    if item.units > left:
        return say("too_many", left=left)
    return None if found else _refusal(item)


def _refusal(item: Item) -> Said:
    settled = item.settled
    if settled.value(("hide",)):
        return say("not_offered")
    if settled.value(("reject",)):
        return say("rejected", why=settled.value(("reject",)))
    if settled.value(("final_sale",)) and not item.is_claim:
        return say("final_sale")
    return _too_early_or_late(item)


def _too_early_or_late(item: Item) -> Said:
    span = item.claims if item.is_claim else item.span
    if not _may_complain(item) or (not item.is_claim and span.since is None):
        return say("not_here_yet")
    if span.until is None or span.until == span.since:
        right = item.floor.withdrawal
        return right.reason if right and right.status == "excepted" else say("no_window")
    return say("claim_over" if item.is_claim else "window_over", day=span.until)
