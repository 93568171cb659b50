"""What a campaign is: to whom, what, when. Kept as one document; `read` never fails on what `write` wrote."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

MOST_VARIANTS = 4
NAMES = "ABCD"
CHANNELS = ("email", "sms", "whatsapp", "push")
Percent = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Variant(msgspec.Struct, kw_only=True, frozen=True):
    """One way to say it: a template, and a subject line in place of the template's own."""

    template: str = ""
    subject: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Utm(msgspec.Struct, kw_only=True, frozen=True):
    source: Annotated[str, msgspec.Meta(max_length=80)] = ""
    medium: Annotated[str, msgspec.Meta(max_length=80)] = ""
    campaign: Annotated[str, msgspec.Meta(max_length=80)] = ""


class Plan(msgspec.Struct, kw_only=True, frozen=True):
    """Segments by their id; who is in any of them and meets the condition, and in none of the excluded ones.

    `at` is a moment on the clock of the shop, or of each reader when `when` is local: "2026-03-03T10:00".
    """

    segments: tuple[int, ...] = ()
    condition: str = ""
    excluded: tuple[int, ...] = ()
    most_people: Annotated[int, msgspec.Meta(ge=1)] | None = None
    holdout: Annotated[int, msgspec.Meta(ge=0, le=50)] = 0
    variants: tuple[Variant, ...] = (Variant(),)
    channels: tuple[str, ...] = ()
    topic: str = ""
    pool: str = ""
    utm: Utm = Utm()
    when: Literal["now", "at", "local"] = "now"
    at: str = ""
    throttle: Annotated[int, msgspec.Meta(ge=1)] | None = None
    throttle_per: Literal["minute", "hour"] = "minute"
    test_share: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20
    winner_by: Literal["clicks", "orders"] = "clicks"
    winner_hours: Annotated[int, msgspec.Meta(ge=1, le=168)] = 4
    attribution_days: Annotated[int, msgspec.Meta(ge=1, le=30)] = 5

    @property
    def is_split(self) -> bool:
        return len(self.variants) > 1

    @property
    def waits_for_winner(self) -> bool:
        """Whether some people wait until it is known which variant does better."""
        return self.is_split and self.test_share < 100  # noqa: PLR2004 all of them

    @property
    def per_minute(self) -> float | None:
        if self.throttle is None:
            return None
        return self.throttle if self.throttle_per == "minute" else self.throttle / 60


class Problem(NamedTuple):
    """What keeps a campaign from going out. `where` is the part of the editor: audience, message or when."""

    where: str
    text: str


def read(document: Mapping[str, Any]) -> Plan:
    """Raises `msgspec.ValidationError` for what is no plan."""
    return msgspec.convert(document, Plan)


def write(plan: Plan) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(plan)
    return found


def problems(plan: Plan, *, templates: Mapping[str, str], segments: Mapping[int, str]) -> Iterator[Problem]:
    """What is missing or no longer there; `templates` by key and `segments` by id are those of the store."""
    gone = [one for one in (*plan.segments, *plan.excluded) if one not in segments]
    if gone:
        yield Problem("audience", "A segment that was chosen is no longer there. Choose another one.")
    both = set(plan.segments) & set(plan.excluded)
    if both:
        yield Problem("audience", f"“{segments.get(min(both), 'A segment')}” is both chosen and left out.")
    yield from _about_message(plan, templates)
    if plan.when != "now" and not plan.at:
        yield Problem("when", "Say on which day and at what time it goes out.")


def _about_message(plan: Plan, templates: Mapping[str, str]) -> Iterator[Problem]:
    chosen = [variant.template for variant in plan.variants]
    if not all(chosen):
        yield Problem("message", "Choose a template." if len(chosen) == 1 else "Choose a template for each variant.")
    elif any(key not in templates for key in chosen):
        yield Problem("message", "The template that was chosen is no longer there. Choose another one.")
    elif plan.is_split and len(set(plan.variants)) < len(plan.variants):
        yield Problem("message", "Two variants are the same: give one another template or subject line.")
