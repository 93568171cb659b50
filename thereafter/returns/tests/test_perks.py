"""What a programme's perks do to returns: nothing to pay, more days, a longer warranty, and who is told of it."""

from datetime import date, timedelta

import msgspec
import pytest

from thereafter.commerce.actions.customers import set_traits
from thereafter.commerce.models import Order
from thereafter.commerce.tests.makers import make_product
from thereafter.kit import clock
from thereafter.returns.actions import policies
from thereafter.returns.actions.opening import Wish
from thereafter.returns.order_snapshots import snapshot
from thereafter.returns.rules.legal import law
from thereafter.returns.rules.policy.offers import Offers
from thereafter.returns.rules.policy.simulating import simulate
from thereafter.returns.rules.policy.snapshots import Customer, Perks, Snapshot
from thereafter.returns.shopper_histories import perks_of
from thereafter.returns.tests.test_portal import Shopper
from thereafter.returns.tests.visits import CAME, ask_for_one, delivered_order, in_america
from thereafter.returns.tests.wishes import (
    AFTER_WITHDRAWAL,
    LONG_AFTER,
    a_policy,
    a_wish,
    decided,
    offered,
    option,
    rule,
    told,
)
from thereafter.stores.models import Store
from thereafter.stores.tests.makers import make_staff, make_store

GOLD = Customer(perks=Perks(tier="gold", tier_name="Gold", names=("free_returns",), free_returns=True))
PATIENT = Customer(perks=Perks(tier_name="Gold", names=("return_extra_days",), extra_days=30))
POSTAGE = rule("Postage", {"do": "fee", "for": "postage", "flat": "4.90"})
HANDLING = rule("Handling", {"do": "fee", "for": "restocking", "percent": "10"})
TRAITS = {
    "loyalty.tier": "gold",
    "loyalty.tier_name": "Gold",
    "loyalty.perks": {"free_returns": True, "return_extra_days": 30, "warranty_extra_months": 12},
}


def said(offers: Offers) -> list[str]:
    return [str(note) for note in offers.notes]


def test_a_gold_member_pays_nothing_and_others_do():
    policy = a_policy(POSTAGE, HANDLING)
    others = option(offered(policy, a_wish(), AFTER_WITHDRAWAL), "refund").fees
    assert [(fee.purpose, fee.minor, fee.basis_points) for fee in others] == [
        ("postage", 490, 0),
        ("restocking", 0, 1000),
    ]
    gold = decided(policy, a_wish(customer=GOLD), AFTER_WITHDRAWAL)
    assert option(gold.lines[0], "refund").is_free
    assert said(gold) == ["Sending this back is free for you as a Gold member."]


def test_the_decision_says_that_it_was_a_perk():
    trace = told(offered(a_policy(POSTAGE), a_wish(customer=GOLD), AFTER_WITHDRAWAL))
    assert "Postage: return postage fee for “Money back”: €4.90; overruled: a perk goes before it" in trace
    assert "Perk of Gold: no return postage fee for “Money back”" in trace


def test_where_nothing_costs_nobody_is_told_of_a_favour():
    assert said(decided(a_policy(), a_wish(customer=GOLD), AFTER_WITHDRAWAL)) == []


def test_a_perk_makes_the_window_longer_and_says_so_only_when_it_matters():
    policy, late = a_policy(), date(2026, 10, 30)
    assert not offered(policy, a_wish(), late).allowed
    offers = decided(policy, a_wish(customer=PATIENT), late)
    assert (offers.lines[0].allowed, offers.lines[0].until) == (True, date(2026, 11, 9))
    assert said(offers) == ["As a Gold member you have more time to send things back."]
    assert said(decided(policy, a_wish(customer=PATIENT), AFTER_WITHDRAWAL)) == []
    assert "Perk of Gold: 60 days from delivery. 30 days more." in told(offers.lines[0])


def test_the_days_come_on_top_of_those_of_a_rule():
    policy = a_policy(rule("Sale", {"do": "window", "days": 20}))
    assert offered(policy, a_wish(customer=PATIENT), AFTER_WITHDRAWAL).until == date(2026, 10, 30)


def test_a_perk_opens_no_window_where_the_shop_takes_nothing_back():
    policy = a_policy(window={"days": 0})
    assert not offered(policy, a_wish(customer=PATIENT), AFTER_WITHDRAWAL).allowed


def test_time_to_complain_is_not_lengthened_by_a_perk():
    plain, patient = (
        offered(a_policy(), a_wish("faulty_later", country="US", customer=who), LONG_AFTER)
        for who in (Customer(), PATIENT)
    )
    assert (str(patient.why_not), patient.allowed) == (str(plain.why_not), plain.allowed)


def test_whoever_got_a_gift_does_not_hear_what_the_buyer_has():
    offers = decided(a_policy(POSTAGE), a_wish(customer=GOLD, is_gift=True), AFTER_WITHDRAWAL)
    assert said(offers) == []
    assert "Gold" not in told(offers.lines[0])


@pytest.mark.parametrize(
    ("condition", "free"),
    [
        ("'free_returns' in customer.perks", True),
        ("customer.tier == 'gold'", True),
        ("'priority_support' in customer.perks", False),
        ("customer.tier == 'silver'", False),
    ],
)
def test_rules_may_ask_for_perks_and_tier(condition, free):
    policy = a_policy(rule("Goodwill", {"do": "window", "days": 100}, when=condition))
    assert offered(policy, a_wish(customer=GOLD), LONG_AFTER).allowed is free


def test_the_simulator_knows_who_would_not_pay():
    gold, other = a_wish(customer=GOLD), a_wish()
    cases = [(each, AFTER_WITHDRAWAL) for each in (gold, other)]
    found = simulate(a_policy(), a_policy(POSTAGE), cases, law.current())
    assert (found.changed, found.sums["EUR"].fees_minor) == (1, 490)


@pytest.mark.parametrize(
    "odd", [None, "free_returns", ["free_returns"], {"return_extra_days": "30"}, {"return_extra_days": -3}]
)
def test_a_trait_of_another_shape_gives_nothing(odd):
    assert (perks_of({"loyalty.perks": odd}).free_returns, perks_of({"loyalty.perks": odd}).extra_days) == (False, 0)


def test_a_decision_kept_from_before_there_were_perks_can_still_be_read():
    kept = msgspec.to_builtins(a_wish())
    del kept["customer"]["perks"]
    assert msgspec.convert(kept, Snapshot).perks == Perks()


# Of a shop, as shoppers meet it.


@pytest.fixture
def store(db: None) -> Store:
    made = make_store(country="US")
    make_product(made, warranty_months=12)
    document = {
        "name": "Ours",
        "currency": "EUR",
        "window": {"days": 30},
        "rules": [{"name": "Postage", "then": [{"do": "fee", "for": "postage", "flat": "4.90"}]}],
    }
    policies.save_draft(made, document, by=make_staff(made), now=CAME)
    policies.publish(made, by=make_staff(made, "owner"), now=CAME)
    return made


@pytest.fixture
def order(store: Store) -> Order:
    return delivered_order(store, shipping_address=in_america())


def make_gold(order: Order) -> None:
    set_traits(order.store_id, {order.customer_id: TRAITS})


def through(shopper: Shopper) -> Shopper:
    """As far as the page on which the ways back stand with what they cost."""
    return shopper.chooses("1", reason="changed_mind").press(**{"outcome-0": "refund"})


def test_the_portal_shows_a_member_what_is_free(order):
    text = through(Shopper(order)).text
    assert "4.90" in text
    assert "Gold" not in text
    make_gold(order)
    free = through(Shopper(order)).text
    assert "4.90" not in free
    assert "Sending this back is free for you as a Gold member." in free


@pytest.mark.parametrize(("is_gold", "fees"), [(False, 490), (True, 0)])
def test_the_case_of_a_member_keeps_the_whole_value(order, is_gold, fees):
    if is_gold:
        make_gold(order)
    case = ask_for_one(order, Wish(line="1", reason="changed_mind", method="label"))
    assert (case.quote["fees_minor"], case.quote["refund"]) == (fees, 8990 - fees)


def test_a_warranty_is_longer_by_a_perk_and_none_comes_of_it(order):
    plain = {line.id: line.warranty_until for line in snapshot(order).lines}
    make_gold(order)
    longer = {line.id: line.warranty_until for line in snapshot(order).lines}
    assert (plain["1"], longer["1"]) == (date(2027, 3, 10), date(2028, 3, 10))
    assert plain["2"] is longer["2"] is None


def test_days_of_a_member_are_those_of_their_tier_today(order):
    with clock.at(CAME + timedelta(days=45)):
        make_gold(order)
        assert snapshot(order).perks.extra_days == 30
