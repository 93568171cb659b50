"""What a page or a mail shows of an order's parcels, as plain JSON."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from thereafter.commerce.models import Order, OrderLine
from thereafter.tracking import queries
from thereafter.tracking.models import Parcel, ParcelItem, Promise, Scan
from thereafter.tracking.rules import estimates, progress, states

# Where carriers show a parcel; the number takes the place of {}. Keys as `rules.scans.carrier_key` makes them.
CARRIER_PAGES = {
    "ups": "https://www.ups.com/track?tracknum={}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    "dhl": "https://www.dhl.com/en/express/tracking.html?AWB={}",
    "dhlexpress": "https://www.dhl.com/en/express/tracking.html?AWB={}",
    "dhlpaket": "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={}",
    "dpd": "https://tracking.dpd.de/status/en_US/parcel/{}",
    "gls": "https://gls-group.com/EU/en/parcel-tracking?match={}",
    "hermes": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{}",
    "royalmail": "https://www.royalmail.com/track-your-item#/tracking-results/{}",
    "canadapost": "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={}",
    "correios": "https://rastreamento.correios.com.br/app/index.php?objetos={}",
    "postnl": "https://jouw.postnl.nl/track-and-trace/{}",
    "colissimo": "https://www.laposte.fr/outils/suivre-vos-envois?code={}",
    "auspost": "https://auspost.com.au/mypost/track/details/{}",
}


def delivery(order: Order, today: date) -> dict[str, Any]:
    """All that is known of the way to the door. Days are where the shop is, scans on the clock of the place."""
    parcels = queries.parcels_of(order)
    ways = [_parcel(parcel, today) for parcel in parcels]
    first = (
        ways[progress.leading([way["headline"] for way in ways])]
        if ways
        else _waiting(order, queries.latest_promise(order), today)
    )
    return {
        "leads": True,
        "number": order.number,
        "placed_at": order.placed_at.isoformat(),
        "support_email": order.store.support_email,
        "lead": {
            key: first[key] for key in ("headline", "from", "to", "delivered_on", "promised_on", "reason", "late")
        },
        "steps": [] if ways else progress.steps(states.UNKNOWN),
        "parcels": ways,
        "delivered": sum(way["headline"] == states.DELIVERED for way in ways),
        "unsent": _unsent(order, parcels) if ways else [],
    }


def _parcel(parcel: Parcel, today: date) -> dict[str, Any]:
    return {
        **_way(parcel, today),
        "status": parcel.status,
        "steps": progress.steps(parcel.status),
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "url": carrier_page(parcel),
        "items": [_item(item) for item in parcel.items.all()],
        "scans": [_scan(scan) for scan in shown_scans(parcel)],
    }


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


def _scan(scan: Scan) -> dict[str, Any]:
    local = scan.local
    return {
        "at": local.date().isoformat() if scan.precision == "day" else local.replace(microsecond=0).isoformat(),
        "status": scan.status,
        "reason": scan.reason,
        "text": scan.text,
        "place": scan.place,
    }


def _item(item: ParcelItem) -> dict[str, Any]:
    return _line(item.line, item.quantity)


def _line(line: OrderLine, quantity: int) -> dict[str, Any]:
    image = line.product.image_url if line.product else ""
    return {"title": line.title, "variant": line.variant_title, "quantity": quantity, "image": image}


def _unsent(order: Order, parcels: Sequence[Parcel]) -> list[dict[str, Any]]:
    """What is in no parcel yet; an order whose parcels nobody packed in our books counts as sent."""
    packed: Counter[int] = Counter()
    for parcel in parcels:
        if parcel.status != states.CANCELLED:
            packed.update({item.line_id: item.quantity for item in parcel.items.all()})
    if not packed or order.is_cancelled:
        return []
    lines = order.lines.select_related("product").order_by("id")
    return [_line(line, line.quantity - packed[line.pk]) for line in lines if line.quantity > packed[line.pk]]


def _waiting(order: Order, promise: Promise | None, today: date) -> dict[str, Any]:
    """An order of which nothing has left yet."""
    if promise is not None:
        first, last, promised_on = promise.expected_from, promise.expected_to, promise.promised_on
    else:
        _, first, last = queries.estimate_for(order, order.store)
        promised_on = order.promised_on or last
    late = states.is_overdue(promised_on, today)
    first, last = estimates.from_today(first, last, today)
    headline = "cancelled" if order.is_cancelled else "late" if late else "preparing"
    return {
        "headline": headline,
        "from": _iso(first),
        "to": _iso(last),
        "delivered_on": None,
        "promised_on": _iso(promised_on),
        "reason": "",
        "late": late,
    }


def _range(first: date | None, last: date | None, today: date) -> tuple[date | None, date | None]:
    return estimates.from_today(first, last, today) if first and last else (None, None)


def carrier_page(parcel: Parcel) -> str:
    """What the shop gave, else the carrier's usual page; only addresses of the web."""
    if parcel.tracking_url.startswith(("https://", "http://")):
        return parcel.tracking_url
    pattern = CARRIER_PAGES.get(parcel.carrier_key, "")
    return pattern.format(quote(parcel.number_key)) if pattern and parcel.number_key else ""


def for_messages(orders: Sequence[Order], today: date) -> dict[int, dict[str, Any]]:
    """The little that a mail says of each order's delivery, in two or three reads for all orders of one store."""
    store = orders[0].store
    parcels_of = queries.bare_parcels(store, [order.pk for order in orders])
    promises = queries.promises(store, [order.pk for order in orders if order.pk not in parcels_of])
    return {
        order.pk: _in_a_mail(parcels_of[order.pk], today)
        if order.pk in parcels_of
        else {**_waiting(order, promises.get(order.pk), today), "carrier": "", "tracking_number": ""}
        for order in orders
    }


def _in_a_mail(parcels: Sequence[Parcel], today: date) -> dict[str, Any]:
    ways = [_way(parcel, today) for parcel in parcels]
    at = progress.leading([way["headline"] for way in ways])
    return {**ways[at], "carrier": parcels[at].carrier, "tracking_number": parcels[at].tracking_number}


def _way(parcel: Parcel, today: date) -> dict[str, Any]:
    first, last = _range(parcel.expected_from, parcel.expected_to, today)
    return {
        "headline": progress.headline(progress.Way(parcel.status, parcel.promised_on, first, last), today),
        "reason": parcel.reason,
        "from": _iso(first),
        "to": _iso(last),
        "promised_on": _iso(parcel.promised_on),
        "delivered_on": _iso(parcel.delivered_on),
        "late": bool(parcel.late),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
