"""The forms of one way to earn, and of birthdays, anniversaries and numbers of orders."""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, ClassVar

from django import forms

from thereafter.loyalty.console.programme_fields import (
    Document,
    SectionForm,
    days_field,
    points_field,
    words_begun,
    words_fields,
    words_filled,
)
from thereafter.loyalty.rules.programme import MAIN, Action
from thereafter.loyalty.rules.ways import LIMITS, WAYS
from thereafter.stores.models import Store

KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")


class WayForm(SectionForm):
    """One way to earn; `key` is "" for a new one of the shop's own."""

    is_on = forms.BooleanField(label="Members can earn with it", required=False)
    key = forms.CharField(
        label="Event",
        max_length=40,
        help_text="The name your systems send with the call, such as app_opened. It cannot be changed later.",
    )
    label = forms.CharField(label="What members read", max_length=80, required=False)
    points = points_field("Points")
    pending_days = days_field("Days until they can be used")
    qualifying = forms.BooleanField(
        label="They count for tiers", required=False, help_text="Where tiers count points, not spend."
    )
    url = forms.URLField(label="Address of your page there", max_length=300, required=False, assume_scheme="https")
    currency = forms.CharField(
        label="Kind of points",
        max_length=40,
        required=False,
        help_text="Empty: your usual points. Another word, such as miles, is counted apart.",
    )

    def __init__(self, store: Store, document: Document, key: str, data: Any = None) -> None:
        self.way = key
        super().__init__(store, document, data)

    @property
    def known(self) -> Any:
        return WAYS.get(self.way)

    def _action(self) -> Mapping[str, Any]:
        action = self.programme.actions.get(self.way)
        if action:
            return action.model_dump()
        starts: dict[str, Any] = WAYS[self.way].start if self.known else {"points": 50, "per_day": 1}
        return Action.model_validate(starts).model_dump()

    def begun(self) -> dict[str, Any]:
        action = self._action()
        values = {name: action.get(name) for name in (*self.base_fields, *LIMITS)} | words_begun(action["words"])
        return values | {"key": self.way, "currency": "" if action["currency"] == MAIN else action["currency"]}

    def arrange(self) -> None:
        for name, words in LIMITS.items():
            self.fields[name] = forms.IntegerField(
                label=f"Times {words}", min_value=1, max_value=100_000, required=False
            )
        self.fields |= words_fields(80)
        if self.way:
            del self.fields["key"]
        if not self.known:
            self.fields["label"].required = True
        if not self.way.startswith("social_"):
            del self.fields["url"]

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"].strip()
        if not KEY.fullmatch(key):
            raise forms.ValidationError("Use small letters, digits and _, beginning with a letter: app_opened.")
        if key in self.programme.actions or key in WAYS:
            raise forms.ValidationError("There is one of this name already.")
        return key

    def clean_currency(self) -> str:
        kind: str = self.cleaned_data["currency"].strip().lower()
        if re.search(r"[\s:]", kind):
            raise forms.ValidationError("Use one word.")
        return kind

    def filled(self) -> Document:
        clean = self.cleaned_data
        action: Document = {"points": clean["points"], "is_on": clean["is_on"]}
        action |= {
            name: clean[name]
            for name in (*LIMITS, "pending_days", "qualifying", "label", "url", "currency")
            if clean.get(name)
        }
        old = self.programme.actions.get(self.way)
        if words := words_filled(clean, old.words if old else {}):
            action["words"] = words
        document = deepcopy(self.document)
        document["actions"] = {**(document.get("actions") or {}), self.way or clean["key"]: action}
        return document

    def places(self) -> dict[str, str]:
        key = self.way or self.cleaned_data.get("key", "")
        return {f"actions.{key}.{name}": name for name in self.fields}


class DaysForm(SectionForm):
    """Points for birthdays, anniversaries and the tenth order."""

    birthday = points_field("Points on the birthday", required=False, help_text="Empty: nothing.")
    notice = days_field(
        "A birthday counts when it was told so many days ahead",
        help_text="Else it counts from next year, so that nobody sets tomorrow.",
    )
    anniversary = points_field(
        "Points on each anniversary with the shop", required=False, help_text="Of joining. Empty: nothing."
    )
    ROWS: ClassVar = 8
    PLACES: ClassVar = {
        "birthday": "birthday.points",
        "notice": "birthday.min_notice_days",
        "anniversary": "anniversary.points",
    }

    def begun(self) -> dict[str, Any]:
        values = {name: value for name, value in super().begun().items() if value is not None}
        for at, one in enumerate(self.programme.milestones[: self.ROWS]):
            values |= {f"milestone_{at}_{part}": getattr(one, part) for part in ("orders", "points", "name")}
        return {"notice": 30, **values}

    def arrange(self) -> None:
        for at in range(self.ROWS):
            self.fields[f"milestone_{at}_orders"] = points_field("Order number", required=False, least=1)
            self.fields[f"milestone_{at}_points"] = points_field("Points", required=False)
            self.fields[f"milestone_{at}_name"] = forms.CharField(label="Name", max_length=60, required=False)

    @property
    def rows(self) -> list[list[Any]]:
        names = ("orders", "points", "name")
        said = [at for at in range(self.ROWS) if any(self[f"milestone_{at}_{part}"].value() for part in names)]
        count = min((max(said) + 2) if said else 1, self.ROWS)
        return [[self[f"milestone_{at}_{part}"] for part in names] for at in range(count)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        seen: set[int] = set()
        for at in range(self.ROWS):
            orders, points = (cleaned.get(f"milestone_{at}_{part}") for part in ("orders", "points"))
            if (orders is None) != (points is None):
                missing = "orders" if orders is None else "points"
                self.add_error(f"milestone_{at}_{missing}", "Say both, the order and its points.")
            if orders in seen:
                self.add_error(f"milestone_{at}_orders", "This order has points already.")
            seen |= {orders} if orders else set()
        return cleaned

    def filled(self) -> Document:
        document, clean = deepcopy(self.document), self.cleaned_data
        for name in ("birthday", "anniversary", "milestones"):
            document.pop(name, None)
        if clean["birthday"] is not None:
            document["birthday"] = {"points": clean["birthday"], "min_notice_days": clean["notice"]}
        if clean["anniversary"] is not None:
            document["anniversary"] = {"points": clean["anniversary"]}
        if rows := [self._milestone(at) for at in range(self.ROWS) if clean[f"milestone_{at}_orders"]]:
            document["milestones"] = sorted(rows, key=lambda one: int(one["orders"]))
        return document

    def _milestone(self, at: int) -> Document:
        values = {part: self.cleaned_data[f"milestone_{at}_{part}"] for part in ("orders", "points", "name")}
        return {name: value for name, value in values.items() if value != ""}
