"""What runners send back: a few months of returns and exchanges by the same actions that the portal and the
warehouse use, in every state a console page shows."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from thereafter.commerce.models import Order, OrderLine, Variant
from thereafter.returns import paying
from thereafter.returns.actions import granting, parcels, points, policies, units, ways
from thereafter.returns.actions.goods import ship
from thereafter.returns.actions.opening import Asking, CannotOpen, Wish, open_cases
from thereafter.returns.models import Case, CaseUnit, Grant, GrantShare, NewGoods, ReturnParcel
from thereafter.returns.rules.policy import ready_policies
from thereafter.stores.models import Staff, Store
from thereafter.timeline.models import Entry

# One of so many delivered parcels brings a return.
SHARE = 0.16
FOR_DAYS = 150
POLICY = "exchange_first_45"
ADDRESS = {
    "name": "Stride & Co",
    "company": "Returns",
    "line1": "Kastanienallee 1",
    "postcode": "10435",
    "city": "Berlin",
    "country": "DE",
}
COUNTERS = """name;kind;address;postcode;city;country;opening hours;counter
Stride & Co Prenzlauer Berg;own;Kastanienallee 1;10435;Berlin;DE;Mo-Sa 10-19;yes
Café Zielgerade;partner;Bergmannstraße 22;10961;Berlin;DE;Mo-Su 8-18;yes
Laufladen Nord;partner;Osterstraße 120;20255;Hamburg;DE;Mo-Sa 10-18;yes
"""
_WHYS = (
    ("size_small", "exchange_variant", "My toes touch the front."),
    ("size_small", "refund", "Runs small."),
    ("size_large", "exchange_variant", ""),
    ("size_width", "refund", "Too narrow for my feet."),
    ("changed_mind", "refund", ""),
    ("taste_colour", "store_credit", "Brighter than in the picture."),
    ("several_to_choose", "refund", ""),
    ("faulty_later", "replacement", "The sole comes off after two runs."),
    ("damaged_on_arrival", "replacement", "The box was crushed."),
)
_HANDED_IN, _ARRIVED, _LOOKED_AT, _PAID = 3, 5, 7, 8  # days after it was asked for


_STAGES = ("decide", "inspect", "send", "arrived", "inspect", "way", "decide", "send")


def fill(store: Store, now: datetime) -> int:
    """Sets the shop's returns up and plays them; returns how many cases there are."""
    owner = Staff.objects.order_by("pk").first()
    if owner is None:
        raise ValueError("The demo shop has nobody who works in it.")
    dice = random.Random(5)  # noqa: S311 the same each time
    ways.set_address(store, ADDRESS, by=owner, now=now)
    points.import_table(store, COUNTERS, by=owner, now=now)
    document = ready_policies.document(POLICY, store.currency)
    policies.save_draft(store, document, by=owner, now=now - timedelta(days=FOR_DAYS + 30))
    policies.publish(store, by=owner, now=now - timedelta(days=FOR_DAYS + 30))
    told = list(_delivered(store, now))
    # The newest show what a desk and a warehouse have before them.
    for stage, (order, _delivered_at) in zip(_STAGES, reversed(told), strict=False):
        _before_them(order, stage, now, owner)
    for order, delivered in told[: -len(_STAGES)]:
        if dice.random() >= SHARE:
            continue
        asked = delivered + timedelta(days=dice.randint(1, 10), hours=dice.randint(0, 9))
        if asked < now:
            _return(order, asked, now, owner, dice)
    return Case.objects.of(store).count()


def _delivered(store: Store, now: datetime) -> Iterator[tuple[Order, datetime]]:
    rows = Entry.objects.filter(
        store_id=store.pk, name="parcel.delivered", occurred_at__gt=now - timedelta(days=FOR_DAYS)
    )
    told = dict(rows.order_by("occurred_at").values_list("order_id", "occurred_at"))
    orders = Order.objects.of(store).filter(pk__in=told, refunded_minor=0).select_related("store", "customer")
    for order in sorted(orders, key=lambda one: told[one.pk]):
        yield order, told[order.pk]


def _before_them(order: Order, stage: str, now: datetime, by: Staff) -> None:
    """A return of yesterday that waits at `stage`."""
    line = order.lines.select_related("product", "variant").order_by("pk")[0]
    other = _other(line)
    wish = Wish(
        line=line.external_id,
        reason="size_small",
        outcome="exchange_variant" if stage == "send" and other else "refund",
        note="My toes touch the front.",
        goods=((other.pk, 1),) if stage == "send" and other else (),
    )
    review = "The shopper says it was worn once: decide whether it is taken." if stage == "decide" else ""
    asking = Asking(source=f"demo:{order.pk}", channel="support", by=by, review=review)
    try:
        (case,) = open_cases(order, [wish], asking, now=now - timedelta(days=1))
    except CannotOpen:
        return
    parcel = ReturnParcel.objects.of(case.store_id).filter(links__case=case).first()
    if parcel is None:
        return
    parcels.handed_in(parcel, at="Café Zielgerade", now=now - timedelta(hours=9))
    if stage == "inspect":
        found = {unit.pk: "received" for unit in CaseUnit.objects.of(case.store_id).filter(case=case)}
        units.receive(case, found, by=by, now=now - timedelta(hours=2), parcel=parcel)
    elif stage in {"arrived", "send"}:
        parcels.told(parcel, "in_transit", now=now - timedelta(hours=8))
        parcels.told(parcel, "delivered", now=now - timedelta(hours=3))


def _return(order: Order, asked: datetime, now: datetime, by: Staff, dice: random.Random) -> None:
    line = dice.choice(list(order.lines.select_related("product", "variant").order_by("pk")))
    reason, outcome, note = dice.choice(_WHYS)
    other = _other(line) if outcome == "exchange_variant" else None
    wish = Wish(
        line=line.external_id,
        reason=reason,
        outcome=outcome if other or outcome != "exchange_variant" else "refund",
        note=note,
        goods=((other.pk, 1),) if other else (),
    )
    try:
        made = open_cases(order, [wish], Asking(source=f"demo:{order.pk}", channel="support", by=by), now=asked)
    except CannotOpen:
        return
    for case in made:
        _go_on(case, asked, now, by, dice)


def _other(line: OrderLine) -> Variant | None:
    if line.product_id is None:
        return None
    rows = Variant.objects.of(line.store_id).filter(product_id=line.product_id).exclude(sku=line.sku)
    return rows.order_by("pk").first()


def _go_on(case: Case, asked: datetime, now: datetime, by: Staff, dice: random.Random) -> None:
    """As far as it has come by now; one of ten never sends anything."""
    if case.state != "open" or dice.random() < 0.1:  # noqa: PLR2004 one of ten
        return
    parcel = ReturnParcel.objects.of(case.store_id).filter(links__case=case).first()

    def days(count: int) -> datetime:
        return asked + timedelta(days=count)

    if parcel is not None and days(_HANDED_IN) < now:
        parcels.handed_in(parcel, at="Café Zielgerade", now=days(_HANDED_IN))
    if parcel is not None and days(_ARRIVED) < now:
        found = {unit.pk: "received" for unit in CaseUnit.objects.of(case.store_id).filter(case=case)}
        units.receive(case, found, by=by, now=days(_ARRIVED), parcel=parcel)
    if parcel is not None and days(_LOOKED_AT) < now:
        for unit in CaseUnit.objects.of(case.store_id).filter(case=case, state="received"):
            units.inspect(unit, "accepted", by=by, now=days(_LOOKED_AT), grade="new", to="restock")
    if days(_PAID) < now:
        _pay_and_send(case, days(_PAID), by)


def _pay_and_send(case: Case, at: datetime, by: Staff) -> None:
    paying.pay_due(at)
    granted = Grant.objects.of(case.store_id).filter(source__startswith=case.grant_source)
    for share in GrantShare.objects.of(case.store_id).filter(grant__in=granted, state="granted"):
        granting.settle(granting.send(share, now=at), provider_ref=f"demo-{share.pk}", now=at)
    released = list(NewGoods.objects.of(case.store_id).filter(case=case, state="released"))
    if released:
        ship(released, carrier="DHL", number=f"0034043416109{case.pk:07d}", by=by, now=at)
