"""A shopper's way through the portal, step by step, until cases are made of it."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from thereafter.commerce.models import Order
from thereafter.returns.actions import parcels
from thereafter.returns.actions.opening import Asking, CannotOpen, Wish, open_cases
from thereafter.returns.models import Case, ReturnParcel, Visit
from thereafter.returns.rules import reasons

# Nobody takes longer; what was not finished is forgotten.
KEPT_FOR = timedelta(days=7)
LONGEST_NOTE = 2_000


@dataclass(frozen=True, kw_only=True)
class Item:
    """Units of a line (its external id) and why they come back."""

    line: str
    quantity: int
    reason: str = ""
    note: str = ""
    unsealed: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An outcome for a bundle of items, with what is wanted instead: (variant, quantity)."""

    outcome: str
    goods: tuple[tuple[int, int], ...] = ()


def begin(order: Order, items: Iterable[Item], *, is_gift: bool, locale: str, now: datetime) -> Visit:
    return Visit.objects.create(
        store_id=order.store_id,
        order=order,
        key=secrets.token_urlsafe(18),
        is_gift=is_gift,
        locale=locale,
        items=[asdict(item) for item in items],
        begun_at=now,
    )


def items_of(visit: Visit) -> list[Item]:
    return [Item(**item) for item in visit.items]


def explain(visit: Visit, items: Sequence[Item]) -> None:
    """Says why; what was chosen for them before is asked again. An unknown reason counts as none."""
    known = [item if item.reason in reasons.BY_KEY else Item(**{**asdict(item), "reason": ""}) for item in items]
    visit.items = [{**asdict(item), "note": item.note[:LONGEST_NOTE]} for item in known]
    visit.choices = {}
    visit.method = ""
    visit.save(update_fields=["items", "choices", "method"])


def take_apart(visit: Visit, *, apart: bool) -> None:
    """Whether each item ends in its own way."""
    visit.apart, visit.choices, visit.method = apart, {}, ""
    visit.save(update_fields=["apart", "choices", "method"])


def choose(visit: Visit, choices: Mapping[int, Choice]) -> None:
    kept: dict[str, Any] = {
        str(place): {"outcome": one.outcome, "goods": [list(goods) for goods in one.goods]}
        for place, one in choices.items()
    }
    visit.choices, visit.method = {**visit.choices, **kept}, ""
    visit.save(update_fields=["choices", "method"])


def choose_method(visit: Visit, method: str) -> None:
    visit.method = method
    visit.save(update_fields=["method"])


@transaction.atomic
def finish(visit: Visit, wishes: Sequence[Wish], *, email: str, now: datetime) -> list[Case]:
    """Makes the cases of a visit; pressed twice, they are made once. Raises `CannotOpen`."""
    if visit.is_gift and not email:
        raise CannotOpen(gettext("Tell us your e-mail address, so that we can write to you and not to who gave it."))
    asking = Asking(
        source=visit.source,
        is_gift=visit.is_gift,
        email=email,
        locale=visit.locale,
        upload=visit.key,
    )
    made = open_cases(visit.order, wishes, asking, now=now)
    if Visit.objects.of(visit.store_id).filter(pk=visit.pk, done_at=None).update(done_at=now, email=email):
        _into_one_parcel(made, now)
    return made


def _into_one_parcel(cases: Sequence[Case], now: datetime) -> None:
    """What goes the same way to the same place goes together."""
    found: dict[tuple[str, str], ReturnParcel] = {}
    for case in cases:
        own = ReturnParcel.objects.of(case.store_id).filter(links__case=case).first()
        if own is None:
            continue
        first = found.setdefault((own.method, str(own.receiver)), own)
        if first.pk != own.pk:
            parcels.join(first, case, now=now)


def forget_old(now: datetime) -> int:
    """Visits that came to nothing."""
    deleted, _each = Visit.objects.filter(done_at=None, begun_at__lt=now - KEPT_FOR).delete()
    return deleted
