"""What messages and inserts say of a coupon: plain JSON values."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from thereafter.commerce.rules.coupons import AMOUNT, PERCENT, Terms

HUNDREDTHS = 100


def coupon_facts(terms: Terms, code: str, expires_at: datetime | None, zone: ZoneInfo) -> dict[str, Any]:
    """`percent` is 12.5 for 12.5 %; amounts in minor units; `until` is the last day, in ISO form."""
    last_moment = expires_at - timedelta(seconds=1) if expires_at else None
    share = terms.value / HUNDREDTHS
    return {
        "code": code,
        "kind": terms.kind,
        "percent": (int(share) if share.is_integer() else share) if terms.kind == PERCENT else None,
        "amount_minor": terms.value if terms.kind == AMOUNT else None,
        "currency": terms.currency,
        "minimum_minor": terms.minimum_minor or None,
        "until": last_moment.astimezone(zone).date().isoformat() if last_moment else None,
    }
