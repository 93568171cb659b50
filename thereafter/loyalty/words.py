"""How members read points, tiers, ways to earn and the lines of their history, in the language in force."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from thereafter.kit.money import Money, exponent
from thereafter.kit.pages import day, money, number, percent
from thereafter.loyalty.models import Reward
from thereafter.loyalty.rules.programme import Action, Benefits, Programme, Tier

# What members read of the ways that every shop may offer; the merchant's own words come first.
WAYS = {
    "joined": ("person", gettext_noop("Join the programme")),
    "newsletter": ("mail", gettext_noop("Subscribe to the newsletter")),
    "survey": ("chat", gettext_noop("Answer a question about your order")),
    "review": ("star", gettext_noop("Write a review")),
    "review_text": ("star", gettext_noop("Write a review")),
    "review_photo": ("image", gettext_noop("Write a review with a photo")),
    "review_video": ("image", gettext_noop("Write a review with a video")),
    "qr": ("tag", gettext_noop("Scan a code in the shop or in your parcel")),
    "social_instagram": ("heart", gettext_noop("Follow us on Instagram")),
    "social_facebook": ("heart", gettext_noop("Follow us on Facebook")),
    "social_tiktok": ("heart", gettext_noop("Follow us on TikTok")),
    "social_x": ("heart", gettext_noop("Follow us on X")),
    "recycling": ("refresh", gettext_noop("Bring back worn goods")),
    "trade_in": ("return", gettext_noop("Trade in used goods")),
    "warranty_registered": ("shield", gettext_noop("Register a warranty")),
    "workshop_attended": ("people", gettext_noop("Come to a workshop")),
    "exchange": ("return", gettext_noop("Exchange instead of sending back for money")),
    "slower_delivery": ("truck", gettext_noop("Choose the slower delivery")),
}
PERKS = {
    "free_returns": gettext_noop("Free returns"),
    "free_shipping": gettext_noop("Free shipping"),
    "priority_support": gettext_noop("Your questions are answered first"),
}
KINDS = {
    Reward.Kind.AMOUNT: "card",
    Reward.Kind.PERCENT: "tag",
    Reward.Kind.SHIPPING: "truck",
    Reward.Kind.PRODUCT: "bag",
    Reward.Kind.CREDIT: "card",
    Reward.Kind.GIFT: "gift",
    Reward.Kind.SEAT: "calendar",
    Reward.Kind.DONATION: "heart",
}
REFUSALS = {
    "insufficient_points": gettext_noop("You have too few points for this right now."),
    "out_of_stock": gettext_noop("The last one has just gone. Your points are untouched."),
    "limit_reached": gettext_noop("You have had this as often as one may."),
    "not_offered": gettext_noop("This is not on offer any more. Your points are untouched."),
    "wrong_tier": gettext_noop("This is for members of another tier."),
    "key_reused": gettext_noop("This page was used for something else already. Please begin again."),
    "not_a_member": gettext_noop("Join first, then you can take rewards."),
}
ANY_REFUSAL = gettext_noop("This cannot be taken right now. Your points are untouched.")


def language() -> str:
    return (get_language() or "en").split("-")[0]


def in_words(words: Mapping[str, Any], otherwise: str) -> str:
    """The merchant's own words in the reader's language."""
    return str(words.get(language()) or words.get("") or otherwise)


def points(programme: Programme, count: int) -> str:
    """ "120 points", or what the shop calls them."""
    return f"{number(count)} {unit(programme, count)}"


def unit(programme: Programme, count: int) -> str:
    own = _own_name(programme)
    if own:
        return own[0] if abs(count) == 1 else own[1]
    return ngettext("point", "points", count)


def _own_name(programme: Programme) -> tuple[str, str] | None:
    """A name is a brand: one that is not translated is better than a plain "points"."""
    names = programme.points_name
    return names.get(language()) or names.get("en") or next(iter(names.values()), None)


def signed(programme: Programme, count: int) -> str:
    return f"{'+' if count > 0 else '−'}{number(abs(count))}"


def programme_name(programme: Programme, shop: str) -> str:
    return programme.name or _("Rewards of %(shop)s") % {"shop": shop}


def tier_name(tier: Tier | None) -> str:
    return in_words(tier.words, tier.name) if tier else ""


def tier_names(programme: Programme, keys: Iterable[str]) -> str:
    """ "Silver, Gold": of tiers by their keys."""
    return ", ".join(tier_name(tier) for key in keys if (tier := programme.tier_of(key)))


def order_rate(programme: Programme, currency: str) -> str:
    """ "3 points for every €2", of what an order earns before any extra; "" where orders earn nothing."""
    if not programme.rate:
        return ""
    share = Fraction(programme.rate)
    per = Money(share.denominator * 10 ** exponent(currency), currency)
    parts = {"points": points(programme, share.numerator), "amount": plain_money(per)}
    return _("%(points)s for every %(amount)s") % parts


def plain_money(amount: Money) -> str:
    """Without the cents that are none: €2."""
    text = money(amount)
    for zeros in (".00", ",00"):
        text = text.replace(zeros, "")
    return text


def way_name(key: str, action: Action | None = None) -> str:
    own = in_words(action.words, action.label) if action else ""
    known = WAYS.get(key)
    plain = key.replace("_", " ").replace("-", " ").replace(".", " ").strip()
    return own or (_(known[1]) if known else plain[:1].upper() + plain[1:])


def way_name_of_orders() -> str:
    return _("Buy something")


def way_icon(key: str) -> str:
    return WAYS.get(key, ("sparkle", ""))[0]


def way_limit(action: Action) -> str:
    """How often it counts, in a few words."""
    spans = (
        (action.per_day, gettext_noop("once a day"), gettext_noop("up to %(count)s times a day")),
        (action.per_week, gettext_noop("once a week"), gettext_noop("up to %(count)s times a week")),
        (action.per_month, gettext_noop("once a month"), gettext_noop("up to %(count)s times a month")),
        (action.per_year, gettext_noop("once a year"), gettext_noop("up to %(count)s times a year")),
        (action.per_order, gettext_noop("once per order"), gettext_noop("up to %(count)s times per order")),
        (action.total, gettext_noop("once"), gettext_noop("up to %(count)s times in all")),
    )
    said = [_(one) if count == 1 else _(many) % {"count": count} for count, one, many in spans if count]
    return ", ".join(said)


def perks(benefits: Benefits, programme: Programme) -> list[str]:
    """What a tier gives, a line each."""
    told = [_(text) for name, text in PERKS.items() if getattr(benefits, name)]
    told += _counted(benefits)
    if benefits.birthday_points:
        told.append(_("%(points)s for your birthday") % {"points": points(programme, benefits.birthday_points)})
    return [*told, *benefits.others]


def _counted(benefits: Benefits) -> list[str]:
    months, days = benefits.warranty_extra_months, benefits.return_extra_days
    hours, seats = benefits.early_access_hours, benefits.workshop_seats
    said = (
        (months, ngettext("%(num)s more month of warranty", "%(num)s more months of warranty", months)),
        (days, ngettext("%(num)s more day to send things back", "%(num)s more days to send things back", days)),
        (hours, ngettext("New things %(num)s hour before others", "New things %(num)s hours before others", hours)),
        (seats, ngettext("%(num)s free seat at a workshop", "%(num)s free seats at workshops", seats)),
    )
    return [text % {"num": number(count)} for count, text in said if count]


def tier_gain(tier: Tier, programme: Programme) -> list[str]:
    """All that a tier brings, its faster points and its welcome included."""
    told = []
    if tier.multiplier != 1:
        told.append(_("%(times)s times the points for every order") % {"times": number(float(tier.multiplier), 2)})
    if tier.entry_points:
        told.append(_("%(points)s as a welcome") % {"points": points(programme, tier.entry_points)})
    return told + perks(tier.benefits, programme)


@dataclass(frozen=True)
class Named:
    """A reward as its member reads it."""

    name: str
    text: str
    icon: str


def reward(one: Reward) -> Named:
    own = one.words.get(language()) or {}
    return Named(
        str(own.get("name") or one.name), str(own.get("text") or one.text), KINDS.get(Reward.Kind(one.kind), "gift")
    )


def worth(kind: str, value: int, currency: str) -> str:
    """What a discount or a credit is worth; "" for what is no money."""
    if kind in {Reward.Kind.AMOUNT, Reward.Kind.CREDIT} and currency:
        return plain_money(Money(value, currency))
    return percent(float(Decimal(value) / 10_000)) if kind == Reward.Kind.PERCENT else ""


def cost(programme: Programme, one: Reward) -> str:
    """ "500 points"; of a reward in steps "from 100 points"."""
    text = points(programme, one.cost)
    return _("from %(points)s") % {"points": text} if one.is_stepped else text


def why_not(programme: Programme, one: Reward, state: str, missing: int) -> str:
    """Why it cannot be taken now; "" when it can."""
    if state == "soon":
        return _("%(points)s missing") % {"points": points(programme, missing)}
    if state == "tier":
        return _("For members of %(tiers)s") % {"tiers": tier_names(programme, one.tiers)}
    if state == "gone":
        return _("All gone for now")
    return _("You have had this as often as one may.") if state == "had" else ""


def more_points(times: Decimal, until: date) -> str:
    parts = {"times": number(float(times), 2), "day": day(until)}
    return _("Until %(day)s every order earns %(times)s times the points.") % parts
