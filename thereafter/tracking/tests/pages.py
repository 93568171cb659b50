"""Orders in every state that an order's page can show, made by public actions up to a given moment.

`STATES[name](store, now)` gives the order; `tracking.tests.test_page_looks` and the pictures of the docs use them.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from thereafter.commerce.documents import Address, Line
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order, make_product, ship
from thereafter.kit import clock
from thereafter.stores.models import Store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.tests.makers import scan, scan_doc

SHOES, SOCKS, FLASK, CAP = BASKET = tuple(
    Line(
        external_id=number, title=title, variant_title=variant, quantity=quantity, unit_price=price, product_id=product
    )
    for number, title, variant, quantity, price, product in (
        ("1", "Tempo Racer", "EU 42", 1, "149", "tempo-racer"),
        ("2", "Merino Socks", "M", 2, "14", "merino-socks"),
        ("3", "Soft Flask", "500 ml", 1, "19", "soft-flask"),
        ("4", "Run Cap", "Black", 1, "29", "run-cap"),
    )
)
Step = tuple[float, str, dict[str, Any]]


def went(hours: float, status: str, **fields: Any) -> Step:
    """A scan so many hours before now."""
    return hours, status, fields


# From the depot to the van, as most parcels go.
TRIP = (
    went(47, "picked_up", place="Leipzig", text="The parcel was handed to DHL."),
    went(38, "in_transit", place="Leipzig", text="Sorted in the parcel centre of origin."),
    went(20, "in_transit", place="Berlin", text="Arrived in the region of the recipient."),
    went(8, "in_transit", place="Berlin", text="Sorted in the delivery base."),
)


def place(
    store: Store, now: datetime, *, days: float = 3, lines: Sequence[Line] = (SHOES, SOCKS), **order: Any
) -> Order:
    """An order placed so many days ago, with the pictures of its products."""
    placed_at = now - timedelta(days=days)
    with clock.at(placed_at):
        for line in lines:
            image = f"/static/demo/{line.product_id}.svg"
            make_product(
                store, line.product_id, title=line.title, image_url=image, url=f"https://shop.example/{line.product_id}"
            )
        made = make_order(store, placed_at=placed_at, lines=lines, **order)
        run_until_idle()
    return made


def hand_over(order: Order, now: datetime, *, days: float = 2, **parcel: Any) -> None:
    """The shop gives a parcel to the carrier so many days ago."""
    with clock.at(now - timedelta(days=days)):
        ship(order, shipped_at=now - timedelta(days=days), **parcel)
        run_until_idle()


def tell(store: Store, now: datetime, number: str, *steps: Step, carrier: str = "dhl", **news: Any) -> None:
    """The carrier's scans, each on the day's own clock of the place."""
    zone = clock.zone(store.time_zone)
    docs = [scan_doc(status, (now - timedelta(hours=hours)).astimezone(zone), **said) for hours, status, said in steps]
    scan(store, *docs, now=now, tracking_number=number, carrier=carrier, **news)
    with clock.at(now):
        run_until_idle()


def one_parcel(
    store: Store, now: datetime, *steps: Step, days: float = 3, news: dict[str, Any] | None = None, **order: Any
) -> Order:
    made = place(store, now, days=days, **order)
    number = f"0034043416109404{made.pk:04}"
    hand_over(made, now, days=max(days - 1, 0.5), carrier="DHL", tracking_number=number)
    tell(store, now, number, *steps, **(news or {}))
    return made


def nothing_sent(store: Store, now: datetime) -> Order:
    return place(store, now, days=0.5)


def late(store: Store, now: datetime) -> Order:
    """Promised for yesterday; snow on the way."""
    snow = went(30, "exception", reason="weather", text="Snow on the A9.", place="Nuremberg")
    again = went(6, "in_transit", place="Hof", text="On the way again.")
    day = clock.day_in(now - timedelta(days=1), store.time_zone)
    return one_parcel(store, now, *TRIP[:2], snow, again, promised_on=day)


def silent(store: Store, now: datetime) -> Order:
    """The carrier has said nothing for so long that it might be late."""
    return one_parcel(
        store, now, went(24 * 9, "in_transit", place="Leipzig"), days=11, promised_on=(now + timedelta(days=2)).date()
    )


def three_parcels(store: Store, now: datetime) -> Order:
    """One there, one on its way to another carrier, one stopped by customs."""
    madrid = Address(name="Ana Runner", city="Madrid", postcode="28001", country="ES")
    made = place(store, now, days=5, lines=BASKET, shipping_address=madrid)
    numbers = [f"{kind}{made.pk:06}" for kind in ("JD01460000", "JD01460001", "JD01460002")]
    for at, number in enumerate(numbers):
        lines = {"1": 1} if at == 0 else {"2": 2} if at == 1 else {"3": 1}
        hand_over(made, now, days=4, external_id=f"f{at}", carrier="DHL", tracking_number=number, lines=lines)
    came = went(20, "delivered", place="Madrid", detail="neighbour")
    tell(store, now, numbers[0], *TRIP, came, proof={"signed_by": "J. GARCIA", "place": "Neighbour, 2nd floor"})
    tell(
        store,
        now,
        numbers[1],
        *TRIP[:2],
        went(5, "in_transit", place="Irun", text="Handed over."),
        next_carrier="correos",
        next_number="PQ4F6P0704104480181750T",
    )
    tell(store, now, numbers[2], TRIP[0], went(9, "exception", reason="customs_duties_unpaid", place="Madrid"))
    return made


def abroad(store: Store, now: datetime) -> Order:
    """Scans on clocks that are not the shop's."""
    made = place(
        store, now, days=6, shipping_address=Address(city="Boston", country="US", region="MA", postcode="02108")
    )
    number = f"1Z999AA1{made.pk:010}"
    hand_over(made, now, days=5, carrier="ups", tracking_number=number)
    steps = [
        scan_doc("in_transit", (now - timedelta(hours=hours)).astimezone(clock.zone(name)), place=town, text=text)
        for hours, name, town, text in (
            (90, "Europe/Berlin", "Cologne", "Departed from facility"),
            (70, "America/New_York", "Newark, NJ", "Import scan"),
            (20, "America/New_York", "Chelmsford, MA", "Arrived at facility"),
        )
    ]
    scan(store, *steps, now=now, tracking_number=number, carrier="ups")
    return made


def pickup(store: Store, now: datetime, days_left: int = 4) -> Order:
    spot = {
        "name": "DHL Paketshop Kiosk am Markt",
        "address": "Marktstraße 12, 10115 Berlin",
        "until": clock.day_in(now + timedelta(days=days_left), store.time_zone).isoformat(),
        "code": "4711",
    }
    waits = went(2, "available_for_pickup", place="Berlin", text="It can be picked up.")
    return one_parcel(store, now, *TRIP, waits, news={"pickup": spot})


def delivered(store: Store, now: datetime) -> Order:
    proof = {"signed_by": "MILLER", "photo_url": "https://photos.example/1.jpg", "place": "Neighbour Miller, no. 7"}
    came = went(1, "delivered", place="Berlin", text="Delivered to MILLER", detail="neighbour")
    return one_parcel(store, now, *TRIP, went(5, "out_for_delivery", place="Berlin"), came, news={"proof": proof})


def trouble(store: Store, now: datetime, reason: str) -> Order:
    return one_parcel(store, now, *TRIP, went(3, "exception", reason=reason, place="Berlin"))


def returned(store: Store, now: datetime) -> Order:
    back = went(30, "returning", place="Berlin", text="The parcel goes back to the sender.")
    return one_parcel(store, now, *TRIP[:2], back, went(2, "returned", place="Leipzig"))


def cancelled(store: Store, now: datetime) -> Order:
    return place(store, now, days=1, cancelled_at=now - timedelta(hours=3))


STATES: dict[str, Callable[[Store, datetime], Order]] = {
    "nothing_sent": nothing_sent,
    "on_time": lambda store, now: one_parcel(store, now, *TRIP),
    "abroad": abroad,
    "today": lambda store, now: one_parcel(store, now, *TRIP, went(2, "out_for_delivery", place="Berlin")),
    "late": late,
    "silent": silent,
    "three_parcels": three_parcels,
    "bad_address": partial(trouble, reason="consignee_bad_address"),
    "duties": partial(trouble, reason="customs_duties_unpaid"),
    "lost": partial(trouble, reason="carrier_lost"),
    "attempted": lambda store, now: one_parcel(store, now, *TRIP, went(2, "attempted", place="Berlin")),
    "pickup": pickup,
    "delivered": delivered,
    "returning": lambda store, now: one_parcel(store, now, *TRIP[:2], went(30, "returning", place="Berlin")),
    "returned": returned,
    "cancelled": cancelled,
}
