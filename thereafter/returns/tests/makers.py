"""Orders as refunds see them, short to write: amounts are minor units."""

from typing import Any

from thereafter.returns.rules.money.bought import Bought, Line, Shipping
from thereafter.returns.rules.money.quotes import Request, Wanted
from thereafter.returns.rules.money.tenders import Tender


def line(name: str = "L1", price: int = 1000, quantity: int = 1, **more: Any) -> Line:
    return Line(id=name, quantity=quantity, price=price * quantity, **more)


def bought(*lines: Line, currency: str = "EUR", exponent: int = 2, **more: Any) -> Bought:
    return Bought(currency=currency, exponent=exponent, lines=lines, **more)


def card(captured: int, name: str = "card", **more: Any) -> Tender:
    return Tender(id=name, kind=name, captured=captured, **more)


def back(name: str = "L1", quantity: int = 1, **more: Any) -> Request:
    return Request(items=(Wanted(line=name, quantity=quantity),), **more)


def goodwill(amount: int, name: str = "L1", **more: Any) -> Request:
    return Request(items=(Wanted(line=name, amount=amount),), **more)


def posted(gross: int, tax: int = 0, **more: Any) -> Shipping:
    return Shipping(gross=gross, tax=tax, **more)
