"""Worked sums beside refunds: shares, refusals, exchanges, holds, and what laws and policies set."""

from collections.abc import Iterator
from typing import Any

from thereafter.returns.tests.worked import Given, Worked, asked, swap


def allocations() -> Iterator[Worked]:
    for total, weights, parts in (
        (299, [4300, 1400, 2300], [161, 52, 86]),  # 160.7 52.3 85.96: the spare two to .96 and .7
        (40, [10, 0], [40, 0]),
        (1000, [1, 1, 1], [334, 333, 333]),  # a tie goes to the earlier
        (7, [0, 0], [4, 3]),  # nothing to weigh by
        (-5, [1, 1], [-3, -2]),
    ):
        answer = {"shares_minor": parts, "sum_minor": total}
        yield asked("allocate", f"{total} over {weights}", answer, total_minor=total, weights=weights)


def refusals() -> Iterator[Worked]:
    def over(most: str, refunded: str = "0.00") -> Given:
        return {"error": "exceeds_refundable_amount", "order_refunded_total": refunded, "max_allowed": most}

    left: Given = {"unit_gross": "12.30", "already_refunded": "5.00"}
    yield asked("reject", "more than the unit has", over("7.30", "5.00"), "12.30 - 5", **left, request="10.00")
    shipping: Given = {"shipping_gross": "20.00", "already_refunded": "5.00", "request": "18.00"}
    yield asked("reject", "more shipping than there is", over("15.00", "5.00"), "20 - 5", **shipping)
    yield asked("reject", "shipping was free", over("0.00"), shipping_gross="0.00", request="0.01")
    answer: Given = {"error": "amount_must_be_positive", "order_refunded_total": "5.00"}
    yield asked("reject", "nothing is no refund", answer, **left, request="0.00")
    answer = {"error": "nothing_selected", "customer_notified": False}
    yield asked("reject", "nothing selected", answer, items=[], request="0.00")
    answer = {"error": "exceeds_returnable_quantity", "max_allowed_quantity": 2}
    yield asked("reject", "not all delivered", answer, "3 - 1", ordered=5, fulfilled=3, return_requested=1, request=3)
    received: Given = {"return_requested": 2, "receive_good": 1, "receive_damaged": 2}
    answer = {"error": "exceeds_requested_quantity", "max_allowed_quantity": 2}
    yield asked("reject", "more in the parcel than announced", answer, **received)
    answer = {"error": None, "order_refunded_total": "12.30"}
    yield asked("reject", "all that is left is allowed", answer, "5 + 7.30", **left, request="7.30")
    answer = {"error": "already_processed", "refunds_recorded": 1, "order_refunded_total": "10.00", "http_status": 200}
    yield asked("reject", "told three times", answer, event_id="re_1", amount="10.00", deliveries=3)


def swaps() -> Iterator[Worked]:
    def comes_to(given_back: str, charge: str, **more: str) -> Given:
        return {"refund": given_back, "charge": charge, **more}

    even: Given = {"returned_net": "40.00", "returned_tax": "3.20", "new_net": "40.00", "new_tax": "3.20"}
    yield swap("another size", comes_to("0.00", "0.00"), **even)
    locked: Given = {"returned_net": "40.00", "new_net": "40.00", "new_shelf_price": "55.00", "price_lock": True}
    yield swap("the price paid holds", comes_to("0.00", "0.00"), **locked)
    yield swap("from the shelf", comes_to("0.00", "15.00"), "55 - 40", **{**locked, "price_lock": False})
    yield swap("comes back too", comes_to("40.00", "0.00"), returned_net="40.00", new_net="0.00")
    answer = comes_to("0.00", "0.00", credit_used="27.60")
    pre_discount: Given = {"returned_net": "110.40", "exchange_only_credit": "27.60", "new_net": "138.00"}
    yield swap("the discount again", answer, "138 - 110.40", **pre_discount)
    bonus: Given = {"returned_net": "80.00", "exchange_only_credit": "10.00"}
    answer = comes_to("0.00", "5.00", credit_used="10.00")
    yield swap("bonus, then the card", answer, "95 - 80 - 10", **bonus, new_net="95.00")
    answer = comes_to("0.00", "0.00", credit_used="4.00", credit_forfeited="6.00")
    yield swap("some of the bonus", answer, "84 - 80", **bonus, new_net="84.00")
    answer = comes_to("30.00", "0.00", credit_used="0.00", credit_forfeited="10.00")
    yield swap("a bonus is no money", answer, "80 - 50", **bonus, new_net="50.00")
    claim: Given = {"returned_net": "0.00", "new_net": "45.00", "merchant_absorbs": True}
    yield swap("the shop bears it", comes_to("0.00", "0.00", absorbed="45.00"), **claim)
    both_ways: Given = {
        "returned_net": "20.00",
        "new_net": "50.00",
        "outbound_shipping": "5.00",
        "return_shipping": "7.50",
    }
    yield swap("both ways paid", comes_to("0.00", "42.50"), "50 + 5 + 7.50 - 20", **both_ways)


def holds() -> Iterator[Worked]:
    def happened(name: str, captured: str, held: str, refunded: str, *events: tuple[int, str]) -> Worked:
        answer = {"captured": captured, "held": held, "refunded": refunded}
        listed = [["day", day, what] for day, what in [(0, "authorised"), *events]]
        return asked("authorisation", name, answer, hold="120.00", ship_by_days=14, events=listed)

    late = (15, "deadline_passed_no_scan")
    yield happened("on its way in time", "0.00", "0.00", "0.00", (6, "in_transit_scan"))
    yield happened("on the last day", "0.00", "0.00", "0.00", (14, "in_transit_scan"))
    yield happened("nothing yet", "0.00", "120.00", "0.00")
    yield happened("never sent", "120.00", "0.00", "0.00", late)
    yield happened("told twice", "120.00", "0.00", "0.00", late, late)
    yield happened("sent late", "120.00", "0.00", "0.00", (16, "in_transit_scan"))
    yield happened("came back after all", "120.00", "0.00", "120.00", late, (20, "returned"))
    yield happened("the bank let go", "120.00", "0.00", "0.00", (7, "lapsed"), late)


def formulas() -> Iterator[Worked]:
    def rule(name: str, answer: Given, because: str = "", /, **given: Any) -> Worked:
        return asked("policy_amount", f"{name} {because}", answer, because, rule=name, **given)

    worth: Given = {"value_if_conforming": "100.00", "value_as_received": "70.00"}
    yield rule("eu_price_reduction", {"amount": "24.00"}, "30% of 80", paid="80.00", **worth)
    used: Given = {"price": "300.00", "use_deduction_claimed": "60.00", "months_since_delivery": 7}
    yield rule("uk_final_reject", {"amount": "240.00"}, "after six months", **used)
    yield rule("uk_final_reject", {"amount": "300.00"}, "in the sixth", **{**used, "months_since_delivery": 6})
    car: Given = {**used, "months_since_delivery": 2, "is_motor_vehicle": True}
    yield rule("uk_final_reject", {"amount": "240.00"}, "a car", **car)
    rates: Given = {"rate_at_sale": "1.18", "rate_at_refund": "1.29"}
    answer: Given = {
        "refund_presentment": "85.00",
        "booked_at_sale": "100.30",
        "booked_at_refund": "109.65",
        "fx_loss": "9.35",
    }
    dollars: Given = {"paid_currency": "EUR", "shop_currency": "USD"}
    yield rule("presentment_refund", answer, "85 x 1.18, x 1.29", paid="85.00", **dollars, **rates)
    answer = {"refund_presentment": "1000", "booked_at_sale": "6.20", "booked_at_refund": "5.90", "fx_loss": "-0.30"}
    yen: Given = {"paid_currency": "JPY", "shop_currency": "EUR", "rate_at_sale": "0.0062", "rate_at_refund": "0.0059"}
    yield rule("presentment_refund", answer, "a gain", paid="1000", **yen)
    answer = {"amount": "12.00", "requires_shipping": False, "label_created": False}
    yield rule("returnless", answer, "12 < 15", item_gross="12.00", keep_item_threshold="15.00")
    answer = {"amount": "15.00", "requires_shipping": True, "label_created": True}
    yield rule("returnless", answer, "15 is not less", item_gross="15.00", keep_item_threshold="15.00")
    plan: Given = {"plan_price": "36.00", "term_months": 36, "elapsed_months": 3}
    yield rule("contract_prorata", {"amount": "23.00"}, "36 x 33/36 - 10", **plan, claims_paid="10.00")
    yield rule("contract_prorata", {"amount": "0.00"}, "more was paid out", **plan, claims_paid="50.00")
    answer = {"credit": "33.00", "credit_if_rejected": "0.00"}
    yield rule("tradein", answer, "40 - 7", accepted_values=["40.00"], label_fee="7.00", rejected_values=["0.00"])
    answer = {"all_credit": "12.00", "with_one_bundle_credit": "7.00", "bundles": 2}
    yield rule("recycling", answer, "12 = 2 x 5 + 2", items=12, credit_per_item="1.00", bundle_size=5)
    points: Given = {"order_total": "100.00", "earned": 100, "points_spent": 500}
    yield rule("points", {"clawed_back": 40, "restored": 200}, "40%", refund="40.00", **points)


ALL = [*allocations(), *refusals(), *swaps(), *holds(), *formulas()]
