"""How staff read reviews: states, where they come from, why they are labelled, and their history."""

from collections.abc import Iterable
from typing import Any

from babel.core import Locale

from thereafter.feedback.models import Appeal, Decision, Review, ReviewLetter, ReviewVersion
from thereafter.feedback.rules.moderation import REASONS

State, Held = Review.State, Decision.State
STATES = {
    State.UNCONFIRMED: ("Address not confirmed", "neutral"),
    State.PENDING: ("To check", "warn"),
    State.PUBLISHED: ("Published", "good"),
    State.HIDDEN: ("Hidden", "bad"),
    State.WITHDRAWN: ("Taken back by its author", "neutral"),
}
COLLECTED = {
    Review.Collected.INVITATION: "Asked after delivery",
    Review.Collected.WEB: "Written on the shop's page",
    Review.Collected.IMPORTED: "Imported",
    Review.Collected.API: "Sent by the shop's systems",
}
REPORTED = {
    "personal_data": "personal details",
    "abuse": "insults",
    "obscenity": "obscene",
    "off_topic": "not about the product",
    "fake": "not real",
    "spam": "advertising",
    "illegal": "unlawful",
}


def state(review: Review) -> tuple[str, str]:
    return STATES[State(review.state)]


def reason(code: str) -> str:
    return REASONS[code].label if code in REASONS else code.replace("_", " ").capitalize()


def reported(code: str) -> str:
    return REPORTED.get(code, code.replace("_", " "))


def language(code: str) -> str:
    """ "German" for "de"; the code itself when nobody knows it."""
    name = Locale("en").languages.get(code.replace("-", "_").partition("_")[0])
    return str(name) if name else code


def source(review: Review) -> str:
    label = COLLECTED[Review.Collected(review.collected)]
    return f"{label} from {review.source}" if review.source else label


def labels(review: Review) -> list[dict[str, str]]:
    """What shoppers see beside the review, and why; none of it can be changed by hand."""
    order = f"order {review.order.number}" if review.order else "an order"
    verified = (
        ("Verified buyer", "good", f"Bought in {order}, which has this product and was placed before the review.")
        if review.is_verified
        else ("Not verified", "neutral", "No order of this person with this product is known here.")
    )
    asked = " Everybody whose parcel arrived is asked the same." if review.collected == "invitation" else ""
    given = (f"The author got: {review.incentive}. " if review.incentive else "") + "It is given for any review."
    found = [
        verified,
        (source(review), "neutral", _WHENCE[Review.Collected(review.collected)] + asked),
        ("Incentivised", "info", given) if review.is_incentivised else None,
        ("Insider", "warn", "Written from an address of your own people, or the author said so.")
        if review.is_insider
        else None,
    ]
    return [{"text": one[0], "tone": one[1], "why": one[2]} for one in found if one]


_WHENCE = {
    Review.Collected.INVITATION: "Written on the form that an invitation led to.",
    Review.Collected.WEB: "Written without being asked, from a confirmed address or a signed-in account.",
    Review.Collected.IMPORTED: "It keeps this label, and counts as verified only where an order here matches.",
    Review.Collected.API: "One of your own systems sent it.",
}


def history(
    review: Review,
    versions: Iterable[ReviewVersion],
    decisions: Iterable[Decision],
    letters: Iterable[ReviewLetter],
) -> list[dict[str, Any]]:
    """Everything that happened to it, newest first."""
    entries = [
        _entry("star", f"Written, {stars(_first_rating(review, versions))}", review.written_at, "The author"),
        *(_changed(one) for one in versions),
        *(entry for one in decisions for entry in _decided(one)),
        *(_written(one) for one in letters),
    ]
    if review.reply and review.replied_at:
        who = str(review.replied_by or "Somebody")
        entries.append(_entry("chat", "Answered in public", review.replied_at, who, quote=review.reply))
    return sorted(entries, key=lambda entry: entry["at"], reverse=True)


def _first_rating(review: Review, versions: Iterable[ReviewVersion]) -> int:
    return min(((one.number, one.rating) for one in versions), default=(0, review.rating))[1]


def stars(rating: int) -> str:
    return "1 star" if rating == 1 else f"{rating} stars"


def _entry(icon: str, title: str, at: Any, actor: str, tone: str = "neutral", **more: Any) -> dict[str, Any]:
    return {"icon": icon, "title": title, "at": at, "actor": actor, "tone": tone, **more}


def _changed(version: ReviewVersion) -> dict[str, Any]:
    by_shop = version.changed_by == "shop"
    title = "Typing errors mended; the author was told" if by_shop else "Changed"
    who = str(version.staff or "Somebody of the shop") if by_shop else "The author"
    before = "\n".join(part for part in (version.title, version.body) if part)
    return _entry(
        "edit", title, version.until, who, body=f"Before, {stars(version.rating)}:", quote=before or "No words"
    )


def _decided(decision: Decision) -> list[dict[str, Any]]:
    who = str(decision.by or "Thereafter")
    if decision.what == Decision.What.PUBLISH:
        return [_entry("check", f"Published{_thing(decision)}", decision.at, who, "good", quote=decision.note)]
    waits = decision.second is not None or decision.state in (Held.PROPOSED, Held.REFUSED)
    title = f"{'Proposed to hide' if waits else 'Hidden'}{_thing(decision)}: {reason(decision.reason).lower()}"
    first = _entry("eye", title, decision.at, who, "warn" if waits else "bad", quote=decision.note)
    return [first, *_second(decision), *_appeal(decision)]


def _thing(decision: Decision) -> str:
    return " a photo" if decision.photo else ""


def _second(decision: Decision) -> list[dict[str, Any]]:
    if decision.second_at is None:
        return []
    refused = decision.state == Held.REFUSED
    title = "Second look: it stays" if refused else "Second look: agreed, hidden"
    return [_entry("people", title, decision.second_at, str(decision.second), "good" if refused else "bad")]


def _appeal(decision: Decision) -> list[dict[str, Any]]:
    appeal: Appeal | None = getattr(decision, "appeal", None)
    if appeal is None:
        return []
    found = [_entry("warning", "The author objected", appeal.made_at, "The author", "warn", quote=appeal.text)]
    if appeal.decided_at:
        title = "Objection upheld, shown again" if appeal.outcome == "upheld" else "Objection rejected"
        found.append(_entry("people", title, appeal.decided_at, str(appeal.decided_by), quote=appeal.answer))
    return found


def _written(letter: ReviewLetter) -> dict[str, Any]:
    who = str(letter.by or "Somebody")
    if letter.kind == ReviewLetter.Kind.UPDATE:
        return _entry("refresh", "Asked whether it still says what they think", letter.at, who, quote=letter.text)
    return _entry("mail", "Wrote to the author alone", letter.at, who, quote=letter.text)
