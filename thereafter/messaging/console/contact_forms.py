"""The contact rules as a form, which takes them apart and puts them together again."""

import re
from datetime import time
from typing import Any

from django import forms
from msgspec.structs import replace

from thereafter.messaging.rules.classes import MARKETING, SERVICE
from thereafter.messaging.rules.contact_rules import (
    CHANNELS,
    WANTED,
    Cap,
    Caps,
    Consent,
    ContactRules,
    Pause,
    Quiet,
    Topic,
    Tracking,
)
from thereafter.messaging.rules.quiet import quiet_week
from thereafter.messaging.words import CHANNELS as LABELS

_WEEK = [(day, name) for day, name in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))]
_WAYS = [(channel, LABELS[channel]) for channel in CHANNELS]
_KINDS = [(SERVICE, "Surveys and reviews"), (MARKETING, "Offers and news")]
_TEXTS = ("sms", "whatsapp")
MOST_TOPICS, LONGEST_TOPIC = 12, 80


class Clock(forms.TimeField):
    def __init__(self, **given: Any) -> None:
        super().__init__(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **given)


class Boxes(forms.MultipleChoiceField):
    def __init__(self, **given: Any) -> None:
        super().__init__(required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "inline"}), **given)


class Most(forms.IntegerField):
    """A number, or empty for no limit."""

    def __init__(self, label: str, most: int = 100, **given: Any) -> None:
        super().__init__(label=label, required=False, min_value=1, max_value=most, **given)


# Each row of the caps by the name of its field.
_CAPS: dict[str, Cap] = {
    "both_day": Cap(classes=WANTED, most=1, days=1),
    "both_week": Cap(classes=WANTED, most=1, days=7),
    "marketing_day": Cap(classes=(MARKETING,), most=1, days=1),
    "marketing_week": Cap(classes=(MARKETING,), most=1, days=7),
    "marketing_month": Cap(classes=(MARKETING,), most=1, days=30),
    "texts_week": Cap(classes=WANTED, channels=_TEXTS, most=1, days=7),
    "push_day": Cap(classes=WANTED, channels=("push",), most=1, days=1),
}


class ContactForm(forms.Form):
    """Everything on one page, in the parts that the template shows."""

    channels = Boxes(label="Ways that keep quiet hours", choices=_WAYS, help_text="E-mail wakes nobody; phones do.")
    start = Clock(label="From")
    end = Clock(label="Until")
    weekend_start = Clock(label="Friday and Saturday, from", required=False)
    weekend_end = Clock(label="Friday and Saturday, until", required=False)
    silent_days = Boxes(label="Days on which nothing goes out", choices=_WEEK)
    order_sms = forms.BooleanField(
        label="Order news by SMS waits for the morning too",
        required=False,
        help_text="Otherwise “delivered” comes when it is delivered. E-mail and notifications about orders never wait.",
    )
    us_law = forms.BooleanField(
        label="Keep the hours that American law sets for texts that sell",
        required=False,
        help_text="8 to 21, shorter in FL, MD, OK, NJ, CT and TX. Where the state is not known, the strictest.",
    )
    both_day = Most("All together, a day")
    both_week = Most("All together, a week")
    marketing_day = Most("Offers and news, a day")
    marketing_week = Most("Offers and news, a week")
    marketing_month = Most("Offers and news, in 30 days")
    texts_week = Most("SMS and WhatsApp, a week")
    push_day = Most("Notifications, a day")
    hours_between = forms.IntegerField(
        label="Hours between one and the next", min_value=0, max_value=168, help_text="Order news does not count."
    )
    when_full = forms.ChoiceField(
        label="What is too much",
        choices=[("hold", "waits until there is room"), ("skip", "is left out, and says so")],
        widget=forms.RadioSelect,
    )
    hold_hours = forms.IntegerField(
        label="Waits at most, in hours",
        min_value=1,
        max_value=336,
        help_text="Then it is left out as too late, unless the journey or campaign says itself until when it is good.",
    )
    pause_classes = Boxes(label="While something is open, hold", choices=_KINDS)
    not_for = forms.CharField(
        label="But not while it is only one of these",
        required=False,
        help_text="Rooms by name with commas between, such as return, ticket.",
    )
    at_most_days = forms.IntegerField(label="Held at most, in days", min_value=1, max_value=60)
    double_opt_in = forms.ChoiceField(
        label="Double opt-in",
        choices=[
            ("off", "Off: a ticked box is a yes"),
            ("ours", "Who says yes on our pages confirms it by mail"),
            ("all", "Also who said yes in the shop: nobody gets offers before they confirmed"),
        ],
        widget=forms.RadioSelect,
        help_text="German courts ask for it. The mail goes out by itself.",
    )
    service = forms.ChoiceField(
        label="Surveys and reviews by e-mail go to",
        choices=[("buyers", "buyers who have not objected"), ("consent", "only who said yes")],
        widget=forms.RadioSelect,
        help_text="The foot of each mail says that one can object at no cost, as § 7 (3) UWG wants it.",
    )
    order_news = forms.ChoiceField(
        label="Order news by SMS goes to",
        choices=[("unless_no", "whoever gave a number and has not objected"), ("yes", "only who said yes")],
        widget=forms.RadioSelect,
    )
    topics = forms.CharField(
        label="Topics of newsletters",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One a line, as readers see it. In other languages: New shoes | de: Neue Schuhe | fr: Nouveautés.",
    )
    opens = forms.BooleanField(label="Count openings", required=False, help_text="By a picture of one dot.")
    clicks = forms.BooleanField(label="Count clicks", required=False, help_text="Links lead over this server.")
    control_percent = forms.FloatField(
        label="Percent of customers",
        min_value=0,
        max_value=50,
        help_text="0 is off. The same people stay in it, so that you can compare after months.",
    )
    email_minute = Most("E-mail a minute", 100_000)
    sms_minute = Most("SMS a minute", 100_000)
    whatsapp_minute = Most("WhatsApp a minute", 100_000)
    push_minute = Most("Notifications a minute", 100_000)

    def __init__(self, rules: ContactRules, language: str, *args: Any, **given: Any) -> None:
        given["initial"] = taken_from(rules, language)
        super().__init__(*args, **given)
        self.rules, self.language = rules, language

    def clean_not_for(self) -> list[str]:
        return [word.strip().lower() for word in str(self.cleaned_data["not_for"]).split(",") if word.strip()]

    def clean_topics(self) -> tuple[Topic, ...]:
        lines = [line.strip() for line in str(self.cleaned_data["topics"]).splitlines() if line.strip()]
        if len(lines) > MOST_TOPICS:
            raise forms.ValidationError(f"No more than {MOST_TOPICS} topics: nobody reads a longer list.")
        topics = tuple(_topic(line, self.language, self.rules.consent.topics) for line in lines)
        if len({topic.key for topic in topics}) < len(topics):
            raise forms.ValidationError("Two topics have the same name.")
        return topics

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not self.errors and any(quiet_week(self._quiet(said), channel).is_always for channel in CHANNELS):
            raise forms.ValidationError("Nothing could ever go out: leave some hours of the week that are not quiet.")
        return said

    def put_together(self) -> ContactRules:
        said = self.cleaned_data
        minutes = {channel: said[f"{channel}_minute"] for channel in CHANNELS}
        return ContactRules(
            quiet=self._quiet(said),
            caps=_caps(said, self.rules.caps),
            pause=Pause(
                classes=tuple(said["pause_classes"]), not_for=tuple(said["not_for"]), at_most_days=said["at_most_days"]
            ),
            consent=Consent(
                double_opt_in=said["double_opt_in"],
                service=said["service"],
                order_sms=said["order_news"],
                topics=said["topics"],
            ),
            tracking=Tracking(opens=said["opens"], clicks=said["clicks"]),
            control_percent=said["control_percent"],
            hold_hours=said["hold_hours"],
            per_minute={channel: number for channel, number in minutes.items() if number},
        )

    def _quiet(self, said: dict[str, Any]) -> Quiet:
        return Quiet(
            channels=tuple(said["channels"]),
            start=_text(said["start"]),
            end=_text(said["end"]),
            weekend_start=_text(said["weekend_start"]),
            weekend_end=_text(said["weekend_end"]),
            silent_days=tuple(int(day) for day in said["silent_days"]),
            order_sms=said["order_sms"],
            us_law=said["us_law"],
        )


def taken_from(rules: ContactRules, language: str) -> dict[str, Any]:
    """What the fields show."""
    quiet, consent = rules.quiet, rules.consent
    return {
        "channels": list(quiet.channels),
        "start": time.fromisoformat(quiet.start),
        "end": time.fromisoformat(quiet.end),
        "weekend_start": time.fromisoformat(quiet.weekend_start) if quiet.weekend_start else None,
        "weekend_end": time.fromisoformat(quiet.weekend_end) if quiet.weekend_end else None,
        "silent_days": list(quiet.silent_days),
        "order_sms": quiet.order_sms,
        "us_law": quiet.us_law,
        **{name: cap.most for name, kind in _CAPS.items() for cap in rules.caps.limits if _is_of(cap, kind)},
        "hours_between": rules.caps.hours_between,
        "when_full": rules.caps.when_full,
        "hold_hours": rules.hold_hours,
        "pause_classes": list(rules.pause.classes),
        "not_for": ", ".join(rules.pause.not_for),
        "at_most_days": rules.pause.at_most_days,
        "double_opt_in": consent.double_opt_in,
        "service": consent.service,
        "order_news": consent.order_sms,
        "topics": "\n".join(_line(topic, language) for topic in consent.topics),
        "opens": rules.tracking.opens,
        "clicks": rules.tracking.clicks,
        "control_percent": f"{rules.control_percent:g}",
        **{f"{channel}_minute": number for channel, number in rules.per_minute.items()},
    }


def _is_of(cap: Cap, kind: Cap) -> bool:
    return replace(cap, most=1) == kind


def _caps(said: dict[str, Any], before: Caps) -> Caps:
    """What the form shows, and caps of other kinds that came by another way."""
    others = tuple(cap for cap in before.limits if not any(_is_of(cap, kind) for kind in _CAPS.values()))
    limits = tuple(replace(kind, most=said[name]) for name, kind in _CAPS.items() if said[name])
    return Caps(limits=(*limits, *others), hours_between=said["hours_between"], when_full=said["when_full"])


def _text(clock: time | None) -> str:
    return f"{clock:%H:%M}" if clock else ""


def _line(topic: Topic, language: str) -> str:
    own = topic.name.get(language) or next(iter(topic.name.values()), topic.key)
    others = [f"{code}: {name}" for code, name in topic.name.items() if name != own]
    return " | ".join([own, *others])


def _topic(line: str, language: str, known: tuple[Topic, ...]) -> Topic:
    """A line as a topic. One whose name is known keeps its key, and with it what readers chose."""
    own, *others = (part.strip()[:LONGEST_TOPIC] for part in line.split("|"))
    names = {language: own}
    for other in others:
        code, _, name = other.partition(":")
        if not name.strip() or not re.fullmatch(r"[a-z]{2}", code.strip().lower()):
            raise forms.ValidationError(
                f"“{other}”: write the language, a colon and the name, such as de: Neue Schuhe."
            )
        names[code.strip().lower()] = name.strip()
    held = next((topic.key for topic in known if own in topic.name.values()), "")
    key = held or re.sub(r"[^a-z0-9]+", "_", own.lower()).strip("_")[:14].strip("_")
    if not re.match(r"[a-z]", key):
        raise forms.ValidationError(f"“{own}”: begin with a letter from A to Z.")
    return Topic(key=key, name=names)
