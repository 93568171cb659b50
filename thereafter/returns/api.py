"""Store credit at a checkout that asks us: what is it worth, it was spent, it was not needed after all."""

from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field

from thereafter.kit import clock, money
from thereafter.kit.money import NotMoney
from thereafter.returns import case_api
from thereafter.returns.actions import credit
from thereafter.returns.actions.credit import BadMovement, NotEnough
from thereafter.returns.models import CreditAccount, CreditLine
from thereafter.stores.api import Bearer

router = Router(tags=["Store credit"])
router.add_router("", case_api.router)
_may = Bearer("credit:use")
# No database keeps a NUL character, and PostgreSQL does not even look for one.
Plain = Annotated[str, Field(pattern=r"^[^\x00]*$")]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class CreditOut(Schema):
    """`balance` can be spent now, in units of `currency`; `bonus` is a part of it and ends on `bonus_until`."""

    code: str
    balance: Decimal
    bonus: Decimal
    currency: str
    bonus_until: str | None = None


class SpendIn(Schema):
    """`amount` in units of the credit's currency; `order` is what the shop calls the order."""

    amount: Decimal = Field(gt=0)
    order: Plain = Field("", max_length=120)


class GiveBackIn(Schema):
    """`spent` is the Idempotency-Key that it was spent with; without `amount` all of it comes back."""

    spent: Plain = Field(min_length=1, max_length=100)
    amount: Decimal | None = Field(None, gt=0)


class MovedOut(Schema):
    """`moved` is what this call moved; when it did not, `message` says why."""

    moved: Decimal = Decimal(0)
    balance: Decimal
    currency: str
    message: str = ""


@router.get("/credits/{code}", auth=_may, response=CreditOut, summary="What is this credit worth?")
def look(request: HttpRequest, code: str) -> dict[str, Any]:
    """Changes nothing. 404 when there is no such code."""
    account = _account(request, code)
    now = clock.now()
    usable = credit.usable(account, now)
    bonus = usable - account.paid_minor
    return {
        "code": account.code,
        "balance": account.money(usable).amount,
        "bonus": account.money(bonus).amount,
        "currency": account.currency,
        "bonus_until": account.expires_on.isoformat() if account.expires_on and bonus else None,
    }


@router.post("/credits/{code}/spend", auth=_may, response={200: MovedOut, 409: MovedOut}, summary="Spend some of it")
def spend(request: HttpRequest, code: str, wanted: SpendIn, key: Key) -> Status[dict[str, Any]]:
    """Takes an amount. The same Idempotency-Key again changes nothing and moves the same; 409 when the credit
    holds less, and then nothing is taken."""
    account = _account(request, code)
    amount = _minor(wanted.amount, account)
    now = clock.now()
    try:
        line = credit.spend(account, amount, used_for=wanted.order, key=f"api:{key}", now=now)
    except (NotEnough, BadMovement) as refusal:
        return Status(409, _moved(account, 0, str(refusal)))
    return Status(200, _moved(account, -line.amount_minor))


@router.post(
    "/credits/{code}/give-back", auth=_may, response={200: MovedOut, 409: MovedOut}, summary="It was not needed"
)
def give_back(request: HttpRequest, code: str, wanted: GiveBackIn, key: Key) -> Status[dict[str, Any]]:
    """The order came to nothing, or a part of it: gives back what was spent, never more. With a key of its own."""
    account = _account(request, code)
    spent = CreditLine.objects.of(account.store_id).filter(account=account, key=f"api:{wanted.spent}").first()
    if spent is None:
        raise HttpError(404, "Nothing was spent with this key.")
    amount = _minor(wanted.amount, account) if wanted.amount is not None else None
    try:
        line = credit.give_back(spent, key=f"api-back:{key}", amount_minor=amount, now=clock.now())
    except BadMovement as refusal:
        return Status(409, _moved(account, 0, str(refusal)))
    return Status(200, _moved(account, line.amount_minor))


def _account(request: HttpRequest, code: str) -> CreditAccount:
    store = request.auth.store  # type: ignore[attr-defined]  # Bearer put the key there
    found = CreditAccount.objects.of(store).select_related("store").filter(code=credit.normal_code(code)).first()
    if found is None:
        raise HttpError(404, "There is no credit with this code.")
    return found


def _minor(amount: Decimal, account: CreditAccount) -> int:
    try:
        return money.to_minor(amount, account.currency)
    except NotMoney as wrong:
        raise HttpError(422, str(wrong)) from None


def _moved(account: CreditAccount, minor: int, message: str = "") -> dict[str, Any]:
    account.refresh_from_db()
    return {
        "moved": account.money(minor).amount,
        "balance": account.money(credit.usable(account, clock.now())).amount,
        "currency": account.currency,
        "message": message,
    }
