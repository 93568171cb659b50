"""Who works in a store, and as what."""

from datetime import datetime

from django.db import transaction

from thereafter.console.actions.account import welcome_token
from thereafter.stores import actions as stores
from thereafter.stores import rules
from thereafter.stores.actions import BadSetting
from thereafter.stores.models import Membership, Staff, Store


class LastOwner(Exception):
    """A store must keep one owner."""


@transaction.atomic
def invite(store: Store, *, email: str, name: str, role: str, by: Staff, now: datetime) -> str | None:
    """Lets a person in; the token of their welcome link, or None when they have an account or another shop's link.

    Raises `BadSetting` for someone who works here already.
    """
    if Membership.objects.of(store).filter(staff__email=email.strip().lower()).exists():
        raise BadSetting("email", "This person works here already; change their role in the list.")
    staff = stores.add_staff(store, email=email, name=name, role=role, password=None, now=now)
    stores.audit(store, by=by, verb="staff.invite", now=now, subject=staff.email, detail={"role": role})
    # Whoever opens the link becomes this person, in every shop they work in.
    works_elsewhere = Membership.objects.filter(staff=staff).exclude(store=store).exists()
    return None if staff.has_usable_password() or works_elsewhere else welcome_token(staff)


@transaction.atomic
def change_role(store: Store, membership_id: int, *, role: str, by: Staff, now: datetime) -> Membership:
    """Raises `LastOwner`, `BadSetting` for an unknown role, Membership.DoesNotExist for someone of another store."""
    if role not in rules.ROLES:
        raise BadSetting("role", f"Choose one of {', '.join(rules.ROLES)}.")
    membership = _claim(store, membership_id, stays_owner=role == "owner")
    before, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    detail: dict[str, object] = {"role": [before, role]}
    stores.audit(store, by=by, verb="staff.change_role", now=now, subject=membership.staff.email, detail=detail)
    return membership


@transaction.atomic
def remove(store: Store, membership_id: int, *, by: Staff, now: datetime) -> Membership:
    """The person no longer works here; their account and their other stores stay. Raises as `change_role`."""
    membership = _claim(store, membership_id, stays_owner=False)
    Membership.objects.of(store).filter(pk=membership_id).delete()
    stores.audit(store, by=by, verb="staff.remove", now=now, subject=membership.staff.email)
    return membership


def _claim(store: Store, membership_id: int, *, stays_owner: bool) -> Membership:
    """The membership, with the store's owners locked so that two of them cannot leave at once."""
    owners = list(Membership.objects.of(store).filter(role="owner").order_by("pk").select_for_update())
    if not stays_owner and [owner.pk for owner in owners] == [membership_id]:
        raise LastOwner
    return Membership.objects.of(store).select_related("staff").get(pk=membership_id)
