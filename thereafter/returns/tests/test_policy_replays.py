"""Another policy over past returns: what is looked at, what is assumed, and what it would bring."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from thereafter.commerce.documents import Line, Shipped
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_order
from thereafter.console.tests.tools import signed_in
from thereafter.kit import clock
from thereafter.returns import past_returns as module
from thereafter.returns import store_policies
from thereafter.returns.actions import policies
from thereafter.returns.actions.opening import Asking, Wish, open_cases
from thereafter.returns.past_returns import past_returns
from thereafter.returns.rules.legal import law
from thereafter.returns.rules.policy.fee_effects import Assumed, PastReturn, effects
from thereafter.returns.tests.wishes import AFTER_WITHDRAWAL, a_line, a_policy, a_wish, rule
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

PLACED = datetime(2026, 8, 20, 9, tzinfo=UTC)
ASKED = PLACED + timedelta(days=24)
NOW = PLACED + timedelta(days=60)
SHOES = Line(external_id="shoes", title="Trail Runner", quantity=2, unit_price="80.00", product_id="shoe")
SOCKS = Line(external_id="socks", title="Socks", quantity=1, unit_price="10.00", product_id="sock")
GUESS = Assumed(turned=0.25, margin=0.5)


def an_order(store: Store, number: int = 1, **fields: Any) -> Order:
    sent = Shipped(external_id=f"F{number}", shipped_at=PLACED, tracking_number=f"N{number}")
    given: dict[str, Any] = {"placed_at": PLACED, "lines": [SHOES, SOCKS], "fulfilments": [sent]}
    return make_order(store, number=str(number), email=f"p{number}@example.com", **(given | fields))


def ask(order: Order, at: datetime = ASKED, outcome: str = "store_credit", *wishes: Wish) -> None:
    some = wishes or (Wish(line="shoes", reason="size_small", outcome=outcome),)
    open_cases(order, some, Asking(source=f"test:{order.pk}:{at:%d%H}"), now=at)


@pytest.fixture
def store(db: None) -> Store:
    return make_store(country="DE")


def test_with_few_returns_orders_stand_in_for_them(store: Store) -> None:
    an_order(store)
    an_order(store, 2, fulfilments=[])
    past = past_returns(store, 6, NOW)
    (one,) = past.returns
    assert (past.is_assumed, past.asked) == (True, 2)
    assert (one.outcome, one.day) == ("refund", date(2026, 9, 6))
    assert [(asked.line, asked.quantity, asked.reason) for asked in one.snapshot.asked] == [
        ("shoes", 1, "changed_mind")
    ]


def test_returns_are_looked_at_as_they_were_asked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEW", 1)
    order = an_order(store)
    both = (Wish(line="shoes", reason="size_small"), Wish(line="socks", reason="changed_mind", outcome="store_credit"))
    ask(order, ASKED, "", *both)
    ask(order, ASKED + timedelta(hours=2))
    past = past_returns(store, 6, NOW)
    second, first = past.returns
    assert not past.is_assumed
    assert {(one.line, one.reason) for one in first.snapshot.asked} == {
        ("shoes", "size_small"),
        ("socks", "changed_mind"),
    }
    assert [line.returned for line in first.snapshot.lines] == [0, 0]
    assert [line.returned for line in second.snapshot.lines] == [1, 1]
    assert (first.snapshot.customer.returns, second.snapshot.customer.returns) == (0, 2)
    assert (second.outcome, second.day) == ("store_credit", date(2026, 9, 13))


def test_only_the_newest_of_many_are_looked_at(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FEW", 1)
    for number in range(1, 5):
        ask(an_order(store, number), ASKED + timedelta(days=number))
    past = past_returns(store, 6, NOW, most=3)
    assert (len(past.returns), past.asked) == (3, 4)
    assert past.returns[0].day == date(2026, 9, 17)
    assert past_returns(store, 1, NOW + timedelta(days=300)).asked == 0


def test_the_page_says_what_would_change_and_what_was_covered(store: Store) -> None:
    an_order(store)
    console = signed_in(make_staff(store))
    draft = {"name": "Strict", "window": {"days": 0}, "outcomes": ["store_credit"]}
    policies.save_draft(store, draft, by=make_staff(store, "support"), now=NOW)
    with clock.at(NOW):
        page = console.get(f"/console/{store.slug}/returns/policy/replay/", {"months": "6"})
    shown = page.content.decode()
    assert "1 of 1 returns would be decided differently" in shown
    assert "orders stand in for them" in shown


def test_without_a_draft_there_is_nothing_to_replay(store: Store) -> None:
    shown = signed_in(make_staff(store)).get(f"/console/{store.slug}/returns/policy/replay/").content.decode()
    assert "There is no draft" in shown


def test_fees_are_compared_by_what_the_shop_assumes(store: Store) -> None:
    an_order(store)
    console: Client = signed_in(make_staff(store))
    asked = {"months": "6", "turned": "50", "margin": "40"}
    with clock.at(NOW):
        shown = console.get(f"/console/{store.slug}/returns/policy/fees/", asked).content.decode()
    assert "Exchange first" in shown
    assert "Of 100 shoppers who wanted their money and would pay for it, 50 are taken" in shown
    assert store_policies.draft(store) is None


def past(outcome: str = "refund", **line: Any) -> PastReturn:
    return PastReturn(a_wish("changed_mind", a_line(**line)), AFTER_WITHDRAWAL, outcome)


def effect(policy: Any, *some: PastReturn) -> Any:
    return effects(policy, some, law.current(), GUESS)["EUR"]


FEE = rule("Fee", {"do": "fee", "flat": "5.00"})


def test_of_those_who_pay_a_share_turns_to_goods_or_credit() -> None:
    found = effect(a_policy(FEE), past(), past())
    assert (found.returns, found.charged) == (2, 2)
    assert (found.fees_minor, found.kept_minor) == (750, 4000)
    assert found.together(0.5) == 2750


def test_nobody_turns_where_nothing_is_charged_or_nothing_else_costs_less() -> None:
    assert effect(a_policy(), past()).kept_minor == 0
    everywhere = rule("Fee", {"do": "fee", "flat": "5.00", "outcomes": ["refund", "store_credit", "exchange_variant"]})
    only = a_policy(everywhere, outcomes=["refund", "store_credit", "exchange_variant"])
    found = effect(only, past())
    assert (found.fees_minor, found.kept_minor) == (500, 0)


def test_extras_cost_for_those_who_took_credit_anyway_and_for_those_who_turn() -> None:
    policy = a_policy(FEE, rule("Extra", {"do": "credit", "flat": "4.00"}))
    found = effect(policy, past("store_credit"), past())
    assert found.extras_minor == 400 + 100
    assert found.charged == 1
