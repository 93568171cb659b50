"""What support sees before it opens a case: every line of an order with what it is offered, or why it is not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from thereafter.commerce.models import Order, OrderLine, Variant
from thereafter.kit.money import Money
from thereafter.returns import order_snapshots, pricing, snapshots, store_policies
from thereafter.returns.models import ReturnSettings
from thereafter.returns.queries import settings_of
from thereafter.returns.rules.legal import law
from thereafter.returns.rules.money.bought import Bought
from thereafter.returns.rules.money.refusals import Refused
from thereafter.returns.rules.policy.deciding import decide
from thereafter.returns.rules.policy.offers import LineOffer, Offers, Option
from thereafter.returns.rules.policy.outcomes import EXCHANGES, METHODS, OUTCOMES
from thereafter.returns.rules.policy.snapshots import Asked
from thereafter.returns.rules.policy.trace_words import sentences
from thereafter.returns.wording import told

MOST_VARIANTS = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """One way it can end. `text` says what the shopper gets."""

    outcome: str
    label: str
    basis: str
    text: str
    needs_review: bool
    article: str


@dataclass(frozen=True, slots=True)
class Row:
    """`left` units can still come back; `choices` are those of the asked quantity and reason."""

    line: OrderLine
    left: int
    offer: LineOffer
    why_not: str
    choices: Sequence[Choice] = ()
    methods: Sequence[tuple[str, str]] = ()
    variants: Sequence[tuple[int, str]] = ()
    trace: Sequence[str] = ()


def plain(order: Order, today: date) -> list[Row]:
    """Every line as it stands: what can come back, and until when."""
    snapshot = order_snapshots.snapshot(order, channel="support")
    offers = _decided(order, snapshot, today)
    left = {line.id: line.left for line in snapshot.lines}
    rows = {line.external_id: line for line in order.lines.select_related("product").order_by("pk")}
    return [Row(rows[one.line], left[one.line], one, told(one.why_not)) for one in offers.lines]


def offered(order: Order, asked: Sequence[Asked], today: date) -> list[Row]:
    """The lines that are asked for, with every outcome and what each comes to."""
    snapshot = order_snapshots.snapshot(order, asked=asked, channel="support")
    offers = _decided(order, snapshot, today)
    left = {line.id: line.left for line in snapshot.lines}
    rows = {line.external_id: line for line in order.lines.select_related("product").order_by("pk")}
    bought, settings = snapshots.bought(order), settings_of(order.store)
    return [_row(rows[one.line], left[one.line], one, _Sum(order, bought, settings)) for one in offers.lines]


def _decided(order: Order, snapshot: Any, today: date) -> Offers:
    _version, policy = store_policies.current(order.store)
    return decide(policy, snapshot, law.current(), today)


@dataclass(frozen=True, slots=True)
class _Sum:
    order: Order
    bought: Bought
    settings: ReturnSettings

    def of(self, offer: LineOffer, option: Option, method: str) -> pricing.Price:
        chosen = pricing.Chosen(line=offer.line, quantity=offer.quantity, reason=offer.reason, option=option)
        wish = pricing.Wish(
            chosen=[chosen],
            method=method if option.is_sent_back else "none",
            informed=self.settings.informs_of_withdrawal,
            told_of_postage=self.settings.tells_of_postage,
        )
        return pricing.price(self.bought, wish)

    def money(self, minor: int) -> str:
        return Money(minor, self.order.currency).format("en")


def _row(line: OrderLine, left: int, offer: LineOffer, sum_: _Sum) -> Row:
    ways = [method for method in offer.methods if method != "none"]
    return Row(
        line,
        left,
        offer,
        told(offer.why_not),
        choices=[_choice(offer, option, ways[0] if ways else "none", sum_) for option in offer.options],
        methods=[(method, METHODS[method]) for method in ways],
        variants=_variants(line) if any(name in EXCHANGES for name in offer.outcomes) else (),
        trace=sentences(offer.trace, offer.outcomes),
    )


def _choice(offer: LineOffer, option: Option, method: str, sum_: _Sum) -> Choice:
    return Choice(
        outcome=option.outcome,
        label=OUTCOMES[option.outcome],
        basis=option.basis,
        text=_comes_to(offer, option, method, sum_),
        needs_review=option.needs_review,
        article=option.article,
    )


def _comes_to(offer: LineOffer, option: Option, method: str, sum_: _Sum) -> str:
    if option.outcome in pricing.NO_MONEY:
        return "Costs the shopper nothing"
    try:
        priced = sum_.of(offer, option, method)
    except Refused:
        return "Nothing of its value is left"
    if option.outcome in EXCHANGES:
        return f"Worth {sum_.money(priced.items + priced.bonus)} in other goods"
    fees = f", after {sum_.money(priced.fees)} fees" if priced.fees else ""
    if option.outcome == pricing.CREDIT:
        bonus = f", with {sum_.money(priced.bonus)} bonus" if priced.bonus else ""
        return f"{sum_.money(priced.credit)} credit{bonus}{fees}"
    return f"{sum_.money(priced.refund)} back{fees}"


def _variants(line: OrderLine) -> list[tuple[int, str]]:
    """What else the product comes as, and can be had."""
    if line.product_id is None:
        return []
    rows = Variant.objects.of(line.store_id).filter(product_id=line.product_id).exclude(pk=line.variant_id or 0)
    return [(one.pk, one.title or one.sku) for one in rows.order_by("pk")[:MOST_VARIANTS]]


def by_sku(order: Order, sku: str) -> int | None:
    """A variant of the shop by its SKU."""
    found = Variant.objects.of(order.store_id).filter(sku__iexact=sku.strip()).order_by("pk")
    return found.values_list("pk", flat=True).first() if sku.strip() else None


def wished(given: Mapping[str, str], rows: Sequence[OrderLine]) -> list[Asked]:
    """What a form asks for: `quantity-<line>` and `reason-<line>`."""
    asked = []
    for line in rows:
        count = given.get(f"quantity-{line.pk}", "")
        if count.isdecimal() and 0 < int(count[:6]) <= line.quantity:
            asked.append(
                Asked(line=line.external_id, quantity=int(count[:6]), reason=given.get(f"reason-{line.pk}", ""))
            )
    return asked
