"""A member's history, lots, tiers and friends in words, with the reason of each decision."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from thereafter.kit.money import Money, exponent
from thereafter.kit.pages import humanise, moment, money, number, short_day
from thereafter.loyalty import history
from thereafter.loyalty.importing.columns import SYSTEMS
from thereafter.loyalty.models import Entry, Lot, Milestone, Redemption, Referral, TierChange
from thereafter.loyalty.queries.programmes import Version
from thereafter.loyalty.rules.earning import HUNDREDTHS
from thereafter.loyalty.rules.explaining import explain
from thereafter.loyalty.rules.programme import Programme
from thereafter.stores.models import Membership, Store

WHY_TIER = {
    "reached": "Had enough for it",
    "kept": "Had enough to keep it",
    "review": "Did not have enough any more",
    "refund": "After a refund",
    "hand": "Set by hand",
    "programme": "The programme changed",
}
STATES = {
    Redemption.State.HELD: "warn",
    Redemption.State.TAKEN: "good",
    Redemption.State.RELEASED: "neutral",
    Redemption.State.LAPSED: "neutral",
    Redemption.State.CANCELLED: "neutral",
}
FRIENDS = {
    Referral.State.CLAIMED: "info",
    Referral.State.HELD: "warn",
    Referral.State.REFUSED: "bad",
    Referral.State.QUALIFIED: "info",
    Referral.State.REWARDED: "good",
    Referral.State.UNDONE: "neutral",
    Referral.State.LAPSED: "neutral",
}
_MILESTONES = {"birthday": "Birthday", "anniversary": "Anniversary", "orders": "Order number"}
_MACHINES = {"api": "through the API", "till": "at the till"}


def lines(version: Version, entries: Sequence[Entry], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each line with what it says to the member, and below how it was decided and by whom."""
    told = history.told(version.programme, entries)
    tiers = {tier.id: tier.name for tier in version.programme.tiers}
    return [
        {"line": line, "entry": entry, "why": why(entry, tiers), "who": names.get(entry.actor, machine(entry.actor))}
        for line, entry in zip(told, entries, strict=True)
    ]


def why(entry: Entry, tiers: Mapping[str, str]) -> str:
    """How the points were decided, from what was kept with the line; "" where the line says all."""
    held = entry.snapshot
    if sentence := explain(held, tier_name=tiers.get(str(held.get("tier", "")), "")):
        return sentence
    if held.get("system") in SYSTEMS:
        return f"Line {held.get('line')} of the file from {SYSTEMS[held['system']]}."
    if "name" in held and held.get("tier"):
        return f"Welcome to {held['name']}."
    if held.get("programme") and held.get("points"):
        return f"{number(held['points'])} points by version {held['programme']} of the programme."
    return ""


def machine(actor: str) -> str:
    return _MACHINES.get(actor.partition(":")[0], "")


def staff_names(store: Store, actors: Iterable[str]) -> dict[str, str]:
    """Names of the colleagues behind "staff:12", in one query."""
    numbers = {actor.removeprefix("staff:") for actor in actors if actor.startswith("staff:")}
    ids = [int(one) for one in numbers if one.isdecimal()]
    known = (
        dict(Membership.objects.of(store).filter(staff__in=ids).values_list("staff_id", "staff__name")) if ids else {}
    )
    return {f"staff:{pk}": known.get(pk, "a former colleague") for pk in ids}


def amount(metric: str, value: int, currency: str) -> str:
    """What counts towards a tier: hundredths of the shop's money, or points."""
    if metric == "points":
        return f"{number(value)} {'point' if value == 1 else 'points'}"
    return money(Money(round(value * 10 ** exponent(currency) / HUNDREDTHS), currency))


def lots(held: Sequence[Lot], version: Version) -> list[dict[str, Any]]:
    entries = [lot.entry for lot in held]
    said = history.told(version.programme, entries)
    return [
        {
            "text": line.text,
            "left": lot.remaining,
            "of": lot.original,
            "ends": until(lot.expires_at, version),
            "from": None if lot.is_active else lot.active_from,
        }
        for lot, line in zip(held, said, strict=True)
    ]


def until(ends_at: datetime | None, version: Version) -> str:
    """Points that end at midnight can be used all of the day before."""
    if ends_at is None:
        return "no end"
    local = ends_at.astimezone(version.zone)
    is_midnight = local.time() == time(0)
    return f"until {short_day(local.date() - timedelta(days=1)) if is_midnight else moment(ends_at)}"


def tier_lines(changes: Sequence[TierChange], programme: Programme, names: Mapping[str, str]) -> list[dict[str, Any]]:
    called = {tier.id: tier.name for tier in programme.tiers}
    return [
        {
            "text": _moved(change, called),
            "why": WHY_TIER.get(change.why, ""),
            "who": names.get(change.actor, ""),
            "at": change.at,
            "rose": programme.rank(change.to_tier) > programme.rank(change.from_tier),
        }
        for change in changes
    ]


def _moved(change: TierChange, called: Mapping[str, str]) -> str:
    was = called.get(change.from_tier, "a tier that is gone" if change.from_tier else "no tier")
    now = called.get(change.to_tier, "a tier that is gone" if change.to_tier else "no tier")
    return f"{now[:1].upper()}{now[1:]} kept" if change.from_tier == change.to_tier else f"{was} → {now}"


def milestone(one: Milestone) -> str:
    """ "orders:10" as "Order number 10"."""
    kind, _, rest = one.key.partition(":")
    return f"{_MILESTONES.get(kind, humanise(kind))} {rest}".strip()
