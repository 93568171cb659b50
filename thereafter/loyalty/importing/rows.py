"""Rows of a file as members to bring in, or with the reason why not. Plain Python: the database is asked elsewhere."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from thereafter.loyalty.importing import values
from thereafter.loyalty.importing.tables import Raw, Table
from thereafter.loyalty.importing.values import BadCell, is_nothing

DATES = ("expires", "joined", "birthday")
_OUT = {"disabled", "blocked", "banned", "excluded"}
_NOT_IN = {"candidate", "guest", "false", "no", "0", "n", "optedout", "notenrolled"}
_EMAIL = re.compile(r"^[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+$")


@dataclass(frozen=True)
class Plan:
    """How a file is read: which column is what, and what the merchant answered where it can be read in two ways."""

    mapping: Mapping[str, str]
    zone: ZoneInfo
    now: datetime
    sign: str = ""
    orders: Mapping[str, str] = field(default_factory=dict)
    # The names of the file, in lower case, to the keys of the programme's tiers; "" is none.
    tiers: Mapping[str, str] = field(default_factory=dict)
    # The end of points where the file names none.
    ends_at: datetime | None = None

    def cell(self, raw: Raw, name: str) -> str:
        return raw.get(self.mapping.get(name, ""), "").strip()


@dataclass(frozen=True)
class Incoming:
    """A member of the other programme. `tier` is a key of ours, None where the file does not say."""

    line: int
    raw: Raw
    email: str
    phone: str
    number: str
    name: str
    points: int
    expires_at: datetime | None
    tier: str | None
    birthday: tuple[int, int] | None
    code: str
    joined_at: datetime | None

    @property
    def person(self) -> str:
        return self.email or self.phone or self.number

    @property
    def key(self) -> str:
        """The same for the same person, points and end, in whichever file and line: booked once."""
        end = self.expires_at.isoformat() if self.expires_at else ""
        return hashlib.sha256(f"{self.person}\n{self.points}\n{end}".encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Refused:
    """A row that is not taken. `is_left_out`: nothing is wrong with it, there is only nothing to bring."""

    line: int
    raw: Raw
    reason: str
    is_left_out: bool = False


@dataclass(frozen=True)
class Asked:
    """What has to be answered before a file can be read."""

    dates: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.dates or self.tiers)


def column(table: Table, plan: Plan, name: str) -> list[str]:
    """What stands in the column of a field, where anything does."""
    cells = (plan.cell(raw, name) for _, raw in table.rows)
    return [cell for cell in cells if not is_nothing(cell)] if plan.mapping.get(name) else []


def orders_of(table: Table, plan: Plan, said: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Which comes first in the dates of each column, and the columns that nobody can tell it of."""
    found = {name: values.date_order(plan.mapping.get(name, ""), column(table, plan, name)) for name in DATES}
    asked = tuple(plan.mapping[name] for name, order in found.items() if order is None)
    return {name: said if order is None else order for name, order in found.items()}, () if said else asked


def tier_names(table: Table, plan: Plan) -> list[str]:
    """The tiers that the file names, each once, in the order they come."""
    return list(dict.fromkeys(column(table, plan, "tier")))


def read(table: Table, plan: Plan) -> list[Incoming | Refused]:
    """Each row as what it brings; a row that says what another one said of the same points is left out."""
    seen: dict[tuple[str, datetime | None], Incoming] = {}
    return [_once(_read(line, raw, plan), seen) for line, raw in table.rows]


def _once(row: Incoming | Refused, seen: dict[tuple[str, datetime | None], Incoming]) -> Incoming | Refused:
    if isinstance(row, Refused):
        return row
    first = seen.setdefault((row.person, row.expires_at), row)
    if first is row:
        return row
    if first.points == row.points:
        return Refused(row.line, row.raw, f"Line {first.line} says the same.", is_left_out=True)
    return Refused(
        row.line,
        row.raw,
        f"Line {first.line} gives {row.person} {first.points} points, this one {row.points} that end at the same time. "
        "Keep the one that is right.",
    )


def _read(line: int, raw: Raw, plan: Plan) -> Incoming | Refused:
    try:
        row = _incoming(line, raw, plan)
    except BadCell as wrong:
        return Refused(line, raw, str(wrong))
    why, is_left_out = _why_not(row, _status(raw, plan), plan.now)
    return Refused(line, raw, why, is_left_out) if why else row


def _incoming(line: int, raw: Raw, plan: Plan) -> Incoming:
    texts = {name: _text(plan.cell(raw, name)) for name in plan.mapping}
    return Incoming(
        line=line,
        raw=raw,
        email=_email(texts.get("email", "")),
        phone=texts.get("phone", ""),
        number=texts.get("number", ""),
        name=texts.get("name") or f"{texts.get('first_name', '')} {texts.get('last_name', '')}".strip(),
        points=values.points(texts["points"], plan.sign) if texts.get("points") else 0,
        expires_at=_moment(texts, "expires", plan, ends=True) or plan.ends_at,
        tier=_tier(texts.get("tier", ""), plan),
        birthday=values.birthday(texts["birthday"], plan.orders.get("birthday", "")) if texts.get("birthday") else None,
        code=values.code(texts.get("code", "")),
        joined_at=_moment(texts, "joined", plan),
    )


def _text(cell: str) -> str:
    return "" if is_nothing(cell) else cell


def _email(text: str) -> str:
    if text and not _EMAIL.match(text):
        raise BadCell(f"“{text[:60]}” is no e-mail address.")
    return text.lower()


def _moment(texts: Mapping[str, str], name: str, plan: Plan, *, ends: bool = False) -> datetime | None:
    text = texts.get(name, "")
    return values.moment(text, plan.orders.get(name, ""), plan.zone, ends=ends) if text else None


def _tier(name: str, plan: Plan) -> str | None:
    return plan.tiers.get(name.lower()) if name else None


def _status(raw: Raw, plan: Plan) -> str:
    return re.sub(r"[^a-z0-9]", "", plan.cell(raw, "status").lower())


def _why_not(row: Incoming, status: str, now: datetime) -> tuple[str, bool]:
    """(sentence, whether nothing is wrong with it), or ("", False)."""
    if not row.person:
        return "The row does not say whose it is: there is no e-mail address, phone or customer number.", False
    if status in _OUT:
        return "Was shut out of the other programme.", True
    if status in _NOT_IN and row.points <= 0:
        return "Did not take part in the other programme and has no points.", True
    return _impossible(row, now), False


def _impossible(row: Incoming, now: datetime) -> str:
    if row.points < 0:
        return f"The balance is below nought ({row.points}). Write 0 to bring the member without points."
    if row.points and row.expires_at and row.expires_at <= now:
        return f"The points ended on {row.expires_at:%Y-%m-%d}. Write another end, or 0 points."
    if row.joined_at and row.joined_at > now:
        return f"Member since {row.joined_at:%Y-%m-%d} is in the future."
    return ""
