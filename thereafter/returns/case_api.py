"""Cases by the API: read them, open them for a shopper, take them back.

Lists are pages by cursor: `next` is the `after` of the page that follows, null on the last one.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db.models import Prefetch
from django.http import HttpRequest
from ninja import Header, Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from thereafter.commerce.models import Variant
from thereafter.commerce.queries import find_order
from thereafter.kit import clock
from thereafter.returns.actions import deciding
from thereafter.returns.actions.deciding import TooLate
from thereafter.returns.actions.opening import Asking, CannotOpen, Wish, open_cases
from thereafter.returns.models import Case, CaseQuerySet, CaseUnit, NewGoods, ParcelCase
from thereafter.returns.rules.machines import CannotGo
from thereafter.returns.rules.policy.outcomes import METHODS, OUTCOMES
from thereafter.stores.api import Bearer
from thereafter.stores.models import Store

router = Router(tags=["Returns"])
_reads, _writes = Bearer("returns:read"), Bearer("returns:write")
MOST, MOST_ITEMS = 100, 100
# No database keeps a NUL character, and PostgreSQL does not even look for one.
Plain = Annotated[str, Field(pattern=r"^[^\x00]*$")]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=80, pattern=r"^[^\x00]*$")]
Outcome = Annotated[str, Field(pattern=f"^({'|'.join(OUTCOMES)})$")]
Method = Annotated[str, Field(pattern=f"^({'|'.join(METHODS)})?$")]


class UnitOut(Schema):
    """One physical unit. `line` is the order line's own id, `value` what it was worth, in units of the currency."""

    line: str
    sku: str
    title: str
    state: str
    reason: str
    note: str
    value: Decimal
    grade: str = ""
    received_at: datetime | None = None


class ParcelOut(Schema):
    code: str
    state: str
    method: str
    carrier: str
    tracking_number: str
    send_by: str | None = None


class GoodsOut(Schema):
    """What goes out instead."""

    title: str
    sku: str
    quantity: int
    state: str
    tracking_number: str


class CaseOut(Schema):
    """`refund`, `credit`, `bonus` and `charge` are what the shopper was shown, in units of `currency`."""

    number: str
    order: str
    state: str
    basis: str
    outcome: str
    method: str
    channel: str
    currency: str
    value: Decimal
    refund: Decimal
    credit: Decimal
    bonus: Decimal
    charge: Decimal
    needs_review: bool
    submitted_at: datetime
    received_at: datetime | None = None
    released_at: datetime | None = None
    resolved_at: datetime | None = None
    send_by: str | None = None
    units: list[UnitOut]
    parcels: list[ParcelOut]
    goods: list[GoodsOut]


class CasesOut(Schema):
    returns: list[CaseOut]
    next: str | None = None


class OpenedOut(Schema):
    """The cases that it became: one for each ground, outcome and way back."""

    returns: list[CaseOut] = []
    duplicate: bool = False
    message: str = ""


class GoodsIn(Schema):
    """What is wanted instead, by its SKU."""

    sku: Plain = Field(min_length=1, max_length=80)
    quantity: int = Field(1, ge=1, le=1_000)


class ItemIn(Schema):
    """Units of one line of the order. Without `method` it is the first way back that the policy offers."""

    line: Plain = Field(min_length=1, max_length=80)
    quantity: int = Field(1, ge=1, le=1_000)
    reason: Plain = Field("", max_length=24)
    outcome: Outcome = "refund"
    method: Method = ""
    note: Plain = Field("", max_length=4_000)
    goods: list[GoodsIn] = Field(default=[], max_length=MOST_ITEMS)


class OpenIn(Schema):
    """`order` is the order's number. `basis` "withdrawal" insists on the right of withdrawal."""

    order: Plain = Field(min_length=1, max_length=80)
    items: list[ItemIn] = Field(min_length=1, max_length=MOST_ITEMS)
    basis: Literal["", "withdrawal"] = ""


class CancelIn(Schema):
    why: Plain = Field("", max_length=500)


class CancelledOut(Schema):
    cancelled: bool
    number: str
    state: str
    message: str = ""


class Filters(Schema):
    """`after` is the `next` of the page before. `changed_since` is for keeping a copy up to date."""

    state: Plain = Field("", max_length=12)
    order: Plain = Field("", max_length=40)
    changed_since: datetime | None = None
    after: str = Field("", max_length=20, pattern=r"^\d*$")
    limit: int = Field(50, ge=1, le=MOST)


@router.get("/returns", auth=_reads, response=CasesOut, summary="List returns")
def list_cases(request: HttpRequest, asked: Query[Filters]) -> dict[str, Any]:
    """In the order in which they were opened, the oldest first, so that nothing is missed while new ones come."""
    rows = _rows(_store(request)).order_by("pk")
    if asked.state:
        rows = rows.filter(state=asked.state)
    if asked.order:
        rows = rows.filter(order__number=asked.order)
    if asked.changed_since:
        rows = rows.filter(changed_at__gte=_aware(asked.changed_since))
    if asked.after:
        rows = rows.filter(pk__gt=int(asked.after))
    found = list(rows[: asked.limit + 1])
    page = found[: asked.limit]
    return {"returns": _told(page), "next": str(page[-1].pk) if len(found) > len(page) else None}


@router.get("/returns/{number}", auth=_reads, response=CaseOut, summary="Read a return")
def read_case(request: HttpRequest, number: str) -> dict[str, Any]:
    return _told([_case(_store(request), number)])[0]


@router.post(
    "/returns", auth=_writes, response={201: OpenedOut, 200: OpenedOut, 422: OpenedOut}, summary="Open a return"
)
def open_return(request: HttpRequest, wanted: OpenIn, key: Key) -> Status[dict[str, Any]]:
    """Takes in what a shopper wants, by the shop's policy and the law. The same Idempotency-Key again changes nothing
    and answers with 200 and the same cases; 422 says in `message` why nothing was opened."""
    store = _store(request)
    order = find_order(store, wanted.order)
    if order is None:
        raise HttpError(404, f"There is no order {wanted.order} in this store.")
    asking = Asking(source=f"api:{key}", channel="api", basis=wanted.basis)
    known = Case.objects.of(store).filter(source__startswith=f"{asking.source}/").exists()
    try:
        made = open_cases(order, [_wish(store, item) for item in wanted.items], asking, now=clock.now())
    except CannotOpen as refusal:
        return Status(422, {"message": str(refusal)})
    ids = [case.pk for case in made]
    cases = list(_rows(store).filter(pk__in=ids).order_by("pk"))
    return Status(200 if known else 201, {"returns": _told(cases), "duplicate": known})


def _wish(store: Store, item: ItemIn) -> Wish:
    return Wish(
        line=item.line,
        quantity=item.quantity,
        reason=item.reason,
        outcome=item.outcome,
        method=item.method,
        note=item.note,
        goods=tuple((_variant(store, one.sku), one.quantity) for one in item.goods),
    )


def _variant(store: Store, sku: str) -> int:
    found = Variant.objects.of(store).filter(sku=sku).order_by("pk").values_list("pk", flat=True).first()
    if found is None:
        raise HttpError(422, f"There is no product with the SKU {sku}.")
    return int(found)


@router.post(
    "/returns/{number}/cancel",
    auth=_writes,
    response={200: CancelledOut, 409: CancelledOut},
    summary="Take a return back",
)
def cancel_return(request: HttpRequest, number: str, wanted: CancelIn) -> Status[dict[str, Any]]:
    """While neither goods nor money have moved; 409 says why it is too late. Cancelling again changes nothing."""
    case = _case(_store(request), number)
    message = ""
    if case.state != "cancelled":
        try:
            deciding.cancel(case, by=None, why=wanted.why, now=clock.now())
        except TooLate as refusal:
            message = str(refusal)
        except CannotGo:
            message = "This return is over already."
    case.refresh_from_db(fields=["state"])
    answer = {"cancelled": case.state == "cancelled", "number": case.number, "state": case.state, "message": message}
    return Status(409 if message else 200, answer)


def _store(request: HttpRequest) -> Store:
    store: Store = request.auth.store  # type: ignore[attr-defined]  # Bearer put the key there
    return store


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise HttpError(422, "changed_since needs the offset of its place, such as 2026-03-03T10:00:00Z.")
    return at


def _rows(store: Store) -> CaseQuerySet:
    units = CaseUnit.objects.of(store).select_related("line").order_by("pk")
    parcels = ParcelCase.objects.of(store).select_related("parcel").defer("parcel__label").order_by("pk")
    goods = NewGoods.objects.of(store).order_by("pk")
    rows: CaseQuerySet = Case.objects.of(store).select_related("order__store")
    parts: list[Any] = [Prefetch("units", units), Prefetch("parcel_links", parcels), Prefetch("goods", goods)]
    return rows.prefetch_related(*parts)


def _case(store: Store, number: str) -> Case:
    found: Case | None = None if "\x00" in number else _rows(store).filter(number=number).first()
    if found is None:
        raise HttpError(404, f"There is no return {number} in this store.")
    return found


def _told(cases: Iterable[Case]) -> list[dict[str, Any]]:
    return [_one(case) for case in cases]


def _one(case: Case) -> dict[str, Any]:
    quote = case.quote
    shown = {name: case.money(quote.get(name) or 0).amount for name in ("refund", "credit", "bonus", "charge")}
    plain = ("number", "state", "basis", "outcome", "method", "channel", "currency", "submitted_at", "received_at")
    return {name: getattr(case, name) for name in (*plain, "released_at", "resolved_at")} | {
        **shown,
        "order": case.order.number,
        "value": case.money(case.value_minor).amount,
        "needs_review": bool(case.review),
        "send_by": case.send_by.isoformat() if case.send_by else None,
        "units": _units(case, case.units.all()),
        "parcels": [_parcel(link.parcel) for link in case.parcel_links.all()],
        "goods": list(case.goods.all()),
    }


def _units(case: Case, units: Iterable[CaseUnit]) -> list[dict[str, Any]]:
    return [
        {
            "line": unit.line.external_id,
            "sku": unit.line.sku,
            "title": unit.line.title,
            "state": unit.state,
            "reason": unit.reason,
            "note": unit.note,
            "value": case.money(unit.value_minor).amount,
            "grade": unit.grade,
            "received_at": unit.received_at,
        }
        for unit in units
    ]


def _parcel(parcel: Any) -> dict[str, Any]:
    names = "code", "state", "method", "carrier", "tracking_number"
    send_by = parcel.send_by.isoformat() if parcel.send_by else None
    return {name: getattr(parcel, name) for name in names} | {"send_by": send_by}
