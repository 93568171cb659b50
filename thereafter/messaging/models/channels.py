"""What a store sends through: its accounts with providers, its team's places, its customers' browsers."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer
from thereafter.stores.models import StoreModel


class ChannelAccount(StoreModel):
    """A store's own account for one channel; without one, that of the installation is used if there is any."""

    channel = models.CharField(max_length=10)
    provider = models.CharField(max_length=20)
    # What the merchant typed in, encrypted: keys, passwords, senders.
    sealed_fields = models.TextField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    # The last time it took a message, and the last time it refused all of them and why.
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "channel"], name="one_account_per_channel")]

    def __str__(self) -> str:
        return f"{self.channel} by {self.provider}"


class Browser(StoreModel):
    """A browser in which a customer allowed notifications. It is closed when its service says that it is gone."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    # Finds the same browser again without keeping its address in clear.
    fingerprint = models.CharField(max_length=64)
    sealed_subscription = models.TextField()
    language = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "fingerprint"], name="a_browser_is_kept_once")]
        indexes = [
            models.Index(fields=["store", "customer"], name="browser_customer", condition=Q(closed_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"browser of customer {self.customer_id}"


class TeamPlace(StoreModel):
    """Where the shop's own people hear of something: a chat room, a phone, whatever Apprise can post to."""

    name = models.CharField(max_length=80)
    # An Apprise address: its keys are in it.
    sealed_url = models.TextField()
    service = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "name"], name="a_place_of_the_team_has_one_name")]

    def __str__(self) -> str:
        return self.name


class WhatsappTemplate(StoreModel):
    """A template of ours as WhatsApp knows it: approved there, or not yet. Outside of a conversation nothing else may
    be sent."""

    class State(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        REJECTED = "rejected"
        PAUSED = "paused"

    template = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    # Twilio's name of the content (HX…).
    content_sid = models.CharField(max_length=34)
    # For each variable of theirs, in order, what of ours fills it: "customer.first_name", "order.number".
    variables = models.JSONField(default=list)
    category = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    reason = models.CharField(max_length=300, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "template", "language"], name="a_template_is_known_to_whatsapp_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} ({self.language}): {self.state}"
