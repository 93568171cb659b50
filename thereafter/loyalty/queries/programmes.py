"""The programme of a store: as it is, and as it was when an order was placed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from thereafter.kit import clock
from thereafter.loyalty.models import Programme as ProgrammeRow
from thereafter.loyalty.models import ProgrammeVersion
from thereafter.loyalty.rules import programme as rules
from thereafter.loyalty.rules.programme import Programme
from thereafter.stores.models import Store

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Version:
    """Rules in force from a moment on; number 0 is what every store has before it publishes its own."""

    number: int
    programme: Programme
    from_at: datetime = LONG_AGO

    @property
    def zone(self) -> ZoneInfo:
        return clock.zone(self.programme.tz)


@dataclass(frozen=True)
class Versions:
    """All versions of a store, the oldest first; never empty."""

    listed: Sequence[Version]

    @property
    def newest(self) -> Version:
        return self.listed[-1]

    def at(self, moment: datetime) -> Version:
        return next(one for one in reversed(self.listed) if one.from_at <= moment)

    @property
    def know_tiers(self) -> bool:
        return any(one.programme.tiers for one in self.listed)


def versions(store_id: int) -> Versions:
    rows = ProgrammeVersion.objects.of(store_id).order_by("from_at", "number")
    listed = list(rows.values_list("number", "from_at", "document", "store__time_zone"))
    tz = listed[0][3] if listed else Store.objects.values_list("time_zone", flat=True).get(pk=store_id)
    known = [_version(number, from_at, json.dumps(document), tz) for number, from_at, document, _ in listed]
    return Versions([_default(tz), *known])


@lru_cache(maxsize=2048)
def _version(number: int, from_at: datetime, document: str, tz: str) -> Version:
    """By what it says, not by its row: in another database the same row may hold another programme."""
    return Version(number, rules.read(json.loads(document), tz=tz), from_at)


@lru_cache(maxsize=64)
def _default(tz: str) -> Version:
    return Version(0, rules.read(rules.DEFAULT, tz=tz))


def programme_now(store_id: int) -> Version:
    return versions(store_id).newest


def programme_at(store_id: int, at: datetime) -> Version:
    return versions(store_id).at(at)


def row_of(store_id: int) -> ProgrammeRow | None:
    return ProgrammeRow.objects.of(store_id).first()
