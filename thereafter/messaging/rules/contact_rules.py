"""What a merchant may set about writing to people, with what holds until they do. See docs/contact-rules.md.

Read by `queries.contact_rules(store)`. Days of the week are 0 (Monday) to 6; times are "HH:MM" on the reader's clock.
"""

from typing import Annotated, Literal

import msgspec

from thereafter.messaging.rules.classes import MARKETING, SERVICE

Weekday = Annotated[int, msgspec.Meta(ge=0, le=6)]
Clock = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
ClockOrNone = Annotated[str, msgspec.Meta(pattern=r"^(?:([01]\d|2[0-3]):[0-5]\d)?$")]
Key = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,13}$")]
CHANNELS = ("email", "sms", "whatsapp", "push")
WANTED: tuple[str, ...] = (SERVICE, MARKETING)


class Quiet(msgspec.Struct, kw_only=True, frozen=True):
    """When people are left alone. Order news is not held, but by SMS where the shop says so."""

    channels: tuple[str, ...] = ("sms", "whatsapp", "push")
    start: Clock = "21:00"
    end: Clock = "08:00"
    # Nights that begin on Friday and Saturday; "" is as on other days.
    weekend_start: ClockOrNone = ""
    weekend_end: ClockOrNone = ""
    # Days on which nothing goes out at all.
    silent_days: tuple[Weekday, ...] = ()
    order_sms: bool = False
    # Hours in which the law of the United States and its states forbids text messages that sell.
    us_law: bool = True


class Cap(msgspec.Struct, kw_only=True, frozen=True):
    """At most so many in so many days (of 24 hours each, counted back from now). No channels means all together."""

    classes: tuple[str, ...]
    most: Annotated[int, msgspec.Meta(ge=1, le=100)]
    days: Annotated[int, msgspec.Meta(ge=1, le=31)]
    channels: tuple[str, ...] = ()


class Caps(msgspec.Struct, kw_only=True, frozen=True):
    limits: tuple[Cap, ...] = (
        Cap(classes=WANTED, most=2, days=1),
        Cap(classes=(MARKETING,), most=3, days=7),
        Cap(classes=WANTED, channels=("sms", "whatsapp"), most=2, days=7),
    )
    # Between one such message and the next.
    hours_between: Annotated[int, msgspec.Meta(ge=0, le=168)] = 6
    when_full: Literal["hold", "skip"] = "hold"


class Pause(msgspec.Struct, kw_only=True, frozen=True):
    """Who has an open claim or ticket is not asked how they like it."""

    classes: tuple[str, ...] = WANTED
    # Open matters that hold nothing back, by room: `open.<room>` among the customer's traits.
    not_for: tuple[str, ...] = ()
    at_most_days: Annotated[int, msgspec.Meta(ge=1, le=60)] = 14


class Topic(msgspec.Struct, kw_only=True, frozen=True):
    """Something that newsletters are about, which readers may choose."""

    key: Key
    # By language; the shop's own is shown where there is none.
    name: dict[str, Annotated[str, msgspec.Meta(max_length=80)]]


class Consent(msgspec.Struct, kw_only=True, frozen=True):
    # Whose yes counts only once they confirmed it by mail: nobody's, who says it here, or also whom the shop reports.
    double_opt_in: Literal["off", "ours", "all"] = "ours"
    # Who is asked for reviews and surveys: buyers who did not object, or only who said yes.
    service: Literal["buyers", "consent"] = "buyers"
    # Order news by SMS goes to whoever gave a number, or only to who said yes.
    order_sms: Literal["unless_no", "yes"] = "unless_no"
    topics: tuple[Topic, ...] = ()


class Tracking(msgspec.Struct, kw_only=True, frozen=True):
    opens: bool = True
    clicks: bool = True
    # Says in links to the shop's own pages where somebody came from (utm_source and so on).
    utm: bool = False


class ContactRules(msgspec.Struct, kw_only=True, frozen=True):
    quiet: Quiet = Quiet()
    caps: Caps = Caps()
    pause: Pause = Pause()
    consent: Consent = Consent()
    tracking: Tracking = Tracking()
    # Percent of customers who get no marketing at all, to see what it earns.
    control_percent: Annotated[float, msgspec.Meta(ge=0, le=50)] = 0
    # A message that had to wait longer than this is of no use any more, unless it says itself until when it is.
    hold_hours: Annotated[int, msgspec.Meta(ge=1, le=336)] = 72
    # Messages a minute, by channel; what is not named goes as fast as it can.
    per_minute: dict[str, Annotated[int, msgspec.Meta(ge=1, le=100_000)]] = {}
