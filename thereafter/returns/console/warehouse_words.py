"""States of returns as the warehouse reads them."""

from typing import Any

from django.urls import reverse

from thereafter.returns.models import Case, CaseUnit
from thereafter.returns.rules import reasons
from thereafter.returns.rules.dispositions import DISPOSITIONS

UNIT: dict[str, tuple[str, str]] = {
    "expected": ("Expected", "neutral"),
    "received": ("Here, to inspect", "info"),
    "missing": ("Not in the parcel", "bad"),
    "wrong_item": ("Something else came", "warn"),
    "manual": ("Set aside", "warn"),
    "accepted": ("Accepted", "good"),
    "accepted_with_deduction": ("Accepted, worth less", "good"),
    "rejected": ("Not accepted", "bad"),
    "kept": ("The shopper keeps it", "neutral"),
    "cancelled": ("Cancelled", "neutral"),
    **{key: (text, "good") for key, text in DISPOSITIONS.items()},
}
CASE: dict[str, tuple[str, str]] = {
    "draft": ("Draft", "neutral"),
    "submitted": ("New", "info"),
    "needs_review": ("Waits for support", "warn"),
    "approved": ("Approved", "info"),
    "declined": ("Declined", "bad"),
    "open": ("Under way", "info"),
    "reopened": ("Opened again", "info"),
    "resolved": ("Done", "good"),
    "closed": ("Closed", "neutral"),
    "cancelled": ("Cancelled", "neutral"),
    "expired": ("Ran out", "neutral"),
}
# What happens by itself at a step of the warehouse.
RELEASE = {
    "at_once": "Was promised at once: what was given is not taken back by itself.",
    "dropped_off": "Went out when it was handed in.",
    "in_transit": "Went out when the carrier had it.",
    "received": "Goes out when you say that it is here.",
    "inspected": "Goes out when every item was inspected.",
}


def case_row(case: Case) -> dict[str, Any]:
    """A case in a list of the warehouse."""
    text, tone = CASE.get(case.state, (case.state, "neutral"))
    return {
        "case": case,
        "number": case.number,
        "order": case.order.number,
        "shopper": case.customer.display_name,
        "state": text,
        "tone": tone,
        "url": reverse("returns_console:receive_case", args=[case.store.slug, case.pk]),
    }


def unit_row(unit: CaseUnit) -> dict[str, Any]:
    """A unit with its line, product and case at hand."""
    text, tone = UNIT.get(unit.state, (unit.state, "neutral"))
    line = unit.line
    return {
        "unit": unit,
        "title": line.title,
        "variant": line.variant_title,
        "sku": line.sku,
        "image": line.product.image_url if line.product else "",
        "reason": reasons.reason(unit.reason).text if unit.reason else "",
        "note": unit.note,
        "destination": unit.destination,
        "state": unit.state,
        "state_text": text,
        "tone": tone,
        "value": unit.case.money(unit.value_minor),
        "deduction": unit.case.money(unit.deduction_minor) if unit.deduction_minor else None,
        "url": reverse("returns_console:inspect_unit", args=[unit.case.store.slug, unit.pk]),
    }
