"""Points given later for orders of the past: reckoned first, carried out once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from thereafter.commerce.models import Order
from thereafter.loyalty.actions import tiers
from thereafter.loyalty.actions.points import Award, award_many
from thereafter.loyalty.models import Account, Backfill, OrderEarning
from thereafter.loyalty.queries import programmes
from thereafter.loyalty.queries.ledger import money_back
from thereafter.loyalty.queries.members import takes_part
from thereafter.loyalty.queries.programmes import Versions
from thereafter.loyalty.queries.purchases import purchases, with_people
from thereafter.loyalty.rules import earning
from thereafter.loyalty.rules import programme as rules
from thereafter.loyalty.rules.order_rules import Rule
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

BATCH = 500


class AlreadyDone(ValueError):
    """A back-fill of this name was carried out, for another rule or window."""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What a back-fill gives: to how many orders of how many members, and how many points."""

    orders: int
    members: int
    points: int


@dataclass(frozen=True, slots=True)
class _Share:
    """What an order earns more by the rule, on what was kept of it."""

    kept: OrderEarning
    customer_id: int
    points: int
    snapshot: dict[str, Any]


def preview(store: Store, rule: Mapping[str, Any], *, starts_at: datetime, ends_at: datetime) -> Reckoned:
    """The same reckoning as the deed, without it. `rule` is one of the programme's form; raises `BadProgramme`."""
    found = [share for batch in _shares(store, rule, starts_at, ends_at) for share in batch]
    return Reckoned(len(found), len({one.customer_id for one in found}), sum(one.points for one in found))


@transaction.atomic
def carry_out(  # noqa: PLR0913 what is given for which window, by whom
    store: Store,
    key: str,
    rule: Mapping[str, Any],
    *,
    starts_at: datetime,
    ends_at: datetime,
    by: Staff | None,
    now: datetime,
) -> Backfill:
    """Gives the points once per `key`; the same again returns the first one. Raises `AlreadyDone`, `BadProgramme`."""
    wanted = {"rule": dict(rule), "starts_at": starts_at, "ends_at": ends_at}
    row, is_new = Backfill.objects.get_or_create(store=store, key=key, defaults={**wanted, "by": by})
    row = Backfill.objects.of(store).select_for_update().get(pk=row.pk)
    if not is_new and (row.rule, row.starts_at, row.ends_at) != tuple(wanted.values()):
        raise AlreadyDone(f"{key} was carried out for something else. Give this one a name of its own.")
    if row.done_at is not None:
        return row
    for shares in _shares(store, rule, starts_at, ends_at, lock=True):
        _give(store.pk, key, shares, now)
        row.orders += len(shares)
        row.points += sum(one.points for one in shares)
    row.done_at = now
    row.save(update_fields=["orders", "points", "done_at"])
    if by is not None:
        audit(store, by=by, verb="loyalty.backfill", now=now, subject=key, detail={"points": row.points})
    return row


def _shares(
    store: Store, rule: Mapping[str, Any], starts_at: datetime, ends_at: datetime, *, lock: bool = False
) -> Iterator[list[_Share]]:
    extra = rules.read({"rules": [dict(rule)]}, tz=store.time_zone).rules[0]
    versions = programmes.versions(store.pk)
    rows = OrderEarning.objects.of(store).filter(at__gte=starts_at, at__lt=ends_at).order_by("id")
    ids = list(rows.values_list("pk", flat=True))
    for at in range(0, len(ids), BATCH):
        some = rows.filter(pk__in=ids[at : at + BATCH])
        if lock:
            # What is refunded in this moment comes before or after.
            accounts = Account.objects.of(store).filter(pk__in=some.order_by().values("account_id"))
            list(accounts.select_for_update().order_by("pk").values_list("pk"))
        yield _more(store.pk, _of_members(store.pk, list(some.select_related("order"))), extra, versions)


def _of_members(store_id: int, earnings: Sequence[OrderEarning]) -> list[OrderEarning]:
    """Who has left since then is given nothing."""
    people = {one.order.customer_id for one in earnings}
    taking_part = takes_part(store_id, people, programmes.programme_now(store_id))
    return [one for one in earnings if one.order.customer_id in taking_part]


def _more(store_id: int, earnings: Sequence[OrderEarning], extra: Rule, versions: Versions) -> list[_Share]:
    orders: list[Order] = [one.order for one in earnings if not one.order.is_cancelled]
    bought = with_people(store_id, orders, purchases(orders), _with(versions, extra))
    backs = money_back(store_id, [order.pk for order in orders])
    found = []
    for kept in earnings:
        if kept.order_id not in bought:
            continue
        version = versions.at(kept.at)
        programme = version.programme.model_copy(update={"rules": (*version.programme.rules, extra)})
        purchase = replace(bought[kept.order_id], tier=kept.snapshot.get("tier", ""))
        decided = earning.decide(programme, version.number, purchase)
        exchanged = sum(kept.exchanges.values())
        due = earning.still_due(decided.snapshot, backs[kept.order_id], exchanged_minor=exchanged)
        if due > kept.due:
            found.append(_Share(kept, kept.order.customer_id, due - kept.due, decided.snapshot))
    return found


def _with(versions: Versions, extra: Rule) -> Versions:
    last = versions.newest
    programme = last.programme.model_copy(update={"rules": (*last.programme.rules, extra)})
    return Versions([*versions.listed, replace(last, programme=programme)])


def _give(store_id: int, key: str, shares: Sequence[_Share], now: datetime) -> None:
    """Given now: they can be used at once and end as points earned today. What is refunded later goes by the new
    decision."""
    awards = [
        Award(
            customer_id=one.customer_id,
            points=one.points,
            source=f"backfill:{key}:{one.kept.order_id}",
            reason="backfill",
            at=now,
            order_id=one.kept.order_id,
            snapshot={"backfill": key},
        )
        for one in shares
    ]
    award_many(store_id, awards, now=now)
    for one in shares:
        one.kept.points += one.points
        one.kept.due += one.points
        one.kept.snapshot = one.snapshot
    OrderEarning.objects.bulk_update([one.kept for one in shares], ["points", "due", "snapshot"], batch_size=BATCH)
    if any(version.programme.tier.metric == "points" for version in programmes.versions(store_id).listed):
        tiers.rise(store_id, {one.customer_id for one in shares}, at=now, now=now)
