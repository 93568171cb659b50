"""What a member has at a moment, after all that was due by then."""

from typing import Any

from django.db.models import Sum

from thereafter.kit import clock
from thereafter.loyalty.actions import turning
from thereafter.loyalty.cases.documents import Facts
from thereafter.loyalty.cases.stage import Stage, moment
from thereafter.loyalty.models import Account, Entry, Lot, Member
from thereafter.loyalty.queries import standings

_FIGURES = ("available", "pending", "reserved", "debt")


def state(stage: Stage, name: str) -> Facts:
    turning.turn(clock.now())
    stage.settle()
    customer = stage.customer(name)
    account = Account.objects.of(stage.store).filter(customer=customer, kind="points").first()
    member = Member.objects.of(stage.store).filter(customer=customer).first()
    figures = {figure: getattr(account, figure) if account else 0 for figure in _FIGURES}
    return figures | _lots(account) | _standing(member) | {"entry_rewards": _entry_rewards(account)}


def _lots(account: Account | None) -> Facts:
    if account is None:
        return {"expired": 0, "lots": []}
    lots = Lot.objects.of(account.store_id).filter(account=account).select_related("entry__order").order_by("pk")
    return {
        "expired": -_sum(account, Entry.Kind.EXPIRE),
        "lots": [{"source": _source(lot.entry), "left": lot.remaining} for lot in lots],
    }


def _source(entry: Entry) -> str:
    """As the case names it: order:o1, adj:a, action:v1."""
    if entry.order and entry.source.startswith("order:"):
        return f"order:{entry.order.external_id}"
    kind, _, rest = entry.source.partition(":")
    return f"action:{rest.partition(':')[2]}" if kind == "action" else entry.source


def _standing(member: Member | None) -> Facts:
    if member is None:
        return {"next_expiry": None, "tier": None, "tier_until": None}
    standing = standings.standing(member, clock.now())
    ending = standing.ending
    return {
        "next_expiry": {"points": ending.points, "at": moment(ending.at)} if ending else None,
        "tier": standing.tier.name if standing.tier else None,
        "tier_until": moment(member.tier_until) if member.tier else None,
    }


def _entry_rewards(account: Account | None) -> list[str]:
    """The tiers whose welcome was given, in the order of being given."""
    if account is None:
        return []
    given = Entry.objects.of(account.store_id).filter(account=account, reason="tier", kind=Entry.Kind.EARN)
    return [str(snapshot.get("name", "")) for snapshot in given.order_by("pk").values_list("snapshot", flat=True)]


def earned_so_far(stage: Stage, name: str) -> int:
    account = stage.account(name)
    return _sum(account, Entry.Kind.EARN) if account else 0


def _sum(account: Account, kind: str) -> int:
    entries: Any = Entry.objects.of(account.store_id).filter(account=account, kind=kind)
    return int(entries.aggregate(points=Sum("points"))["points"] or 0)
