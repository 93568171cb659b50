"""The scans that the tracking benchmark tells of, and how they are sent. No Django here."""

import asyncio
import hmac
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from bench._intake_client import CONNECTIONS, call_all, request

PARCELS, SCANS, DAYS = 5_000, 6, 5
SECRET = "whsec_bench"  # noqa: S105 of no installation but the benchmark's
WAY = ("picked_up", "in_transit", "in_transit", "in_transit", "out_for_delivery", "delivered")
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=DAYS - 1)


def news(at: int) -> dict[str, Any]:
    """All that a carrier says of one parcel."""
    scans = [
        {
            "occurred_at": (BEGAN + timedelta(hours=6 * step)).isoformat(),
            "status": status,
            "text": "Arrived at the depot",
            "place": f"Town {step}",
        }
        for step, status in enumerate(WAY)
    ]
    return {"tracking_number": f"N{at:06}", "carrier": "dhl", "scans": scans}


def webhook(at: int, step: int) -> bytes:
    """One signed call with one scan."""
    told = news(at)
    body = json.dumps(told | {"scans": [told["scans"][step]]}).encode()
    stamp = str(int(time.time()))
    signature = hmac.digest(SECRET.encode(), stamp.encode() + b"." + body, "sha256").hex()
    headers = f"X-Thereafter-Timestamp: {stamp}\r\nX-Thereafter-Signature: {signature}\r\n"
    return request("/hooks/bench/carrier", body, headers)


def main() -> None:
    """`python -m bench._tracking_scans PORT STEPS` posts the first STEPS scans of every parcel."""
    port, steps = int(sys.argv[1]), int(sys.argv[2])
    calls = [webhook(at, step) for step in range(steps) for at in range(PARCELS)]
    accepted, seconds = asyncio.run(call_all(port, calls, CONNECTIONS))
    print(json.dumps({"accepted": accepted, "sent": len(calls), "seconds": seconds}))


if __name__ == "__main__":
    main()
