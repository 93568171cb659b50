"""Worked refunds: parts of an order, taxes, withdrawals, fees and payments."""

from collections.abc import Iterator
from typing import Any

from thereafter.returns.tests.worked import (
    Given,
    Worked,
    asked,
    flat,
    items,
    line,
    order,
    refund,
    shares,
    steps,
    tender,
    units,
)


def partial_refunds() -> Iterator[Worked]:
    thirds = order(*(line(f"L{n}", "50.00", discount_total=cut) for n, cut in ((1, "3.33"), (2, "3.33"), (3, "3.34"))))
    yield refund("stored thirds", thirds, units(("L3", 1)), items("46.66", "0.00", "46.66"), "50 - 3.34")
    four = line("L1", "10.00", 4, discount_total="3.99", tax_total="3.60")
    memo = order(four, shipping_paid_gross="5.75", shipping_tax="0.75")
    yield refund("all", memo, units(("L1", 4), shipping="5.75"), items("36.01", "3.60", "45.36"), "36.01 + 3.60 + 5.75")
    two = order(line("L1", "10.00", 2, tax_total="4.60"), shipping_paid_gross="20.00")
    rest = units(("L1", 2), shipping="20.00", already_refunded_on_items="5.00")
    answer: Given = {"refund_total": "39.60", "order_refunded_total": "44.60"}
    yield refund("the rest", two, rest, answer, "24.60 + 20 - 5")
    cut = order(line("L1", "10.00", 2, discount_total="2.00"))
    yield refund("one of two discounted", cut, units(("L1", 1)), items("9.00", "0.00", "9.00"), "10 - 1")
    answer = {"refund_total": "17.70", "returned_quantity": 0, "remaining_refundable": "41.30"}
    goodwill: Given = {"items": [{"line": "L1", "amount": "17.70"}]}
    yield refund("goodwill", order(line("L1", "59.00")), goodwill, answer, "59 - 17.70")
    spread_later = order(line("A", "30.00"), line("B", "60.00"), discount_total="10.00")
    yield refund("not spread yet", spread_later, units(("A", 1)), items("26.67", "0.00", "26.67"), "10 x 30/90")


def in_a_row() -> Iterator[Worked]:
    cents = line("L1", "0.99", 7, tax_total="0.62")
    yield steps(
        "six times 9 cents of tax, once 8", order(cents), [1] * 7, [["1.08", "1.07"]] * 6 + [["1.07", "1.08"]], "7.55"
    )
    three = order(line("L1", "11.90", 3, tax_total="2.14"))
    yield steps("tax .72 .71 .71", three, [2, 1], [["25.23", "25.22"], ["12.61", "12.62"]], "37.84")
    yen = order(line("L1", "1000", 3, discount_total="100"), currency="JPY")
    yield steps("100 yen over 3", yen, [1] * 3, [["966", "967"], ["967", "966"], ["967", "966"]], "2900")
    dinar = order(line("L1", "5.000", 3, discount_total="5.000"), currency="KWD")
    said = [["3.333", "3.334"], ["3.333", "3.334"], ["3.334", "3.333"]]
    yield steps("5 dinar over 3", dinar, [1] * 3, said, "10.000")
    yield steps("no spare cents, no other amount", order(line("L1", "4.00", 2)), [1, 1], [["4.00"], ["4.00"]], "8.00")


def taxes() -> Iterator[Worked]:
    def included(*lines: Given, **more: Any) -> Given:
        return order(*lines, prices_include_tax=True, **more)

    on_top = order(line("L1", "10.00", 2, tax_total="2.00"))
    yield refund("tax on top", on_top, units(("L1", 1)), items("10.00", "1.00", "11.00"))
    shirt = line("shirt", "11.00", tax_total="1.00")
    rates = included(shirt, line("mug", "24.00", tax_total="4.00"), shipping_paid_gross="11.50", shipping_tax="1.50")
    answer: Given = {
        **items("30.00", "5.00", "46.50"),
        "net_total_with_shipping": "40.00",
        "tax_total_with_shipping": "6.50",
        "tax_by_rate": {"10%": "1.00", "15%": "1.50", "20%": "4.00"},
    }
    yield refund("three rates", rates, units(("shirt", 1), ("mug", 1), shipping="11.50"), answer, "10 + 20 + 10 net")
    half: Given = {"items": [{"line": "shirt", "amount": "5.50"}]}
    yield refund("half of the shirt", included(shirt), half, items("5.00", "0.50", "5.50"), "5.50 x 1/11")
    ten = included(line("L1", "23.90", 10, discount_total="59.75", tax_total="29.88"))
    yield refund("what was paid", ten, units(("L1", 10)), items("149.37", "29.88", "179.25"), "239 - 59.75")
    one = included(line("L1", "1.00", tax_total="0.12"))
    yield refund("stored cents win", one, units(("L1", 1)), items("0.88", "0.12", "1.00"))
    before = order(line("L1", "50.00", 2, discount_total="10.00", tax_total="9.00"))
    yield refund("discount before tax", before, units(("L1", 1)), items("45.00", "4.50", "49.50"))
    two_parcels = order(line("L1", "10.00", 2), shipping_paid_gross="16.15", shipping_tax="1.15")
    yield refund("shipping alone", two_parcels, {"items": [], "shipping": "16.15"}, {"refund_total": "16.15"})


def withdrawals() -> Iterator[Worked]:
    goods = line("L1", "100.00", tax_total="15.97")
    express = order(goods, prices_include_tax=True, shipping_paid_gross="14.90", cheapest_standard_shipping="4.90")

    def withdrawn(count: int = 1, **more: Any) -> Given:
        return units(("L1", count), basis="eu_withdrawal", **more)

    def back(fees: str, total: str) -> Given:
        return {"fees": fees, "refund_total": total}

    standard = withdrawn(shipping="4.90")
    yield refund("standard delivery only", express, standard, items("84.03", "15.97", "104.90"), "100 + 4.90")
    yield refund("the law knows it unasked", express, withdrawn(), back("0.00", "104.90"))
    yield refund("express is not owed", express, withdrawn(shipping="14.90"), back("0.00", "104.90"))
    label = withdrawn(shipping="4.90", fees=flat("6.00", "return_label"))
    yield refund("told to bear the postage", express, label, back("6.00", "98.90"), "104.90 - 6")
    untold: Given = {**label, "informed_of_return_costs": False}
    yield refund("not told to bear it", express, untold, back("0.00", "104.90"))
    worn = [{"kind": "percent_of_items_gross", "percent": "25", "reason": "diminished_value"}]
    eighty = order(line("L1", "80.00", tax_total="12.77"), prices_include_tax=True, shipping_paid_gross="4.90")
    yield refund("worn", eighty, withdrawn(fees=worn), back("20.00", "64.90"), "84.90 - 25% of 80")
    uninformed = withdrawn(fees=worn, informed_of_withdrawal=False)
    yield refund("worn, but never informed", eighty, uninformed, back("0.00", "84.90"))
    yield refund("no restocking fee", eighty, withdrawn(fees=flat("5.00", "restocking")), back("0.00", "84.90"))
    pair = order(line("L1", "50.00", 2), shipping_paid_gross="4.90")
    yield refund("half of the order, no shipping", pair, withdrawn(shipping="4.90"), back("0.00", "50.00"))
    policy: Given = {"policy_would_charge_percent": "15", "policy_resolution": "store_credit"}
    card = order(line("L1", "50.00"), tenders=[tender("card", "50.00")])
    yield refund("law over policy", card, withdrawn(**policy), shares("50.00", card="50.00"))
    yield refund("policy alone", card, units(("L1", 1), **policy), shares("42.50", store_credit="42.50"), "50 - 15%")


def fees() -> Iterator[Worked]:
    coat = order(line("L1", "24.99"))
    damaged = units(("L1", 1), reason="damaged", fees=[])
    yield refund("damaged", coat, damaged, {"fees": "0.00", "refund_total": "24.99"})
    charged: Given = {**damaged, "fees": flat("6.95")}
    yield refund("damaged, whatever the policy says", coat, charged, {"fees": "0.00", "refund_total": "24.99"})
    two = order(line("L1", "20.00"), line("L2", "30.00"))
    once = units(("L1", 1), ("L2", 1), fees=flat("5.00"))
    yield refund("per return, not per item", two, once, {"fees": "5.00", "refund_total": "45.00"})
    restocked = units(("L1", 1), fees=[{"kind": "percent_of_items_net", "percent": "15"}])
    answer: Given = {**items("180.00", "14.40", "167.40"), "fees": "27.00"}
    sofa = order(line("L1", "200.00", discount_total="20.00", tax_total="14.40"))
    yield refund("15% of the net", sofa, restocked, answer, "194.40 - 27")
    answer = {"fees": "4.00", "refund_total": "0.00", "charge": "0.00"}
    yield refund("never a debt", order(line("L1", "4.00")), units(("L1", 1), fees=flat("7.00")), answer)
    answer = {"original_payment": "45.01", "store_credit": "50.00", "exchange_credit": "50.00"}
    given: Given = {
        "rule": "fee_by_resolution",
        "items_gross": "50.00",
        "fee": "4.99",
        "fee_applies_to": ["original_payment"],
    }
    yield asked("policy_amount", "credit is free", answer, "50 - 4.99", **given)


def payments() -> Iterator[Worked]:
    lines = (line("L1", "40.00"), line("L2", "60.00"))
    mixed = order(*lines, tenders=[tender("gift", "25.00"), tender("card", "75.00")])
    both = units(("L1", 1), ("L2", 1))
    yield refund("gift card first", mixed, both, shares("100.00", gift="25.00", card="75.00"))
    yield refund("the rest from the card", mixed, units(("L1", 1)), shares("40.00", gift="25.00", card="15.00"))
    under_way = order(*lines, tenders=[tender("gift", "25.00", pending="20.00"), tender("card", "75.00")])
    yield refund("pending is gone", under_way, units(("L1", 1)), shares("40.00", gift="5.00", card="35.00"))
    checks = [tender("check", "5.00"), tender("card", "5.00")]
    small, ten = order(line("L1", "4.00"), tenders=checks), order(line("L1", "10.00"), tenders=checks)
    yield refund("the first is enough", small, units(("L1", 1)), shares("4.00", check="4.00"))
    yield refund("both are needed", ten, units(("L1", 1)), shares("10.00", check="5.00", card="5.00"))
    short = order(line("L1", "50.00"), tenders=[tender("card", "30.00")], fallback_tender="store_credit")
    answer: Given = shares("50.00", card="30.00", store_credit="20.00")
    yield refund("the rest becomes credit", short, units(("L1", 1)), answer, "50 - 30")
    answer = {"balance": "10.00", "charge_status": "overcharged"}
    granted: Given = {"order_total": "100.00", "charged": "100.00", "granted_refunds": "10.00"}
    yield asked("ledger", "granted, not paid", answer, "100 - (100 - 10)", **granted)
    answer = {"balance": "-60.00", "charge_status": "partial"}
    yield asked("ledger", "partly charged", answer, order_total="100.00", charged="40.00", granted_refunds="0.00")
    refunds = [["settled", "2.00"], ["pending", "3.00"], ["failed", "4.00"]]
    answer = {"covered_by_payments": "8.00", "may_still_be_refunded": "5.00"}
    rows = [{"captured": "10.00", "state": "settled", "refunds": refunds}, {"captured": "9.00", "state": "authorized"}]
    yield asked("ledger", "pending counts once", answer, "10 - 2; 10 - 2 - 3", payments=rows)


ALL = [*partial_refunds(), *in_a_row(), *taxes(), *withdrawals(), *fees(), *payments()]
