"""What a policy offers, and how it says so."""

from dataclasses import replace
from datetime import date, timedelta

import msgspec
import pytest

from thereafter.returns.rules.policy.offers import Offers
from thereafter.returns.rules.policy.snapshots import Asked, Customer, Snapshot
from thereafter.returns.tests.wishes import (
    AFTER_WITHDRAWAL,
    CAME,
    LONG_AFTER,
    SOON,
    STRICT,
    a_line,
    a_policy,
    a_wish,
    an_order,
    decided,
    offered,
    option,
    rule,
    told,
)


def test_within_the_window_everything_is_offered_side_by_side():
    offer = offered(a_policy(), a_wish("size_small"), AFTER_WITHDRAWAL)
    assert offer.allowed
    assert offer.outcomes == ("exchange_variant", "exchange_product", "exchange_shop", "store_credit", "refund")
    assert (offer.basis, offer.until, offer.days_left) == ("voluntary", date(2026, 10, 10), 12)
    assert offer.methods == ("label", "own_carrier")


def test_after_the_window_it_is_said_why_not_and_since_when():
    offer = offered(a_policy(), a_wish(), LONG_AFTER)
    assert not offer.allowed
    assert str(offer.why_not) == "It could come back until 10 October 2026."


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"returned": 1}, "Everything of this item has come back already or is on its way."),
        ({"cancelled": 1}, "This item was cancelled."),
    ],
)
def test_what_is_gone_cannot_come_back(line, words):
    snapshot = a_wish("changed_mind", a_line(**line))
    assert str(offered(a_policy(), snapshot).why_not) == words


def test_no_more_units_than_are_left_even_when_asked_in_pieces():
    asked = (Asked(line="L1", quantity=2, reason="size_small"), Asked(line="L1", quantity=2, reason="size_large"))
    snapshot = a_wish("changed_mind", a_line(quantity=3), asked=asked)
    assert [str(line.why_not) for line in decided(a_policy(), snapshot).lines] == [
        "At most 3 of this item can still come back."
    ] * 2
    assert str(offered(a_policy(), replace(snapshot, asked=(Asked(line="L1", quantity=0),))).why_not) == (
        "Choose at least one."
    )


def test_before_it_was_sent_there_is_nothing_to_send_back():
    line = a_line(fulfilled_on=None, delivered_on=None)
    offer = offered(a_policy(), a_wish("changed_mind", line, country="US"))
    assert str(offer.why_not).startswith("This item is still on its way")


def test_without_a_wish_everything_left_is_decided():
    snapshot = Snapshot(order=an_order(), lines=(a_line("A"), a_line("B", quantity=3, returned=1)))
    assert [(line.line, line.quantity) for line in decided(a_policy(), snapshot).lines] == [("A", 1), ("B", 2)]


def test_the_highest_priority_has_the_slot_and_the_trace_tells_who_was_overruled():
    policy = a_policy(
        rule("Usual", {"do": "window", "days": 40}),
        rule("Sale", {"do": "window", "days": 20}, when="line.discount_percent > 10", priority=5),
    )
    line = a_line(price_minor=10_000, discount_minor=2_000)
    offer = offered(policy, a_wish("changed_mind", line), AFTER_WITHDRAWAL)
    assert offer.until == CAME + timedelta(days=20)
    assert "Usual: 40 days from delivery; overruled: “Sale” goes before it" in told(offer)
    assert offered(policy, a_wish(), AFTER_WITHDRAWAL).until == CAME + timedelta(days=40)


def test_of_two_alike_the_earlier_rule_stands():
    policy = a_policy(rule("A", {"do": "window", "days": 40}), rule("B", {"do": "window", "days": 50}))
    assert offered(policy, a_wish(), AFTER_WITHDRAWAL).until == CAME + timedelta(days=40)


def test_several_rules_add_up_where_they_speak_of_different_things():
    policy = a_policy(
        rule("A", {"do": "outcomes", "remove": ["refund"]}),
        rule("B", {"do": "methods", "add": ["pickup"]}, {"do": "credit", "percent": 10}),
        rule("C", {"do": "destination", "to": "Outlet"}, {"do": "reasons", "group": "shoes"}),
    )
    offer = offered(policy, a_wish(), AFTER_WITHDRAWAL)
    assert "refund" not in offer.outcomes
    assert "pickup" in offer.methods
    assert (option(offer, "store_credit").bonus or ())[:3] == (0, 1000, 0)
    assert (offer.destination, offer.reason_group) == ("Outlet", "shoes")


def test_a_condition_sees_the_order_the_item_the_reason_and_the_shopper():
    condition = (
        "order.country == 'DE' && 'sale' in order.tags && line.product_type == 'Shoes' && reason == 'size_small'"
        " && days_since >= 10 && customer.orders > 3 && value >= 79.99 && quantity == 1 && channel == 'portal'"
        " && whole_order && order.placed_at > date('2026-09-01') && has(line.delivered_at)"
    )
    policy = a_policy(rule("All", {"do": "destination", "to": "Here"}, when=condition))
    snapshot = a_wish(
        "size_small",
        a_line(product_type="Shoes"),
        order=an_order(tags=("sale",)),
        customer=Customer(orders=4),
    )
    assert offered(policy, snapshot, AFTER_WITHDRAWAL).destination == "Here"
    assert offered(policy, replace(snapshot, channel="support"), AFTER_WITHDRAWAL).destination == ""


def test_a_final_sale_does_not_come_back_unless_a_rule_says_so():
    snapshot = a_wish("changed_mind", a_line(final_sale=True))
    assert str(offered(a_policy(), snapshot, AFTER_WITHDRAWAL).why_not) == (
        "This item was a final sale and cannot come back."
    )
    kind = a_policy(rule("Kind", {"do": "bypass_final_sale"}))
    assert offered(kind, snapshot, AFTER_WITHDRAWAL).allowed


def test_a_rule_that_refuses_says_why_and_a_stronger_one_lets_it_pass():
    no = rule("No", {"do": "reject", "why": "Worn goods stay."})
    assert str(offered(a_policy(no), a_wish(), AFTER_WITHDRAWAL).why_not) == "Worn goods stay."
    yes = rule("Yes", {"do": "allow"}, priority=1)
    assert offered(a_policy(no, yes), a_wish(), AFTER_WITHDRAWAL).allowed


def test_a_hidden_item_is_not_offered():
    offer = offered(a_policy(rule("Hide", {"do": "hide"})), a_wish(), AFTER_WITHDRAWAL)
    assert (offer.allowed, offer.is_hidden) == (False, True)


def test_fees_differ_by_outcome_and_way_and_are_waived_by_a_stronger_rule():
    fee = rule("Fee", {"do": "fee", "flat": "4.95", "for": "postage"}, {"do": "fee", "percent": 10, "of": "gross"})
    offer = offered(a_policy(fee), a_wish(), AFTER_WITHDRAWAL)
    assert [tuple(one)[:5] for one in option(offer, "refund").fees] == [
        ("postage", "flat_per_return", 495, 0, ("label", "qr", "pickup")),
        ("restocking", "percent_of_items_gross", 0, 1000, ()),
    ]
    assert option(offer, "store_credit").is_free
    waived = rule("Regulars", {"do": "fee", "waived": True}, priority=1)
    assert option(offered(a_policy(fee, waived), a_wish(), AFTER_WITHDRAWAL), "refund").is_free


def test_a_fee_that_is_not_said_in_the_currency_of_the_order_is_not_taken():
    fee = rule("Fee", {"do": "fee", "flat": {"EUR": "4.95", "USD": "5.95"}})
    assert option(offered(a_policy(fee), a_wish(country="US")), "refund").fees[0].minor == 595
    chf = a_wish(order=an_order("CH", currency="CHF"))
    assert option(offered(a_policy(fee), chf), "refund").is_free
    assert "The policy names no amount in CHF" in told(offered(a_policy(fee), chf))


def test_what_was_not_the_shoppers_fault_costs_nothing_anywhere():
    fee = rule("Fee", {"do": "fee", "percent": 10, "outcomes": ["refund", "replacement"]})
    offer = offered(a_policy(fee), a_wish("wrong_item", country="US"))
    assert all(option.is_free for option in offer.options)
    assert (offer.refund_shipping, offer.may_deduct) == ("all", False)
    assert offer.outcomes[0] == "replacement"


def test_an_exchange_for_a_variant_needs_one_that_can_be_bought():
    assert "exchange_variant" not in offered(a_policy(), a_wish("size_small", a_line(other_variants=0))).outcomes


def test_what_is_not_worth_sending_may_be_kept_up_to_the_caps():
    policy = a_policy(returnless={"label": "4.90", "handling": "3.50", "markdown_percent": 30, "most_per_customer": 1})
    cheap = a_wish("changed_mind", a_line(paid_minor=1198))
    offer = offered(policy, cheap, AFTER_WITHDRAWAL)
    assert offer.outcomes[0] == "keep"
    assert (offer.options[0].is_sent_back, offer.options[0].share, offer.methods[-1]) == (False, 10_000, "none")
    # 8.40 are 70% of 12.00: from there on the way back brings more than it costs.
    assert offered(policy, a_wish("changed_mind", a_line(paid_minor=1201)), AFTER_WITHDRAWAL).option("keep") is None
    again = replace(cheap, customer=Customer(kept=1))
    assert offered(policy, again, AFTER_WITHDRAWAL).option("keep") is None
    risky = replace(cheap, customer=Customer(risk="high"))
    assert offered(policy, risky, AFTER_WITHDRAWAL).option("keep") is None


def test_a_rule_may_ask_for_shipping_all_the_same():
    ship = rule("Ship", {"do": "require_shipping"})
    policy = a_policy(ship, returnless={"below": "50.00"})
    cheap = a_wish("changed_mind", a_line(paid_minor=1200))
    assert offered(policy, cheap).option("keep") is None
    assert offered(a_policy(returnless={"below": "50.00"}), cheap).option("keep")


def test_a_part_may_be_paid_to_who_keeps_it_beside_everything_else():
    offer = offered(a_policy(rule("Keep", {"do": "keep", "percent": 30})), a_wish("quality"), AFTER_WITHDRAWAL)
    assert option(offer, "keep").share == 3000
    assert offer.outcomes[-1] == "keep"
    assert "refund" in offer.outcomes


def test_goodwill_comes_after_the_window_for_those_a_rule_names():
    policy = a_policy(rule("A little late", {"do": "goodwill", "days": 5}, when="customer.orders >= 3"))
    late, known = date(2026, 10, 14), Customer(orders=3)
    offer = offered(policy, a_wish(customer=known), late)
    assert (offer.allowed, offer.basis, offer.until) == (True, "goodwill", date(2026, 10, 15))
    assert not offered(policy, a_wish(customer=known), date(2026, 10, 16)).allowed
    assert not offered(policy, a_wish(), late).allowed


def test_a_warranty_goes_on_after_the_guarantee():
    line = a_line(warranty_until=date(2029, 9, 10), repairable=True)
    offer = offered(a_policy(), a_wish("faulty_later", line), date(2028, 12, 1))
    assert (offer.basis, offer.options[0].outcome) == ("warranty", "repair")


def test_who_got_a_gift_gets_no_money_of_the_buyer():
    offer = offered(a_policy(outcomes=["refund", "exchange_variant"]), a_wish(is_gift=True))
    assert offer.outcomes == ("exchange_variant", "store_credit")


def test_serial_returners_are_told_and_lose_speed_but_no_right():
    policy = a_policy(
        rule(
            "Often",
            {"do": "tier", "name": "often", "note": "We look at each return first."},
            {"do": "review", "why": "Often"},
            {"do": "release", "on": "inspected"},
            when="customer.returns >= 6 && customer.return_rate > 0.6",
        )
    )
    often = Customer(returns=6, units_bought=10, units_returned=7)
    offers = decided(policy, a_wish(customer=often))
    refund, credit = (option(offers.line("L1"), outcome) for outcome in ("refund", "store_credit"))
    assert (offers.tier, str(offers.notes[0])) == ("often", "We look at each return first.")
    assert (credit.needs_review, credit.release) == (True, "inspected")
    assert (refund.needs_review, refund.release, refund.due_days) == (False, "received", 14)
    later = option(offered(policy, a_wish(customer=often), AFTER_WITHDRAWAL), "refund")
    assert (later.needs_review, later.release) == (True, "inspected")


def test_the_same_is_always_answered_the_same():
    assert decided(STRICT, a_wish()) == decided(STRICT, a_wish())


def test_the_answer_is_plain_and_can_be_kept():
    offers = decided(STRICT, a_wish("damaged_on_arrival"))
    kept = msgspec.json.encode(offers)
    assert b"Dir. 2019/771" in kept
    assert isinstance(offers, Offers)
    snapshot = a_wish("damaged_on_arrival")
    assert msgspec.json.decode(msgspec.json.encode(snapshot), type=Snapshot) == snapshot


def test_the_answer_names_policy_and_law():
    offers = decided(STRICT, a_wish())
    assert (offers.policy, offers.fingerprint, offers.today) == ("Ours", STRICT.fingerprint, SOON)
    assert offers.law
