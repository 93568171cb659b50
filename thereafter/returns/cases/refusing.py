"""Cases of the kind `reject`: each of their inputs goes through the check that the product makes at that place."""

from typing import Any

from thereafter.returns.cases.fields import Fields, Malformed
from thereafter.returns.cases.refunding import refused
from thereafter.returns.rules.money import refusals
from thereafter.returns.rules.money.refusals import Refused, decimal_text


def reject(case: Fields) -> dict[str, Any]:
    given = case.part("input").counting_in_its_own()
    if "event_id" in given:
        return _told_again(given)
    already = given.money("already_refunded", "0")
    try:
        _check(given, already)
    except Refused as refusal:
        currency = given.text("currency", "")
        return refused(refusal, refunded=already, exponent=given.exponent, currency=currency)
    return _accepted(given, already)


def _check(given: Fields, already: int) -> None:
    if "unit_gross" in given:
        refusals.check_amount(given.money("request"), given.money("unit_gross") - already)
    elif "shipping_gross" in given:
        refusals.check_shipping(given.money("request"), given.money("shipping_gross") - already)
    elif "receive_good" in given or "receive_damaged" in given:
        good, damaged = given.whole("receive_good", 0), given.whole("receive_damaged", 0)
        announced, received = given.whole("return_requested"), given.whole("already_received", 0)
        refusals.check_received(good, damaged, requested=announced, received=received)
    elif "ordered" in given or "fulfilled" in given:
        delivered = min(given.whole("fulfilled", given.whole("ordered", 0)), given.whole("ordered", 10**9))
        back = given.whole("return_requested", 0) + given.whole("returned", 0)
        refusals.check_returnable(given.whole("request"), fulfilled=delivered, requested=back)
    elif "items" in given:
        refusals.check_selection(given.listed("items"), given.money("request", "0"))
        refusals.check_positive(given.money("request", "1"))
    else:
        raise Malformed(f"{given.where} has nothing that we could refuse: no unit, shipping, quantity, items or event.")


def _accepted(given: Fields, already: int) -> dict[str, Any]:
    """Nothing to refuse here: the total moves by what was asked, where money was asked."""
    asked = given.money("request", "0") if "unit_gross" in given or "shipping_gross" in given else 0
    return {"error": None, "order_refunded_total": decimal_text(already + asked, given.exponent), "http_status": 200}


def _told_again(given: Fields) -> dict[str, Any]:
    """The provider is thanked each time (200: else it would tell us for ever), and the refund is booked once."""
    booked: list[str] = []
    error = None
    for _ in range(min(given.whole("deliveries", 1), 1000)):
        try:
            refusals.check_first_time(given.text("event_id"), booked)
        except Refused as refusal:
            error = refusal.code
        else:
            booked.append(given.text("event_id"))
    total = given.money("already_refunded", "0") + given.money("amount") * len(booked)
    return {
        "error": error,
        "refunds_recorded": len(booked),
        "order_refunded_total": decimal_text(total, given.exponent),
        "http_status": 200,
    }
