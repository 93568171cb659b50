"""Cases in plain words, for the shop's people: states with their tone, grounds, ways in."""

from thereafter.returns.models import Case

Words = dict[str, tuple[str, str]]
CASE: Words = {
    "draft": ("Draft", "neutral"),
    "submitted": ("To decide", "warn"),
    "needs_review": ("To decide", "warn"),
    "approved": ("Approved", "info"),
    "declined": ("Declined", "bad"),
    "open": ("Open", "info"),
    "resolved": ("Done", "good"),
    "closed": ("Closed", "neutral"),
    "cancelled": ("Cancelled", "neutral"),
    "expired": ("Expired", "neutral"),
    "reopened": ("Reopened", "warn"),
}
PARCEL: Words = {
    "label_requested": ("Label is being made", "info"),
    "failed": ("No label could be made", "bad"),
    "created": ("Ready to be sent", "neutral"),
    "qr_shown": ("Code was shown", "neutral"),
    "pre_transit": ("Announced", "neutral"),
    "dropped_off": ("Handed in", "info"),
    "in_transit": ("On its way", "info"),
    "exception": ("Has a problem", "bad"),
    "lost": ("Lost", "bad"),
    "delivered": ("Arrived", "good"),
    "expired": ("Expired", "neutral"),
    "cancelled": ("Given up", "neutral"),
}
UNIT: Words = {
    "expected": ("Expected", "neutral"),
    "received": ("Received", "info"),
    "missing": ("Missing", "bad"),
    "wrong_item": ("Something else came", "bad"),
    "extra": ("Unannounced", "warn"),
    "manual": ("Somebody else decides", "warn"),
    "accepted": ("Accepted", "good"),
    "accepted_with_deduction": ("Accepted for less", "good"),
    "rejected": ("Not accepted", "bad"),
    "kept": ("Stays with the shopper", "neutral"),
    "cancelled": ("Not coming", "neutral"),
    "restock": ("Back in stock", "good"),
    "refurbish": ("To be refurbished", "info"),
    "resale": ("To outlet", "info"),
    "donate": ("To be donated", "neutral"),
    "recycle": ("To be recycled", "neutral"),
    "destroy": ("To be destroyed", "neutral"),
    "vendor_return": ("Back to the supplier", "neutral"),
    "send_back": ("Back to the shopper", "warn"),
}
MONEY: Words = {
    "granted": ("Promised", "info"),
    "sent": ("Sent", "info"),
    "settled": ("Paid back", "good"),
    "failed": ("Refused by the payment", "bad"),
    "rerouted": ("Went another way", "neutral"),
    "withdrawn": ("Taken back", "neutral"),
}
PAYMENT: Words = {
    "open": ("Page is open", "neutral"),
    "underway": ("The bank is at it", "info"),
    "paid": ("Paid", "good"),
    "owed": ("To be given back", "warn"),
    "returned": ("Given back", "neutral"),
}
HOLD: Words = {
    "held": ("Held on the card", "info"),
    "releasing": ("Is let go", "info"),
    "released": ("Let go", "good"),
    "capturing": ("Is charged", "warn"),
    "captured": ("Charged: nothing was scanned", "warn"),
    "refunding": ("Goes back", "info"),
    "refunded": ("Charged and given back", "neutral"),
}
HOLD_EVENTS = {
    "authorised": "Held on the card",
    "in_transit_scan": "Scanned by the carrier",
    "dropped_off": "Handed in",
    "returned": "Came back, or let go by a colleague",
    "deadline_passed_no_scan": "The last day passed without a scan",
    "cancelled": "Not needed any more",
}
GOODS: Words = {
    "reserved": ("Reserved", "neutral"),
    "released": ("To be sent", "warn"),
    "shipped": ("On their way", "info"),
    "delivered": ("Arrived", "good"),
    "cancelled": ("Cannot be had", "bad"),
}
MACHINES: dict[str, Words] = {"case": CASE, "parcel": PARCEL, "unit": UNIT, "money": MONEY, "goods": GOODS}
BASES = {
    "withdrawal": "Withdrawal",
    "voluntary": "Return",
    "non_conformity": "Not as it had to be",
    "carrier_claim": "Delivery claim",
    "warranty": "Warranty",
    "goodwill": "Goodwill",
}
CHANNELS = {
    "portal": "asked for in the portal",
    "support": "opened by support",
    "counter": "asked for at the counter",
    "api": "came through the API",
    "watch": "opened by us, from news of the delivery",
}
PAYERS = {"shop": "Our shop", "carrier": "The carrier", "insurer": "The insurance", "supplier": "The supplier"}
VERDICTS = {
    "accepted": "Accept it",
    "accepted_with_deduction": "Accept it for less",
    "rejected": "Do not accept it",
    "manual": "Let somebody else decide",
}
GRADES = {"new": "As new", "opened": "Opened", "used": "Used", "damaged": "Damaged", "defective": "Defective"}
DISPOSITIONS = {
    "restock": "Back in stock",
    "refurbish": "Refurbish",
    "resale": "Outlet",
    "donate": "Donate",
    "recycle": "Recycle",
    "destroy": "Destroy",
    "vendor_return": "To the supplier",
    "send_back": "Back to the shopper",
}
FOUND = {"received": "It is here", "missing": "It is missing", "wrong_item": "Something else came"}
FEES = {"postage": "Return postage", "return_postage": "Return postage", "restocking": "Handling"}


def state_of(case: Case) -> tuple[str, str]:
    """The state of a case and its tone; of an open one how far the goods are."""
    if case.state != "open":
        return CASE.get(case.state, (case.state, "neutral"))
    if case.review:
        return "Needs a look", "warn"
    if case.method == "none" or case.inspected_at:
        return "Being settled", "info"
    if case.received_at:
        return "In the warehouse", "info"
    return ("On its way", "info") if case.handed_in_at else ("Waiting for the shopper", "neutral")


def counted(count: int, one: str, many: str = "") -> str:
    return f"1 {one}" if count == 1 else f"{count} {many or one + 's'}"
