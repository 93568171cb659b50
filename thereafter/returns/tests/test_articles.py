"""The law is a floor which a policy can only improve on: article by article."""

from datetime import date

import pytest

from thereafter.returns.rules.policy.snapshots import Asked
from thereafter.returns.tests.wishes import (
    AFTER_WITHDRAWAL,
    LONG_AFTER,
    SENT,
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


@pytest.mark.parametrize("country", ["DE", "GB", "NO"])
def test_article_9_money_back_within_fourteen_days_whatever_the_policy(country):
    never = a_policy(rule("Never", {"do": "reject", "why": "No."}, {"do": "hide"}), window={"days": 0})
    offer = offered(never, a_wish("changed_mind", a_line(final_sale=True), country=country), date(2026, 9, 24))
    assert (offer.allowed, offer.basis, offer.outcomes, offer.is_hidden) == (True, "withdrawal", ("refund",), False)
    assert offer.until == date(2026, 9, 24)
    assert not offered(never, a_wish(country=country), date(2026, 9, 25)).allowed


def test_article_9_counts_from_the_last_item_of_the_order():
    lines = a_line("A"), a_line("B", delivered_on=date(2026, 9, 20))
    offers = decided(a_policy(window={"days": 1}), a_wish("changed_mind", *lines), date(2026, 10, 5))
    assert [line.until for line in offers.lines] == [date(2026, 10, 5)] * 2


def test_article_9_asks_for_no_reason_and_no_approval():
    offer = offered(STRICT, a_wish(""))
    assert (option(offer, "refund").needs_review, option(offer, "refund").basis) == (False, "withdrawal")


def test_article_10_longer_for_who_was_not_told():
    snapshot = a_wish(order=an_order(informed=False))
    offer = offered(STRICT, snapshot, date(2027, 9, 24))
    assert (offer.outcomes, offer.until) == (("refund",), date(2027, 9, 24))


def test_article_13_1_money_to_where_it_came_from_and_credit_never_forced():
    offer = offered(STRICT, a_wish())
    assert option(offer, "refund").article == "Dir. 2011/83 Art. 13(1)"
    assert "store_credit" in offer.outcomes
    assert "No money: does not offer" in told(offer)
    assert "overruled: the law goes before it" in told(offer)


def test_article_13_2_standard_delivery_is_paid_back_when_the_whole_order_is_withdrawn():
    lines = a_line("A"), a_line("B")
    whole = decided(STRICT, a_wish("changed_mind", *lines))
    part = decided(STRICT, a_wish("changed_mind", *lines, asked=(Asked(line="A", reason="changed_mind"),)))
    assert (whole.refund_shipping, part.refund_shipping) == ("standard", "none")
    kind = a_policy(rule("All", {"do": "refund_shipping", "share": "all"}))
    assert decided(kind, a_wish()).refund_shipping == "all"


def test_article_13_3_money_does_not_wait_for_an_inspection():
    refund = option(offered(STRICT, a_wish()), "refund")
    assert (refund.release, refund.due_days) == ("received", 14)


def test_article_14_1_own_carriers_and_postage_only_for_who_was_told():
    offer = offered(STRICT, a_wish())
    assert offer.methods == ("label", "own_carrier")
    assert [fee.purpose for fee in option(offer, "refund").fees] == ["postage"]
    untold = offered(STRICT, a_wish(order=an_order(told_of_postage=False)))
    assert option(untold, "refund").is_free


def test_article_14_2_wear_only_for_who_was_told_of_the_right():
    assert offered(a_policy(), a_wish()).may_deduct
    assert not offered(a_policy(), a_wish(order=an_order(informed=False))).may_deduct


def test_article_14_5_no_handling_fee():
    offer = offered(STRICT, a_wish())
    assert "restocking" not in [fee.purpose for fee in option(offer, "refund").fees]
    assert "Law: no handling fee for “Money back” (Dir. 2011/83 Art. 14(5))" in told(offer)


def test_article_14_5_postage_is_what_it_costs_no_share_of_the_price():
    policy = a_policy(rule("Share", {"do": "fee", "percent": 10, "flat": "3.00", "for": "postage"}))
    assert [fee.minor for fee in option(offered(policy, a_wish()), "refund").fees] == [300]
    assert len(option(offered(policy, a_wish(), AFTER_WITHDRAWAL), "refund").fees) == 2


def test_article_16_goods_may_be_left_out_by_the_policy():
    policy = a_policy(rule("Made for you", {"do": "reject", "why": "Made for you."}))
    offer = offered(policy, a_wish("changed_mind", a_line(flags=("personalised",))))
    assert str(offer.why_not) == "Made for you."
    assert "Dir. 2011/83 Art. 16(c)" in told(offer)
    never = a_policy(window={"days": 0})
    words = str(offered(never, a_wish("changed_mind", a_line(flags=("personalised",)))).why_not)
    assert words == "There is no right of withdrawal: it was personalised for you."


def test_article_16_does_not_reach_what_was_faulty():
    policy = a_policy(rule("Made for you", {"do": "reject", "why": "Made for you."}))
    assert offered(policy, a_wish("faulty_later", a_line(flags=("personalised",))), LONG_AFTER).allowed


def test_articles_18_and_20_what_never_came_is_paid_back_in_full():
    line = a_line(delivered_on=None)
    offer = offered(STRICT, a_wish("lost", line), LONG_AFTER)
    assert option(offer, "refund").article == "Dir. 2011/83 Art. 18 and 20"
    assert option(offer, "refund").is_free
    assert (offer.methods, offer.refund_shipping, offer.basis) == (("none",), "all", "carrier_claim")


@pytest.mark.parametrize("reason", ["missing_item", "not_here"])
def test_articles_18_and_20_hold_although_the_carrier_says_delivered(reason):
    refund = option(offered(STRICT, a_wish(reason), LONG_AFTER), "refund")
    assert (refund.is_free, refund.is_sent_back, refund.until) == (True, False, date(2028, 9, 10))
    assert not offered(STRICT, a_wish(reason), date(2028, 9, 11)).allowed


def test_guarantee_repair_or_replacement_free_for_two_years_whatever_the_policy():
    no = a_policy(
        rule("No", {"do": "reject", "why": "No."}, {"do": "outcomes", "only": ["store_credit"]}),
        rule("Fee", {"do": "fee", "flat": "5.00", "outcomes": ["repair", "replacement"]}),
        methods=["own_carrier"],
        claims={"days": 1},
    )
    snapshot = a_wish("faulty_later", a_line(repairable=True))
    offer = offered(no, snapshot, date(2028, 9, 10))
    assert (offer.basis, offer.until) == ("non_conformity", date(2028, 9, 10))
    assert [option.outcome for option in offer.options][:2] == ["repair", "replacement"]
    assert all(option(offer, outcome).is_free for outcome in ("repair", "replacement"))
    assert offer.methods[0] == "label"
    assert str(offered(no, snapshot, date(2028, 9, 11)).why_not) == "No."


def test_a_claim_is_looked_at_once_a_defect_is_not_presumed_any_more():
    fast = a_policy(rule("Fast", {"do": "no_review"}))
    within = offered(fast, a_wish("faulty_later"), date(2027, 9, 10))
    after = offered(fast, a_wish("faulty_later"), date(2027, 9, 11))
    assert (option(within, "replacement").needs_review, within.review) == (False, "")
    assert option(after, "replacement").needs_review
    assert "presumed" in after.review
    assert not option(offered(fast, a_wish("faulty_later", country="PT"), date(2027, 9, 11)), "refund").needs_review


def test_guarantee_money_back_where_nothing_can_be_mended_or_replaced():
    no = a_policy(rule("No", {"do": "outcomes", "only": ["store_credit"]}))
    offer = offered(no, a_wish("faulty_later", a_line(in_stock=False)), LONG_AFTER)
    assert option(offer, "refund").article == "Dir. 2019/771 Art. 13"


def test_guarantee_three_years_in_portugal_and_longer_after_a_repair():
    day = date(2029, 8, 1)
    assert offered(a_policy(), a_wish("faulty_later", country="PT"), day).allowed
    assert not offered(a_policy(), a_wish("faulty_later"), date(2028, 11, 1)).allowed
    repaired = a_line(repaired_on=(date(2026, 11, 1),))
    assert offered(a_policy(), a_wish("faulty_later", repaired), date(2028, 11, 1)).until == date(2029, 9, 10)


def test_the_uk_lets_faulty_goods_be_refused_for_thirty_days():
    no = a_policy(rule("No", {"do": "outcomes", "only": ["store_credit"]}))
    refund = option(offered(no, a_wish("faulty_on_arrival", country="GB"), date(2026, 10, 10)), "refund")
    assert (refund.article, refund.basis) == ("CRA 2015 s. 20 and 22(3)", "non_conformity")
    assert offered(no, a_wish("faulty_on_arrival", country="GB"), date(2026, 10, 11)).option("refund") is None


def test_where_no_law_is_known_the_policy_stands_alone():
    offer = offered(STRICT, a_wish(country="US"))
    assert offer.outcomes == ("store_credit",)
    assert str(offered(STRICT, a_wish(country="US"), date(2026, 9, 18)).why_not) == (
        "It could come back until 17 September 2026."
    )


def test_a_business_has_the_policy_only():
    assert offered(STRICT, a_wish(order=an_order(is_business=True))).outcomes == ("store_credit",)


def test_before_it_was_sent_the_law_lets_withdraw_and_nothing_is_sent():
    line = a_line(fulfilled_on=None, delivered_on=None)
    offer = offered(STRICT, a_wish("changed_mind", line))
    assert (offer.outcomes, offer.methods, offer.until) == (("refund",), ("none",), None)


def test_a_delivery_that_nobody_told_of_ends_no_right_early():
    line = a_line(delivered_on=None, fulfilled_on=SENT)
    offer = offered(a_policy(window={"days": 0}), a_wish("changed_mind", line), date(2026, 10, 20))
    assert offer.outcomes == ("refund",)
