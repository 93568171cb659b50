"""Which cases a list shows: views, filters, search, sorting, and a page of them by cursor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db.models import Case as Choice
from django.db.models import CharField, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from thereafter.commerce.models import Customer, Order
from thereafter.returns.actions.claims import CLAIMS
from thereafter.returns.models import Case, CaseQuerySet, CaseUnit, Grant, NewGoods, ParcelCase
from thereafter.returns.models.cases import OVER
from thereafter.stores.models import Store

PAGE = 30
_GOES_ON = ~Q(state__in=(*OVER, "resolved"))
_FAR = date(9999, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of the list. `after` and `before` are cursors; `assigned`: me, nobody or a colleague's key."""

    view: str = ""
    q: str = ""
    reason: str = ""
    outcome: str = ""
    basis: str = ""
    assigned: str = ""
    sort: str = ""
    after: str = ""
    before: str = ""

    @property
    def has_filters(self) -> bool:
        return any((self.q, self.reason, self.outcome, self.basis, self.assigned))

    def query(self, **changed: str) -> str:
        """As it stands in an address; a changed choice begins at the first page."""
        said = {name: value for name, value in vars(replace(self, after="", before="")).items() if value}
        return urlencode({name: value for name, value in (said | changed).items() if value})


def read(given: Mapping[str, Any]) -> Asked:
    """From an address; what makes no sense is left out."""
    said = {field.name: str(given.get(field.name, "")).strip()[:100] for field in fields(Asked)}
    asked = Asked(**said)
    if asked.view not in VIEWS:
        asked = replace(asked, view="")
    if asked.assigned not in ("", "me", "nobody") and not asked.assigned.isdecimal():
        asked = replace(asked, assigned="")
    return replace(asked, sort=asked.sort if asked.sort in SORTS else "")


def read_query(query: str) -> Asked:
    return read(dict(parse_qsl(query)))


def _units(*states: str) -> Exists:
    return Exists(CaseUnit.objects.filter(case=OuterRef("pk"), store=OuterRef("store"), state__in=states))


def _unpaid() -> Exists:
    """A promise of the case that has not gone out; grants name their case in their source."""
    source = Concat(Value("case:"), Cast(OuterRef("pk"), CharField()), Value(":"))
    rows = Grant.objects.filter(store=OuterRef("store"), order=OuterRef("order"), settled_at=None, withdrawn_at=None)
    return Exists(rows.filter(source__startswith=source))


def _arrived() -> Exists:
    rows = ParcelCase.objects.filter(case=OuterRef("pk"), parcel__state="delivered", parcel__opened_at=None)
    return Exists(rows.filter(store=OuterRef("store")))


def _to_decide(_today: date) -> Q:
    return _GOES_ON & (Q(state__in=("submitted", "needs_review")) | ~Q(review=""))


def _waiting(_today: date) -> Q:
    return Q(state="open", handed_in_at=None, received_at=None) & ~Q(method="none")


def _on_the_way(_today: date) -> Q:
    return Q(state="open", handed_in_at__isnull=False, received_at=None) & ~Q(_arrived())


def _here(_today: date) -> Q:
    return _GOES_ON & Q(_arrived())


def _to_inspect(_today: date) -> Q:
    return _GOES_ON & Q(_units("received", "manual"))


def _to_send(_today: date) -> Q:
    return _GOES_ON & Q(Exists(NewGoods.objects.filter(case=OuterRef("pk"), store=OuterRef("store"), state="released")))


def _money(_today: date) -> Q:
    to_come = Q(quote__charge__gt=0, charged_at=None)
    return Q(state="open") & (Q(_unpaid()) | to_come)


# The money may wait for the goods, or for proof that they were sent (`Case.pays_by`).
_SHOWN = Q(method="none") | Q(handed_in_at__isnull=False) | Q(received_at__isnull=False)


def _late(today: date) -> Q:
    return _GOES_ON & Q(pay_by__lt=today) & _SHOWN


@dataclass(frozen=True)
class View:
    label: str
    rows: Callable[[date], Q]


VIEWS: Mapping[str, View] = {
    "": View("Going on", lambda _today: _GOES_ON),
    "decide": View("To decide", _to_decide),
    "shopper": View("Waiting for the shopper", _waiting),
    "way": View("On their way", _on_the_way),
    "arrived": View("Arrived, not opened", _here),
    "inspect": View("To inspect", _to_inspect),
    "send": View("To send", _to_send),
    "money": View("Waiting for money", _money),
    "claims": View("Claims", lambda _today: _GOES_ON & Q(basis__in=CLAIMS)),
    "withdrawals": View("Withdrawals", lambda _today: _GOES_ON & Q(basis="withdrawal")),
    "late": View("Late to pay", _late),
    "done": View("Done", lambda _today: ~_GOES_ON),
    "all": View("All", lambda _today: Q()),
}


@dataclass(frozen=True)
class _Sort:
    label: str
    column: str
    downwards: bool
    parse: Callable[[str], Any]


SORTS: Mapping[str, _Sort] = {
    "": _Sort("Newest first", "submitted_at", True, datetime.fromisoformat),
    "old": _Sort("Oldest first", "submitted_at", False, datetime.fromisoformat),
    "due": _Sort("Due first", "due", False, date.fromisoformat),
    "value": _Sort("Highest value first", "value_minor", True, int),
    "moved": _Sort("Last changed first", "changed_at", True, datetime.fromisoformat),
}


def counts(store: Store, today: date) -> dict[str, int]:
    """How many cases each view holds, of those that somebody works through."""
    shown = {name: view for name, view in VIEWS.items() if name not in ("done", "all")}
    return {name: Case.objects.of(store).filter(view.rows(today)).count() for name, view in shown.items()}


def cases(store: Store, asked: Asked, *, me: int, today: date) -> CaseQuerySet:
    """Everything that was asked for, unsorted."""
    rows = Case.objects.of(store).filter(VIEWS[asked.view].rows(today)).annotate(due=_due())
    if asked.q:
        rows = rows.filter(_found(store, asked.q))
    if asked.reason:
        rows = rows.filter(Exists(CaseUnit.objects.of(store).filter(case=OuterRef("pk"), reason=asked.reason)))
    for name in ("outcome", "basis"):
        if value := getattr(asked, name):
            rows = rows.filter(**{name: value})
    if asked.assigned:
        whom = {"me": me, "nobody": None}
        rows = rows.filter(assigned_to=whom[asked.assigned] if asked.assigned in whom else int(asked.assigned))
    found: CaseQuerySet = rows.select_related("order", "customer", "assigned_to")
    return found


def _due() -> Coalesce:
    return Coalesce(Choice(When(_SHOWN, then=F("pay_by"))), F("send_by"), Value(_FAR))


def _found(store: Store, q: str) -> Q:
    """By number, order, name, e-mail, or what stands on a parcel."""
    number = q.removeprefix("#").strip()
    code = "".join(q.split())
    people = Customer.objects.of(store).filter(Q(name__icontains=q) | Q(email__icontains=q.lower())).values("pk")
    orders = Order.objects.of(store).filter(number__iexact=number).values("pk")
    by_code = Q(parcel__code__iexact=code) | Q(parcel__tracking_number__iexact=code)
    parcels = ParcelCase.objects.of(store).filter(by_code).values("case")
    goods = NewGoods.objects.of(store).filter(tracking_number__iexact=code).values("case")
    return (
        Q(number__istartswith=number)
        | Q(order__in=orders)
        | Q(customer__in=people)
        | Q(email__iexact=q)
        | Q(pk__in=parcels)
        | Q(pk__in=goods)
    )


@dataclass(frozen=True)
class Page:
    """`after` and `before` are the cursors of the next and the previous page, "" where there is none."""

    rows: list[Case]
    after: str = ""
    before: str = ""


def page(rows: CaseQuerySet, asked: Asked, size: int = PAGE) -> Page:
    """Rows after a cursor or before it; by what they are sorted by, so that new ones in between shift nothing."""
    sort = SORTS[asked.sort]
    backwards = bool(asked.before) and not asked.after
    cursor = asked.before if backwards else asked.after
    found = list(_sorted(_beyond(rows, sort, cursor, backwards=backwards), sort, backwards=backwards)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next, has_previous = (True, more) if backwards else (more, bool(cursor))
    return Page(
        found,
        after=_cursor(found[-1], sort) if found and has_next else "",
        before=_cursor(found[0], sort) if found and has_previous else "",
    )


def _sorted(rows: CaseQuerySet, sort: _Sort, *, backwards: bool = False) -> CaseQuerySet:
    sign = "-" if sort.downwards != backwards else ""
    return rows.order_by(f"{sign}{sort.column}", f"{sign}pk")


def in_order(rows: CaseQuerySet, asked: Asked) -> CaseQuerySet:
    return _sorted(rows, SORTS[asked.sort])


def _cursor(case: Any, sort: _Sort) -> str:
    value = getattr(case, sort.column)
    return f"{value if isinstance(value, int) else value.isoformat()}~{case.pk}"


def _beyond(rows: CaseQuerySet, sort: _Sort, cursor: str, *, backwards: bool) -> CaseQuerySet:
    """One that was tampered with begins at the beginning."""
    text, _, pk = cursor.rpartition("~")
    try:
        value, last = sort.parse(text), int(pk)
    except ValueError:
        return rows
    way = "lt" if sort.downwards != backwards else "gt"
    same = {sort.column: value, f"pk__{way}": last}
    return rows.filter(Q(**{f"{sort.column}__{way}": value}) | Q(**same))
