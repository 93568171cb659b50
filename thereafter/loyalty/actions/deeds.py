"""Points for what members do besides buying, as other rooms, the shop's systems or members themselves tell of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from thereafter.loyalty.actions import earning, points
from thereafter.loyalty.actions.earning import Deed, Earned
from thereafter.loyalty.models import Member
from thereafter.loyalty.queries.programmes import programme_now, versions

SURVEY, JOINED, NEWSLETTER, EXCHANGE = "survey", "joined", "newsletter", "exchange"
# What we see ourselves: nobody's system needs to tell us, so that it is never counted twice.
SEEN = frozenset({SURVEY, JOINED, NEWSLETTER, EXCHANGE})
SOCIAL = "social_"


class NoSuchWay(ValueError):
    """The programme gives nothing for it."""


def thank(store_id: int, deeds: Iterable[Deed], *, now: datetime) -> int:
    """Points for those deeds that the programme of their day has an action for; returns how many brought some."""
    listed = versions(store_id)
    known = [deed for deed in deeds if deed.action in listed.at(deed.at).programme.actions]
    return sum(one.result == "ok" for one in earning.earn_many(store_id, known, now=now)) if known else 0


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Somebody reviewed what they bought here; how many stars they gave is not told."""

    customer_id: int
    review_id: int
    at: datetime
    order_id: int | None
    photos: int
    videos: int


def thank_for_reviews(store_id: int, reviews: Iterable[Reviewed], *, now: datetime) -> int:
    """Points once for each review, by the best way the programme of its day has: video, photo, any review."""
    listed = versions(store_id)
    found = []
    for one in reviews:
        had = {"review_video": one.videos, "review_photo": one.photos, "review_text": 1}
        actions = listed.at(one.at).programme.actions
        action = next((way for way, count in had.items() if count and way in actions and actions[way].is_on), "")
        source = f"review:{one.review_id}"
        if action:
            found.append(Deed(one.customer_id, action, source, one.at, one.order_id, source=source))
    return thank(store_id, found, now=now)


def follow(member: Member, network: str, now: datetime) -> Earned:
    """A member says that they follow the shop there. Nobody can check it: given once for ever, and the line says so.

    `network` is instagram, facebook, ...: the action `social_instagram` of the programme. Raises `NoSuchWay`.
    """
    action = f"{SOCIAL}{network}"
    terms = programme_now(member.store_id).programme.actions.get(action)
    if terms is None or not terms.is_on:
        raise NoSuchWay("This shop gives no points for following it there.")
    about = {"verified": False, "network": network}
    deed = Deed(member.customer_id, action, str(member.pk), now, about=about)
    return earning.earn_many(member.store_id, [deed], now=now)[0]


def exchange_of(case_id: int) -> str:
    """What an exchange instead of a refund is called among the deeds; once for each case."""
    return f"case:{case_id}"


def undo_exchange(store_id: int, case_id: int, *, at: datetime, now: datetime) -> int:
    """A case that ended as an exchange ended as money after all; returns the points that went."""
    source = Deed(0, EXCHANGE, exchange_of(case_id), at).named
    return points.revoke(store_id, source, name=f"{source}:undone", reason=EXCHANGE, at=at, now=now)
