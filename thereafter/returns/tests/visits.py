"""Shoppers who want to send something back, through the public actions: John's shoes came on 10 March 2026."""

from datetime import UTC, datetime, timedelta
from typing import Any

from thereafter.commerce.documents import Address, Line, Payment
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order, ship
from thereafter.kit import clock
from thereafter.returns.actions.opening import Asking, Wish, open_cases
from thereafter.returns.models import Case, CaseUnit, Grant, GrantShare, ReturnParcel
from thereafter.stores.models import Store
from thereafter.timeline.worker import run_until_idle
from thereafter.tracking.tests.makers import scan, scan_doc

PLACED = datetime(2026, 3, 3, 10, tzinfo=UTC)
CAME = datetime(2026, 3, 10, 14, tzinfo=UTC)
ASKED = CAME + timedelta(days=2)
NUMBER = "00340434161094042557"
SHOES = Line(external_id="1", title="Trail Runner 2", quantity=1, unit_price="89.90", product_id="shoe", sku="TR2-42")
SOCKS = Line(external_id="2", title="Socks", quantity=3, unit_price="9.00", product_id="socks", sku="SO-1")


def delivered_order(store: Store, *lines: Line, **fields: Any) -> Order:
    """Paid by card, sent a day later, delivered on 10 March."""
    lines = lines or (SHOES, SOCKS)
    total = sum(float(line.unit_price) * line.quantity for line in lines)
    payments = [Payment(external_id="card", kind="card", amount=f"{total:.2f}")]
    order = make_order(store, lines=lines, placed_at=PLACED, **({"payments": payments} | fields))
    with clock.at(PLACED + timedelta(days=1)):
        ship(order, tracking_number=NUMBER)
        run_until_idle()
    scan(store, scan_doc("delivered", CAME), now=CAME)
    with clock.at(CAME):
        run_until_idle()
    return order


def in_america() -> Address:
    """Where no law of withdrawal lies under the policy."""
    return Address(name="John Runner", city="Portland", postcode="97201", country="US", region="OR")


def ask(order: Order, *wishes: Wish, now: datetime = ASKED, **asking: Any) -> list[Case]:
    """What the portal does when the shopper presses the last button."""
    wishes = wishes or (Wish(line="1", reason="changed_mind"),)
    return open_cases(order, wishes, Asking(**({"source": "visit"} | asking)), now=now)


def ask_for_one(order: Order, *wishes: Wish, **asking: Any) -> Case:
    (case,) = ask(order, *wishes, **asking)
    return case


def units(case: Case) -> list[CaseUnit]:
    return list(CaseUnit.objects.of(case.store_id).filter(case=case).order_by("pk"))


def parcel(case: Case) -> ReturnParcel:
    return ReturnParcel.objects.of(case.store_id).get(links__case=case)


def shares(case: Case) -> list[GrantShare]:
    granted = Grant.objects.of(case.store_id).filter(source__startswith=case.grant_source)
    return list(GrantShare.objects.of(case.store_id).filter(grant__in=granted).order_by("pk"))


def again(case: Case) -> Case:
    return Case.objects.of(case.store_id).select_related("order__store", "customer").get(pk=case.pk)
