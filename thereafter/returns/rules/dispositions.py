"""What usually becomes of goods that came back, by how they came and why. Plain Python."""

from collections.abc import Mapping

GRADES: Mapping[str, str] = {
    "new": "As new, unopened",
    "opened": "Opened, unused",
    "used": "Used, shows wear",
    "damaged": "Damaged",
    "defective": "Does not work",
}
DISPOSITIONS: Mapping[str, str] = {
    "restock": "Back into stock",
    "refurbish": "Clean or mend",
    "resale": "Sell as second choice",
    "donate": "Give away",
    "recycle": "Recycle",
    "destroy": "Destroy",
    "vendor_return": "Back to the supplier",
    "send_back": "Back to the shopper",
}
_BY_GRADE = {
    "new": "restock",
    "opened": "restock",
    "used": "resale",
    "damaged": "refurbish",
    "defective": "vendor_return",
}
_FAULTY = ("faulty_on_arrival", "faulty_later", "parts_missing")


def usual(grade: str, reason: str, *, rejected: bool = False, last: str = "") -> str:
    """What is not accepted goes back; else what was chosen for the product last; else what grade and reason say."""
    if rejected:
        return "send_back"
    if last:
        return last
    if reason in _FAULTY and grade in {"", "used", "damaged", "defective"}:
        return "vendor_return"
    return _BY_GRADE.get(grade, "restock")
