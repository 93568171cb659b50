"""What a marketer fills in for a policy: everything but its rules. Reads a document, and writes it back."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from thereafter.journeys.rules.problems import Problem
from thereafter.returns.console import policy_fees
from thereafter.returns.console.policy_amounts import AmountField, as_text
from thereafter.returns.rules.policy.outcomes import EXCHANGES, METHODS, OUTCOMES, RELEASES, SHIPPING
from thereafter.returns.rules.policy.policies import DEFAULT_METHODS, DEFAULT_OUTCOMES, DEFAULT_RELEASE
from thereafter.returns.rules.policy.policy_actions import LONGEST_WINDOW
from thereafter.returns.rules.policy.windows import BUFFER_DAYS

Document = Mapping[str, Any]
SINCE = [("delivery", "the day it came"), ("fulfilment", "the day it was sent"), ("order", "the day of the order")]
HOLIDAYS = 6
_PARTS = ("name", "from", "to", "until")
_RELEASED = {
    "refund": ("Money back", ("refund",)),
    "credit": ("Store credit", ("store_credit",)),
    "exchange": ("Exchanges", EXCHANGES),
    "replacement": ("The same again", ("replacement",)),
}
_RETURNLESS = {
    "label": "label", "handling": "handling", "below": "below", "most_value": "most_value",
    "markdown_percent": "markdown", "most_per_customer": "most_kept",
}  # fmt: skip
# Which field shows a problem of the document, by place and setting.
_SHOWN: dict[tuple[str, str], str] = {
    ("", "name"): "name",
    ("window", "days"): "days",
    ("window", "from"): "since",
    ("window", "buffer_days"): "buffer_days",
    ("claims", "days"): "claims_days",
    ("outcomes", ""): "outcomes",
    ("methods", ""): "methods",
    ("refund_shipping", ""): "refund_shipping",
    **{("returnless", theirs): f"keep_{ours}" for theirs, ours in _RETURNLESS.items()},
    **{(f"holidays.{at}", part): f"holiday_{at}_{part}" for at in range(HOLIDAYS) for part in _PARTS},
    **{(f"holidays.{at}", ""): f"holiday_{at}_until" for at in range(HOLIDAYS)},
}
_percent: dict[str, Any] = {
    "required": False, "min_value": 0, "max_value": 100, "max_digits": 5, "decimal_places": 2,
}  # fmt: skip


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class PolicyForm(forms.Form):
    """`document` is what it began with; `filled()` is it with what was entered."""

    name = forms.CharField(label="Name", max_length=100, help_text="For your people; shoppers do not see it.")
    days = forms.IntegerField(label="Days to send back", min_value=0, max_value=LONGEST_WINDOW)
    since = forms.ChoiceField(label="Counted from", choices=SINCE)
    buffer_days = forms.IntegerField(
        label="Days on the way, where nobody tells of the delivery",
        min_value=0,
        max_value=90,
        help_text="Then the time runs from the day it was sent, and so many days more.",
    )
    claims_days = forms.IntegerField(
        label="Days to report damage and faults",
        min_value=0,
        max_value=LONGEST_WINDOW,
        help_text="Where the law gives more, the law holds: two years in the EU.",
    )
    outcomes = forms.MultipleChoiceField(
        label="What shoppers may choose",
        choices=list(OUTCOMES.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="What the law guarantees, such as money back within 14 days in the EU, is offered all the same.",
    )
    methods = forms.MultipleChoiceField(
        label="How it comes back", choices=list(METHODS.items()), widget=forms.CheckboxSelectMultiple
    )
    refund_shipping = forms.ChoiceField(
        label="Of what the first delivery cost",
        choices=list(SHIPPING.items()),
        help_text="Who withdraws by law from the whole order gets the standard delivery back anyway.",
    )
    keep_on = forms.BooleanField(label="Let shoppers keep what is not worth sending back", required=False)
    keep_markdown = forms.IntegerField(
        label="Loss when sold again, percent", required=False, min_value=0, max_value=100
    )
    keep_most_kept = forms.IntegerField(
        label="Items that one shopper may keep", required=False, min_value=0, max_value=10_000
    )

    TIME: ClassVar = ("days", "since", "buffer_days", "claims_days")
    KEEP: ClassVar = (
        "keep_on", "keep_label", "keep_handling", "keep_markdown", "keep_below", "keep_most_value", "keep_most_kept",
    )  # fmt: skip

    def __init__(self, document: Document, data: Any = None) -> None:
        self.document = document
        self.currency = str(document.get("currency", "EUR"))
        super().__init__(data, initial=initial(document))
        self._add_money()
        for at in range(HOLIDAYS):
            self.fields[f"holiday_{at}_name"] = forms.CharField(label="Season", required=False, max_length=60)
            for part, label in (("from", "First order"), ("to", "Last order"), ("until", "Back until")):
                self.fields[f"holiday_{at}_{part}"] = _day(label)
        for name, (label, _) in _RELEASED.items():
            self.fields[f"release_{name}"] = forms.ChoiceField(label=label, choices=list(RELEASES.items()))

    def _add_money(self) -> None:
        amounts = {"keep_label": "A label costs you", "keep_handling": "Taking it in costs you"}
        amounts |= {
            "keep_below": "Keep whatever is worth less than",
            "keep_most_value": "Never what is worth more than",
        }
        for name, label in amounts.items():
            self.fields[name] = AmountField(self.currency, label=f"{label} ({self.currency})")
        for name in policy_fees.ON:
            self.fields[f"{name}_postage"] = AmountField(self.currency, label="Label")
            self.fields[f"{name}_handling"] = forms.DecimalField(label="Handling, percent", **_percent)
        for name in ("exchange", "credit"):
            self.fields[f"{name}_flat"] = AmountField(self.currency, label="Amount")
            self.fields[f"{name}_percent"] = forms.DecimalField(label="Percent", **_percent)
            self.fields[f"{name}_most"] = AmountField(self.currency, label="At most")

    @property
    def releases(self) -> list[Any]:
        return [self[f"release_{name}"] for name in _RELEASED]

    @property
    def holidays(self) -> list[list[Any]]:
        """Those that are said and one more, empty."""
        said = [at for at in range(HOLIDAYS) if any(self[f"holiday_{at}_{part}"].value() for part in _PARTS)]
        shown = min((max(said) + 2) if said else 1, HOLIDAYS)
        return [[self[f"holiday_{at}_{part}"] for part in _PARTS] for at in range(shown)]

    def fees(self) -> list[tuple[str, list[Any]]]:
        words = {"refund": "Money back", "credit": "Store credit", "exchange": "Exchange"}
        return [(words[name], [self[f"{name}_postage"], self[f"{name}_handling"]]) for name in policy_fees.ON]

    def extras(self) -> list[tuple[str, list[Any]]]:
        words = {"exchange": "For an exchange against other goods", "credit": "For store credit"}
        return [(label, [self[f"{name}_{part}"] for part in policy_fees.EXTRAS]) for name, label in words.items()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for at in range(HOLIDAYS):
            parts = {part: cleaned.get(f"holiday_{at}_{part}") for part in ("from", "to", "until")}
            missing = [part for part, value in parts.items() if not value]
            is_said = cleaned.get(f"holiday_{at}_name") or len(missing) < len(parts)
            for part in missing if is_said else ():
                if f"holiday_{at}_{part}" not in self.errors:
                    self.add_error(f"holiday_{at}_{part}", "Choose a day.")
        return cleaned

    def filled(self) -> dict[str, Any]:
        """The document with what was entered; what the form does not know stays as it is."""
        said, clean = dict(self.document), self.cleaned_data
        said["name"] = clean["name"]
        said["window"] = {
            **said.get("window", {}),
            "days": clean["days"], "from": clean["since"], "buffer_days": clean["buffer_days"],
        }  # fmt: skip
        said["claims"] = {**said.get("claims", {}), "days": clean["claims_days"]}
        said["outcomes"], said["methods"] = clean["outcomes"], clean["methods"]
        said["refund_shipping"] = clean["refund_shipping"]
        said["release"] = {**said.get("release", {}), **self._released()}
        said["holidays"] = self._seasons()
        said.pop("returnless", None)
        if clean["keep_on"]:
            said["returnless"] = self._kept()
        return policy_fees.put(said, self._table())

    def _released(self) -> dict[str, str]:
        return {one: self.cleaned_data[f"release_{name}"] for name, (_, some) in _RELEASED.items() for one in some}

    def _seasons(self) -> list[dict[str, str]]:
        seasons = []
        for at in range(HOLIDAYS):
            days = {part: self.cleaned_data[f"holiday_{at}_{part}"] for part in ("from", "to", "until")}
            if all(days.values()):
                told = {part: value.isoformat() for part, value in days.items() if value}
                seasons.append({"name": self.cleaned_data[f"holiday_{at}_name"] or "Holidays", **told})
        return seasons

    def _kept(self) -> dict[str, Any]:
        old = self.document.get("returnless") or {}
        said = {theirs: self.cleaned_data[f"keep_{ours}"] for theirs, ours in _RETURNLESS.items()}
        kept = {name: value for name, value in old.items() if name not in said}
        return {**kept, **{name: value for name, value in said.items() if value is not None}}

    def _table(self) -> dict[str, Any]:
        names = [*(f"{name}_{kind}" for name in policy_fees.ON for kind in ("postage", "handling"))]
        names += [f"{name}_{part}" for name in ("exchange", "credit") for part in policy_fees.EXTRAS]
        return {name: plain(self.cleaned_data[name]) for name in names if self.cleaned_data[name]}

    def show(self, problems: Iterable[Problem]) -> list[Problem]:
        """Puts each problem beside its field; answers with those that have none here."""
        rest = []
        for one in problems:
            name = _SHOWN.get((one.where, one.setting))
            if name:
                self.add_error(name, one.text)
            else:
                rest.append(one)
        return rest


def plain(value: Any) -> Any:
    """A percentage as JSON has it: 10, or 7.5."""
    if not isinstance(value, Decimal):
        return value
    return int(value) if value == value.to_integral() else float(value)


def initial(document: Document) -> dict[str, Any]:
    """What the form shows of a document; of a part that is not sound, what usually holds."""
    window, claims = _part(document, "window"), _part(document, "claims")
    release, kept = {**DEFAULT_RELEASE, **_part(document, "release")}, _part(document, "returnless")
    values: dict[str, Any] = {
        "name": document.get("name", ""),
        "days": window.get("days"),
        "since": window.get("from", "delivery"),
        "buffer_days": window.get("buffer_days", BUFFER_DAYS),
        "claims_days": claims.get("days", 60),
        "outcomes": document.get("outcomes", DEFAULT_OUTCOMES),
        "methods": document.get("methods", DEFAULT_METHODS),
        "refund_shipping": document.get("refund_shipping", "none"),
        "keep_on": bool(kept),
    }
    values |= {f"release_{name}": release[some[0]] for name, (_, some) in _RELEASED.items()}
    values |= {f"keep_{ours}": as_text(kept.get(theirs)) for theirs, ours in _RETURNLESS.items()}
    values |= {name: as_text(value) for name, value in policy_fees.read(document).items()}
    seasons = document.get("holidays", [])
    for at, season in enumerate(seasons[:HOLIDAYS] if isinstance(seasons, list) else []):
        values |= {f"holiday_{at}_{part}": season.get(part, "") for part in _PARTS}
    return values


def _part(document: Document, name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}
