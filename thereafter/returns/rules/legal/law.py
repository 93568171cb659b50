"""The law of returns as data, from `law.json`: which rights hold in which country, since which day. Plain Python.

An engineering reading, not legal advice. A right is that of the day of the contract: a later rule for the same country
replaces an earlier one for contracts since then.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

_FILE = Path(__file__).with_name("law.json")
# Codes that shops write for a country of ISO 3166.
_ALSO = {"UK": "GB", "EL": "GR"}


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    seen: Literal["page", "knowledge"]


class Exempt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Goods that the right of withdrawal leaves out, by their flag; `unsealed`: only once the seal is broken."""

    article: str
    when: Literal["always", "unsealed"] = "always"


class Regime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A right of withdrawal. `rolls`: a period that ends on a day off ends on the next working day."""

    key: str
    countries: tuple[str, ...]
    since: date
    days: int
    rolls: bool
    uninformed_months: int
    refund_days: int
    refund_from: Literal["notice", "goods_or_proof"]
    may_wait: bool
    send_back_days: int
    postage: Literal["shopper_if_told", "shop"]
    shipping_refunded: Literal["standard", "all"]
    deducts_if_informed: bool
    articles: Mapping[str, str]
    exceptions: Mapping[str, Exempt]


class RepairRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By how many months a repair prolongs the guarantee: the first, the second ...; nothing beyond the list."""

    since: date
    months: tuple[int, ...]
    article: str


class Guarantee(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long goods must conform, and for how long a defect is presumed to have been there from the start."""

    key: str
    countries: tuple[str, ...]
    since: date
    months: int
    presumed_months: int
    free_remedy: bool
    repairs: tuple[RepairRule, ...]
    articles: Mapping[str, str]
    reject_days: int = 0
    no_use_deduction_months: int = 0
    note: str = ""


class Function(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The two-step withdrawal function; `labels` by language: the link, and the button that confirms."""

    since: date
    countries: tuple[str, ...]
    article: str
    asks: tuple[str, ...]
    note: str
    labels: Mapping[str, tuple[str, str]]


class Disclosure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    country: str
    region: str
    text: str
    seen: Literal["page", "knowledge"]


class Law(msgspec.Struct, frozen=True, forbid_unknown_fields=True, eq=False):
    """Everything in `law.json`."""

    version: str
    about: str
    groups: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, Source]
    withdrawal: tuple[Regime, ...]
    # Countries of which it is known that there is no right, with what to know instead.
    without: Mapping[str, str]
    disclosure: tuple[Disclosure, ...]
    function: Function
    guarantee: tuple[Guarantee, ...]

    def regime(self, country: str, on: date) -> Regime | None:
        """The right of withdrawal of contracts made on a day; None where none is known."""
        return _regime(self, country, on)

    def guarantee_of(self, country: str, on: date) -> Guarantee | None:
        return _guarantee(self, country, on)

    def requires_function(self, country: str, today: date) -> bool:
        """Whether shops must offer the withdrawal function to consumers there."""
        return today >= self.function.since and _names(self.function.countries, self.groups, country) > 0

    def notes(self, country: str, region: str = "") -> list[str]:
        """What a merchant should know besides, as sentences: states' disclosure laws."""
        code = iso(country)
        told = [self.without[code]] if code in self.without else []
        return told + [one.text for one in self.disclosure if one.country == code and one.region in {"", region}]

    def labels(self, language: str) -> tuple[str, str]:
        """The two labels of the withdrawal function, in English where the language has none."""
        return self.function.labels.get(language.partition("-")[0].lower(), self.function.labels["en"])


@lru_cache(maxsize=1)
def current() -> Law:
    """The law as it comes with this version."""
    return read(_FILE.read_bytes())


def read(text: bytes | str) -> Law:
    """A law from JSON; raises `msgspec.ValidationError`, which names the place."""
    return msgspec.json.decode(text, type=Law)


def iso(country: str) -> str:
    code = country.strip().upper()
    return _ALSO.get(code, code)


@lru_cache(maxsize=8192)
def _regime(law: Law, country: str, on: date) -> Regime | None:
    return _of(law.withdrawal, law.groups, country, on)


@lru_cache(maxsize=8192)
def _guarantee(law: Law, country: str, on: date) -> Guarantee | None:
    return _of(law.guarantee, law.groups, country, on)


_Rule = TypeVar("_Rule", Regime, Guarantee)


def _of(rules: Iterable[_Rule], groups: Mapping[str, tuple[str, ...]], country: str, on: date) -> _Rule | None:
    """A rule for the country itself goes before one for its group, a later one before an earlier."""
    code = iso(country)
    fitting = [(_names(one.countries, groups, code), one.since, one) for one in rules if one.since <= on]
    best = max((each for each in fitting if each[0]), key=lambda each: each[:2], default=None)
    return best[2] if best else None


def _names(countries: Iterable[str], groups: Mapping[str, tuple[str, ...]], country: str) -> int:
    """2: the country is named, 1: its group is, 0: neither."""
    code = iso(country)
    if code in countries:
        return 2
    return int(any(code in groups.get(name, ()) for name in countries))
