"""Ten thousand steps of any kind in any order, through the public actions; after each the ledger is whole."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from thereafter.commerce.actions.customers import merge as merge_customers
from thereafter.commerce.actions.orders import take_orders, take_refunds
from thereafter.commerce.documents import Line, OrderDoc, RefundDoc, RefundOfOrder
from thereafter.commerce.models import Customer, Order, Refund
from thereafter.commerce.tests.makers import order_doc
from thereafter.loyalty.actions import earning, members, orders, points, programmes, redemptions, turning
from thereafter.loyalty.models import Account, Lot, Posting, Redemption
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_store

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 1, 31, 12, tzinfo=UTC)
GAMES, STEPS = 50, 50
REVIEW = {"actions": {"review": {"points": 20, "per_day": 3}}}
PROGRAMMES: dict[str, dict[str, Any]] = {
    "at once, for ever": {},
    "waiting a week, ending after a month": {"pending_days": 7, "expiry": {"mode": "days", "n": 30}},
    "never below zero, ending at rest": {
        "clawback": "within_balance",
        "expiry": {"mode": "inactivity", "months": 1},
        "pending_days": 3,
        "tiers": [{"name": "silver", "min": "300", "multiplier": "1.5", "entry_points": 70}],
    },
    "only what waits, by line, with grace": {
        "clawback": "only_pending",
        "clawback_basis": "by_line",
        "pending_days": 14,
        "expiry": {"mode": "months", "n": 1},
        "restore": "grace_10",
    },
}
amounts = st.integers(1, 400)
picks = st.integers(0, 10**6)


class Game(RuleBasedStateMachine):
    """One shop with two shoppers who become one when they merge."""

    program: dict[str, Any]
    steps = 0

    def __init__(self) -> None:
        super().__init__()
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
        self.documents[which % len(self.documents)].cancelled_at = self.now
        take_orders(self.store, self.documents, source="api", now=self.now)
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
    def every_entry_sums_to_zero(self) -> None:
        type(self).steps += 1
        sums = Posting.objects.of(self.store).values("entry").annotate(over=Sum("amount"))
        assert not sums.exclude(over=0).exists()

    @invariant()
    def allocations_explain_what_is_left_of_every_lot(self) -> None:
        lots = Lot.objects.of(self.store).annotate(taken=Coalesce(Sum("allocations__points"), 0))
        assert not lots.exclude(remaining=F("original") - F("taken")).exists()
        assert not lots.filter(remaining__lt=0).exists()

    @invariant()
    def accounts_lots_and_postings_agree(self) -> None:
        posted = self.sums(Posting.objects.of(self.store).values_list("account", "ledger"), "amount")
        lots = self.sums(Lot.objects.of(self.store).values_list("account", "is_active"), "remaining")
        held = self.sums(Redemption.objects.of(self.store).values_list("account", "state"), "points")
        for account in Account.objects.of(self.store):
            pk = account.pk
            assert account.available == lots.get((pk, True), 0) == posted.get((pk, "available"), 0)
            assert account.pending == lots.get((pk, False), 0) == posted.get((pk, "pending"), 0)
            assert account.reserved == held.get((pk, "held"), 0) == posted.get((pk, "reserved"), 0)
            assert account.debt == -posted.get((pk, "debt"), 0)
            assert not account.debt or not account.available, "debts are paid first"

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

    def sums(self, rows: Any, field: str) -> dict[tuple[int, Any], int]:
        return {(account, kind): total for account, kind, total in rows.annotate(total=Sum(field)).order_by()}


@pytest.mark.parametrize("name", PROGRAMMES)
def test_the_ledger_is_whole_whatever_happens(name: str) -> None:
    game = type("Game", (Game,), {"program": PROGRAMMES[name], "steps": 0})
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
    assert game.steps >= GAMES * STEPS
