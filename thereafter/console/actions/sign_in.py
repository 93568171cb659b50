"""The two locks of the door: a password and, for who turned it on, a code. Both count guesses."""

from datetime import datetime

from django.contrib.auth import authenticate
from django.db.models import Count, Q

from thereafter.console import rules
from thereafter.console.models import SignInTry
from thereafter.stores import actions as stores
from thereafter.stores.models import Staff

Factor = SignInTry.Factor


class TooManyTries(Exception):
    """Somebody guesses; nothing is checked until the window has passed."""


def check_password(email: str, password: str, *, address: str, now: datetime) -> Staff | None:
    """The person whose password it is, or None; raises `TooManyTries` without looking at the password."""
    email = email.strip().lower()
    attempt = SignInTry.objects.create(factor=Factor.PASSWORD, email=email, address=address, at=now)
    if _is_guessing(email, address, now):
        attempt.delete()
        raise TooManyTries
    staff = authenticate(username=email, password=password)
    if isinstance(staff, Staff):
        SignInTry.objects.filter(factor=Factor.PASSWORD, email=email, address=address).delete()
        return staff
    return None


def _is_guessing(email: str, address: str, now: datetime) -> bool:
    recent = SignInTry.objects.filter(factor=Factor.PASSWORD, at__gt=now - rules.WINDOW)
    counts = recent.filter(Q(email=email) | Q(address=address)).aggregate(
        by_person=Count("pk", filter=Q(email=email, address=address)),
        by_address=Count("pk", filter=Q(address=address)),
        by_account=Count("pk", filter=Q(email=email)),
    )
    return rules.is_guessing(**counts)


def check_code(staff: Staff, code: str, *, address: str, now: datetime) -> bool:
    """Whether the code (or recovery code) opens the door; raises `TooManyTries`, from whatever address they came."""
    attempt = SignInTry.objects.create(factor=Factor.CODE, email=staff.email, address=address, at=now)
    tries = SignInTry.objects.filter(factor=Factor.CODE, email=staff.email)
    if tries.filter(at__gt=now - rules.WINDOW).count() > rules.MOST_CODES:
        attempt.delete()
        raise TooManyTries
    passed = stores.pass_second_factor(staff, code, now)
    if passed:
        tries.delete()
    return passed
