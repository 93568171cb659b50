"""Who is asked a question, as rows of plain fields: what must hold, and the values to tick."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import QueryDict

from thereafter.commerce.models import Customer, Fulfilment, Product
from thereafter.feedback import score_words
from thereafter.feedback.rules import reachability
from thereafter.feedback.rules.document_checks import title
from thereafter.feedback.rules.documents import FACTS, MOST_CONDITIONS, Condition, Question, SurveyDocument, in_language
from thereafter.feedback.rules.survey_sentences import BAND_NAMES, CHANNELS
from thereafter.kit.pages import territory, tongue
from thereafter.stores.models import Store

Choice = tuple[str, str]
MOST_SUGGESTED = 200
TEST_NAMES = {
    "band": "is in the range",
    "is": "is",
    "not": "is not",
    "from": "is at least",
    "to": "is at most",
    "answered": "is answered",
}
FACT_NAMES = {
    "late": "Delivery",
    "carrier": "Carrier",
    "country": "Country",
    "product": "Product",
    "category": "Category",
    "language": "Language",
    "channel": "Asked by",
    "orders_before": "Orders before",
}


class BadCondition(ValueError):
    """Says what cannot be read."""


@dataclass
class Row:
    """One condition as fields: `ticks` are (value, label, is ticked); `suggested` what may be typed to add another."""

    number: int
    about: str = ""
    ticks: Sequence[tuple[str, str, bool]] = ()
    can_add: bool = False
    suggested: Sequence[str] = ()
    typed: str = ""
    # A number to choose, with its ends; None where nothing is to be counted.
    numbers: Sequence[int] = ()
    counted: int | None = None
    is_open: bool = False
    field_names: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.field_names = {name: f"c-{self.number}-{name}" for name in ("about", "value", "more")}


class Conditions:
    """Of one question, within its survey."""

    def __init__(self, store: Store, document: SurveyDocument, question: Question) -> None:
        self.store, self.document, self.question = store, document, question

    @cached_property
    def subjects(self) -> list[tuple[str, list[Choice]]]:
        """What a condition may be about: earlier questions, then what is known of the order."""
        at = self.document.questions.index(self.question)
        asked = [
            (
                _upper(title(self.document, earlier)),
                [(f"q:{earlier.id}|{test}", f"{_short(earlier, self.document)} {TEST_NAMES[test]} …")
                 for test in reachability.TESTS[earlier.kind]],
            )
            for earlier in self.document.questions[:at]
        ]  # fmt: skip
        known = [
            (f"f:{fact}|{test}", f"{name} {TEST_NAMES[test]} …")
            for fact, name in FACT_NAMES.items()
            for test in reachability.TESTS[FACTS[fact][1]]
            if not (fact == "orders_before" and test == "is")
        ]
        return [*asked, ("What is known of the order", known)]

    def rows(self) -> list[Row]:
        """Those there are, and an empty one while there is room."""
        found = [self.row(number, one) for number, one in enumerate(self.question.show_if)]
        return found + ([Row(len(found))] if len(found) < MOST_CONDITIONS else [])

    def row(self, number: int, one: Condition | None) -> Row:
        if one is None:
            return Row(number)
        made = Row(number, about=f"{'q' if one.question else 'f'}:{one.question or one.fact}|{one.test}")
        if one.test == "answered":
            return made
        if one.test in ("from", "to"):
            asked = self.document.question(one.question)
            low, high = asked.ends(self.document.kind) if asked else (0, 0)
            made.numbers, made.counted = (range(low, high + 1) if asked else ()), one.number
            made.is_open = asked is None
            return made
        self._fill(made, one)
        return made

    def _fill(self, made: Row, one: Condition) -> None:
        chosen = {str(value) for value in one.values}
        fixed = self._fixed(one)
        if fixed is not None:
            made.ticks = [(value, label, value in chosen) for value, label in fixed]
            return
        made.can_add = True
        made.ticks = [(value, self.names.get(f"{one.fact}:{value}", value), True) for value in map(str, one.values)]
        made.suggested = [label for value, label in self._suggested(one.fact) if value not in chosen]

    def _fixed(self, one: Condition) -> list[Choice] | None:
        """All values there are, where they can be ticked."""
        if one.test == "band":
            return list(BAND_NAMES.get(self.document.kind, {}).items())
        if one.fact:
            lists = {
                "late": [("yes", "late"), ("no", "on time")],
                "channel": list(CHANNELS.items()),
                "language": [(code, tongue(code)) for code, _ in settings.LANGUAGES],
            }
            return lists.get(one.fact)
        asked = self.document.question(one.question)
        if asked is None:
            return []
        if asked.options:
            return [
                (option.id, in_language(option.text, "", self.document.languages) or "…") for option in asked.options
            ]
        low, high = asked.ends(self.document.kind)
        return [(str(number), str(number)) for number in range(low, high + 1)]

    def _suggested(self, fact: str) -> list[Choice]:
        if fact == "product":
            rows = Product.objects.of(self.store).filter(is_active=True).order_by("title")
            return [(str(pk), name) for pk, name in rows.values_list("pk", "title")[:MOST_SUGGESTED]]
        if fact == "category":
            rows = Product.objects.of(self.store).exclude(category="").order_by("category")
            return [(one, one) for one in rows.values_list("category", flat=True).distinct()[:MOST_SUGGESTED]]
        if fact == "country":
            people = Customer.objects.of(self.store).exclude(country="").order_by("country")
            countries = people.values_list("country", flat=True).distinct()[:MOST_SUGGESTED]
            return [(code, territory(code)) for code in countries]
        sent = Fulfilment.objects.of(self.store).exclude(carrier="").order_by("carrier")
        codes = sent.values_list("carrier", flat=True).distinct()[:MOST_SUGGESTED]
        return [(code, score_words.group("carrier", code, {})) for code in codes]

    @cached_property
    def names(self) -> dict[str, str]:
        return value_names(self.store, self.document)

    def read(self, data: QueryDict) -> list[Condition]:
        """What the form's rows say; a row about nothing is none. Raises `BadCondition`."""
        found = [self._read(data, number) for number in range(MOST_CONDITIONS)]
        return [one for one in found if one is not None]

    def _read(self, data: QueryDict, number: int) -> Condition | None:
        about = data.get(f"c-{number}-about", "")
        if about not in {value for _, choices in self.subjects for value, _ in choices}:
            return None
        subject, _, test = about.partition("|")
        kind, _, name = subject.partition(":")
        was = self.question.show_if[number] if number < len(self.question.show_if) else None
        made: dict[str, Any] = {"question" if kind == "q" else "fact": name, "test": test}
        if was and (was.question or was.fact, was.test) != (name, test):
            # Ticks that belong to what stood there before say nothing about this.
            return Condition.model_validate(made)
        return Condition.model_validate({**made, "values": self._values(data, number, made)})

    def _values(self, data: QueryDict, number: int, made: Mapping[str, Any]) -> list[int | str]:
        given: list[str] = list(map(str, data.getlist(f"c-{number}-value")))
        fact = str(made.get("fact", ""))
        if typed := data.get(f"c-{number}-more", "").strip():
            given.append(self._typed(fact, typed))
        counts = made["test"] in ("from", "to") or (not fact and self._is_counted(str(made["question"])))
        if counts and made["test"] != "band":
            return [int(value) for value in given if value.isascii() and value.isdigit()]
        return list(dict.fromkeys(value for value in given if value))

    def _is_counted(self, key: str) -> bool:
        asked = self.document.question(key)
        return asked is not None and asked.kind in reachability.NUMBERS

    def _typed(self, fact: str, typed: str) -> str:
        """The value behind what was typed; other than products, it need not be known yet."""
        for value, label in self._suggested(fact):
            if typed.casefold() in (label.casefold(), value.casefold()):
                return value
        if fact == "product":
            found = Product.objects.of(self.store).filter(title__iexact=typed).values_list("pk", flat=True).first()
            if found is None:
                raise BadCondition(f"There is no product “{typed[:60]}”. Type its title as it stands in your shop.")
            return str(found)
        return typed[:60]


def value_names(store: Store, document: SurveyDocument) -> dict[str, str]:
    """Of products, countries, languages and carriers that conditions name: {"product:17": "Trail shoe"}."""
    named: dict[str, set[str]] = {}
    for question in document.questions:
        for one in question.show_if:
            named.setdefault(one.fact, set()).update(str(value) for value in one.values)
    ids = [int(value) for value in named.get("product", ()) if value.isdigit()]
    titles = Product.objects.of(store).filter(pk__in=ids).values_list("pk", "title") if ids else ()
    found = {f"product:{pk}": name for pk, name in titles}
    found |= {f"country:{code}": territory(code) for code in named.get("country", ())}
    found |= {f"language:{code}": tongue(code) for code in named.get("language", ())}
    carriers = named.get("carrier", ())
    return found | {f"carrier:{code}": score_words.group("carrier", code, {}) for code in carriers}


def _short(question: Question, document: SurveyDocument) -> str:
    return f"Answer {document.questions.index(question) + 1}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
