"""Cases of the kind `policy_amount`: a rule by its name and what it takes."""

from collections.abc import Callable
from typing import Any

from thereafter.returns.cases.fields import Fields, Malformed, currency_exponent
from thereafter.returns.rules.money import formulas
from thereafter.returns.rules.money.refusals import decimal_text
from thereafter.returns.rules.policy.returnless import Costs, may_keep
from thereafter.returns.rules.policy.snapshots import Customer

# (points earned, points spent, refunded_minor=, total_minor=) -> (taken back, given back): loyalty's own rule.
PointsRule = Callable[..., tuple[int, int]]

_RESOLUTIONS = ("original_payment", "store_credit", "exchange_credit", "exchange", "gift_card")


def policy_amount(case: Fields, points: PointsRule) -> dict[str, Any]:
    given = case.part("input").counting_in_its_own()
    rule = given.text("rule")
    if rule == "points":
        return _points(given, points)
    if rule not in _RULES:
        raise Malformed(f"{given.where}.rule is {rule!r}; we know {', '.join(sorted([*_RULES, 'points']))}.")
    return _RULES[rule](given)


def _price_reduction(given: Fields) -> dict[str, Any]:
    amount = formulas.price_reduction(
        paid=given.money("paid"),
        worth_if_conforming=given.money("value_if_conforming"),
        worth_as_received=given.money("value_as_received"),
    )
    return {"amount": given.said(amount)}


def _final_rejection(given: Fields) -> dict[str, Any]:
    amount = formulas.final_rejection(
        price=given.money("price"),
        months=given.whole("months_since_delivery"),
        is_motor_vehicle=given.truth("is_motor_vehicle", default=False),
        use_deduction=given.money("use_deduction_claimed", "0"),
    )
    return {"amount": given.said(amount)}


def _by_resolution(given: Fields) -> dict[str, Any]:
    charged = {str(one) for one in given.listed("fee_applies_to")}
    # An exchange is called both ways.
    charged |= {"exchange", "exchange_credit"} if charged & {"exchange", "exchange_credit"} else set()
    names = dict.fromkeys([*_RESOLUTIONS, *sorted(charged)])
    gross, fee = given.money("items_gross"), given.money("fee", "0")
    worths = formulas.by_resolution(gross=gross, fee=fee, resolutions=names, charged=charged)
    return {name: given.said(worth) for name, worth in worths.items()}


def _returnless(given: Fields) -> dict[str, Any]:
    """The refund is the same; only whether anything has to travel differs."""
    gross = given.money("item_gross")
    costs = Costs(
        currency=given.text("currency", ""),
        label_minor=given.money("label_cost", "0"),
        handling_minor=given.money("handling_cost", "0"),
        below_minor=given.money("keep_item_threshold", "0"),
    )
    travels = not may_keep(costs, gross, Customer()).keeps
    return {"amount": given.said(gross), "requires_shipping": travels, "label_created": travels}


def _presentment(given: Fields) -> dict[str, Any]:
    paid = currency_exponent(given.text("paid_currency"), f"{given.where}.paid_currency")
    shop = currency_exponent(given.text("shop_currency"), f"{given.where}.shop_currency")
    given = given.counting_in(paid)
    refunded = given.money("refund") if "refund" in given else given.money("paid")
    booked = formulas.in_shop_currency(
        refunded,
        exponents=(paid, shop),
        at_sale=given.number("rate_at_sale"),
        at_refund=given.number("rate_at_refund"),
    )
    return {
        "refund_presentment": decimal_text(refunded, paid),
        "booked_at_sale": decimal_text(booked.at_sale, shop),
        "booked_at_refund": decimal_text(booked.at_refund, shop),
        "fx_loss": decimal_text(booked.loss, shop),
    }


def _contract(given: Fields) -> dict[str, Any]:
    amount = formulas.contract_rest(
        price=given.money("plan_price"),
        term=given.whole("term_months"),
        elapsed=given.whole("elapsed_months"),
        claims_paid=given.money("claims_paid", "0"),
    )
    return {"amount": given.said(amount)}


def _trade_in(given: Fields) -> dict[str, Any]:
    label = given.money("label_fee", "0")
    return {
        "credit": given.said(formulas.trade_in_credit(given.moneys("accepted_values"), label_fee=label)),
        "credit_if_rejected": given.said(formulas.trade_in_credit(given.moneys("rejected_values"), label_fee=label)),
    }


def _recycling(given: Fields) -> dict[str, Any]:
    worth = given.money("bundle_value", "0")
    each = given.money("credit_per_item")
    empties = formulas.recycling(given.whole("items"), each=each, bundle=given.whole("bundle_size"), bundle_worth=worth)
    return {
        "all_credit": given.said(empties.all_credit),
        "with_one_bundle_credit": given.said(empties.with_one_bundle),
        "with_all_bundles_credit": given.said(empties.with_all_bundles),
        "best": given.said(empties.best),
        "bundles": empties.bundles,
    }


def _points(given: Fields, rule: PointsRule) -> dict[str, Any]:
    taken, restored = rule(
        given.whole("earned", 0),
        given.whole("points_spent", 0),
        refunded_minor=given.money("refund"),
        total_minor=given.money("order_total"),
    )
    return {"clawed_back": taken, "restored": restored}


_RULES: dict[str, Callable[[Fields], dict[str, Any]]] = {
    "eu_price_reduction": _price_reduction,
    "uk_final_reject": _final_rejection,
    "fee_by_resolution": _by_resolution,
    "returnless": _returnless,
    "presentment_refund": _presentment,
    "contract_prorata": _contract,
    "tradein": _trade_in,
    "recycling": _recycling,
}
