"""What of a told review is kept as ours, and what of ours goes back into the words of a table."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from thereafter.feedback.rules import reviews as rules
from thereafter.feedback.rules.review_formats.rows import Format, ReviewRow

LONGEST_SOURCE = 40
# The reason code of reviews that were not to be seen where they come from.
HIDDEN_THERE = "imported_hidden"


class Kept(NamedTuple):
    """A review as this shop keeps it. A reply that only the author read is not among it: here replies are public."""

    rating: int
    title: str
    body: str
    state: str
    hidden_for: str
    shown_name: str
    source: str
    reply: str
    replied_at: datetime | None
    is_incentivised: bool
    recommends: bool | None
    attributes: dict[str, str]
    country: str
    language: str


def kept(chosen: Format, row: ReviewRow) -> Kept:
    is_hidden = row.state in ("hidden", "spam")
    reply = row.reply if row.is_reply_public is not False else ""
    return Kept(
        rating=row.rating,
        title=row.title[: rules.LONGEST_TITLE],
        body=row.body,
        state="hidden" if is_hidden else row.state or "published",
        hidden_for=HIDDEN_THERE if is_hidden else "",
        shown_name=rules.shown_name(_first_name_first(row.nickname or row.author)),
        source=((row.source if chosen.is_ours else "") or chosen.source)[:LONGEST_SOURCE],
        reply=reply,
        replied_at=(row.replied_at or row.written_at) if reply else None,
        is_incentivised=bool(row.is_incentivised),
        recommends=row.is_recommended,
        attributes=dict(row.attributes),
        country=row.country if len(row.country) == len("DE") else "",
        language=row.language[:10],
    )


def _first_name_first(name: str) -> str:
    """ "Schmidt, Anna" as "Anna Schmidt": the surname is what is not shown."""
    last, comma, first = (part.strip() for part in name.partition(","))
    return f"{first} {last}" if comma and first and "," not in first else name


def put_back(chosen: Format, row: ReviewRow, now: Kept) -> ReviewRow:
    """The told review with what has changed here since: what is as it was kept stays as it was told."""
    before, changed = kept(chosen, row), {}
    for ours, theirs in _SAME.items():
        if getattr(before, ours) != getattr(now, ours):
            changed[theirs] = getattr(now, ours)
    if now.reply != before.reply:
        changed |= {"replied_at": now.replied_at, "is_reply_public": True if now.reply else None}
    if (now.state, now.hidden_for) != (before.state, before.hidden_for):
        changed["state"] = now.state
    return replace(row, **changed)


_SAME = {
    "rating": "rating",
    "title": "title",
    "body": "body",
    "reply": "reply",
    "is_incentivised": "is_incentivised",
    "recommends": "is_recommended",
    "attributes": "attributes",
}
