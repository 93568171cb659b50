"""What is told to somebody who gets no journey: the same at each step as the journeys that come along. Plain Python."""

from collections.abc import Mapping
from typing import Any

from thereafter.returns.rules.claims import CLAIMS

_ALWAYS = {
    "return.parcel_created": "return_approved",
    "return.declined": "return_declined",
    "return.due": "return_reminder",
    "return.handed_in": "return_handed_in",
    "return.received": "return_received",
    "return.cancelled": "return_cancelled",
    "return.expired": "return_expired",
    "return.answered": "return_answered",
    "exchange.shipped": "return_exchange_sent",
    "exchange.cancelled": "return_exchange_cancelled",
}
# A parcel and a refund are told once, however many cases they are about; anything else once for each time it happens.
_ONCE_PER = ("return_parcel_id", "grant_id")


def template_for(event: str, told: Mapping[str, Any]) -> str:
    """The template of an event by its payload; "" where nothing is said."""
    if event == "return.requested" and told.get("review"):
        return _of_request(told)
    if event == "return.approved" and told.get("method") == "none":
        return "return_kept"
    if event == "return.inspected" and (told.get("deduction_minor") or told.get("rejected")):
        return "return_inspected"
    if event == "refund.settled":
        return _of_money(told)
    return _ALWAYS.get(event, "")


def _of_request(told: Mapping[str, Any]) -> str:
    """What was reported of a delivery was answered there; what a carrier lost, nobody knows of yet."""
    if told.get("channel") == "watch":
        return "return_claim_found" if "lost" in told.get("reasons", ()) else ""
    return "return_claim_requested" if told.get("basis") in CLAIMS else "return_requested"


def _of_money(told: Mapping[str, Any]) -> str:
    """Of money that went back to the buyer of a gift, whoever got it learns nothing."""
    to_credit, amount = told.get("to_credit_minor") or 0, told.get("amount_minor") or 0
    if told.get("is_gift"):
        return "return_credit" if to_credit else ""
    if not amount:
        return ""
    return "return_credit" if to_credit >= amount else "return_refunded"


def key_of(event: str, told: Mapping[str, Any], at: str) -> str:
    named = next((f"{name}:{told[name]}" for name in _ONCE_PER if told.get(name)), f"case:{told.get('case_id')}:{at}")
    return f"{event}:{named}"[:120]
