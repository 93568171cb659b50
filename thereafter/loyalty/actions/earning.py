"""Points for what somebody does besides buying, by the programme's actions and within their limits."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from django.db import transaction

from thereafter.commerce.models import Customer
from thereafter.loyalty.actions import ledger, sheets, tiers
from thereafter.loyalty.actions.ledger import Kind, Sheet
from thereafter.loyalty.actions.points import Award, book_awards
from thereafter.loyalty.models import Entry
from thereafter.loyalty.queries import programmes
from thereafter.loyalty.queries.members import takes_part
from thereafter.loyalty.queries.programmes import Versions
from thereafter.loyalty.rules import calendar, limits
from thereafter.loyalty.rules.programme import MAIN, Action

Result = Literal["ok", "duplicate", "refused"]


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody did something that may earn. `key` is unique among the deeds of the action."""

    customer_id: int
    action: str
    key: str
    at: datetime
    order_id: int | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    # The source of its entry, where it is not the usual one.
    source: str = ""

    @property
    def named(self) -> str:
        return self.source or ledger.asked_for(f"action:{self.action}:{self.key}")


@dataclass(frozen=True, slots=True)
class Earned:
    """What came of a deed: the points booked, or why none (`limit_reached`, `unknown_action`, `not_a_member`)."""

    result: Result
    points: int = 0
    reason: str = ""


def earn(
    customer: Customer, action: str, *, key: str, at: datetime, now: datetime, order_id: int | None = None
) -> Earned:
    """Points for one deed; the same key again earns nothing."""
    return earn_many(customer.store_id, [Deed(customer.pk, action, key, at, order_id)], now=now)[0]


@transaction.atomic
def earn_many(store_id: int, deeds: Sequence[Deed], *, now: datetime) -> list[Earned]:
    """Points for many deeds, in the order of the list; limits are judged under the lock of the accounts."""
    results: dict[int, Earned] = {}
    versions = programmes.versions(store_id)
    by_kind = _by_kind(versions, deeds)
    for kind in sorted(by_kind):
        places = by_kind[kind]
        people = [deeds[place].customer_id for place in places]
        sheet = sheets.open_sheet(store_id, people, now=now, kind=kind, versions=versions)
        results |= dict(zip(places, _earn(sheet, [deeds[place] for place in places]), strict=True))
        sheets.close(sheet)
    _raise_tiers(store_id, [deed for place, deed in enumerate(deeds) if results[place].result == "ok"], now=now)
    return [results[place] for place in range(len(deeds))]


def _by_kind(versions: Versions, deeds: Sequence[Deed]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, deed in enumerate(deeds):
        action = versions.at(deed.at).programme.actions.get(deed.action)
        found[action.currency if action else MAIN].append(place)
    return found


def _earn(sheet: Sheet, deeds: Sequence[Deed]) -> list[Earned]:
    sources = [deed.named for deed in deeds]
    booked = set(Entry.objects.of(sheet.store_id).filter(source__in=sources).values_list("source", flat=True))
    taking_part = takes_part(sheet.store_id, {deed.customer_id for deed in deeds}, sheet.newest)
    past = _past(sheet, deeds)
    results, awards = [], []
    for deed in deeds:
        action = sheet.versions.at(deed.at).programme.actions.get(deed.action)
        earned = _judge(deed, action, booked, past, sheet) if deed.customer_id in taking_part else _NOT_A_MEMBER
        if earned.result == "ok" and action is not None:
            booked.add(deed.named)
            past[deed.customer_id, deed.action].append(limits.Done(deed.at, deed.order_id))
            awards.append(_award(sheet, deed, action))
        results.append(earned)
    book_awards(sheet, awards)
    return results


_NOT_A_MEMBER = Earned("refused", reason="not_a_member")


def _judge(
    deed: Deed,
    action: Action | None,
    booked: set[str],
    past: Mapping[tuple[int, str], list[limits.Done]],
    sheet: Sheet,
) -> Earned:
    if deed.named in booked:
        return Earned("duplicate")
    if action is None or not action.is_on or not action.points:
        return Earned("refused", reason="unknown_action")
    done = limits.Done(deed.at, deed.order_id)
    if limits.is_reached(action, past[deed.customer_id, deed.action], done, sheet.versions.at(deed.at).zone):
        return Earned("refused", reason="limit_reached")
    return Earned("ok", action.points)


def _past(sheet: Sheet, deeds: Sequence[Deed]) -> dict[tuple[int, str], list[limits.Done]]:
    """When the same people did the same before; asked only where an action has a limit."""
    found: dict[tuple[int, str], list[limits.Done]] = defaultdict(list)
    limited = {
        deed.action
        for deed in deeds
        if (action := sheet.versions.at(deed.at).programme.actions.get(deed.action)) and limits.has_any(action)
    }
    if not limited:
        return found
    accounts = {account.pk: customer_id for customer_id, account in sheet.accounts.items()}
    rows = Entry.objects.of(sheet.store_id).filter(account__in=accounts, kind=Kind.EARN, reason__in=limited)
    # What dearer goods earn is no thanks for an exchange, although both lines are called so.
    rows = rows.exclude(source__startswith="exchange:")
    for account_id, reason, at, order_id in rows.values_list("account_id", "reason", "at", "order_id"):
        found[accounts[account_id], reason].append(limits.Done(at, order_id))
    return found


def _award(sheet: Sheet, deed: Deed, action: Action) -> Award:
    version = sheet.versions.at(deed.at)
    waits = action.pending_days
    return Award(
        customer_id=deed.customer_id,
        points=action.points,
        source=deed.named,
        reason=deed.action,
        at=deed.at,
        order_id=deed.order_id,
        snapshot={"programme": version.number, "points": action.points, **deed.about},
        kind=action.currency,
        active_from=calendar.days_later(deed.at, waits, version.zone) if waits else None,
        qualifies=action.qualifying,
    )


def _raise_tiers(store_id: int, deeds: Sequence[Deed], *, now: datetime) -> None:
    if deeds:
        # From the deed on; what is told days later lifts nobody in a past whose orders are decided.
        at = max(min(max(deed.at for deed in deeds), now), now - timedelta(days=1))
        tiers.rise(store_id, {deed.customer_id for deed in deeds}, at=at, now=now)
