"""Ten thousand steps of any kind in any order, through the public actions; after each the ledger is whole."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from thereafter.commerce.actions.customers import merge as merge_customers
from thereafter.commerce.actions.orders import take_orders, take_refunds
from thereafter.commerce.documents import Line, OrderDoc, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Customer, Order, Refund
from thereafter.commerce.tests.makers import order_doc
from thereafter.loyalty.actions import earning, members, orders, points, programmes, redemptions, turning
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 1, 31, 12, tzinfo=UTC)
# Some games are cut short.
GAMES, STEPS, LEAST = 29, 50, 1250
REVIEW = {"actions": {"review": {"points": 20, "per_day": 3}}}
SILVER = {"name": "silver", "min": "300", "multiplier": "1.5", "entry_points": 70}
PROGRAMMES: dict[str, dict[str, Any]] = {
    "at once, for ever": {},
    "waiting a week, ending after a month": {"pending_days": 7, "expiry": {"mode": "days", "n": 30}},
    "ending at rest": {"expiry": {"mode": "inactivity", "months": 1}, "pending_days": 3},
    "ending with the month, with grace": {"expiry": {"mode": "end_of_month"}, "restore": "grace_10"},
    "with tiers": {"tiers": [SILVER], "tier": {"window": "rolling_30"}},
    "never below zero, with tiers": {"clawback": "within_balance", "tiers": [SILVER], "pending_days": 1},
    "never below zero, ending soon": {"clawback": "within_balance", "expiry": {"mode": "days", "n": 5}},
    "only what waits, by line": {
        "clawback": "only_pending",
        "clawback_basis": "by_line",
        "pending_days": 14,
        "expiry": {"mode": "months", "n": 1},
    },
}
amounts = st.integers(1, 400)
picks = st.integers(0, 10**6)

# What is asked ten thousand times is asked in plain SQL.
LOPSIDED = "SELECT entry_id FROM loyalty_posting WHERE store_id = %s GROUP BY entry_id HAVING SUM(amount) <> 0"
UNEXPLAINED = """
    SELECT l.id FROM loyalty_lot l LEFT JOIN loyalty_allocation a ON a.lot_id = l.id WHERE l.store_id = %s
    GROUP BY l.id, l.original, l.remaining
    HAVING l.remaining < 0 OR l.remaining <> l.original - COALESCE(SUM(a.points), 0)
"""


def total(table: str, field: str, where: str) -> str:
    return f"(SELECT COALESCE(SUM({field}), 0) FROM {table} t WHERE t.account_id = a.id AND {where})"


FIGURES = ", ".join(
    [
        "SELECT a.available, a.pending, a.reserved, a.debt",
        total("loyalty_lot", "remaining", "is_active"),
        total("loyalty_lot", "remaining", "NOT is_active"),
        total("loyalty_redemption", "points", "state = 'held'"),
        *(
            total("loyalty_posting", "amount", f"ledger = '{one}'")
            for one in ("available", "pending", "reserved", "debt")
        ),
    ]
)
FIGURES += " FROM loyalty_account a WHERE a.store_id = %s"


class Game(RuleBasedStateMachine):
    """One shop with two shoppers who become one when they merge."""

    program: dict[str, Any]
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        # The look before the first step is none.
        type(self).steps -= 1
        self.undone = transaction.savepoint()
        self.now = BEGIN
        self.count = 0
        self.documents: list[OrderDoc] = []
        self.keys: list[str] = []
        self.store: Store = make_store()
        programmes.publish(self.store, REVIEW | self.program, by=None, now=self.now)
        self.people = [self.buy(100, email).customer for email in ("ann@example.com", "bob@example.com")]

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.undone)

    # What shoppers and the shop do.

    @rule(minor=st.integers(0, 20_000), who=picks)
    def order(self, minor: int, who: int) -> None:
        self.buy(minor, self.person(who).email)

    @rule(share=st.integers(1, 120), which=picks)
    def refund(self, share: int, which: int) -> None:
        order = self.pick_order(which)
        amount = str(order.total_minor * share // 100 / 100)
        doc = RefundOfOrder(
            order=order.external_id, refund=RefundDoc(external_id=f"r{self.next()}", amount=amount, at=self.now)
        )
        take_refunds(self.store, [doc], source="api", now=self.now)
        newest = Refund.objects.of(self.store).latest("pk")
        self.settle(order, refund=f"refund:{newest.pk}")

    @rule(which=picks)
    def cancel_order(self, which: int) -> None:
        order = self.pick_order(which)
        document = self.documents[which % len(self.documents)]
        document.cancelled_at = self.now
        take_orders(self.store, [document], source="api", now=self.now)
        self.settle(order)

    @rule(who=picks)
    def review(self, who: int) -> None:
        earning.earn(self.person(who), "review", key=f"v{self.next()}", at=self.now, now=self.now)

    @rule(points_=st.integers(-200, 200), ends=st.none() | st.integers(-2, 40), who=picks)
    def adjust(self, points_: int, ends: int | None, who: int) -> None:
        ends_at = None if ends is None else self.now + timedelta(days=ends)
        with suppress(points.NotEnoughPoints, points.ZeroPoints):
            points.adjust(
                self.person(who),
                points=points_,
                reason="by hand",
                source=f"a{self.next()}",
                by=None,
                now=self.now,
                expires_at=ends_at,
            )

    @rule(amount=amounts, who=picks)
    def redeem(self, amount: int, who: int) -> None:
        key = self.new_key()
        self.attempt(lambda: redemptions.redeem(self.person(who), key=key, points=amount, now=self.now))

    @rule(amount=amounts, minutes=st.integers(1, 5000), who=picks)
    def reserve(self, amount: int, minutes: int, who: int) -> None:
        key = self.new_key()
        self.attempt(
            lambda: redemptions.reserve(self.person(who), key=key, points=amount, minutes=minutes, now=self.now)
        )

    @precondition(lambda self: self.keys)
    @rule(which=picks, deed=st.sampled_from(["capture", "release", "cancel"]))
    def settle_redemption(self, which: int, deed: str) -> None:
        key = self.keys[which % len(self.keys)]
        self.attempt(lambda: getattr(redemptions, deed)(self.store.pk, key, now=self.now))

    @rule(hours=st.integers(1, 400))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def worker_wakes(self) -> None:
        turning.turn(self.now)

    @precondition(lambda self: len(self.people) > 1)
    @rule(keep=st.integers(0, 9))
    def merge(self, keep: int) -> None:
        """Seldom, for there is only one left then."""
        if keep > 1:
            return
        kept, gone = self.people[keep], self.people[1 - keep]
        merge_customers(kept, gone, self.now)
        members.merge(self.store.pk, keep_id=kept.pk, merged_id=gone.pk, now=self.now)
        self.people = [kept]

    # What holds after every step.

    @invariant()
    def the_ledger_is_whole(self) -> None:
        type(self).steps += 1
        with connection.cursor() as cursor:
            cursor.execute(LOPSIDED, [self.store.pk])
            assert cursor.fetchall() == [], "an entry's postings sum to zero"
            cursor.execute(UNEXPLAINED, [self.store.pk])
            assert cursor.fetchall() == [], "a lot has left what its allocations say, never below nothing"
            cursor.execute(FIGURES, [self.store.pk])
            for row in cursor.fetchall():
                available, pending, reserved, debt, active, waiting, held, *posted = map(int, row)
                assert (available, pending, reserved) == (active, waiting, held), "accounts say what their lots say"
                assert (available, pending, reserved, -debt) == tuple(posted), "accounts say what their postings say"
                assert not debt or not available, "debts are paid first"

    # The hands of the players.

    def buy(self, minor: int, email: str) -> Order:
        lines = [Line(external_id="1", title="Shoes", quantity=1, unit_price=str(minor / 100), sku="S")]
        self.documents.append(order_doc(self.next(), email=email, placed_at=self.now, lines=lines))
        take_orders(self.store, self.documents[-1:], source="api", now=self.now)
        order = self.pick_order(-1)
        self.settle(order)
        return order

    def settle(self, order: Order, refund: str = "") -> None:
        orders.settle(self.store.pk, [orders.News(order.pk, self.now, refund)], now=self.now)

    def pick_order(self, which: int) -> Order:
        name = self.documents[which % len(self.documents) if which >= 0 else which].external_id
        return Order.objects.of(self.store).select_related("customer").get(external_id=name)

    def person(self, who: int) -> Customer:
        return self.people[who % len(self.people)]

    def next(self) -> str:
        self.count += 1
        return str(self.count)

    def new_key(self) -> str:
        self.keys.append(f"k{self.next()}")
        return self.keys[-1]

    def attempt(self, deed: Callable[[], Any]) -> None:
        """What is refused changes nothing."""
        with suppress(redemptions.Refused), transaction.atomic():
            deed()


@pytest.mark.parametrize("name", PROGRAMMES)
def test_the_ledger_is_whole_whatever_happens(name: str) -> None:
    game: Any = type("Game", (Game,), {"program": PROGRAMMES[name], "steps": 0})
    run_state_machine_as_test(
        game,
        settings=settings(
            max_examples=GAMES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert game.steps >= LEAST
