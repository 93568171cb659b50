"""Whatever shoppers, warehouse, support and shop system do, in any order: never more goes back than was paid."""

import contextlib
import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from thereafter.commerce.actions.orders import take_refunds
from thereafter.commerce.documents import Line, Payment, RefundDoc, RefundOfOrder, VariantDoc
from thereafter.commerce.models import Order, Refund, Variant
from thereafter.commerce.tests.makers import make_product
from thereafter.returns import snapshots
from thereafter.returns.actions import deciding, goods, granting, parcels, units
from thereafter.returns.actions.opening import CannotOpen, Wish
from thereafter.returns.models import Case, CaseUnit, Grant, GrantShare, NewGoods, ReturnParcel
from thereafter.returns.rules.machines import CannotGo
from thereafter.returns.rules.money.quotes import Request, Wanted
from thereafter.returns.rules.money.refusals import Refused
from thereafter.returns.tests import visits
from thereafter.returns.tests.visits import ASKED, again, ask, delivered_order
from thereafter.stores.models import Staff, Store
from thereafter.stores.tests.makers import make_staff, make_store

pytestmark = pytest.mark.django_db

_NO = (CannotOpen, CannotGo, Refused, deciding.TooLate, ValueError)
_LINES = (
    Line(external_id="1", title="Trail Runner 2", quantity=2, unit_price="89.90", product_id="shoe", sku="TR2-42"),
    Line(external_id="2", title="Socks", quantity=3, unit_price="9.99", discount="3.33", product_id="socks"),
)
_MOVES = (
    "ask", "ask", "ask", "receive", "receive", "inspect", "cancel", "hand_in", "no_goods", "goodwill", "shop_refunds",
    "pay", "pay", "pay_fails", "tell_again",
)  # fmt: skip
_OUTCOMES = ("refund", "refund", "store_credit", "exchange_variant", "exchange_shop", "replacement", "keep")
_REASONS = ("changed_mind", "size_small", "missing_item", "faulty_on_arrival", "")


class _World:
    """One order, and what may happen to it."""

    def __init__(self, store: Store, number: int, dice: random.Random) -> None:
        self.dice, self.now = dice, ASKED
        self.by = Staff.objects.first() or make_staff(store)
        cards = [
            Payment(external_id="gift", kind="gift_card", amount="50.00"),
            Payment(external_id="card", kind="card", amount="156.44"),
        ]
        self.order = delivered_order(store, *_LINES, number=f"H{number}", payments=cards, total="206.44")
        self.variants = list(Variant.objects.of(store).filter(price_minor__gt=0))
        self.told: list[RefundDoc] = []

    def move(self, what: str) -> None:
        self.now += timedelta(hours=1)
        with contextlib.suppress(*_NO):
            getattr(self, what)()

    def ask(self) -> None:
        line = self.dice.choice(_LINES)
        outcome = self.dice.choice(_OUTCOMES)
        wanted = ((self.dice.choice(self.variants).pk, 1),) if outcome.startswith("exchange") else ()
        wish = Wish(
            line=line.external_id,
            quantity=self.dice.randint(1, line.quantity),
            reason=self.dice.choice(_REASONS),
            outcome=outcome,
            goods=wanted,
        )
        ask(self.order, wish, source=f"{self.order.pk}:{self.now}", channel="support", by=self.by, now=self.now)

    def case(self) -> Case:
        rows = list(Case.objects.filter(order=self.order).order_by("pk"))
        if not rows:
            raise ValueError("nothing was asked for")
        return again(self.dice.choice(rows))

    def receive(self) -> None:
        case = self.case()
        found = {unit.pk: self.dice.choice(("received", "received", "missing")) for unit in visits.units(case)}
        units.receive(case, found, by=self.by, now=self.now)

    def inspect(self) -> None:
        rows = list(CaseUnit.objects.filter(case__order=self.order, state="received"))
        verdict = self.dice.choice(("accepted", "accepted", "rejected", "accepted_with_deduction"))
        worn = 100 if verdict == "accepted_with_deduction" else 0
        if rows:
            unit = self.dice.choice(rows)
            units.inspect(unit, verdict, by=self.by, now=self.now, deduction_minor=worn, note="Looked at")

    def cancel(self) -> None:
        deciding.cancel(self.case(), by=None, now=self.now)

    def hand_in(self) -> None:
        with contextlib.suppress(ReturnParcel.DoesNotExist):
            parcels.told(visits.parcel(self.case()), "in_transit", now=self.now)

    def no_goods(self) -> None:
        rows = list(NewGoods.objects.filter(case__order=self.order))
        if rows:
            goods.cancel(self.dice.choice(rows), why="Sold out", by=self.by, now=self.now)

    def goodwill(self) -> None:
        wanted = Wanted(line=self.dice.choice(_LINES).external_id, amount=self.dice.randint(1, 3000))
        granting.grant(
            self.order, Request(items=(wanted,)), source=f"g{self.order.pk}:{self.now}", by=self.by, now=self.now
        )

    def shop_refunds(self) -> None:
        """In the shop's own system, without asking us."""
        left = self.order.total_minor - sum(
            Refund.objects.filter(order=self.order).values_list("amount_minor", flat=True)
        )
        promised = sum(Grant.objects.filter(order=self.order, withdrawn_at=None).values_list("amount_minor", flat=True))
        amount = min(self.dice.randint(1, 4000), left - promised)
        if amount > 0:
            self._tell(RefundDoc(external_id=f"s{self.order.pk}:{self.now}", amount=f"{amount / 100:.2f}", at=self.now))

    def _tell(self, doc: RefundDoc) -> None:
        self.told.append(doc)
        take_refunds(
            self.order.store, [RefundOfOrder(order=self.order.external_id, refund=doc)], source="api", now=self.now
        )

    def share(self, *states: str) -> GrantShare:
        rows = list(GrantShare.objects.filter(grant__order=self.order, state__in=states).order_by("pk"))
        if not rows:
            raise ValueError("nothing is to be paid")
        return self.dice.choice(rows)

    def pay(self) -> None:
        """The provider does it, and the shop's system tells us of it too, before or after."""
        share = granting.send(self.share("granted", "failed"), now=self.now)
        told = RefundDoc(external_id=f"re{share.pk}", amount=f"{share.amount_minor / 100:.2f}", at=self.now)
        if self.dice.random() < 0.5:
            granting.settle(share, provider_ref=f"re{share.pk}", now=self.now)
            self._tell(told)
        else:
            granting.settle(share, provider_ref=f"re{share.pk}", now=self.now)

    def pay_fails(self) -> None:
        share = granting.send(self.share("granted"), now=self.now)
        granting.fail(share, why="The card is closed", now=self.now)
        if self.dice.random() < 0.5:
            share.refresh_from_db()
            granting.reroute(share, to="store_credit", by=self.by, now=self.now)

    def tell_again(self) -> None:
        if self.told:
            self._tell(self.dice.choice(self.told))

    def prove(self) -> None:
        """No payment gives back more than it took, nor the order more than it cost."""
        live = GrantShare.objects.filter(grant__order=self.order, grant__withdrawn_at=None)
        by_tender: Counter[str] = Counter()
        for share in live.exclude(state__in=("rerouted", "withdrawn")):
            by_tender[share.tender] += share.amount_minor
        captured = {tender.external_id: tender.amount_minor for tender in self.order.tenders.all()}
        assert all(by_tender[name] <= captured[name] for name in captured), (by_tender, captured)
        ours = {share.provider_ref for share in live if share.provider_ref}
        foreign = [one for one in Refund.objects.filter(order=self.order) if one.external_id not in ours]
        gone = sum(by_tender.values()) + sum(one.amount_minor for one in foreign)
        assert gone <= self.order.total_minor, (by_tender, foreign)

    def close(self) -> None:
        """Everything that is left goes back: then nothing is left."""
        bought = snapshots.bought(self.order)
        if bought.room:
            parts = tuple(Wanted(line=line.id, amount=line.refundable) for line in bought.lines if line.refundable > 0)
            with contextlib.suppress(Refused):
                granting.grant(
                    self.order, Request(items=parts), source=f"rest{self.order.pk}", by=self.by, now=self.now
                )
        self.prove()


def _play(store: Store, seed: int, moves: list[str]) -> _World:
    world = _World(store, Order.objects.count(), random.Random(seed))
    for what in moves:
        world.move(what)
        world.prove()
    world.close()
    return world


@pytest.fixture
def store() -> Store:
    made = make_store(country="DE")
    docs = [VariantDoc(external_id=f"v{size}", title=str(size), sku=f"TR2-{size}", price="89.90") for size in (42, 43)]
    make_product(made, variants=docs)
    make_product(made, "ultra", title="Ultra", variants=[VariantDoc(external_id="u", sku="U", price="59.90")])
    return made


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # A failing game is told by its seed; making it smaller would take minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(seed=st.integers(0, 10**9), moves=st.lists(st.sampled_from(_MOVES), min_size=8, max_size=30))
def test_never_more_than_was_paid(store: Store, seed: int, moves: list[str]) -> None:
    _play(store, seed, moves)


def test_the_game_does_pay_exchange_and_refuse(store: Store) -> None:
    """A game in which nothing happened would prove nothing."""
    dice = random.Random(3)
    for seed in range(6):
        _play(store, seed, [dice.choice(_MOVES) for _ in range(40)])
    states: Any = GrantShare.objects.values_list("state", flat=True)
    assert {"granted", "settled"} <= set(states)
    assert NewGoods.objects.exclude(state="reserved").exists()
    assert CaseUnit.objects.exclude(verdict="").exists()
    assert Case.objects.filter(state="cancelled").exists()
