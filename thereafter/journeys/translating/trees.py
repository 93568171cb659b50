"""From the syntax tree of a condition to an expression over customers."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from thereafter.journeys.rules import dialect, vocabulary
from thereafter.journeys.rules.conditions import BadCondition, Condition
from thereafter.journeys.rules.naming import key_of, place_in
from thereafter.journeys.rules.trees import Node
from thereafter.journeys.translating import lists, pieces, sources, times
from thereafter.journeys.translating.pieces import Found, Piece
from thereafter.journeys.translating.sources import Here
from thereafter.journeys.translating.sql import (
    NUMBER,
    Sql,
    Trait,
    both,
    compared,
    day,
    either,
    flag,
    in_order,
    known,
    negated,
    nothing,
    unless_unknown,
)
from thereafter.journeys.translating.times import Time

_SIGNS = {"_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">="}
_SUMS = {"_+_": "+", "_-_": "-", "_*_": "*"}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
# A pattern that is only a text, perhaps with its beginning or its end.
_PLAIN = re.compile(r"(\^?)((?:[\w\s@-]|\\[^\w\s])*)(\$?)")
_CANNOT = "A segment cannot be asked that: the database has no {what}. Say it in another way."


class Translator:
    def __init__(self, here: Here, condition: Condition) -> None:
        self.here, self.condition = here, condition
        self._at = -1

    def answer(self) -> Any:
        return self._flag(self.condition.tree)

    def refuse(self, what: str) -> BadCondition:
        return BadCondition(what, *place_in(self.condition.text, self._at))

    def piece(self, node: Node) -> Found:
        self._at = node.at if node.at >= 0 else self._at
        shapes: dict[str, Callable[[Node], Found]] = {
            "value": self._value,
            "name": self._name,
            "field": self._of_map,
            "has": self._has,
            "call": self._call,
        }
        if node.kind not in shapes:
            wanted = {"loop": "exists(…) and all(…)", "list": "lists of its own"}.get(node.kind, "such values")
            raise self.refuse(_CANNOT.format(what=wanted))
        try:
            return shapes[node.kind](node)
        except times.TooMany:
            raise self.refuse("A segment compares at most two moments at a time, and spans with a fixed one.") from None
        except (OverflowError, ValueError) as error:
            if isinstance(error, BadCondition):
                raise
            return pieces.unknown(node.type)

    # ------------------------------------------------------------------ names

    def _value(self, node: Node) -> Found:
        if isinstance(node.what, bool):
            return Piece("flag", flag(node.what), node.what, is_fixed=True)
        if isinstance(node.what, int | float):
            return pieces.number(node.what)
        if isinstance(node.what, str):
            if "\0" in node.what:
                raise self.refuse("There is a character in this text that no text can have.")
            return pieces.text(node.what)
        if node.what is None:
            return Piece("null", None)
        raise self.refuse(_CANNOT.format(what="bytes"))

    def _name(self, node: Node) -> Found:
        if node.what == "now":
            return times.fixed(self.here.now)
        if node.what in sources.LISTS:
            raise self.refuse(f"{node.what} is a list. Ask 'something' in {node.what}.")
        field = vocabulary.segment().fields.get(node.what)
        if field is None or node.what not in sources.FIELDS:
            raise self.refuse(f"A segment cannot ask for {node.what}; it is only known one by one.")
        sql = sources.FIELDS[node.what](self.here)
        return Time("moment", plus=sql) if field.kind == "moment" else Piece(field.kind, sql)

    def _of_map(self, node: Node) -> Found:
        """trait.tier, trait['loyalty.points'], happened['order.placed']."""
        asked = key_of(node)
        if asked is None:
            raise self.refuse(_CANNOT.format(what="parts of parts"))
        root, key = asked
        if root == "trait":
            return self._trait(key)
        sql = sources.MAPS[root](self.here, key)
        return Time("moment", plus=sql) if vocabulary.segment().maps[root].kind == "moment" else Piece("number", sql)

    def _trait(self, key: str) -> Trait:
        if not key or not key.isprintable() or set('"\\') & set(key):
            raise self.refuse("The name of a trait has letters, digits, dots and dashes.")
        return Trait(key)

    def _has(self, node: Node) -> Piece:
        asked = key_of(node)
        if asked is None:
            raise self.refuse(_CANNOT.format(what="parts of parts"))
        root, key = asked
        if root == "trait":
            return Piece("flag", self._trait(key).known())
        if root in sources.MAPS:
            return Piece("flag", known(sources.MAPS[root](self.here, key)))
        name = f"customer.{key}" if root.endswith("ustomer") else f"{root}.{key}"
        field = vocabulary.segment().fields.get(name)
        if field and field.may_miss and name in sources.FIELDS:
            return Piece("flag", known(sources.FIELDS[name](self.here)))
        return Piece("flag", flag(True), True, is_fixed=True)

    # ------------------------------------------------------------------ calls

    def _call(self, node: Node) -> Found:
        name = node.what
        if name in _SIGNS:
            return Piece("flag", self._ordered(_SIGNS[name], *map(self.piece, node.parts)))
        if name in times.PARTS:
            return self._part(node)
        works: dict[str, Callable[[Node], Found]] = {
            "_&&_": self._and,
            "_||_": self._or,
            "!_": self._not,
            "_?_:_": self._choice,
            "_==_": self._equal,
            "_!=_": self._unequal,
            "@in": self._in,
            "_[_]": self._of_map,
            "_+_": self._sum,
            "_-_": self._sum,
            "_*_": self._sum,
            "_/_": self._sum,
            "_%_": self._sum,
            "-_": self._negative,
            "contains": self._search,
            "startsWith": self._search,
            "endsWith": self._search,
            "matches": self._matches,
            "lower": self._lower,
            "size": self._size,
            "days": self._span,
            "hours": self._span,
            "duration": self._duration,
            "date": self._date,
            "timestamp": self._timestamp,
            "dyn": lambda node: self.piece(node.parts[0]),
        }
        if name not in works:
            raise self.refuse(_CANNOT.format(what=f"{name.strip('_')}()"))
        return works[name](node)

    def _flag(self, node: Node) -> Any:
        found = self.piece(node)
        if isinstance(found, Trait):
            return found.flag()
        return found.sql if isinstance(found, Piece) and found.kind == "flag" else nothing()

    def _and(self, node: Node) -> Piece:
        return Piece("flag", both(*map(self._flag, node.parts)))

    def _or(self, node: Node) -> Piece:
        return Piece("flag", either(*map(self._flag, node.parts)))

    def _not(self, node: Node) -> Piece:
        return Piece("flag", negated(self._flag(node.parts[0])))

    def _choice(self, node: Node) -> Piece:
        ask, yes, no = node.parts
        if node.type not in {"flag", "any"}:
            raise self.refuse("In a segment both answers of … ? … : … are yes or no.")
        case = "(CASE WHEN {0} THEN {1} WHEN NOT {0} THEN {2} END)"
        return Piece("flag", Sql(case, *map(self._flag, (ask, yes, no))))

    def _equal(self, node: Node) -> Piece:
        return Piece("flag", self._equality(*map(self.piece, node.parts)))

    def _unequal(self, node: Node) -> Piece:
        return Piece("flag", negated(self._equality(*map(self.piece, node.parts))))

    def _equality(self, one: Found, two: Found) -> Any:
        if isinstance(two, Trait):
            one, two = two, one
        if isinstance(one, Trait):
            return self._trait_is(one, two)
        if isinstance(one, Time) and isinstance(two, Time):
            return times.compare("=", one, two)
        if not isinstance(one, Piece) or not isinstance(two, Piece) or one.kind != two.kind:
            raise self.refuse("These two are not of one kind, so they are never equal.")
        if one.is_fixed and two.is_fixed:
            return flag(one.value == two.value)
        return compared("=", one.sql, two.sql)

    def _trait_is(self, trait: Trait, other: Found) -> Any:
        if isinstance(other, Trait):
            raise self.refuse("A segment cannot compare two traits with each other.")
        if isinstance(other, Time):
            raise self.refuse("A trait is text or a number. Write date(trait.…) to compare it with a moment.")
        if other.kind == "null":
            return unless_unknown(pieces.yes(trait.known()), trait.is_null())
        own = {"number": trait.number, "text": trait.text, "flag": trait.flag}[other.kind]()
        return trait.equals(own, other.sql)

    def _ordered(self, sign: str, one: Found, two: Found) -> Any:
        if isinstance(one, Time) and isinstance(two, Time):
            return times.compare(sign, one, two)
        if isinstance(one, Trait) and isinstance(two, Trait):
            raise self.refuse("A segment cannot compare two traits with each other.")
        kinds = {found.kind for found in (one, two) if isinstance(found, Piece)}
        if kinds == {"text"}:
            return in_order(sign, self._as(one, "text").sql, self._as(two, "text").sql)
        if kinds == {"number"}:
            left, right = self._as(one, "number"), self._as(two, "number")
            if left.is_fixed and right.is_fixed:
                return flag(pieces.ORDER[sign](left.value, right.value))
            return compared(sign, left.sql, right.sql)
        return nothing()

    def _as(self, found: Found, kind: str) -> Piece:
        """As a number or text; a trait that is none is an error, and so is NULL."""
        if isinstance(found, Trait):
            return Piece(kind, found.number() if kind == "number" else found.text())
        if isinstance(found, Piece) and found.kind == kind:
            return found
        return pieces.unknown(kind)  # type: ignore[return-value]  # of these two kinds it is a piece

    def _in(self, node: Node) -> Piece:
        member, where = node.parts
        if where.kind == "list":
            return Piece("flag", self._among(self.piece(member), where.parts))
        asked = key_of(node)
        if asked and asked[0] == "trait":
            return Piece("flag", self._trait(asked[1]).known())
        if asked and asked[0] in sources.MAPS:
            return Piece("flag", known(sources.MAPS[asked[0]](self.here, asked[1])))
        wanted = self.piece(member)
        if not isinstance(wanted, Piece) or not wanted.is_fixed:
            raise self.refuse("In a segment, what stands before in is a fixed text or number.")
        if where.kind == "name" and where.what in sources.LISTS:
            return Piece("flag", sources.LISTS[where.what](self.here, str(wanted.value)))
        found = self.piece(where)
        if not isinstance(found, Trait):
            raise self.refuse("What stands after in is a list, or a trait that is one.")
        return Piece("flag", found.has(wanted.value))

    def _among(self, member: Found, items: Sequence[Node]) -> Any:
        answer: Any = None
        for item in items:
            is_it = self._equality(member, self.piece(item))
            answer = is_it if answer is None else either(answer, is_it)
        if answer is not None:
            return answer
        if isinstance(member, Trait):
            return unless_unknown(pieces.yes(member.known()), flag(False))
        asked = member.plus if isinstance(member, Time) else member.sql
        return flag(False) if asked is None else unless_unknown(asked, flag(False))

    # --------------------------------------------------------- numbers and texts

    def _sum(self, node: Node) -> Found:
        one, two = map(self.piece, node.parts)
        if isinstance(one, Time) and isinstance(two, Time):
            if node.what not in {"_+_", "_-_"}:
                raise self.refuse("Moments and spans are only added and taken away.")
            return times.added(one, two if node.what == "_+_" else times.negative(two), node.type)
        if "text" in {found.kind for found in (one, two) if isinstance(found, Piece)}:
            if isinstance(one, Piece) and isinstance(two, Piece) and one.is_fixed and two.is_fixed:
                return pieces.text(one.value + two.value)
            raise self.refuse(_CANNOT.format(what="texts put together"))
        left, right = self._as(one, "number"), self._as(two, "number")
        if left.is_fixed and right.is_fixed:
            return pieces.number(pieces.worked_out(node.what, left.value, right.value))
        if node.what in {"_/_", "_%_"}:
            return self._quotient(node, left, right)
        return Piece("number", Sql(f"({{0}} {_SUMS[node.what]} {{1}})", left.sql, right.sql, gives=NUMBER))

    def _quotient(self, node: Node, left: Piece, right: Piece) -> Piece:
        if node.type == "whole":
            raise self.refuse("Write one of these numbers with a point, 2.0, so that it is clear how to divide.")
        if node.what == "_%_":
            rest = "MOD(({0})::numeric, NULLIF(({1})::numeric, 0))::double precision"
            return Piece("number", Sql(rest, left.sql, right.sql, gives=NUMBER, lite="MOD({0}, NULLIF({1}, 0))"))
        if not right.is_fixed:
            # What is divided by nothing is endless in CEL, and nothing or an error in a database.
            raise self.refuse("A segment divides by a fixed number. For the average see customer.average_order.")
        return Piece("number", Sql("({0} / {1})", left.sql, right.sql, gives=NUMBER))

    def _negative(self, node: Node) -> Found:
        found = self.piece(node.parts[0])
        if isinstance(found, Time):
            return times.negative(found)
        number = self._as(found, "number")
        return (
            pieces.number(-number.value)
            if number.is_fixed
            else Piece("number", Sql("(- {0})", number.sql, gives=NUMBER))
        )

    def _search(self, node: Node) -> Piece:
        one, two = (self._as(self.piece(part), "text") for part in node.parts)
        return Piece("flag", pieces.SEARCHES[node.what](one.sql, two.sql))

    def _matches(self, node: Node) -> Piece:
        one, two = (self._as(self.piece(part), "text") for part in node.parts)
        plain = _PLAIN.fullmatch(two.value) if two.is_fixed else None
        if plain is None:
            raise self.refuse("A segment cannot look for this pattern. Use contains, startsWith or endsWith.")
        wanted = pieces.text(re.sub(r"\\(.)", r"\1", plain[2])).sql
        if plain[1] and plain[3]:
            return Piece("flag", compared("=", one.sql, wanted))
        name = "startsWith" if plain[1] else "endsWith" if plain[3] else "contains"
        return Piece("flag", pieces.SEARCHES[name](one.sql, wanted))

    def _lower(self, node: Node) -> Piece:
        found = self._as(self.piece(node.parts[0]), "text")
        return pieces.text(dialect.lower(found.value)) if found.is_fixed else Piece("text", lists.lower(found.sql))

    def _size(self, node: Node) -> Piece:
        (part,) = node.parts
        if part.kind == "name" and part.what in lists.SIZES:
            return Piece("number", lists.SIZES[part.what](self.here))
        found = self.piece(part)
        if isinstance(found, Piece) and found.kind == "text" and not found.is_fixed:
            return Piece("number", Sql("LENGTH({0})::double precision", found.sql, gives=NUMBER, lite="LENGTH({0})"))
        raise self.refuse("A segment knows the size of texts, tags, segments and what was bought.")

    # ----------------------------------------------------------------- moments

    def _part(self, node: Node) -> Piece:
        time = self.piece(node.parts[0])
        zone = self.piece(node.parts[1]) if node.parts[1:] else pieces.text("")
        if not isinstance(time, Time) or not isinstance(zone, Piece) or not zone.is_fixed:
            raise self.refuse(f"{node.what}() is asked of a moment, in a fixed time zone.")
        try:
            found = times.part(node.what, time, zone.value)
        except KeyError:
            return pieces.unknown("number")  # type: ignore[return-value]  # a number is a piece
        return pieces.number(found) if isinstance(found, int) else Piece("number", found)

    def _span(self, node: Node) -> Time:
        count = self.piece(node.parts[0])
        if not isinstance(count, Piece) or not count.is_fixed:
            raise self.refuse(f"In a segment {node.what}() has a fixed number, such as {node.what}(30).")
        return Time("span", rest=(dialect.days if node.what == "days" else dialect.hours)(count.value))

    def _duration(self, node: Node) -> Time:
        text = self._fixed_text(node)
        seconds = sum(float(count) * _SECONDS[unit] for count, unit in _SPAN.findall(text))
        return Time("span", rest=timedelta(seconds=-seconds if text.startswith("-") else seconds))

    def _date(self, node: Node) -> Time:
        found = self._as(self.piece(node.parts[0]), "text")
        return times.fixed(dialect.day(found.value)) if found.is_fixed else Time("moment", plus=day(found.sql))

    def _timestamp(self, node: Node) -> Time:
        return times.fixed(datetime.fromisoformat(self._fixed_text(node)))

    def _fixed_text(self, node: Node) -> str:
        found = self.piece(node.parts[0])
        if not isinstance(found, Piece) or not isinstance(found.value, str):
            raise self.refuse(f"In a segment {node.what}() has a fixed text. For a day in a trait write date(trait.…).")
        return found.value
