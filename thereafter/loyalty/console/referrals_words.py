"""How staff read invitations."""

from typing import Any

from thereafter.commerce.models import Customer
from thereafter.kit.pages import moment, number, short_day
from thereafter.loyalty.models import Referral
from thereafter.loyalty.rules.referrals import WEIGHTS, Side, Weight

State = Referral.State
TONES = {
    State.CLAIMED: "info",
    State.HELD: "warn",
    State.REFUSED: "bad",
    State.QUALIFIED: "brand",
    State.REWARDED: "good",
    State.UNDONE: "neutral",
    State.LAPSED: "neutral",
}
REASONS = {
    "self_referral": "Invited themselves",
    "existing_customer": "Was a customer already",
    "already_referred": "Was invited by another member",
    "too_many": "Member brought as many as are rewarded",
    "ip_velocity": "Many from one network address",
    "same_address": "Same delivery address",
    "similar_email": "Addresses look alike",
    "similar_name": "Names are alike",
    "code_passed_on": "Somebody else used the code",
    "by_hand": "Refused by a person",
}
CHANNELS = {"link": "By the link or code", "api": "Through the API", "till": "At the till"}
_WEIGHS = {
    Weight.REFUSES: ("Refuses", "bad"),
    Weight.HOLDS: ("Holds back", "warn"),
    Weight.FLAGS: ("Worth a look", "neutral"),
}


def reason(name: str) -> str:
    return REASONS.get(name, name.replace("_", " ").capitalize())


def row(one: Referral) -> dict[str, Any]:
    return {
        "one": one,
        "friend": one.friend.display_name if one.friend and one.friend.name else one.friend_email or "Unknown",
        "email": one.friend_email,
        "advocate": one.advocate.customer.display_name,
        "state": (State(one.state).label, TONES[State(one.state)]),
        "doubts": ", ".join(reason(doubt["reason"]) for doubt in one.doubts),
        "is_decided": one.decided_at is not None,
        "told": _told(one),
    }


def _told(one: Referral) -> str:
    """What is happening with it now, in a sentence."""
    points = f"{number(one.entry.points)} points" if one.entry else "The reward"
    state = State(one.state)
    if state == State.QUALIFIED and one.held_until:
        return f"{points} can be used from {short_day(one.held_until)}, if the order is kept."
    if state == State.REWARDED:
        return f"{points} went to {one.advocate.customer.display_name}."
    said = {
        State.CLAIMED: "The friend has not bought enough yet.",
        State.HELD: "Nothing is given until somebody decides.",
        State.REFUSED: "Nothing is given.",
        State.UNDONE: "The order came back in time, and the reward went with it.",
        State.LAPSED: "The friend did not buy in time.",
    }
    return said.get(state, "")


def doubts(one: Referral) -> list[dict[str, Any]]:
    return [
        {
            "title": reason(doubt["reason"]),
            "text": doubt["text"],
            "weight": _WEIGHS[WEIGHTS.get(doubt["reason"], Weight.FLAGS)],
        }
        for doubt in one.doubts
    ]


def facts(one: Referral) -> list[tuple[str, str]]:
    told = [("Accepted", moment(one.claimed_at)), ("How", CHANNELS.get(one.channel, "Unknown"))]
    told.append(("Network address", one.ip or "Forgotten after ninety days"))
    if one.qualified_at:
        told.append(("Bought", moment(one.qualified_at)))
    if one.held_until:
        told.append(("Hold ends", moment(one.held_until)))
    return told


def side(title: str, customer: Customer, known: Side) -> dict[str, Any]:
    told = [("E-mail", "\n".join(sorted(known.emails)))] if known.emails else []
    if known.phones:
        told.append(("Phone", ", ".join(sorted(known.phones))))
    shown = sorted({address.shown for address in known.addresses})
    told += [("Delivers to", "; ".join(shown[:3]))] if shown else []
    told.append(("Known since", short_day(customer.created_at)))
    return {"title": title, "customer": customer, "facts": told}
