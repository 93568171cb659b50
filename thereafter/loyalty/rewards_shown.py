"""A reward on the member's pages: before it is taken, and after."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from thereafter.kit.money import Money
from thereafter.kit.pages import day, number
from thereafter.loyalty import words
from thereafter.loyalty.models import Redemption, Reward
from thereafter.loyalty.queries.rewards import readiness, terms_of
from thereafter.loyalty.queries.standings import Offer, Standing, worth_of
from thereafter.loyalty.rules import rewards as rules
from thereafter.loyalty.rules.programme import Programme

# More steps than this are thinned out, the largest is always there.
MOST_STEPS = 24
FEW = 10


@dataclass(frozen=True)
class Step:
    points: int
    cost: str
    worth: str
    remains: str


@dataclass(frozen=True)
class Asked:
    """What the page says before the press."""

    named: words.Named
    cost: str
    remains: str
    worth: str
    terms: Sequence[str]
    steps: Sequence[Step] = ()
    problem: str = ""


def asked(one: Standing, offer: Offer, now: datetime) -> Asked:
    programme, reward = one.version.programme, offer.reward
    state = {"": "now", "insufficient_points": "soon", "wrong_tier": "tier", "out_of_stock": "gone"}
    over = reward.kind == rules.SEAT and rules.is_over(reward.details, now)
    problem = words.why_not(programme, reward, state.get(offer.why_not, "had"), offer.missing)
    return Asked(
        named=words.reward(reward),
        cost=words.points(programme, reward.cost),
        remains=words.points(programme, max(0, one.account.available - reward.cost)),
        worth=words.worth(reward.kind, reward.value, reward.currency),
        terms=terms(reward),
        steps=_steps(programme, reward, one.account.available) if reward.is_stepped else (),
        problem=_("This has begun already.") if over else problem,
    )


def _steps(programme: Programme, reward: Reward, available: int) -> list[Step]:
    choice = rules.choice(terms_of(reward), available)
    if not choice.is_open:
        return []
    every = list(range(choice.least, choice.most + 1, choice.step))
    apart = -(-len(every) // MOST_STEPS)
    chosen = sorted({*every[::apart], every[-1]})
    return [_step(programme, reward, points, available) for points in chosen]


def _step(programme: Programme, reward: Reward, points: int, available: int) -> Step:
    worth = worth_of(reward, points)
    remains = words.points(programme, available - points)
    return Step(points, words.points(programme, points), words.plain_money(worth) if worth else "", remains)


def terms(reward: Reward) -> list[str]:
    """The small print, a line each."""
    told = []
    if reward.kind == rules.SEAT:
        told += seat(reward.details)
    if reward.kind == rules.DONATION and reward.details.get("recipient"):
        told.append(_("We give it to %(name)s.") % {"name": reward.details["recipient"]})
    if reward.minimum_minor and reward.currency:
        least = words.plain_money(Money(reward.minimum_minor, reward.currency))
        told.append(_("For orders of %(amount)s or more.") % {"amount": least})
    if reward.kind in rules.COUPONS:
        told.append(_("One code for one order."))
    if reward.valid_days:
        days = ngettext("Good for %(num)s day.", "Good for %(num)s days.", reward.valid_days)
        told.append(days % {"num": number(reward.valid_days)})
    if reward.kind == rules.GIFT:
        told.append(_("We send it to the address you give, at no cost."))
    if reward.stock and reward.stock <= FEW:
        told.append(ngettext("%(num)s left.", "%(num)s left.", reward.stock) % {"num": number(reward.stock)})
    return told


def seat(details: dict[str, Any]) -> list[str]:
    """When and where an event is."""
    begins, place = rules.begins_at(details), str(details.get("place") or "")
    when = [_("On %(moment)s") % {"moment": f"{day(begins)}, {timezone.localtime(begins):%H:%M}"}] if begins else []
    return [*when, *([place] if place else [])]


_STATES = {
    "ready": ("good", gettext_noop("Ready to use")),
    "on_its_way": ("info", gettext_noop("Being prepared")),
    "waiting": ("info", gettext_noop("Being prepared")),
    "used": ("neutral", gettext_noop("Used")),
    "expired": ("neutral", gettext_noop("Ran out")),
    "sent": ("good", gettext_noop("Sent")),
    "paid_out": ("good", gettext_noop("Given")),
    "refused": ("warn", gettext_noop("Something went wrong")),
    "held": ("info", gettext_noop("Held at the checkout")),
}
_OVER = ("neutral", gettext_noop("Cancelled, points are back"))
LIVE = ("ready", "on_its_way", "waiting", "refused")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A reward that was taken. `how` says what the member does next."""

    pk: int
    name: str
    icon: str
    kind: str
    points: int
    made_at: datetime
    ready: str
    tone: str
    state: str
    worth: str = ""
    code: str = ""
    until: date | datetime | None = None
    how: Sequence[str] = ()
    address: Sequence[str] = ()
    note: str = ""
    restored: int = 0
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        return self.ready in LIVE


def redemption(one: Redemption, now: datetime) -> Shown:
    ready = readiness(one, now)
    kind = str(one.said.get("kind") or (one.reward.kind if one.reward else ""))
    tone, state = _STATES.get(ready, _OVER)
    coupon = one.coupon if ready in {"ready", "used", "expired"} else None
    return Shown(
        pk=one.pk,
        name=_name(one),
        icon=words.KINDS.get(Reward.Kind(kind), "gift") if kind in Reward.Kind.values else "gift",
        kind=kind,
        points=one.points,
        made_at=one.made_at,
        ready=ready,
        tone=tone,
        state=_(state),
        worth=words.worth(kind, int(one.said.get("value") or 0), str(one.said.get("currency") or "")),
        code=coupon.code if coupon else "",
        until=coupon.expires_at if coupon else None,
        how=_how(one, kind, ready),
        address=_address(one) if kind == rules.GIFT else (),
        note=one.note if ready == "sent" else "",
        restored=one.restored,
        details=one.reward.details if one.reward else {},
    )


def _name(one: Redemption) -> str:
    own = (one.said.get("words") or {}).get(words.language()) or {}
    said = str(own.get("name") or one.said.get("name") or "")
    return words.reward(one.reward).name if one.reward and one.reward.name == said else said


def _how(one: Redemption, kind: str, ready: str) -> list[str]:
    if ready == "ready" and kind in rules.COUPONS:
        return [_("Enter this code at the checkout of your next order.")]
    if ready == "on_its_way" and kind in rules.COUPONS:
        return [_("The shop is being told of your code. It shows up here in a minute; open this page again.")]
    if ready == "refused":
        return [_("The shop did not take your code. Write to us and we set it right; your points are not lost.")]
    return _by_kind(one, kind, ready)


def _by_kind(one: Redemption, kind: str, ready: str) -> list[str]:
    if kind == rules.CREDIT and ready in {"ready", "on_its_way"}:
        return [_("It is booked as store credit. You get a mail with how to use it.")]
    if kind == rules.GIFT and ready == "waiting":
        return [_("We pack it and send it to you. You need do nothing.")]
    if kind == rules.SEAT and ready == "ready":
        return [_("Your seat is reserved. Just come."), *seat(one.reward.details if one.reward else {})]
    if kind == rules.DONATION and ready in {"waiting", "paid_out"}:
        return [_("Thank you. It is given in your name.")]
    return []


def _address(one: Redemption) -> list[str]:
    given = one.address
    town = " ".join(filter(None, (str(given.get("postcode", "")), str(given.get("city", "")))))
    return [str(line) for line in (given.get("name"), given.get("line1"), given.get("line2"), town) if line]
