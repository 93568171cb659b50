"""What a file from another programme would bring, before anything is written."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from thereafter.commerce.models import Identity
from thereafter.commerce.queries import shop_identity
from thereafter.commerce.rules.text import normal_email, normal_phone
from thereafter.loyalty.importing import rows as reading
from thereafter.loyalty.importing import tables
from thereafter.loyalty.importing.rows import Asked, Incoming, Plan, Refused
from thereafter.loyalty.importing.tables import Table
from thereafter.loyalty.importing.values import decimal_sign
from thereafter.loyalty.models import Entry, Import, Member
from thereafter.loyalty.queries.programmes import programme_now
from thereafter.loyalty.rules.programme import Programme
from thereafter.stores.models import Connection, Store

REASON = "import"
# So many people are looked up at once.
SET = 2000
# Shop systems whose customer numbers we know without a connection.
_SHOPS = ("shopify", "woocommerce", "api")
Rows = Sequence[Incoming | Refused]


@dataclass(frozen=True)
class File:
    """A file as it is read by now; `asked` is what has to be answered first."""

    table: Table
    plan: Plan
    asked: Asked

    def rows(self) -> list[Incoming | Refused]:
        return reading.read(self.table, self.plan)


class Met(NamedTuple):
    """What is known of the people of some rows: customers by person, members by customer, and what came before."""

    customers: dict[str, int]
    members: dict[int, Member]
    # Sources that are booked already.
    booked: set[str]
    # Customers who came with points in another file.
    came_before: set[int]


@dataclass
class Preview:
    """Counts over all rows, and the rows that are not taken."""

    rows: int = 0
    new_customers: int = 0
    new_members: int = 0
    # Members already, who get points or details.
    members: int = 0
    # Rows that are in the ledger already.
    known: int = 0
    points: int = 0
    refused: list[Refused] = field(default_factory=list)
    # Points by the month in which they end, "" for those that do not (or as the programme says).
    ends: Counter[str] = field(default_factory=Counter)
    tiers: Counter[str] = field(default_factory=Counter)
    birthdays: int = 0
    codes: int = 0

    @property
    def taken(self) -> int:
        return self.new_members + self.members

    @property
    def wrong(self) -> list[Refused]:
        return [row for row in self.refused if not row.is_left_out]


def source_of(row: Incoming) -> str:
    """Under which the ledger books the points of a row, once."""
    return f"import:{row.key}"


def read(one: Import, now: datetime) -> File:
    """The file with its mapping and answers. Raises `Unreadable` only for what was never looked at."""
    table = tables.read(one.body)
    answers = one.answers
    version = programme_now(one.store_id)
    plan = Plan(
        mapping=answers.get("mapping", {}),
        zone=version.zone,
        now=one.begun_at or now,
        ends_at=_end_of(str(answers.get("ends_on", "")), version.zone),
    )
    orders, dates = reading.orders_of(table, plan, str(answers.get("date_order", "")))
    tiers, unknown = _tiers(reading.tier_names(table, plan), answers.get("tiers", {}), version.programme)
    sign = decimal_sign(reading.column(table, plan, "points"))
    plan = Plan(plan.mapping, plan.zone, plan.now, sign, orders, tiers, plan.ends_at)
    return File(table, plan, Asked(dates, unknown))


def _end_of(day: str, zone: ZoneInfo) -> datetime | None:
    """Points that end on a day can be used all of that day."""
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(0), zone) if day else None


def _tiers(names: Iterable[str], said: dict[str, str], programme: Programme) -> tuple[dict[str, str], tuple[str, ...]]:
    """The keys of our tiers by the file's names in lower case, and the names that nobody can tell."""
    own = {tier.name.lower(): tier.id for tier in programme.tiers} | {
        tier.id.lower(): tier.id for tier in programme.tiers
    }
    keys = {tier.id for tier in programme.tiers} | {""}
    answered = {name: key for name, key in said.items() if key in keys}
    known = {name.lower(): answered.get(name.lower(), own.get(name.lower())) for name in names}
    unknown = tuple(name for name in names if known[name.lower()] is None)
    return {name: key for name, key in known.items() if key is not None}, unknown


def meet(store: Store, one: Import, rows: Sequence[Incoming]) -> Met:
    """Who the rows speak of, in five queries however many rows."""
    customers = customers_of(store, rows)
    ids = set(customers.values())
    members = {member.customer_id: member for member in Member.objects.of(store).filter(customer_id__in=ids)}
    booked = Entry.objects.of(store).filter(source__in=[source_of(row) for row in rows])
    before = Entry.objects.of(store).filter(account__customer_id__in=ids, reason=REASON, source__startswith="import:")
    came = {
        customer_id
        for customer_id, snapshot in before.values_list("account__customer_id", "snapshot")
        if snapshot.get("family") != one.family
    }
    return Met(customers, members, set(booked.values_list("source", flat=True)), came)


def customers_of(store: Store, rows: Sequence[Incoming]) -> dict[str, int]:
    """The customer of each person of the rows whom we know: by e-mail, phone, or number in a shop system."""
    wanted = {row.person: _identities(store, row) for row in rows}
    by_kind: dict[str, set[str]] = {}
    for identities in wanted.values():
        for kind, value in identities:
            by_kind.setdefault(kind, set()).add(value)
    named = Q()
    for kind, values in by_kind.items():
        named |= Q(kind=kind, value__in=values)
    found = Identity.objects.of(store).filter(named) if by_kind else Identity.objects.none()
    known = {(kind, value): owner for kind, value, owner in found.values_list("kind", "value", "customer_id")}
    met = {
        person: next((known[each] for each in identities if each in known), None)
        for person, identities in wanted.items()
    }
    return {person: owner for person, owner in met.items() if owner is not None}


def _identities(store: Store, row: Incoming) -> list[tuple[str, str]]:
    kinds = Identity.Kind
    numbers = [(kinds.SHOP.value, shop_identity(shop, row.number)) for shop in shops(store)] if row.number else []
    return [
        each
        for each in (
            *numbers,
            (kinds.EMAIL.value, normal_email(row.email) if row.email else ""),
            (kinds.PHONE.value, normal_phone(row.phone, store.country) if row.phone else ""),
        )
        if each[1]
    ]


def shops(store: Store) -> tuple[str, ...]:
    """Shop systems whose customer numbers a file may name."""
    held: tuple[str, ...] | None = getattr(store, "_shops_of_imports", None)
    if held is None:
        connected = Connection.objects.of(store).values_list("source", flat=True)
        held = tuple(dict.fromkeys([*_SHOPS, *connected]))
        store._shops_of_imports = held  # type: ignore[attr-defined]  # kept for the length of a request or a part
    return held


def why_not(row: Incoming, met: Met, one: Import) -> str:
    """Why a sound row is not taken, as the shop stands now; "" when it is."""
    customer_id = met.customers.get(row.person)
    if customer_id is None:
        if not (row.email or row.phone):
            return f"No customer of your shop has the number {row.number}. Add an e-mail address to make one."
        return ""
    member = met.members.get(customer_id)
    if member and member.left_at:
        return f"Left your programme on {member.left_at:%Y-%m-%d}, and is not brought back."
    if new_points(row, met) and customer_id in met.came_before and one.again == Import.Again.LEAVE:
        return (
            "Came with other points in an earlier file. Adjust the points on the member's page, or let them be added."
        )
    return ""


def is_known(row: Incoming, met: Met) -> bool:
    """Nothing in it is new: its points are booked, and what else it says is known of the member."""
    member = met.members.get(met.customers.get(row.person, 0))
    if member is None or new_points(row, met):
        return False
    return (
        (row.birthday is None or member.birth_month is not None)
        and (not row.code or row.code.upper() == member.referral_code.upper())
        and (not row.tier or row.tier == member.tier)
        and (row.joined_at is None or row.joined_at >= member.joined_at)
    )


def new_points(row: Incoming, met: Met) -> int:
    """Those that are not booked yet."""
    return 0 if source_of(row) in met.booked else row.points


def preview(store: Store, one: Import, file: File) -> Preview:
    """What carrying it out now would do."""
    rows = file.rows()
    seen = Preview(rows=len(rows), refused=[row for row in rows if isinstance(row, Refused)])
    sound = [row for row in rows if isinstance(row, Incoming)]
    new: set[str] = set()
    for start in range(0, len(sound), SET):
        part = sound[start : start + SET]
        met = meet(store, one, part)
        for row in part:
            if _count(seen, row, met, one, new) and (points := new_points(row, met)):
                seen.ends[_month(row.expires_at, file.plan.zone)] += points
    seen.refused.sort(key=lambda row: row.line)
    return seen


def _month(ends_at: datetime | None, zone: ZoneInfo) -> str:
    """The month in which points can be used last, as "2026-12"."""
    return f"{(ends_at - timedelta(microseconds=1)).astimezone(zone):%Y-%m}" if ends_at else ""


def _count(seen: Preview, row: Incoming, met: Met, one: Import, new: set[str]) -> bool:
    """Whether the row is taken."""
    if is_known(row, met):
        seen.known += 1
        return False
    if why := why_not(row, met, one):
        seen.refused.append(Refused(row.line, row.raw, why))
        return False
    customer_id = met.customers.get(row.person)
    is_new = customer_id not in met.members and row.person not in new
    seen.new_customers += customer_id is None and row.person not in new
    seen.new_members += is_new
    seen.members += not is_new
    new.add(row.person)
    seen.points += new_points(row, met)
    seen.tiers.update([row.tier] if row.tier else [])
    seen.birthdays += row.birthday is not None
    seen.codes += bool(row.code)
    return True
