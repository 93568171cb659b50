"""Comments in the words of a small shop, for tests of what is learnt from them."""

import json
from collections.abc import Iterable
from datetime import datetime
from itertools import count, cycle, islice

from thereafter.commerce.models import Order
from thereafter.feedback.actions.intake import Sent, take_answers
from thereafter.feedback.models import Answer
from thereafter.feedback.tests.makers import ASKED
from thereafter.timeline.models import Inbound

_numbers = count(1)

LATE = (
    "The parcel came two weeks late",
    "Still waiting, the parcel is late",
    "Parcel late again and nobody answers",
    "My parcel was late, what a wait",
)
FIT = (
    "The shoes fit, right size",
    "Lovely shoes, size fits",
    "Shoes fit like a glove, size is right",
    "True size, shoes run well",
)
REFUND = (
    "No refund after the return",
    "The refund never came, return was weeks ago",
    "I sent the return and wait for my refund",
    "Return accepted but refund missing",
)
PRAISE = ("Great, thank you!", "Good", "All perfect", "Very happy")
# Of the last word of each comment, so that no two are the same.
ENDS = ("today", "in Berlin", "for my son", "with a smile", "on Monday", "for work", "at home")


def spoken(phrases: Iterable[str], times: int) -> list[str]:
    return [f"{phrase} {end}" for phrase, end in islice(zip(cycle(phrases), cycle(ENDS), strict=False), times)]


def say(order: Order, phrases: Iterable[str], times: int, score: int, at: datetime = ASKED) -> list[Answer]:
    """So many answers with comments of these phrases and one score, taken in by one call."""
    about = {"order": order.external_id, "order_source": order.source, "score": score, "answered_at": at.isoformat()}
    docs = [{"external_id": f"said-{next(_numbers)}", "comment": text, **about} for text in spoken(phrases, times)]
    sent = [Sent(Inbound(), part, json.dumps(doc).encode()) for part, doc in enumerate(docs)]
    taken = take_answers(order.store_id, sent, now=at)
    assert len(taken) == times
    return taken


def say_enough(order: Order, at: datetime = ASKED) -> None:
    """240 comments on three things, half of them unhappy."""
    say(order, LATE, 70, 1, at)
    say(order, REFUND, 50, 2, at)
    say(order, FIT, 80, 5, at)
    say(order, PRAISE, 40, 5, at)
