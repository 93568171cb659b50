"""What becomes of returns, exchanges, claims and withdrawals. Amounts are minor units, days are the shop's.

`is_gift`: somebody else than the order's customer asks, and the customer must not hear of it.
"""

from dataclasses import dataclass
from datetime import date

from thereafter.events.base import Event, ShopperEvent


@dataclass(frozen=True, kw_only=True)
class ReturnRequested(ShopperEvent, name="return.requested"):
    """Somebody wants to send something back, claim or exchange it. `review`: a person decides."""

    case_id: int
    number: str
    basis: str
    outcome: str
    method: str
    value_minor: int
    currency: str
    units: int
    reasons: tuple[str, ...] = ()
    review: bool = False
    channel: str = "portal"
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnApproved(ShopperEvent, name="return.approved"):
    """The case is good: the shopper can send the goods, or needs to send nothing."""

    case_id: int
    number: str
    basis: str
    outcome: str
    method: str
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnDeclined(ShopperEvent, name="return.declined"):
    """The shop said no; `answer` is what the shopper is told."""

    case_id: int
    number: str
    basis: str
    answer: str
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnCancelled(ShopperEvent, name="return.cancelled"):
    """It was taken back before goods or money moved."""

    case_id: int
    number: str
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnExpired(ShopperEvent, name="return.expired"):
    """Nothing was handed in until the last day."""

    case_id: int
    number: str
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnDue(ShopperEvent, name="return.due"):
    """The last day to hand the goods in is near, and nothing was handed in."""

    case_id: int
    number: str
    send_by: date
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnReopened(ShopperEvent, name="return.reopened"):
    """A case that was over goes on."""

    case_id: int
    number: str
    why: str
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnParcelCreated(ShopperEvent, name="return.parcel_created"):
    """The way back is ready: a label, a code, an address to send to."""

    case_id: int
    number: str
    return_parcel_id: int
    method: str
    send_by: date | None = None
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnParcelSent(ShopperEvent, name="return.parcel_sent"):
    """A number is known by which the parcel can be followed."""

    case_id: int
    return_parcel_id: int
    carrier: str
    tracking_number: str
    # Where it goes: some carriers want to know when they are asked.
    to_country: str = ""
    to_postcode: str = ""
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnHandedIn(ShopperEvent, name="return.handed_in"):
    """A counter or a carrier has the goods."""

    case_id: int
    number: str
    return_parcel_id: int
    by: str
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnReceived(ShopperEvent, name="return.received"):
    """The warehouse has what there is to come, or says what is missing."""

    case_id: int
    number: str
    units: int
    missing: int = 0
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnInspected(ShopperEvent, name="return.inspected"):
    """Every unit was looked at. `deduction_minor` is kept back for wear."""

    case_id: int
    number: str
    accepted: int
    rejected: int
    deduction_minor: int
    currency: str
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ReturnResolved(ShopperEvent, name="return.resolved"):
    """The shopper has what was promised: money, credit, other goods."""

    case_id: int
    number: str
    basis: str
    outcome: str
    value_minor: int
    refund_minor: int
    currency: str
    is_gift: bool = False
    # What the shopper paid on top because the new goods cost more, without fees.
    paid_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class ReturnAnswered(ShopperEvent, name="return.answered"):
    """The shop wrote to the shopper about a case."""

    case_id: int
    number: str
    text: str
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ExchangeReleased(ShopperEvent, name="exchange.released"):
    """The new goods may leave."""

    case_id: int
    number: str
    goods_ids: tuple[int, ...]
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ExchangeShipped(ShopperEvent, name="exchange.shipped"):
    """The new goods have left."""

    case_id: int
    number: str
    carrier: str
    tracking_number: str
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ExchangeCancelled(ShopperEvent, name="exchange.cancelled"):
    """What was wanted instead cannot be had; the shopper gets money or credit."""

    case_id: int
    number: str
    why: str
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class ClaimDecided(ShopperEvent, name="claim.decided"):
    """The shop answered a claim, or said who bears its cost: shop, carrier, insurer or supplier, "" unsaid.

    `kind` is the reason (`damaged_on_arrival`, `lost` ...); `amount_minor` is what whoever pays owes the shop.
    """

    case_id: int
    number: str
    kind: str
    accepted: bool
    payer: str = ""
    amount_minor: int = 0
    currency: str = ""
    # Of the parcels with which the goods went out.
    tracking_numbers: tuple[str, ...] = ()
    is_gift: bool = False


@dataclass(frozen=True, kw_only=True)
class WithdrawalReceived(ShopperEvent, name="withdrawal.received"):
    """Somebody declared that they withdraw from a contract that we know."""

    withdrawal_id: int
    case_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CreditIssued(ShopperEvent, name="credit.issued"):
    """Store credit was given. `bonus_minor` of it is on top of what was paid."""

    credit_id: int
    amount_minor: int
    currency: str
    bonus_minor: int = 0
    expires_on: date | None = None
    # Given as a refund: `refund.settled` tells of it too.
    of_refund: bool = False
    # What it was given for, such as reward:12.
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class CreditSpent(ShopperEvent, name="credit.spent"):
    """Some of it was used."""

    credit_id: int
    amount_minor: int
    left_minor: int
    currency: str
    # What the credit was given for, such as reward:12.
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class ReturnRateJumped(Event, name="returns.rate_jumped"):
    """A product's newest weeks come back more than its own weeks before. Units; days of delivery, both included."""

    jump_id: int
    product_id: int
    product: str
    delivered: int
    returned: int
    before_delivered: int
    before_returned: int
    first_on: date
    last_on: date
    p_value: float
