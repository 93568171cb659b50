"""The tables of returns, by noun."""

from thereafter.returns.models.cases import OVER, Case, CaseQuerySet, CaseStep, CaseUnit, Photo, Remark
from thereafter.returns.models.charges import CasePayment
from thereafter.returns.models.checkout_credit import CheckoutCredit
from thereafter.returns.models.credit import CreditAccount, CreditLine
from thereafter.returns.models.credit_notes import CreditNote
from thereafter.returns.models.filters import CaseFilter
from thereafter.returns.models.goods import NewGoods
from thereafter.returns.models.holds import Hold, HoldEvent
from thereafter.returns.models.labels import LabelAccount
from thereafter.returns.models.letters import CaseLetter
from thereafter.returns.models.money import Grant, GrantShare
from thereafter.returns.models.parcels import ParcelCase, ReturnParcel
from thereafter.returns.models.payments import ExchangeRate, PaymentAccount, RefundRoute, ShareTry
from thereafter.returns.models.points import DropOffPoint, DropOffPointQuerySet
from thereafter.returns.models.policies import PolicyVersion
from thereafter.returns.models.rate_jumps import RateJump
from thereafter.returns.models.readiness import ReadinessCheck
from thereafter.returns.models.settings import ReturnSettings
from thereafter.returns.models.unannounced import UnannouncedParcel
from thereafter.returns.models.visits import Visit
from thereafter.returns.models.withdrawals import Withdrawal

__all__ = [
    "OVER",
    "Case",
    "CaseFilter",
    "CaseLetter",
    "CasePayment",
    "CaseQuerySet",
    "CaseStep",
    "CaseUnit",
    "CheckoutCredit",
    "CreditAccount",
    "CreditLine",
    "CreditNote",
    "DropOffPoint",
    "DropOffPointQuerySet",
    "ExchangeRate",
    "Grant",
    "GrantShare",
    "Hold",
    "HoldEvent",
    "LabelAccount",
    "NewGoods",
    "ParcelCase",
    "PaymentAccount",
    "Photo",
    "PolicyVersion",
    "RateJump",
    "ReadinessCheck",
    "RefundRoute",
    "Remark",
    "ReturnParcel",
    "ReturnSettings",
    "ShareTry",
    "UnannouncedParcel",
    "Visit",
    "Withdrawal",
]
