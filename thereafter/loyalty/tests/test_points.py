"""Awards, adjustments, debt and the proof."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thereafter.commerce.actions.customers import merge
from thereafter.commerce.actions.orders import take_refunds
from thereafter.commerce.documents import RefundDoc, RefundOfOrder
from thereafter.commerce.models import Customer
from thereafter.commerce.tests.makers import make_order
from thereafter.events.points import PointsAwarded
from thereafter.events.surveys import SurveyAnswered
from thereafter.journeys.registry import Go, Visit, steps
from thereafter.loyalty.actions import points
from thereafter.loyalty.jobs import prove_ledgers
from thereafter.loyalty.models import Account, Entry, Lot, Posting
from thereafter.loyalty.queries import ledger as queries
from thereafter.stores.models import Audit, Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store
from thereafter.timeline.log import record
from thereafter.timeline.tests.tools import assert_recorded
from thereafter.timeline.worker import run_until_idle

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return make_store()


@pytest.fixture
def customer(store: Store) -> Customer:
    """John with an order whose 89 points are booked."""
    customer = make_order(store).customer
    run_until_idle()
    return customer


@pytest.fixture
def staff(store: Store) -> Staff:
    return make_staff(store)


def account_of(customer: Customer) -> Account:
    account = queries.account_of(customer)
    assert account is not None
    return account


def give(customer: Customer, number: int, source: str) -> bool:
    return points.award(customer, points=number, source=source, reason="journey", now=NOW)


def take_all(customer: Customer, by: Staff) -> None:
    """What a redemption will do one day: the points are gone, so a refund finds none."""
    points.adjust(
        customer,
        points=-account_of(customer).available,
        reason="spent",
        source=f"spent:{Entry.objects.count()}",
        by=by,
        now=NOW,
    )


def test_a_source_is_booked_once(customer: Customer) -> None:
    assert give(customer, 25, "survey:1")
    assert not give(customer, 25, "survey:1")
    assert account_of(customer).available == 114
    assert_recorded(PointsAwarded, source="survey:1")


def test_the_same_source_in_one_batch_is_booked_once(customer: Customer) -> None:
    twice = [points.Award(customer.pk, 25, "survey:1", "survey", NOW)] * 2
    assert points.award_many(customer.store_id, twice, now=NOW) == 1
    assert account_of(customer).available == 114


def test_two_stores_may_have_the_same_source(customer: Customer) -> None:
    other = make_order(make_store("other")).customer
    assert give(customer, 25, "survey:1")
    assert give(other, 25, "survey:1")
    assert account_of(customer).available == 114


@pytest.mark.parametrize("score", [1, 5])
def test_an_answer_earns_the_same_whatever_it_says(customer: Customer, score: int) -> None:
    event = SurveyAnswered(
        store_id=customer.store_id,
        customer_id=customer.pk,
        occurred_at=NOW,
        answer_id=7,
        survey="satisfaction",
        score=score,
        invitation_id=3,
    )
    with transaction.atomic():
        record(event, event)
    run_until_idle()
    assert account_of(customer).available == 114
    assert_recorded(PointsAwarded, source="survey:3", points=25)


def test_what_was_spent_and_then_refunded_is_owed_and_paid_first(customer: Customer, staff: Staff) -> None:
    take_all(customer, staff)
    order = make_order(customer.store, number="1001")
    refund = RefundDoc(external_id="r1", amount="89.90", at=NOW)
    take_refunds(customer.store, [RefundOfOrder(order=order.external_id, refund=refund)], source="api", now=NOW)
    run_until_idle()
    assert (account_of(customer).available, account_of(customer).debt) == (0, 89)
    give(customer, 100, "gift:1")
    assert (account_of(customer).available, account_of(customer).debt) == (11, 0)
    assert queries.doubted() == {}


def test_an_adjustment_is_audited_and_done_once(customer: Customer, staff: Staff) -> None:
    for _ in range(2):
        points.adjust(customer, points=11, reason="lost parcel", source="adjust:a", by=staff, now=NOW)
    assert account_of(customer).available == 100
    assert Audit.objects.of(customer.store).filter(verb="loyalty.adjust").count() == 1


def test_nobody_is_adjusted_below_nothing(customer: Customer, staff: Staff) -> None:
    with pytest.raises(points.NotEnoughPoints):
        points.adjust(customer, points=-90, reason="mistake", source="adjust:a", by=staff, now=NOW)
    assert account_of(customer).available == 89


def test_the_step_of_a_journey_gives_points_once_per_visit(customer: Customer) -> None:
    visit = Visit(
        customer.store_id, 5, customer.pk, None, "present", {"points": 50, "reason": "Happy birthday"}, {}, NOW
    )
    give = steps["award"].effect
    assert give
    assert list(give([visit])) == [Go()]
    assert list(give([visit])) == [Go()]
    assert account_of(customer).available == 139


def test_merged_customers_have_one_account_with_both_histories(customer: Customer) -> None:
    other = make_order(customer.store, email="johnny@example.com").customer
    run_until_idle()
    merge(customer, other, NOW)
    run_until_idle()
    assert account_of(customer).available == 178
    assert len(queries.history(account_of(customer))) == 2
    assert give(other, 10, "late:1")
    assert account_of(customer).available == 188
    assert queries.doubted() == {}


@pytest.mark.parametrize(
    "corruption",
    [
        "UPDATE loyalty_account SET available = available + 1",
        "UPDATE loyalty_account SET debt = 5",
        "UPDATE loyalty_lot SET remaining = remaining - 1",
        "UPDATE loyalty_posting SET amount = amount + 1 WHERE ledger = 'issued'",
        "UPDATE loyalty_posting SET amount = amount - 1 WHERE ledger = 'available'",
    ],
)
def test_the_nightly_proof_finds_what_was_corrupted(customer: Customer, corruption: str) -> None:
    assert prove_ledgers(NOW) == 0
    with connection.cursor() as cursor:
        cursor.execute(corruption)
    assert prove_ledgers(NOW) == 1
    assert account_of(customer).doubt


def test_a_doubt_is_gone_when_the_figures_agree_again(customer: Customer) -> None:
    Account.objects.update(available=90)
    prove_ledgers(NOW)
    Account.objects.update(available=89)
    assert prove_ledgers(NOW) == 0
    assert account_of(customer).doubt == ""


Deed = st.tuples(st.sampled_from(["award", "again", "adjust", "refund"]), st.integers(1, 120))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(Deed, min_size=3, max_size=12))
def test_the_ledger_is_whole_whatever_happens(store: Store, deeds: list[tuple[str, int]]) -> None:
    staff = Staff.objects.first() or make_staff(store)
    number = Account.objects.count()
    order = make_order(store, number=f"H{number}", email=f"h{number}@example.com")
    run_until_idle()
    for at, (deed, size) in enumerate(deeds):
        source = f"{order.pk}:{at if deed != 'again' else 0}"
        if deed in {"award", "again"}:
            give(order.customer, size, source)
        elif deed == "adjust":
            taken = min(size, account_of(order.customer).available)
            if taken:
                points.adjust(order.customer, points=-taken, reason="x", source=f"a{source}", by=staff, now=NOW)
        else:
            back = RefundDoc(external_id=f"r{at}", amount=str(size / 4), at=NOW)
            take_refunds(store, [RefundOfOrder(order=order.external_id, refund=back)], source="api", now=NOW)
            run_until_idle()
        prove_whole(order.customer)


def prove_whole(customer: Customer) -> None:
    account = account_of(customer)
    lots = Lot.objects.filter(account=account)
    postings = Posting.objects.filter(account=account)
    assert all(0 <= lot.remaining <= lot.original for lot in lots)
    assert all(lot.original - lot.remaining == sum(part.points for part in lot.allocations.all()) for lot in lots)
    assert account.available == sum(lot.remaining for lot in lots)
    assert account.available - account.debt == sum(entry.points for entry in account.entries.exclude(kind="debt_repay"))
    assert sum(posting.amount for posting in postings) == 0
    assert queries.doubted() == {}


@pytest.mark.django_db(transaction=True)
def test_twenty_awards_of_one_source_at_once_book_one() -> None:
    """At once on PostgreSQL; SQLite has one writer, so there they come one after the other."""
    customer = make_order(make_store()).customer
    run_until_idle()
    many = 20 if connection.vendor == "postgresql" else 1

    def book(_: int) -> bool:
        try:
            return give(customer, 25, "survey:1")
        finally:
            if many > 1:
                connection.close()

    if many > 1:
        with ThreadPoolExecutor(many) as pool:
            booked = list(pool.map(book, range(20)))
    else:
        booked = [book(at) for at in range(20)]
    assert sum(booked) == 1
    assert account_of(customer).available == 114
    assert queries.doubted() == {}
