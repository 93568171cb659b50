"""What stands between us and a person: closed addresses, the shop's contact rules, and how fast a channel may go."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from thereafter.stores.models import StoreModel


class Suppression(StoreModel):
    """An address that does not want, or cannot get, our messages on a channel. Scope `marketing` closes it to service
    messages too; `all` to everything."""

    class Scope(models.TextChoices):
        MARKETING = "marketing"
        ALL = "all"

    class Reason(models.TextChoices):
        HARD_BOUNCE = "hard_bounce", "It bounced for good"
        SOFT_BOUNCES = "soft_bounces", "It bounced again and again"
        COMPLAINT = "complaint", "They reported spam"
        UNSUBSCRIBED = "unsubscribed", "They unsubscribed"
        STOP = "stop", "They answered STOP"
        MANUAL = "manual", "Somebody of the shop closed it"
        IMPORTED = "imported", "Brought in from a file"

    channel = models.CharField(max_length=10, default="email")
    # As `rules.addresses.key_of` writes it, so that it is found however it was typed.
    address = models.CharField(max_length=254)
    scope = models.CharField(max_length=9, choices=Scope.choices)
    reason = models.CharField(max_length=40)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    # What came of full mailboxes ends by itself.
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "channel", "address", "scope"], name="an_address_is_closed_once")
        ]
        indexes = [
            models.Index(fields=["store", "-at", "-id"], name="suppression_newest"),
            models.Index(fields=["expires_at"], name="suppression_ends", condition=Q(expires_at__isnull=False)),
        ]

    REASONS: ClassVar[dict[str, str]] = dict(Reason.choices)

    def __str__(self) -> str:
        return f"{self.address}: {self.scope}"

    @property
    def why(self) -> str:
        return self.REASONS.get(self.reason, self.reason.replace("_", " ").capitalize())


class SoftBounce(StoreModel):
    """How often an address could not take a message lately. Enough of them in a row close it for a while."""

    channel = models.CharField(max_length=10)
    address = models.CharField(max_length=254)
    count = models.PositiveSmallIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    last_message_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "channel", "address"], name="soft_bounces_are_counted_once")
        ]
        indexes = [models.Index(fields=["last_at"], name="soft_bounce_last")]

    def __str__(self) -> str:
        return f"{self.address}: {self.count}"


class ContactSettings(StoreModel):
    """One row per store that changed anything; `document` is a `rules.contact_rules.ContactRules`."""

    document = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="one_contact_settings_per_store")]

    def __str__(self) -> str:
        return f"contact rules of store {self.store_id}"


class Pace(StoreModel):
    """A bucket of how much may still go out on a channel: it fills up again with time, see `rules.pacing`."""

    channel = models.CharField(max_length=40)
    tokens = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "channel"], name="one_pace_per_channel")]

    def __str__(self) -> str:
        return f"{self.channel}: {self.tokens:.1f}"


class SenderCheck(StoreModel):
    """What the names of the sender's domain said when they were last asked."""

    domain = models.CharField(max_length=253)
    found = models.JSONField(default=dict)
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "domain"], name="one_check_per_sender_domain")]

    def __str__(self) -> str:
        return self.domain
