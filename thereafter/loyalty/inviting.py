"""What members and friends read of invitations, in the language in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from thereafter.commerce.models import Coupon, CouponPool
from thereafter.commerce.queries import coupon_pools
from thereafter.commerce.rules.coupons import AMOUNT, PERCENT
from thereafter.kit import clock
from thereafter.kit.money import Money, to_minor
from thereafter.kit.pages import day, percent
from thereafter.loyalty import words
from thereafter.loyalty.models import Member, Referral
from thereafter.loyalty.queries.programmes import Version
from thereafter.loyalty.rules.programme import Programme, ReferralTerms
from thereafter.storefront.links import page
from thereafter.stores.models import Store

State = Referral.State
_WHOLE = 10_000


@dataclass(frozen=True)
class Promise:
    """What both get: the friend's presents one by one, and when the member's comes."""

    friend: Sequence[str]
    advocate: str
    conditions: Sequence[str]


@dataclass(frozen=True)
class Invited:
    """One accepted invitation as the member who invited reads it."""

    text: str
    tone: str
    icon: str


def offered(version: Version) -> ReferralTerms | None:
    """What inviting brings now; None where the shop does not reward it."""
    terms = version.programme.referral
    return terms if terms is not None and terms.is_on else None


def link_of(store: Store, member: Member) -> str:
    return page(store, "loyalty_storefront:friend", member.referral_code)


def promise(store: Store, version: Version, terms: ReferralTerms) -> Promise:
    programme = version.programme
    presents = [gift] if (gift := _pool_words(_pool(store, terms))) else []
    if terms.friend_points:
        presents.append(_("%(points)s to begin with") % {"points": words.points(programme, terms.friend_points)})
    return Promise(presents, _for_advocate(programme, terms), _conditions(store, programme, terms))


def told_to_friend(version: Version, terms: ReferralTerms, first_name: str) -> str:
    """What who invited has of it; who is invited should know."""
    if not terms.points:
        return ""
    said = {
        "first_order": _("%(name)s gets %(points)s when you buy for the first time."),
        "joining": _("%(name)s gets %(points)s when you accept."),
        "every_order": _("%(name)s gets %(points)s each time you buy."),
    }
    parts = {"name": first_name or _("Your friend"), "points": words.points(version.programme, terms.points)}
    return said[terms.on] % parts


def _pool(store: Store, terms: ReferralTerms) -> CouponPool | None:
    return coupon_pools(store).filter(key=terms.friend_pool).first() if terms.friend_pool else None


def _pool_words(pool: CouponPool | None) -> str:
    if pool is None:
        return ""
    if pool.kind == PERCENT:
        text = _("%(share)s off your first order") % {"share": percent(pool.value / _WHOLE)}
    elif pool.kind == AMOUNT:
        text = _("%(amount)s off your first order") % {"amount": words.plain_money(Money(pool.value, pool.currency))}
    else:
        text = _("Free shipping on your first order")
    if not pool.minimum_minor:
        return text
    return _("%(present)s from %(amount)s") % {"present": text, "amount": words.plain_money(pool.minimum)}


def _for_advocate(programme: Programme, terms: ReferralTerms) -> str:
    if not terms.points:
        return ""
    said = {
        "first_order": _("%(points)s when your friend buys for the first time"),
        "joining": _("%(points)s when your friend accepts"),
        "every_order": _("%(points)s each time your friend buys"),
    }
    return said[terms.on] % {"points": words.points(programme, terms.points)}


def _conditions(store: Store, programme: Programme, terms: ReferralTerms) -> list[str]:
    told = [_("It is for people who have not bought at %(shop)s before.") % {"shop": store.name}]
    if terms.min_amount and terms.on != "joining":
        least = words.plain_money(Money(to_minor(terms.min_amount, store.currency), store.currency))
        told.append(_("The order has to be worth %(amount)s at least, without delivery.") % {"amount": least})
    if terms.hold_days and terms.points:
        told.append(
            _("Points for inviting can be used %(days)s days after the order, if it is kept.")
            % {"days": terms.hold_days}
        )
    if terms.on != "joining":
        told.append(_("An invitation is good for %(days)s days after it was accepted.") % {"days": terms.lapse_days})
    return told


def invited(referral: Referral, programme: Programme) -> Invited:
    """Of the friend no more than a letter: whether and what they buy is theirs to tell."""
    text, tone, icon = _STATES[State(referral.state)]
    parts = {
        "friend": _letter(referral),
        "day": day(referral.claimed_at),
        "then": day(referral.held_until) if referral.held_until else "",
        "points": words.points(programme, referral.entry.points if referral.entry else 0),
    }
    return Invited(_(text) % parts, tone, icon)


def _letter(referral: Referral) -> str:
    known = (referral.friend.name if referral.friend else "") or referral.friend_email
    return f"{known[:1].upper()}." if known else _("Somebody")


_STATES = {
    State.CLAIMED: (gettext_noop("%(friend)s accepted on %(day)s and has not bought yet."), "info", "clock"),
    State.HELD: (gettext_noop("%(friend)s accepted on %(day)s. We take a look at it."), "neutral", "eye"),
    State.REFUSED: (gettext_noop("%(friend)s accepted on %(day)s. It does not count."), "neutral", "close"),
    State.QUALIFIED: (gettext_noop("%(friend)s bought. Your %(points)s come on %(then)s."), "info", "clock"),
    State.REWARDED: (gettext_noop("%(friend)s bought, and you got %(points)s."), "good", "check"),
    State.UNDONE: (gettext_noop("%(friend)s bought and sent it back."), "neutral", "return"),
    State.LAPSED: (gettext_noop("%(friend)s accepted on %(day)s and did not buy in time."), "neutral", "clock"),
}


@dataclass(frozen=True)
class Way:
    label: str
    url: str
    icon: str


def ways(store: Store, gift: Promise, link: str) -> list[Way]:
    """Plain links that open the reader's own programs with the words filled in; nothing of others is loaded."""
    present = gift.friend[0] if gift.friend else ""
    said = _("I like to shop at %(shop)s. With this link there is a present for you: %(present)s.") if present else ""
    text = (said or _("I like to shop at %(shop)s. Take a look:")) % {"shop": store.name, "present": present}
    whole = f"{text} {link}"
    subject = _("A present for you at %(shop)s") % {"shop": store.name}
    mail = urlencode({"subject": subject, "body": whole}, quote_via=quote)
    return [
        Way(_("E-mail"), f"mailto:?{mail}", "mail"),
        Way("WhatsApp", f"https://wa.me/?text={quote(whole)}", "chat"),
        # "?&body" is read by both kinds of phones.
        Way(_("Text message"), f"sms:?&body={quote(whole)}", "phone"),
    ]


def coupon_facts(coupon: Coupon, now: datetime) -> dict[str, Any]:
    """What a page or a message says of the friend's code; `until` is the last whole day on the shop's clock."""
    pool = coupon.pool
    last = coupon.expires_at - timedelta(seconds=1) if coupon.expires_at else None
    share = pool.value / 100
    return {
        "code": coupon.code,
        "kind": pool.kind,
        "percent": (int(share) if share.is_integer() else share) if pool.kind == PERCENT else None,
        "amount_minor": pool.value if pool.kind == AMOUNT else None,
        "currency": pool.currency,
        "minimum_minor": pool.minimum_minor or None,
        "until": last.astimezone(clock.zone(pool.store.time_zone)).date().isoformat() if last else None,
        "is_open": coupon.is_open(now),
    }


def present_words(coupon: Coupon) -> str:
    return _pool_words(coupon.pool)
