"""What a marketer fills in for a campaign."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms

from thereafter.campaigns.queries import known_segments, known_templates
from thereafter.campaigns.rules.plans import CHANNELS, MOST_VARIANTS, NAMES, Plan, Utm, Variant
from thereafter.commerce.queries import coupon_pools
from thereafter.messaging.queries import contact_rules_of
from thereafter.messaging.words import CHANNELS as CHANNEL_WORDS
from thereafter.stores.models import Store

WHEN = (
    ("now", "As soon as I send it off"),
    ("at", "At a moment, on the shop's clock"),
    ("local", "At a time of day, on each reader's own clock"),
)


class CampaignForm(forms.Form):
    """All of a plan but its condition, which has an editor of its own."""

    name = forms.CharField(label="Name", max_length=100, help_text="Readers do not see it.")
    segments = forms.MultipleChoiceField(
        label="Who is in one of these", required=False, widget=forms.CheckboxSelectMultiple
    )
    excluded = forms.MultipleChoiceField(
        label="But nobody who is in one of these", required=False, widget=forms.CheckboxSelectMultiple
    )
    most_people = forms.IntegerField(
        label="At most so many people", required=False, min_value=1, help_text="Drawn by lot. Left empty: all of them."
    )
    holdout = forms.IntegerField(
        label="Hold out, in percent",
        required=False,
        min_value=0,
        max_value=50,
        help_text="They get nothing; what they buy anyway shows what the campaign really brought.",
    )
    variants = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=MOST_VARIANTS)
    channels = forms.MultipleChoiceField(
        label="Channels",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The first one that reaches a person takes it. None chosen: those the template has.",
    )
    topic = forms.ChoiceField(label="Topic", required=False, help_text="Who said no to a topic is left out.")
    pool = forms.ChoiceField(
        label="Coupon for each", required=False, help_text="A code of their own, shown by the template's coupon block."
    )
    utm_source = forms.CharField(label="utm_source", required=False, max_length=80)
    utm_medium = forms.CharField(label="utm_medium", required=False, max_length=80)
    utm_campaign = forms.CharField(label="utm_campaign", required=False, max_length=80)
    when = forms.ChoiceField(label="When", choices=WHEN, widget=forms.RadioSelect)
    day = forms.DateField(
        label="Day", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    hour = forms.TimeField(label="Time", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    throttle = forms.IntegerField(label="No more than", required=False, min_value=1)
    throttle_per = forms.ChoiceField(label="in each", choices=[("minute", "minute"), ("hour", "hour")])
    test_share = forms.IntegerField(label="Share of people in the test, in percent", min_value=1, max_value=100)
    winner_by = forms.ChoiceField(
        label="The winner has", choices=[("clicks", "most clicks"), ("orders", "most orders")]
    )
    winner_hours = forms.IntegerField(label="Decided after hours", min_value=1, max_value=168)
    attribution_days = forms.IntegerField(
        label="Orders count for so many days", min_value=1, max_value=30, help_text="After the message was sent."
    )

    def __init__(self, store: Store, plan: Plan, name: str, data: Any = None) -> None:
        super().__init__(data, initial=_initial(plan, name))
        self.store, self.plan = store, plan
        segments = [(str(pk), label) for pk, label in known_segments(store).items()]
        pools = [(pool.key, pool.name) for pool in coupon_pools(store)]
        topics = [(one.key, _named(one.name, store)) for one in contact_rules_of([store.pk])[store.pk].consent.topics]
        self._choices("segments", segments)
        self._choices("excluded", segments)
        self._choices("channels", [(name, CHANNEL_WORDS[name]) for name in CHANNELS])
        self._choices("pool", [("", "None"), *pools])
        self._choices("topic", [("", "Nothing in particular"), *topics])
        self.has_topics = bool(topics)
        self.templates = [("", "Choose a template …"), *known_templates(store).items()]
        for at in range(MOST_VARIANTS):
            self.fields[f"template_{at}"] = forms.ChoiceField(
                label=f"Template of {NAMES[at]}" if self.count > 1 else "Template",
                choices=self.templates,
                required=False,
            )
            self.fields[f"subject_{at}"] = forms.CharField(
                label=f"Subject of {NAMES[at]}" if self.count > 1 else "Subject",
                required=False,
                max_length=200,
                help_text="Left empty: the template's own.",
            )

        if not self.is_bound:
            # Asked for when it is sent off, not when it is kept; no reason to call them optional.
            for asked in ("day", "hour", *(f"template_{at}" for at in range(MOST_VARIANTS))):
                self.fields[asked].required = True
                self.fields[asked].widget.is_required = False

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField | forms.MultipleChoiceField)  # noqa: S101 declared above
        field.choices = choices

    @property
    def count(self) -> int:
        """How many variants are shown: as many as the page that was sent had, changed by its buttons."""
        given = str(self.data.get("variants", "")) if self.is_bound else ""
        shown = int(given) if given.isdigit() else len(self.plan.variants)
        if "add_variant" in self.data:
            shown += 1
        if "drop_variant" in self.data:
            shown -= 1
        return min(max(shown, 1), MOST_VARIANTS)

    def rows(self) -> Iterator[tuple[str, Any, Any]]:
        """(name, template field, subject field) of each variant."""
        for at in range(self.count):
            yield NAMES[at], self[f"template_{at}"], self[f"subject_{at}"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("when") in ("at", "local"):
            for field in ("day", "hour"):
                if not given.get(field) and field not in self.errors:
                    self.add_error(field, "On which day?" if field == "day" else "At what time?")
        return given

    def filled(self, condition: str) -> Plan:
        """The plan as it was filled in; fields that are wrong keep what they had."""
        given = {name: self.cleaned_data.get(name) for name in self.fields if name not in self.errors}
        kept = self.plan
        return Plan(
            segments=_numbers(given.get("segments")),
            condition=condition,
            excluded=_numbers(given.get("excluded")),
            most_people=given.get("most_people"),
            holdout=given.get("holdout") or 0,
            variants=tuple(
                Variant(
                    template=str(given.get(f"template_{at}") or ""),
                    subject=str(given.get(f"subject_{at}") or "").strip(),
                )
                for at in range(self.count)
            ),
            channels=tuple(given.get("channels") or ()),
            topic=str(given.get("topic") or ""),
            pool=str(given.get("pool") or ""),
            utm=Utm(**{name: str(given.get(f"utm_{name}") or "").strip() for name in ("source", "medium", "campaign")}),
            when=given.get("when") or kept.when,
            at=_moment(given) if given.get("when") != "now" else "",
            throttle=given.get("throttle"),
            throttle_per=given.get("throttle_per") or kept.throttle_per,
            test_share=given.get("test_share") or kept.test_share,
            winner_by=given.get("winner_by") or kept.winner_by,
            winner_hours=given.get("winner_hours") or kept.winner_hours,
            attribution_days=given.get("attribution_days") or kept.attribution_days,
        )


def _named(names: dict[str, str], store: Store) -> str:
    return names.get("en") or names.get(store.locale[:2]) or next(iter(names.values()), "")


def _numbers(given: Any) -> tuple[int, ...]:
    return tuple(int(one) for one in given or () if str(one).isdigit())


def _moment(given: dict[str, Any]) -> str:
    if not given.get("day") or not given.get("hour"):
        return ""
    return datetime.combine(given["day"], given["hour"]).isoformat(timespec="minutes")


def _initial(plan: Plan, name: str) -> dict[str, Any]:
    at = datetime.fromisoformat(plan.at) if plan.at else None
    kept: dict[str, Any] = {
        "name": name,
        "segments": [str(one) for one in plan.segments],
        "excluded": [str(one) for one in plan.excluded],
        "holdout": plan.holdout or None,
        "variants": len(plan.variants),
        "channels": list(plan.channels),
        "day": at.date() if at else None,
        "hour": at.time() if at else None,
        "utm_source": plan.utm.source,
        "utm_medium": plan.utm.medium,
        "utm_campaign": plan.utm.campaign,
    }
    same = (
        "most_people",
        "topic",
        "pool",
        "when",
        "throttle",
        "throttle_per",
        "test_share",
        "winner_by",
        "winner_hours",
    )
    kept |= {field: getattr(plan, field) for field in (*same, "attribution_days")}
    for number, variant in enumerate(plan.variants):
        kept |= {f"template_{number}": variant.template, f"subject_{number}": variant.subject}
    return kept
