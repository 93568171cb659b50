"""Who else wants to hear of an order's parcels, what they were told, and the key that signs passes for wallets."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Order
from thereafter.stores.models import StoreModel


class Subscription(StoreModel):
    """An address that follows one order. It is sealed; `fingerprint` finds it again."""

    class Channel(models.TextChoices):
        EMAIL = "email"
        SMS = "sms"
        PUSH = "push"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", db_index=False)
    order_id: int
    channel = models.CharField(max_length=5, choices=Channel.choices)
    fingerprint = models.CharField(max_length=64)
    sealed_address = models.TextField()
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField()
    # An address is written to only after its owner has said yes.
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "channel", "fingerprint"], name="an_address_follows_an_order_once")
        ]
        indexes = [models.Index(fields=["store", "order"], name="subscription_order")]

    def __str__(self) -> str:
        return f"{self.channel} on order {self.order_id}"


class Notice(StoreModel):
    """One thing to tell one subscriber, told once."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="+", db_index=False)
    subscription_id: int
    # What it tells of: "confirm", or an event's name and parcel.
    key = models.CharField(max_length=80)
    state = models.CharField(max_length=7, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "key"], name="a_notice_is_given_once")]
        indexes = [models.Index(fields=["due_at"], name="notice_due", condition=Q(state="queued"))]

    def __str__(self) -> str:
        return self.key


class WalletKey(StoreModel):
    """The merchant's certificate of Apple for passes, with its key sealed."""

    pass_type = models.CharField(max_length=120)
    team = models.CharField(max_length=20)
    # The certificate and the one of Apple that signed it, PEM.
    certificate = models.TextField()
    issuer = models.TextField()
    sealed_key = models.TextField()
    expires_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="a_store_signs_with_one_key")]

    def __str__(self) -> str:
        return self.pass_type
