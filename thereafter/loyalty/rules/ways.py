"""The ways to earn points that every shop may offer, beside orders; any other key is the shop's own event."""

from dataclasses import dataclass
from functools import partial
from typing import Literal

Proof = Literal["seen", "told", "unverified"]


@dataclass(frozen=True, slots=True)
class Way:
    """`proof`: seen by Thereafter itself, told by the shop or its systems, or nobody can check it."""

    key: str
    name: str
    about: str
    icon: str
    points: int
    limits: tuple[tuple[str, int], ...] = ()
    group: str = "Usual"
    proof: Proof = "seen"

    @property
    def start(self) -> dict[str, object]:
        """What it begins with when it is switched on."""
        return {"points": self.points, **dict(self.limits)}


ONCE, PER_ORDER, MONTHLY, YEARLY = (("total", 1),), (("per_order", 1),), (("per_month", 4),), (("per_year", 10),)
UNSEEN = "Nobody can check it: keep it small."

_after = partial(Way, group="After the order", proof="told")
_social = {"instagram": "Instagram", "facebook": "Facebook", "tiktok": "TikTok", "x": "X"}

_ALL = (
    Way("joined", "Joining the programme", "Once, when somebody becomes a member.", "person", 50, ONCE),
    Way("newsletter", "Newsletter sign-up", "Once, when a member agrees to marketing e-mails.", "mail", 50, ONCE),
    Way("survey", "Answered survey", "For every answer, whatever the score.", "chat", 25, MONTHLY),
    Way("review_text", "Review in words", "For any rating: stars never decide who is rewarded.", "star", 50, PER_ORDER),
    Way("review_photo", "Review with photo", "A review with at least one picture.", "image", 100, PER_ORDER),
    Way("review_video", "Review with video", "A review with a film.", "image", 200, PER_ORDER),
    Way("qr", "Scanned QR code", "A code in the parcel, in the shop or at an event.", "tag", 20, (("per_day", 1),)),
    _after("recycling", "Worn goods brought back", "For goods that come back to be recycled.", "refresh", 150, MONTHLY),
    _after("trade_in", "Trade-in", "For used goods given in for others.", "return", 200, PER_ORDER),
    _after("warranty_registered", "Registered warranty", "For each product registered.", "shield", 50, YEARLY),
    _after("workshop_attended", "Workshop attended", "When the seat was taken, not booked.", "people", 100, MONTHLY),
    _after("exchange", "Exchange instead of refund", "When a return becomes an exchange.", "return", 50, PER_ORDER),
    _after("slower_delivery", "Slower delivery chosen", "For parcels that may wait.", "truck", 20, PER_ORDER),
    *(
        Way(f"social_{key}", f"Follow on {name}", UNSEEN, "heart", 10, ONCE, "Social", "unverified")
        for key, name in _social.items()
    ),
)
WAYS = {way.key: way for way in _ALL}
GROUPS = ("Usual", "After the order", "Social")
LIMITS = {
    "per_day": "a day",
    "per_week": "a week",
    "per_month": "a month",
    "per_year": "a year",
    "per_order": "an order",
    "total": "in all",
}


def name_of(key: str, label: str = "") -> str:
    """What the owner calls a way: the shop's own word, ours, or its key as words."""
    known = WAYS.get(key)
    plain = key.replace("_", " ").replace("-", " ").replace(".", " ").strip()
    return label or (known.name if known else plain[:1].upper() + plain[1:])
