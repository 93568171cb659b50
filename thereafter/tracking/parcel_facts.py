"""What a page shows of one parcel, as plain JSON."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from thereafter.commerce.models import OrderLine
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.tracking import queries
from thereafter.tracking.carrier_pages import carrier_name, carrier_page, page_of
from thereafter.tracking.models import Parcel, Scan
from thereafter.tracking.rules import estimates, outlook, places, progress, silence, states
from thereafter.tracking.rules.calendars import add_working_days
from thereafter.tracking.rules.settings import Settings
from thereafter.tracking.rules.settings import carrier as carrier_settings

# Trouble explains a delay for so long after the parcel has gone on.
EXPLAINS = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Seen:
    """From where parcels are looked at: whose they are, what is set there, and which day it is."""

    store: Store
    settings: Settings
    today: date


def on_page(parcel: Parcel, place: int, seen: Seen) -> dict[str, Any]:
    """All that the order's page shows of its parcel number `place`, for who holds the order's link.

    Who signed, where exactly it lies and the code of a pickup stay out: they take more than the link.
    """
    scans = shown_scans(parcel)
    return {
        **_in_full(parcel, scans, seen),
        "place": place,
        "pickup": _pickup(parcel, seen.today),
        "has_proof": parcel.status == states.DELIVERED and any(parcel.proof.values()),
        "items": [line(item.line, item.quantity) for item in parcel.items.all()],
        "scans": [_scan(scan, seen.store, str(parcel.proof.get("signed_by", ""))) for scan in scans],
    }


def in_public(parcel: Parcel, seen: Seen) -> dict[str, Any]:
    """What somebody may see who knows only the tracking number: no goods, no words of the carrier, towns at most.

    The address that the shop gave for tracking may have the postcode in it, so the carrier's usual page is linked.
    """
    scans = shown_scans(parcel)
    told = [_scan(scan, seen.store, "") for scan in scans if scan.status != states.UNKNOWN]
    kept = [one | {"text": "", "place": places.town(one["place"], one["status"])} for one in told]
    page = page_of(parcel.carrier, parcel.tracking_number)
    return _in_full(parcel, scans, seen) | {"action": "", "detail": "", "url": page, "scans": kept}


def personal(parcel: Parcel) -> dict[str, Any]:
    """Who signed, what the driver noted and photographed, the code of a pickup; {} when there is nothing of that."""
    came = parcel.proof if parcel.status == states.DELIVERED else {}
    spot = _pickup(parcel, parcel.ordered_at.date())
    code = str(parcel.pickup.get("code", "")) if spot else ""
    if not (code or any(came.values())):
        return {}
    return {
        "name": " ".join(part for part in (carrier_name(parcel.carrier), parcel.tracking_number) if part),
        "delivered_at": parcel.delivered_at.isoformat() if parcel.delivered_at and came else "",
        "detail": parcel.detail if came else "",
        "signed_by": came.get("signed_by", ""),
        "place": came.get("place", ""),
        "photo": web(str(came.get("photo_url", ""))),
        "document": web(str(came.get("document_url", ""))),
        "code": code,
        "spot": " · ".join(part for part in (spot.get("name", ""), spot.get("address", "")) if part),
    }


def _in_full(parcel: Parcel, scans: Sequence[Scan], seen: Seen) -> dict[str, Any]:
    return {
        **way(parcel, seen, _trouble(parcel, scans)),
        "status": parcel.status,
        "detail": parcel.detail if parcel.status == states.DELIVERED else "",
        "steps": _steps(parcel, scans, seen.store),
        "carrier": carrier_name(parcel.carrier),
        "service": parcel.service,
        "tracking_number": parcel.tracking_number,
        "url": carrier_page(parcel),
        "next_carrier": carrier_name(parcel.next_carrier),
        "next_number": parcel.next_number,
        "next_url": page_of(parcel.next_carrier, parcel.next_number),
        "action": outlook.next_action(parcel.status, parcel.reason, waits=bool(parcel.pickup)),
        "silent_since": _day_at(scans[0], seen.store) if scans else None,
        "hour": queries.usual_hour(parcel) if parcel.status == states.OUT_FOR_DELIVERY else None,
    }


def way(parcel: Parcel, seen: Seen, trouble: str = "") -> dict[str, Any]:
    """The little that mails say, and pages begin with."""
    first, last = _range(parcel, seen)
    trend = outlook.outlook(
        outlook.Way(
            status=parcel.status,
            trouble=trouble or parcel.reason,
            promised_on=parcel.promised_on,
            last=last,
            late_chance=parcel.late_chance,
            flags=parcel.flags,
        ),
        today=seen.today,
        alerts=seen.settings.alerts,
    )
    return {
        "headline": progress.headline(progress.Way(parcel.status, parcel.promised_on, first, last), seen.today),
        "trend": trend.trend,
        "cause": trend.cause,
        "reason": parcel.reason,
        "from": iso(first),
        "to": iso(last),
        "promised_on": iso(parcel.promised_on),
        "delivered_on": iso(parcel.delivered_on),
        "late": bool(parcel.late),
    }


def _range(parcel: Parcel, seen: Seen) -> tuple[date | None, date | None]:
    """What is still possible; on a day on which the carrier brings nothing, that begins with the next."""
    if not parcel.expected_from or not parcel.expected_to:
        return None, None
    first, last = estimates.from_today(parcel.expected_from, parcel.expected_to, seen.today)
    if first == seen.today and parcel.status != states.OUT_FOR_DELIVERY:
        carrier = carrier_settings(seen.settings, parcel.carrier_key)
        country = parcel.destination.partition("-")[0] or seen.store.country
        first = add_working_days(first, 0, silence.of_carrier(carrier, carrier.delivery_weekdays, country))
    return first, max(first, last)


def shown_scans(parcel: Parcel) -> list[Scan]:
    """Newest first, without those of another parcel and without the same told twice in a minute."""
    counted = sorted((scan for scan in parcel.scans.all() if not scan.ignored), key=_newest, reverse=True)
    minutes: Counter[tuple[str, str]] = Counter()
    shown = []
    for scan in counted:
        said = (scan.status, f"{scan.occurred_at:%Y%m%d%H%M}")
        if scan.status == states.UNKNOWN or not minutes[said]:
            shown.append(scan)
        minutes[said] += 1
    return shown


def _newest(scan: Scan) -> tuple[Any, ...]:
    return (scan.occurred_at, states.RANKS[scan.status], bool(scan.place), scan.pk)


def _trouble(parcel: Parcel, scans: Sequence[Scan]) -> str:
    """The reason of the last trouble that still explains why it is late; newest scans come first."""
    if parcel.reason or not scans:
        return parcel.reason
    recent = (scan for scan in scans if scan.occurred_at > scans[0].occurred_at - EXPLAINS)
    return next((scan.reason for scan in recent if scan.reason and scan.reason != "other"), "")


def _steps(parcel: Parcel, scans: Sequence[Scan], store: Store) -> list[tuple[str, str, str | None]]:
    """The bar, each step with the day on which the parcel came to it; scans come newest first."""
    days = {progress.REACHED[scan.status]: scan.local.date() for scan in scans if scan.status in progress.REACHED}
    days["ordered"] = clock.day_in(parcel.ordered_at, store.time_zone)
    return [
        (name, state, iso(days.get(name)) if state != "todo" else None) for name, state in progress.steps(parcel.status)
    ]


def _scan(scan: Scan, store: Store, signed_by: str) -> dict[str, Any]:
    local = scan.local.replace(microsecond=0)
    personal = bool(signed_by) and signed_by.casefold() in f"{scan.text} {scan.place}".casefold()
    return {
        "at": local.date().isoformat() if scan.precision == "day" else local.isoformat(),
        "clock": "" if scan.precision == "day" else other_clock(scan, store),
        "status": scan.status,
        "reason": scan.reason,
        "text": "" if personal else scan.text,
        "place": "" if personal else scan.place,
    }


def other_clock(scan: Scan, store: Store) -> str:
    """UTC−5, when the clock of the place shows another time than the shop's."""
    ours = scan.occurred_at.astimezone(clock.zone(store.time_zone)).utcoffset()
    if ours is None or ours == timedelta(minutes=scan.offset_minutes):
        return ""
    hours, minutes = divmod(abs(scan.offset_minutes), 60)
    sign = "+" if scan.offset_minutes > 0 else "−"
    return f"UTC{sign}{hours}{f':{minutes:02}' if minutes else ''}" if scan.offset_minutes else "UTC"


def _day_at(scan: Scan, store: Store) -> str:
    return clock.day_in(scan.occurred_at, store.time_zone).isoformat()


def _pickup(parcel: Parcel, today: date) -> dict[str, Any]:
    """Where it waits and how many days are left. The code is shown on the page that asks for proof."""
    waits = parcel.status in {states.AVAILABLE_FOR_PICKUP, states.ATTEMPTED} and any(parcel.pickup.values())
    if not waits:
        return {}
    until = _day(str(parcel.pickup.get("until", "")))
    return {
        "name": parcel.pickup.get("name", ""),
        "address": parcel.pickup.get("address", ""),
        "until": iso(until),
        "days_left": (until - today).days if until else None,
        "has_code": bool(parcel.pickup.get("code")),
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def line(of: OrderLine, quantity: int) -> dict[str, Any]:
    image = of.product.image_url if of.product else ""
    return {"title": of.title, "variant": of.variant_title, "quantity": quantity, "image": image}


def iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def web(address: str) -> str:
    """Only addresses of the web are linked."""
    return address if address.startswith(("https://", "http://")) else ""
