"""What people change of their own sign-in. Every shop they work in sees it in its audit log."""

from datetime import datetime

from django.db import transaction

from thereafter.kit import tokens
from thereafter.stores import actions as stores
from thereafter.stores.models import Staff

WELCOME_DAYS = 3


@transaction.atomic
def change_password(staff: Staff, password: str, *, now: datetime) -> None:
    """A new password; every other session of the person ends, because its hash no longer fits."""
    staff.set_password(password)
    staff.save(update_fields=["password"])
    _audit(staff, "account.change_password", now)


@transaction.atomic
def turn_on_second_factor(staff: Staff, *, secret: str, code: str, now: datetime) -> list[str] | None:
    """The recovery codes, shown this once, or None when the code does not fit."""
    codes = stores.turn_on_second_factor(staff, secret=secret, code=code, now=now)
    if codes:
        _audit(staff, "account.turn_on_second_factor", now)
    return codes


@transaction.atomic
def turn_off_second_factor(staff: Staff, *, now: datetime) -> None:
    stores.turn_off_second_factor(staff)
    _audit(staff, "account.turn_off_second_factor", now)


@transaction.atomic
def rename(staff: Staff, name: str) -> None:
    Staff.objects.filter(pk=staff.pk).update(name=name)


def _audit(staff: Staff, verb: str, now: datetime) -> None:
    for membership in staff.memberships:
        stores.audit(membership.store, by=staff, verb=verb, now=now)


def welcome_token(staff: Staff) -> str:
    """A link token by which a person who has no password yet sets the first one. It works once, for three days."""
    return tokens.sign("welcome", staff.pk)


def welcomed(token: str) -> Staff | None:
    """Who the token is for; None when it is altered, too old, or a password was set since."""
    try:
        (staff_id,) = tokens.read("welcome", token, max_age_days=WELCOME_DAYS)
    except tokens.BadToken:
        return None
    staff = Staff.objects.filter(pk=staff_id, is_active=True).first()
    return None if staff is None or staff.has_usable_password() else staff
