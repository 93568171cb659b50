"""Cases of the kinds `allocate`, `ledger`, `exchange` and `authorisation`."""

from typing import Any

from thereafter.returns.cases import orders
from thereafter.returns.cases.fields import Fields, Malformed, whole
from thereafter.returns.rules.money import exchanges, holds, ledger
from thereafter.returns.rules.money.allocation import spread
from thereafter.returns.rules.money.bought import Value
from thereafter.returns.rules.money.fees import Fee
from thereafter.returns.rules.money.holds import HOLD_EVENTS, Happening, Hold
from thereafter.returns.rules.money.ledger import Payment, RefundState
from thereafter.returns.rules.money.refusals import decimal_text

_MONEY_CAME = {"settled", "captured", "paid", "succeeded"}
# What others call the events of a hold.
_HAPPENINGS = {
    "authorized": "authorised",
    "deadline_passed": "deadline_passed_no_scan",
    "scan": "in_transit_scan",
    "in_transit": "in_transit_scan",
    "drop_off": "dropped_off",
    "return_received": "returned",
    "received": "returned",
    "late_return": "returned",
    "late_return_received": "returned",
    "returned_late": "returned",
    "hold_lapsed": "lapsed",
    "canceled": "cancelled",
}


def allocate(case: Fields) -> dict[str, Any]:
    given = case.part("input")
    weights = [whole(weight, f"{given.where}.weights") for weight in given.listed("weights")]
    shares = spread(given.whole("total_minor"), weights)
    return {"shares_minor": shares, "sum_minor": sum(shares)}


def payments(case: Fields) -> dict[str, Any]:
    given = case.part("input").counting_in_its_own()
    found: dict[str, Any] = {}
    if "payments" in given:
        covered = ledger.cover(_payment(row) for row in given.rows("payments"))
        found["covered_by_payments"] = decimal_text(covered.covered, given.exponent)
        found["may_still_be_refunded"] = decimal_text(covered.may_still_be_refunded, given.exponent)
    if "order_total" in given:
        owed = ledger.balance(
            order_total=given.money("order_total"),
            charged=given.money("charged", "0"),
            granted=given.money("granted_refunds", "0"),
            refunded=given.money("refunded", "0"),
        )
        found["balance"] = decimal_text(owed.balance, given.exponent)
        found["charge_status"] = owed.charge_status
    if not found:
        raise Malformed(f"{given.where} has neither payments nor an order_total.")
    return found


def _payment(row: Fields) -> Payment:
    refunds = tuple(_refund(one, row) for one in row.listed("refunds"))
    came = row.text("state", "settled") in _MONEY_CAME
    return Payment(captured=row.money("captured"), is_settled=came, refunds=refunds)


def _refund(given: object, row: Fields) -> tuple[RefundState, int]:
    match given:
        case [("settled" | "pending" | "failed") as state, amount]:
            return state, Fields({"amount": amount}, f"{row.where}.refunds", row.exponent).money("amount")
    raise Malformed(f"{row.where}.refunds should be pairs of settled, pending or failed and an amount.")


def exchange(case: Fields) -> dict[str, Any]:
    given = case.part("exchange").counting_in_its_own()
    settled = exchanges.settle(_exchange(given))
    names = ("own_value", "fees", "refund", "charge", "credit_used", "credit_forfeited", "absorbed")
    return {name: decimal_text(getattr(settled, name), given.exponent) for name in names}


def _exchange(given: Fields) -> exchanges.Exchange:
    returned = Value(given.money("returned_net", "0"), given.money("returned_tax", "0"))
    shelf = given.maybe_money("new_shelf_price")
    net = given.maybe_money("new_net")
    lock = given.maybe_truth("price_lock")
    priced = shelf if lock is False or net is None else net
    return exchanges.Exchange(
        returned=returned,
        new=Value(priced or 0, given.money("new_tax", "0")),
        outbound_shipping=given.money("outbound_shipping", "0"),
        return_shipping=given.money("return_shipping", "0"),
        fees=orders.fees(given) if isinstance(given.values.get("fees"), list) else _flat_fee(given),
        terms=orders.terms(given),
        only_credit=given.money("exchange_only_credit", "0"),
        locked=bool(lock) and net in (None, shelf),
        absorbed=given.truth("merchant_absorbs", default=False),
    )


def _flat_fee(given: Fields) -> tuple[Fee, ...]:
    name = "fees" if "fees" in given else "fee"
    return (Fee(kind="flat_per_return", amount=given.money(name)),) if name in given else ()


def authorisation(case: Fields) -> dict[str, Any]:
    given = case.part("input").counting_in_its_own()
    hold = Hold(amount=given.money("hold"), days=given.whole("ship_by_days"))
    after = holds.replay(hold, [_happening(one, given) for one in given.listed("events")])
    names = ("captured", "held", "refunded")
    return {**{name: decimal_text(getattr(after, name), given.exponent) for name in names}, "state": after.state}


def _happening(given: object, fields: Fields) -> Happening:
    match given:
        case ["day", int(day), str(name)]:
            known = next((one for one in HOLD_EVENTS if one == _HAPPENINGS.get(name, name)), None)
            if known is None:
                raise Malformed(f"{fields.where}.events has {name!r}; we know {', '.join(HOLD_EVENTS)}.")
            return Happening(day, known)
    raise Malformed(f'{fields.where}.events should be like ["day", 6, "in_transit_scan"].')
