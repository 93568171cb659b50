"""The kinds of step that only say where and when to go on; `rules/deciding.py` walks them."""

from thereafter.journeys.registry import Setting, control

_DURATION = (
    Setting("days", "Days", "number"),
    Setting("hours", "Hours", "number"),
    Setting("minutes", "Minutes", "number"),
    Setting("working_days", "Working days", "number", hint="Monday to Friday"),
)
_CLOCK = (
    Setting("weekdays", "Only on", "weekdays", hint="Left empty: on any day"),
    Setting("at", "Then until", "hour", hint="Such as 10:00"),
    Setting("zone", "By the clock of", "choice", choices=(("shop", "the shop"), ("customer", "the customer"))),
)

control(
    "wait",
    label="Wait",
    settings=[
        *_DURATION,
        Setting("until", "From the day", "moment", hint="Counts from a day that is known, such as trait.birthday"),
        *_CLOCK,
        Setting("between", "Only between", "text", hint="A window of the day, such as 09:00 to 18:00"),
    ],
    icon="clock",
    group="Wait",
)
control(
    "wait_for",
    label="Wait until something happens",
    settings=[
        Setting("event", "What happens", "event", required=True),
        Setting("if", "Only if", "condition", hint="As text: “fact” is what happens"),
        Setting("topic", "Topic", hint="Of what the API tells"),
        *_DURATION,
        *_CLOCK,
        Setting("then", "When it happens, go to", "step"),
        Setting("else", "When time is up, go to", "step"),
    ],
    icon="bell",
    group="Wait",
)
control(
    "branch",
    label="Choose a way",
    settings=[
        Setting("if", "If", "condition"),
        Setting("then", "Then go to", "step"),
        Setting("ways", "Ways", "ways", hint="The first whose condition holds is taken"),
        Setting("else", "Otherwise go to", "step"),
    ],
    icon="flow",
    group="Choose",
)
control(
    "split",
    label="Split at random",
    settings=[Setting("ways", "Ways", "ways", required=True, hint="Each with a name and a weight")],
    icon="flow",
    group="Choose",
)
control(
    "stop",
    label="End here",
    settings=[Setting("outcome", "Why", hint="What the lists say of who left here")],
    icon="check",
    group="Choose",
)
