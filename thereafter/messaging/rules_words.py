"""The contact rules as sentences: what results from what is set."""

from thereafter.messaging.rules.classes import MARKETING
from thereafter.messaging.rules.contact_rules import WANTED, Cap, ContactRules
from thereafter.messaging.words import CHANNELS

_DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def explained(rules: ContactRules) -> list[str]:
    """What a customer will notice, in plain words."""
    said = [_quiet(rules), *(_cap(cap) for cap in rules.caps.limits), _between(rules), _waiting(rules)]
    return [sentence for sentence in (*said, _open(rules), *_consent(rules), _control(rules), _pace(rules)) if sentence]


def _quiet(rules: ContactRules) -> str:
    quiet = rules.quiet
    law = " American customers get no texts that sell outside of the hours of their state." if quiet.us_law else ""
    if not quiet.channels:
        return f"There are no quiet hours.{law}"
    ways = _listed([CHANNELS[channel] for channel in quiet.channels])
    weekend = (
        f" (on Friday and Saturday nights {quiet.weekend_start or quiet.start} to {quiet.weekend_end or quiet.end})"
        if quiet.weekend_start or quiet.weekend_end
        else ""
    )
    days = f", and not on {_listed([_DAYS[day] for day in quiet.silent_days])}" if quiet.silent_days else ""
    order_news = f"Order news does not wait{' but by SMS' if quiet.order_sms else ''}."
    return (
        f"Between {quiet.start} and {quiet.end}{weekend} on the customer's own clock nothing goes out by {ways}{days}; "
        f"it waits and goes when the time is over. {order_news}{law}"
    )


def _cap(cap: Cap) -> str:
    what = {(MARKETING,): "offers and news", WANTED: "offers, news and surveys"}.get(cap.classes, "surveys")
    by = f" by {_listed([CHANNELS.get(channel, channel) for channel in cap.channels])}" if cap.channels else ""
    often = {1: "a day", 7: "a week"}.get(cap.days, f"in {cap.days} days")
    times = {1: "once", 2: "twice"}.get(cap.most, f"{cap.most} times")
    return f"Nobody is written to more than {times} {often} with {what}{by}, all journeys and campaigns together."


def _between(rules: ContactRules) -> str:
    hours = rules.caps.hours_between
    return f"Between two of them are at least {hours} hours." if hours else ""


def _waiting(rules: ContactRules) -> str:
    if rules.caps.when_full == "skip":
        return "What is too much is left out, and the message says why."
    return f"What is too much waits for its turn, at most {rules.hold_hours} hours; then it is left out as too late."


def _open(rules: ContactRules) -> str:
    if not rules.pause.classes:
        return "Open claims hold nothing back."
    what = _listed(["surveys" if one != MARKETING else "offers" for one in rules.pause.classes])
    but = f" (a {_listed(list(rules.pause.not_for))} alone holds nothing back)" if rules.pause.not_for else ""
    matters, longest = f"a claim, a return or a question is open{but}", f"at most {rules.pause.at_most_days} days"
    return f"While {matters}, {what} wait until it is settled, {longest}."


def _consent(rules: ContactRules) -> list[str]:
    proof = {
        "off": "A yes to offers counts at once.",
        "ours": "A yes to offers on our pages counts once confirmed by mail; what the shop reports counts as it is.",
        "all": "Nobody gets offers by e-mail before they confirmed it by mail, whatever the shop reports.",
    }[rules.consent.double_opt_in]
    surveys = (
        "Surveys and reviews go by e-mail to buyers who have not objected."
        if rules.consent.service == "buyers"
        else "Surveys and reviews go only to who said yes to them."
    )
    return [proof, surveys, "Texts, WhatsApp and notifications that sell need a yes of their own for each."]


def _control(rules: ContactRules) -> str:
    if not rules.control_percent:
        return ""
    return f"{rules.control_percent:g} % of customers get no marketing, always the same ones, so that you can compare."


def _pace(rules: ContactRules) -> str:
    ways = [f"{number} by {CHANNELS.get(channel, channel)}" for channel, number in rules.per_minute.items()]
    return f"No more than {_listed(ways)} go out in a minute." if ways else ""


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
