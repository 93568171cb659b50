"""Tiers in sentences: what each takes and gives, and how all are reached and kept."""

from decimal import Decimal

from thereafter.loyalty.rules.programme import Benefits, Standing, Tier
from thereafter.loyalty.rules.wording_figures import Speaker, days, join, many
from thereafter.loyalty.rules.wording_rules import times

ONE = Decimal(1)


def tier_sentence(tier: Tier, speaker: Speaker) -> str:
    by_spend = speaker.programme.tier.metric == "spend"
    entry = speaker.money(tier.min) if by_spend else speaker.points(int(tier.min))
    given = [times(tier.multiplier)] if tier.multiplier != ONE else []
    given += [f"{speaker.points(tier.entry_points)} on entry"] if tier.entry_points else []
    given += benefit_words(tier.benefits, speaker)
    return f"{tier.name}, from {entry}: {join(given) if given else 'no benefits yet'}."


def benefit_words(benefits: Benefits, speaker: Speaker) -> list[str]:
    said = [
        ("free returns", benefits.free_returns),
        ("free shipping", benefits.free_shipping),
        ("priority support", benefits.priority_support),
        (f"{many(benefits.warranty_extra_months, 'month')} more warranty", benefits.warranty_extra_months),
        (f"{days(benefits.return_extra_days)} longer to return", benefits.return_extra_days),
        (f"{many(benefits.early_access_hours, 'hour')} of early access", benefits.early_access_hours),
        (f"{many(benefits.workshop_seats, 'free workshop seat')}", benefits.workshop_seats),
        (f"{speaker.points(benefits.birthday_points)} more on the birthday", benefits.birthday_points),
    ]
    return [text for text, has in said if has] + [other for other in benefits.others if other]


def metric(standing: Standing) -> str:
    return "what was spent" if standing.metric == "spend" else "points earned"


def counted(standing: Standing) -> str:
    if standing.rolling_days:
        return f"in the last {days(standing.rolling_days)}"
    return "since the first order" if standing.window == "lifetime" else "in the calendar year"


def term(standing: Standing) -> str:
    if standing.term_days:
        return f"A tier is kept for {days(standing.term_days)} at least."
    kept = {
        "none": "A tier holds as long as it is reached.",
        "calendar_next": "A tier is kept for the rest of the year and the next one.",
    }
    return kept[standing.term]
