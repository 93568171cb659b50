"""Cases whose money or goods went out in a period, with what they cost and kept: a query for each kind of row."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, Q, Sum

from thereafter.returns import store_policies
from thereafter.returns.models import (
    Case,
    CaseUnit,
    CreditLine,
    Grant,
    GrantShare,
    ParcelCase,
    Remark,
    Withdrawal,
)
from thereafter.returns.rules.figures.money import Closed
from thereafter.returns.rules.policy.outcomes import EXCHANGES
from thereafter.returns.rules.policy.returnless import costs_of
from thereafter.stores.models import Store

AT_ONCE = 5_000
_DAY = 86_400
_CREDIT = "store_credit"


@dataclass(frozen=True)
class _Sums:
    """By case."""

    refunded: Mapping[int, int]
    settled: Mapping[int, datetime]
    credit: Mapping[int, int]
    spent: Mapping[int, int]
    labels: Mapping[int, int]
    letters: Mapping[int, int]
    scanned: Mapping[int, datetime]
    fates: Mapping[int, list[tuple[str, int]]] = field(default_factory=dict)


def closed(store: Store, first: datetime, last: datetime) -> list[Closed]:
    """In the store's own currency, whose money or goods went out since `first` and before `last`."""
    rows = Case.objects.of(store).filter(released_at__gte=first, released_at__lt=last, currency=store.currency)
    rows = rows.exclude(state__in=("cancelled", "declined", "expired")).order_by()
    sums = _sums(store, rows)
    columns = "pk", "outcome", "policy__number", "value_minor", "quote", "charged_at", "submitted_at", "received_at"
    return [_closed(row, sums) for row in rows.values_list(*columns).iterator(AT_ONCE)]


def _closed(row: tuple[Any, ...], sums: _Sums) -> Closed:
    pk, outcome, policy, value, quote, charged_at, asked, received = row
    refunded, credit = sums.refunded.get(pk, 0), sums.credit.get(pk, 0)
    fates = sums.fates.get(pk, [])
    exchanged = outcome in EXCHANGES
    return Closed(
        outcome=outcome,
        policy=policy or 0,
        value_minor=value,
        refunded_minor=refunded,
        kept_minor=max(0, value - refunded - credit - quote.get("fees_minor", 0)) if exchanged else 0,
        credit_minor=credit,
        credit_spent_minor=sums.spent.get(pk, 0),
        upsell_minor=quote.get("charge", 0) if exchanged and charged_at else 0,
        fees_minor=quote.get("fees_minor", 0),
        label_minor=sums.labels.get(pk, 0),
        units=len(fates),
        letters=sums.letters.get(pk, 0),
        fates=tuple(fates),
        days=_days(sums.settled.get(pk), {"asked": asked, "handed_in": sums.scanned.get(pk), "received": received}),
    )


def _days(until: datetime | None, since: Mapping[str, datetime | None]) -> dict[str, float]:
    """What was paid before it came in was paid at once."""
    if until is None:
        return {}
    return {name: max(0.0, (until - at).total_seconds() / _DAY) for name, at in since.items() if at}


def _sums(store: Store, rows: Any) -> _Sums:
    cases = rows.values("pk")
    refunded, settled = _refunds(store, rows)
    credit, spent = _credit(store, cases)
    labels, scanned = _parcels(store, cases)
    letters = Remark.objects.of(store).filter(case__in=cases, by=None, is_internal=False).order_by()
    fates: dict[int, list[tuple[str, int]]] = defaultdict(list)
    units = CaseUnit.objects.of(store).filter(case__in=cases).exclude(state="cancelled").order_by()
    for case_id, state, value in units.values_list("case_id", "state", "value_minor").iterator(AT_ONCE):
        fates[case_id].append((state, value))
    written = letters.values_list("case_id").annotate(n=Count("pk"))
    return _Sums(refunded, settled, credit, spent, labels, dict(written), scanned, fates)


def _refunds(store: Store, rows: Any) -> tuple[dict[int, int], dict[int, datetime]]:
    """Money that arrived, by case, and when the last of it did. Grants name their case in their source."""
    grants = Grant.objects.of(store).filter(order__in=rows.values("order_id"), withdrawn_at=None)
    shares = GrantShare.objects.of(store).filter(
        grant__in=grants.filter(source__startswith="case:").values("pk"), state=GrantShare.State.SETTLED
    )
    refunded: Counter[int] = Counter()
    settled: dict[int, datetime] = {}
    told = shares.exclude(tender=_CREDIT).order_by().values_list("grant__source", "amount_minor", "changed_at")
    for source, amount, at in told.iterator(AT_ONCE):
        case_id = int(source.split(":")[1])
        refunded[case_id] += amount
        settled[case_id] = max(at, settled.get(case_id, at))
    return refunded, settled


def _credit(store: Store, cases: Any) -> tuple[dict[int, int], dict[int, int]]:
    """The shopper's own money that became credit, without what the shop put on top; and what of it was spent."""
    rows = CreditLine.objects.of(store).filter(account__case__in=cases).order_by()
    by_case = rows.values_list("account__case_id").annotate(
        given=Sum("paid_minor", filter=Q(kind=CreditLine.Kind.ISSUED)),
        used=Sum(-F("paid_minor"), filter=Q(kind__in=(CreditLine.Kind.SPENT, CreditLine.Kind.GIVEN_BACK))),
    )
    found = list(by_case)
    return {case: given or 0 for case, given, _ in found}, {case: max(0, used or 0) for case, _, used in found}


def _parcels(store: Store, cases: Any) -> tuple[dict[int, int], dict[int, datetime]]:
    """What labels cost, each parcel once (with the first of its cases), and when the first parcel was handed in."""
    links = ParcelCase.objects.of(store).filter(case__in=cases).order_by("pk")
    costs: Counter[int] = Counter()
    counted: set[int] = set()
    for parcel_id, case_id, paid in links.values_list("parcel_id", "case_id", "parcel__cost_minor"):
        if parcel_id not in counted:
            counted.add(parcel_id)
            costs[case_id] += paid or 0
    scans = links.order_by().values_list("case_id").annotate(at=Min("parcel__handed_in_at"))
    return costs, {case: at for case, at in scans if at}


def handling_minor(store: Store) -> int:
    """What handling a unit costs, as the policy says; 0 where it says nothing."""
    costs = store_policies.current_document(store).get("returnless")
    return costs_of(costs, store.currency).handling_minor if costs else 0


@dataclass(frozen=True, slots=True)
class Answered:
    """Withdrawals whose day to pay back has come or that were answered: `late` are those that were not in time."""

    due: int
    late: list[Withdrawal]

    @property
    def share(self) -> float | None:
        return (self.due - len(self.late)) / self.due if self.due else None


def withdrawals(store: Store, first: datetime, last: datetime, today: Any) -> Answered:
    rows = Withdrawal.objects.of(store).filter(declared_at__gte=first, declared_at__lt=last, set_aside_at=None)
    listed = list(rows.select_related("order").order_by("pay_by", "pk"))
    late = [one for one in listed if _is_late(one, today)]
    return Answered(sum(one.answered_at is not None or one.pay_by < today for one in listed), late)


def _is_late(one: Withdrawal, today: Any) -> bool:
    return one.answered_at.date() > one.pay_by if one.answered_at else one.is_overdue(today)


def by_policy(cases: Iterable[Closed]) -> dict[int, list[Closed]]:
    """By the number of the policy that they were decided by, the newest first; 0 is the ready one of the house."""
    found: dict[int, list[Closed]] = defaultdict(list)
    for one in cases:
        found[one.policy].append(one)
    return dict(sorted(found.items(), reverse=True))
