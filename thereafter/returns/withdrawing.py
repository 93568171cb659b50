"""What becomes of declarations of withdrawal: finding the order, opening the cases, sending the receipt.

An action has kept the statement. A job looks for its order here, so that whoever declares cannot learn from the answer,
nor from how long it takes, whether there is such an order.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import translation

from thereafter.commerce.models import Order
from thereafter.kit.clock import day_in
from thereafter.returns import finding, order_snapshots
from thereafter.returns.actions import opening, withdrawals
from thereafter.returns.actions.opening import Asking, CannotOpen, Wish
from thereafter.returns.actions.withdrawals import NotPossible
from thereafter.returns.models import Case, Withdrawal
from thereafter.storefront import rules as doors
from thereafter.stores.models import Staff
from thereafter.timeline import peek
from thereafter.timeline.models import first_line

log = logging.getLogger(__name__)
AT_ONCE = 20
_MOST_WORDS = 12
PART = "The shopper wants to withdraw from a part and says so in words. Choose the items."
STATES = "state IN ('new', 'matched') AND due_at <= %s"


def work_on_due(now: datetime) -> int:
    """Returns how many were taken up."""
    if not peek.anything("returns_withdrawal", STATES, now):
        return 0
    claimed = withdrawals.claim(now, AT_ONCE)
    for one in claimed:
        _try(one, now)
    return len(claimed)


def _try(withdrawal: Withdrawal, now: datetime) -> None:
    """One that cannot be worked on holds up none of the others."""
    try:
        with transaction.atomic():
            work_on(withdrawal, now)
    except Exception as error:
        log.exception("a declaration of withdrawal could not be worked on; it is tried again")
        withdrawal.refresh_from_db()
        withdrawals.postpone(withdrawal, f"It could not be worked on: {first_line(error)}", now)


def work_on(withdrawal: Withdrawal, now: datetime) -> None:
    order, matched_by = _order_of(withdrawal)
    if order is None:
        withdrawals.leave_unmatched(withdrawal)
        return
    if withdrawal.state == Withdrawal.State.NEW:
        told_on = day_in(withdrawal.declared_at, order.store.time_zone)
        pay_by = finding.pay_by(order, told_on) or withdrawal.pay_by
        withdrawals.know(withdrawal, order, matched_by=matched_by, pay_by=pay_by)
    cases, problem = _opened(withdrawal, order, now)
    withdrawals.conclude(withdrawal, cases, problem, now)


def _order_of(withdrawal: Withdrawal) -> tuple[Order | None, str]:
    if withdrawal.order_id is not None:
        rows = Order.objects.of(withdrawal.store_id).select_related("store", "customer")
        return rows.get(pk=withdrawal.order_id), withdrawal.matched_by
    for order in candidates(withdrawal):
        if doors.same_email(withdrawal.email, order.customer.email):
            return order, "email"
        if doors.same_postcode(withdrawal.postcode, str(order.shipping_address.get("postcode", ""))):
            return order, "postcode"
    return None, ""


def candidates(withdrawal: Withdrawal) -> list[Order]:
    """Orders whose number stands in what the shopper wrote, the newest first."""
    words = [withdrawal.contract, *withdrawal.contract.replace(",", " ").split()[:_MOST_WORDS]]
    numbers = {way for word in words for way in doors.order_numbers(word.strip(".;:()\"'"))}
    rows = Order.objects.of(withdrawal.store_id).filter(number__in=numbers)
    return list(rows.select_related("store", "customer").order_by("-placed_at")[:20])


def _opened(withdrawal: Withdrawal, order: Order, now: datetime) -> tuple[list[Case], str]:
    """The cases, and why a person has to look; the law is asked as of the moment of the declaration."""
    if order.is_cancelled and not order.fulfilments.exists():
        return [], "The order was cancelled before anything was sent. Look whether the money went back."
    if withdrawal.items and not withdrawal.picks:
        return [], PART
    wishes, left_out = _wishes(withdrawal, order)
    if not wishes:
        return _nothing_left(withdrawal, order, left_out)
    try:
        # Its own savepoint: what it began is undone, and the declaration stays.
        with transaction.atomic(), translation.override("en"):
            asking = _asking(withdrawal, withdrawal.typed_by)
            return opening.open_cases(order, wishes, asking, now=withdrawal.declared_at), left_out
    except CannotOpen as why:
        return _nothing_left(withdrawal, order, str(why))


def _asking(withdrawal: Withdrawal, by: Staff | None) -> Asking:
    return Asking(
        source=source_of(withdrawal),
        channel="support" if by else "portal",
        by=by,
        email=withdrawal.email,
        locale=withdrawal.language,
        basis="withdrawal",
    )


def source_of(withdrawal: Withdrawal) -> str:
    return f"withdrawal:{withdrawal.pk}"


def _wishes(withdrawal: Withdrawal, order: Order) -> tuple[list[Wish], str]:
    """Everything that is left of what was declared and may be withdrawn from; and what was left out, in a sentence."""
    snapshot = order_snapshots.snapshot(order)
    today = day_in(withdrawal.declared_at, order.store.time_zone)
    picked = {pick["line"]: int(pick["quantity"]) for pick in withdrawal.picks}
    wishes, left_out = [], []
    for line in snapshot.lines:
        wanted = min(picked.get(line.id, 0 if picked else line.quantity), line.left)
        if not wanted:
            continue
        right = finding.right_of(snapshot, line, today)
        if right is not None and right.right:
            wishes.append(Wish(line=line.id, quantity=wanted))
        else:
            left_out.append(f"{line.title}: {right.reason if right else 'there is no right of withdrawal.'}")
    return wishes, " ".join(left_out)


def _nothing_left(withdrawal: Withdrawal, order: Order, why: str) -> tuple[list[Case], str]:
    """Who declares the same again has what the first declaration brought."""
    others = Withdrawal.objects.of(withdrawal.store_id).filter(order=order).exclude(pk=withdrawal.pk)
    known = [case_id for one in others.order_by("pk") for case_id in one.case_ids]
    if not known:
        return [], why or "Nothing of this order is left to withdraw from."
    return list(Case.objects.of(withdrawal.store_id).filter(pk__in=known).order_by("pk")), ""


def open_chosen(
    withdrawal: Withdrawal, units: Mapping[str, int], *, basis: str, by: Staff, now: datetime
) -> list[Case]:
    """Somebody of the shop says what is meant: units by line. `basis` "withdrawal" counts from the declaration; "" is
    whatever the shop's own policy gives today. Raises `CannotOpen` or `NotPossible`."""
    order = withdrawal.order
    if order is None or withdrawal.state != Withdrawal.State.LOOK:
        raise NotPossible("Find its order first.")
    order = Order.objects.of(withdrawal.store_id).select_related("store", "customer").get(pk=order.pk)
    # Opened in another go than what the job opened, so under a name of its own.
    asking = replace(_asking(withdrawal, by), basis=basis, source=f"{source_of(withdrawal)}:{len(withdrawal.case_ids)}")
    wishes = [Wish(line=line, quantity=count) for line, count in units.items() if count > 0]
    with transaction.atomic():
        moment = withdrawal.declared_at if basis else now
        cases = opening.open_cases(order, wishes, asking, now=moment)
        withdrawals.conclude(withdrawal, cases, "", now)
    return cases
