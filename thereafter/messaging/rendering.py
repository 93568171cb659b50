"""Compiled Liquid and facts in, a finished message out. About a third of a millisecond each."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache, partial
from io import StringIO
from typing import Any, TextIO

from babel.core import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from liquid import BoundTemplate, Environment, RenderContext, Token
from liquid.context import UNDEFINED  # type: ignore[attr-defined]  # the stubs know only the base class
from liquid.exceptions import LiquidError, OutputStreamLimitError
from markupsafe import Markup

from thereafter.kit.money import Money
from thereafter.messaging import liquid_limits, rules
from thereafter.messaging.plaintext import tidy


class CannotRender(ValueError):
    """The template and the facts do not go together, or it writes too much; the text says which."""


class _Buffer(StringIO):
    """Counts characters: counting bytes, as the library does, encodes every piece once for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.left = liquid_limits.MOST_CHARACTERS

    def write(self, text: str) -> int:
        self.left -= len(text)
        if self.left < 0:
            raise OutputStreamLimitError("the message is too long", token=None)
        return super().write(text)


class _Context(RenderContext):
    """Looks facts up in plain dictionaries directly, and leaves whatever else there is to the library."""

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        try:
            found: Any = self.scope[path[0]]  # type: ignore[index]  # scope is a plain dictionary here
            for key in path[1:]:
                if type(found) is not dict:
                    return super().get(path, token=token, default=default)
                found = found[key]
        except (KeyError, TypeError):
            return super().get(path, token=token, default=default)
        return found

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        return _Buffer()


class _Template(BoundTemplate):
    context_class = _Context

    def _get_buffer(self) -> StringIO:
        return _Buffer()


class _Limited(Environment):
    loop_iteration_limit = liquid_limits.MOST_ITEMS
    local_namespace_limit = liquid_limits.MOST_KEPT
    template_class = _Template


@dataclass(frozen=True)
class Rendered:
    subject: str
    html: str
    text: str
    extras: Mapping[str, str] = field(default_factory=dict)


def render(fingerprint: str, sources: Mapping[str, str], facts: Mapping[str, Any], locale: str) -> Rendered:
    """`sources` are the Liquid of subject, html, text and whatever else, parsed once per fingerprint; without html,
    text is the whole message. Raises `CannotRender`."""
    try:
        parsed = _templates(fingerprint, sources, locale)
        said = {name: template.render(facts) for name, template in parsed.items()}
        page, text = said.pop("html"), tidy(said.pop("text"))
        subject = rules.one_line(said.pop("subject"))
        extras = {name: rules.one_line(value) for name, value in said.items()}
        return Rendered(subject, page, text if page else text.strip(), extras)
    except (LiquidError, ValueError, TypeError, LookupError, ArithmeticError) as error:
        raise CannotRender(str(error).splitlines()[0]) from error


def names_in(*sources: str) -> set[str]:
    """The facts that Liquid asks for, as "order" and "links.account" (two levels for links); raises `LiquidError`."""
    named: set[str] = set()
    for path in paths_in(*sources):
        root, _, rest = path.partition(".")
        named.add(f"links.{rest.partition('.')[0]}" if root == "links" and rest else root)
    return named


# What publishing puts in place of, before Liquid sees it.
_OURS = ("t", "brand")


def paths_in(*sources: str) -> set[str]:
    """Every fact that Liquid asks for, as "customer.first_name"; raises `LiquidError`."""
    environment = _environment("en", autoescape=False)
    paths = (path for source in sources for path in environment.from_string(source).global_variable_segments())
    return {".".join(str(part) for part in path if isinstance(part, str)) for path in paths if path[0] not in _OURS}


def in_words(error: Exception) -> str:
    """What Liquid says is wrong, as a sentence with the line it is in."""
    token = getattr(error, "token", None)
    said = str(error.args[0] if error.args else error).splitlines()[0]
    if token is None:
        return f"Liquid: {said}"
    line = token.source.count("\n", 0, max(token.start_index, 0)) + 1
    return f"Liquid, line {line}: {said}"


Templates = dict[str, BoundTemplate]
_parsed: dict[tuple[str, str], Templates] = {}
_MOST_PARSED = 512


def _templates(fingerprint: str, sources: Mapping[str, str], locale: str) -> Templates:
    known = _parsed.get((fingerprint, locale))
    if known is None:
        if len(_parsed) >= _MOST_PARSED:
            _parsed.clear()
        known = _parsed[fingerprint, locale] = _parse(sources, locale)
    return known


def _parse(sources: Mapping[str, str], locale: str) -> Templates:
    return {
        name: _environment(locale, autoescape=name == "html").from_string(source) for name, source in sources.items()
    }


@lru_cache(maxsize=128)
def _environment(locale: str, *, autoescape: bool) -> Environment:
    environment = _Limited(autoescape=autoescape)
    for name, make in _FILTERS.items():
        environment.add_filter(name, make(locale.replace("-", "_")))
    liquid_limits.limit(environment)
    return environment


def _money(locale: str) -> Callable[[Any, str], str]:
    @lru_cache(maxsize=4096)
    def money(minor: int, currency: str) -> str:
        """{{ order.total_minor | money: order.currency }}"""
        return Money(int(minor), currency).format(locale)

    return lambda minor, currency: money(minor, str(currency)) if isinstance(minor, int) and currency else ""


def _day(locale: str) -> Callable[[Any], str]:
    pattern = _without_year(Locale.parse(locale).date_formats["full"].pattern)

    @lru_cache(maxsize=1024)
    def day(value: str) -> str:
        """{{ order.expected_on | day }}: Tuesday, March 3 as the language says it."""
        on = datetime.fromisoformat(value).date() if "T" in value else date.fromisoformat(value)
        return format_date(on, pattern, locale=locale)

    return lambda value: day(str(value)) if value else ""


def _without_year(pattern: str) -> str:
    """EEEE, d 'de' MMMM 'de' y without its end; a language that puts the year first keeps it."""
    return re.sub(r"[,\s]*(?:'[^']*'\s*)?y+\s*$", "", pattern)


def _number(locale: str) -> Callable[[Any], str]:
    said = lru_cache(maxsize=1024)(partial(format_decimal, locale=locale))
    return lambda value: said(value) if isinstance(value, int | float) else str(value or "")


def _json_ld(locale: str) -> Callable[[Any], str]:
    """{{ parcel_delivery.document | json_ld }} inside a script element: nothing in it can end the element."""

    def json_ld(value: Any) -> str:
        written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        for sign in "<>&":
            written = written.replace(sign, f"\\u{ord(sign):04x}")
        return Markup(written)  # noqa: S704 JSON without a sign of HTML

    return json_ld


_FILTERS: dict[str, Callable[[str], Callable[..., str]]] = {
    "money": _money,
    "day": _day,
    "number": _number,
    "json_ld": _json_ld,
}
