"""Rewards as a merchant would tell them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from babel.dates import format_date
from babel.numbers import format_currency

from thereafter.commerce.models import CouponPool
from thereafter.kit.money import Money, exponent
from thereafter.kit.pages import moment, money, number, short_day, territory
from thereafter.loyalty.models import Redemption, Reward
from thereafter.loyalty.queries.rewards import readiness, terms_of
from thereafter.loyalty.rules import rewards as rules

KINDS = {
    rules.AMOUNT: ("tag", "Money off", "A code for a sum off the next order, also in steps that members choose."),
    rules.PERCENT: ("chart", "Percent off", "A code for a share off the next order."),
    rules.SHIPPING: ("truck", "Free shipping", "A code with which the next order is sent for nothing."),
    rules.PRODUCT: ("bag", "A product for free", "A code that takes the price of one product off."),
    rules.CREDIT: ("card", "Store credit", "Credit that adds up and is spent like money, also in steps."),
    rules.GIFT: ("gift", "A gift", "Something that you send; members say where to."),
    rules.SEAT: ("calendar", "A seat at an event", "A workshop, a tasting, an early opening: with a calendar file."),
    rules.DONATION: ("heart", "A donation", "You give money to somebody in the member's name, also in steps."),
}
STATES = {
    "ready": ("Has it", "good"),
    "used": ("Used", "good"),
    "sent": ("Sent", "good"),
    "paid_out": ("Paid out", "good"),
    "waiting": ("To hand over", "warn"),
    "on_its_way": ("On its way", "info"),
    "refused": ("Refused by the shop", "bad"),
    "expired": ("Ran out unused", "neutral"),
    "held": ("Held for a checkout", "info"),
    "released": ("Given back", "neutral"),
    "lapsed": ("Lapsed", "neutral"),
    "cancelled": ("Cancelled", "neutral"),
}
CHECKED = {
    CouponPool.Delivery.API: "Your checkout asks us whether a code is good.",
    CouponPool.Delivery.SHOPIFY: "Each code is put into Shopify within seconds.",
    CouponPool.Delivery.WOOCOMMERCE: "Each code is put into WooCommerce within seconds.",
    CouponPool.Delivery.LIST: "Your shop knows the codes already; we give them out one by one.",
}
_MOST_DIGITS = Decimal("0.0001")


def points(count: int) -> str:
    return f"{number(count)} point" if count == 1 else f"{number(count)} points"


def gives(reward: Reward, titles: Mapping[str, str] | None = None) -> str:
    """ "€5.00 off", "A seat on 3 Mar, 18:00": what the member has of it, in a few words."""
    worth = money(Money(reward.value, reward.currency)) if reward.currency else ""
    product = (titles or {}).get(str(reward.products[0]), "") if reward.products else ""
    details = reward.details
    said = {
        rules.AMOUNT: f"{worth} off",
        rules.PERCENT: f"{number(reward.value / 100, 2)}% off",
        rules.SHIPPING: "Free shipping",
        rules.PRODUCT: f"{product or 'A product'} for free",
        rules.CREDIT: f"{worth} store credit",
        rules.GIFT: "A gift that is sent",
        rules.SEAT: f"A seat on {moment(str(details['starts_at']))}" if details.get("starts_at") else "A seat",
        rules.DONATION: f"{worth} for {details.get('recipient', '')}",
    }[reward.kind]
    return f"{said} {_steps(reward)}" if reward.is_stepped else said


def _steps(reward: Reward) -> str:
    most = f", at most {points(reward.most_points)} at once" if reward.most_points else ""
    return f"for every {points(reward.cost)}{most}"


def price(terms: rules.Terms) -> str:
    """ "100 points for €5.00: a point costs you €0.05."; "" where it is not a sum of money."""
    each = rules.price_of_point(terms)
    if each is None:
        return ""
    return (
        f"{points(terms.cost)} for {money(Money(terms.value, terms.currency))}: a point costs you {fine(each, terms)}."
    )


def fine(minor: Fraction, terms: rules.Terms) -> str:
    """A fraction of a minor unit as money, with as many digits as it takes, up to four."""
    amount = Decimal(minor.numerator) / Decimal(minor.denominator) / 10 ** exponent(terms.currency)
    digits = amount.quantize(_MOST_DIGITS).normalize()
    places = max(exponent(terms.currency), -int(digits.as_tuple().exponent))
    pattern = f"¤#,##0.{'0' * places}" if places else "¤#,##0"
    return format_currency(amount, terms.currency, pattern, locale="en", currency_digits=False)


def sentences(reward: Reward, tiers: Mapping[str, str], titles: Mapping[str, str] | None = None) -> list[str]:
    """The whole reward in plain words."""
    found = [f"{points(reward.cost)}: {gives(reward, titles)}." if not reward.is_stepped else f"{gives(reward)}."]
    found += [one for one in (price(terms_of(reward)), _limits(reward), _for_whom(reward, tiers), _when(reward)) if one]
    if reward.kind in rules.COUPONS:
        found.append(_code(reward))
    return found


def _limits(reward: Reward) -> str:
    least = f"On orders from {money(Money(reward.minimum_minor, reward.currency))}." if reward.minimum_minor else ""
    left = f"{number(reward.stock)} are left." if reward.stock is not None else ""
    each = {None: "", 1: "Each member takes it once."}.get(
        reward.per_member, f"Each member takes it up to {reward.per_member} times."
    )
    return " ".join(one for one in (least, left, each) if one)


def _for_whom(reward: Reward, tiers: Mapping[str, str]) -> str:
    names = [tiers.get(key, key) for key in reward.tiers]
    return f"Only for members of {' and '.join(filter(None, [', '.join(names[:-1]), names[-1]]))}." if names else ""


def _when(reward: Reward) -> str:
    starts = f"from {moment(reward.starts_at)}" if reward.starts_at else ""
    ends = f"until {moment(reward.ends_at)}" if reward.ends_at else ""
    said = " ".join(one for one in (starts, ends) if one)
    return f"Offered {said}." if said else ""


def _code(reward: Reward) -> str:
    if reward.valid_days is None:
        return "The code has no end."
    back = " If it ends unused, the points go back." if reward.details.get("refund_when_expired") else ""
    return f"The code is good once, for {number(reward.valid_days)} days.{back}"


def state(redemption: Redemption, now: datetime) -> tuple[str, str]:
    """(label, tone) of what became of one taking."""
    if redemption.handing == Redemption.Handing.FAILED:
        return "Went wrong", "bad"
    if is_stuck(redemption):
        return "Still in the shop", "bad"
    return STATES.get(readiness(redemption, now), (redemption.get_state_display(), "neutral"))


def story(redemption: Redemption, now: datetime) -> str:
    """What became of one taking, in a sentence or two."""
    coupon = redemption.coupon
    found = readiness(redemption, now)
    if redemption.handing == Redemption.Handing.FAILED:
        return redemption.note
    if coupon and is_stuck(redemption):
        why = coupon.push_error or "it gave no reason."
        return f"It was cancelled and the points are back, but the shop system did not delete the code: {why}"
    if coupon and found == "refused":
        return f"The shop system refused the code: {coupon.push_error or 'it gave no reason.'}"
    if coupon and found == "on_its_way":
        later = f" The last try said: {coupon.push_error}" if coupon.push_error else ""
        return f"The code is on its way to the shop system. The member sees it when it is good there.{later}"
    if coupon and found == "ready":
        until = f" until {short_day(coupon.expires_at)}" if coupon.expires_at else ""
        return f"The member has the code and can use it{until}."
    return _plain(redemption, found)


def is_stuck(redemption: Redemption) -> bool:
    """Cancelled, and the shop system has its code still."""
    coupon = redemption.coupon
    return bool(coupon and coupon.withdrawn_at and coupon.push_state == "failed")


def _plain(redemption: Redemption, found: str) -> str:
    order = redemption.order.number if redemption.order else ""
    back = f" {points(redemption.restored)} went back, because it was returned." if redemption.restored else ""
    said = {
        "used": f"It was used{f' on order {order}' if order else ''}.{back}",
        "expired": "The code ran out before it was used.",
        "waiting": "Somebody of yours still has to hand it over.",
        "on_its_way": "The store credit is being booked.",
        "ready": "The member has it.",
        "sent": f"It was sent. {redemption.note}".strip(),
        "paid_out": f"The money was paid out. {redemption.note}".strip(),
        "held": "The points are held for a checkout that is not finished.",
        "cancelled": f"It was cancelled and the points are back. {redemption.note}".strip(),
        "released": "The checkout came to nothing, and the points are back.",
        "lapsed": "The checkout was not finished in time, and the points are back.",
    }
    return said.get(found, "")


def month(said: str) -> str:
    """2026-03 as March 2026."""
    return format_date(datetime.strptime(said, "%Y-%m"), "MMMM y", locale="en")  # noqa: DTZ007 a month has no zone


def address_lines(redemption: Redemption) -> list[str]:
    """Where a gift goes, as it stands on a parcel."""
    said = redemption.address
    town = " ".join(str(said.get(part) or "") for part in ("postcode", "city")).strip()
    country = territory(str(said["country"])) if said.get("country") else ""
    lines = [said.get("name"), said.get("line1"), said.get("line2"), town, said.get("region"), country]
    return [str(line) for line in lines if line]


def better(found: Iterable[tuple[str, str]], rewards: Mapping[str, Reward]) -> list[str]:
    """Rewards that nobody should take, each in a sentence."""
    return [
        f"Nobody needs “{rewards[worse].name}”: for {points(rewards[worse].cost)} or fewer, “{rewards[other].name}” "
        f"gives the same or more. Make it cheaper, or archive it."
        for worse, other in found
    ]
