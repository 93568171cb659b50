"""A shop, the people who work in it, and the keys that machines hold to it."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from thereafter.kit import tokens
from thereafter.stores import rules
from thereafter.timeline.models import StoreModel, StoreQuerySet

__all__ = ["ApiKey", "Audit", "Connection", "Membership", "Staff", "Store", "StoreModel", "StoreQuerySet"]


class Store(models.Model):
    """One shop: its name and brand, and how its people count money and time."""

    slug = models.SlugField(max_length=48, unique=True)
    name = models.CharField(max_length=100)
    currency = models.CharField(max_length=3)
    locale = models.CharField(max_length=10, default="en")
    time_zone = models.CharField(max_length=50, default="UTC")
    country = models.CharField(max_length=2, blank=True)
    domain = models.CharField(max_length=200, null=True, blank=True, unique=True)
    brand_colour = models.CharField(max_length=7, default="#1f5f4f")
    accent_colour = models.CharField(max_length=7, default="#e4572e")
    logo_url = models.CharField(max_length=300, blank=True)
    shop_url = models.CharField(max_length=300, blank=True)
    support_email = models.EmailField(blank=True)
    sender_email = models.EmailField(blank=True)
    legal_address = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()

    objects = models.Manager["Store"]()

    def __str__(self) -> str:
        return self.name


class StaffManager(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> "Staff":
        return self.get(email__iexact=username or "")


class Staff(AbstractBaseUser):
    """A person who signs in to the console; what they may do is said store by store."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    sealed_second_factor = models.CharField(max_length=300, blank=True)
    recovery_codes = models.JSONField(default=list, blank=True)
    # The last half-minute step that was used, so that a code that was seen over a shoulder is worth nothing.
    last_code_step = models.BigIntegerField(default=0)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = StaffManager()

    def __str__(self) -> str:
        return self.name

    @property
    def has_second_factor(self) -> bool:
        return bool(self.sealed_second_factor)

    @cached_property
    def memberships(self) -> list["Membership"]:
        return list(Membership.objects.filter(staff=self).select_related("store").order_by("store__name"))


class Membership(StoreModel):
    """A person's role in one store."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=12, choices=[(role, role.title()) for role in rules.ROLES])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "staff"], name="one_role_per_person_and_store")]

    def __str__(self) -> str:
        return f"{self.role} of store {self.store_id}"

    def may(self, verb: str) -> bool:
        return rules.may(self.role, verb)


class ApiKey(StoreModel):
    """A machine's key: shown once, kept as a fingerprint, limited to scopes, revocable."""

    name = models.CharField(max_length=100)
    hint = models.CharField(max_length=16)
    fingerprint = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["store", "created_at"], name="api_key_store")]

    def __str__(self) -> str:
        return self.name

    def allows(self, scope: str) -> bool:
        return self.revoked_at is None and scope in self.scopes


class Connection(StoreModel):
    """A source that may post to us (a shop system, a carrier), and the secret it signs with."""

    source = models.CharField(max_length=40)
    # Some sign with a key of theirs, and the secret is a document of public keys.
    sealed_secret = models.TextField()
    # After a rotation both secrets are good until the old one is dropped.
    sealed_old_secret = models.TextField(blank=True)
    created_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "source"], name="one_connection_per_source")]

    def __str__(self) -> str:
        return self.source

    def secrets(self) -> list[str]:
        return [tokens.unseal(sealed) for sealed in (self.sealed_secret, self.sealed_old_secret) if sealed]


class Audit(StoreModel):
    """Who did what in the console or by the API. Written by `actions.audit`, never changed."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    actor_name = models.CharField(max_length=200)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["store", "-at"], name="audit_store")]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.verb} {self.subject}"


def live_key(fingerprint: str) -> Q:
    return Q(fingerprint=fingerprint, revoked_at__isnull=True)


def is_stale(used_at: datetime | None, now: datetime) -> bool:
    """Whether the time of last use is old enough to be worth a write."""
    return used_at is None or now - used_at > timedelta(minutes=1)
