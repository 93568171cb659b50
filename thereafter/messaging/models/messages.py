"""Messages, and what became of them."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer, Order
from thereafter.messaging.models.templates import MessageClass, TemplateVersion
from thereafter.stores.models import StoreModel


class Message(StoreModel):
    """One message to one person. `key` says what it is for, so that it is queued once whatever happens twice."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        SKIPPED = "skipped"
        FAILED = "failed"
        # A worker died while the channel had it; only the channel knows whether it went out.
        UNKNOWN = "unknown"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    order = models.ForeignKey(Order, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    order_id: int | None
    key = models.CharField(max_length=120)
    template = models.CharField(max_length=40)
    message_class = models.CharField(max_length=13, choices=MessageClass.choices)
    channel = models.CharField(max_length=10, default="email")
    # Channels to try in this order; `channel` is the one that was taken.
    channels = models.JSONField(default=list)
    # What wanted it sent: "journey:5:ask", "campaign:3", "" for what the shop itself answers with.
    origin = models.CharField(max_length=80, blank=True)
    # When several want the same person on the same day, the higher one goes first.
    priority = models.SmallIntegerField(default=0)
    # What a newsletter is about, for who chose among topics; "" for anything else.
    topic = models.CharField(max_length=14, blank=True)
    version = models.ForeignKey(TemplateVersion, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False)
    version_id: int | None
    locale = models.CharField(max_length=10, blank=True)
    to_address = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=250, blank=True)
    # Before sending: what the sender gave. Afterwards: all that is needed to show it again exactly as it was.
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When it is to be sent, or when the claim of the worker that has it ends.
    due_at = models.DateTimeField()
    # Held back until it is of no use any more.
    expires_at = models.DateTimeField(null=True)
    # When the contact rules let it through: from then on it counts against caps.
    admitted_at = models.DateTimeField(null=True)
    # What they said before that, oldest first: [{"at", "why", "until"?, "passed_over"?: {channel: why}}].
    verdicts = models.JSONField(default=list)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    # The name by which the provider tells us what became of it.
    provider_id = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="a_message_is_queued_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], name="message_due", condition=Q(state__in=["queued", "sending"])),
            models.Index(fields=["store", "-created_at", "-id"], name="message_newest"),
            models.Index(fields=["store", "customer", "-created_at"], name="message_customer"),
            models.Index(fields=["store", "order"], name="message_order"),
            models.Index(
                fields=["store", "customer", "admitted_at"],
                name="message_admitted",
                condition=Q(admitted_at__isnull=False),
            ),
            models.Index(fields=["provider_id"], name="message_provider", condition=~Q(provider_id="")),
            models.Index(fields=["store", "origin"], name="message_origin", condition=~Q(origin="")),
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.to_address or 'nobody'} ({self.state})"

    @property
    def is_held(self) -> bool:
        """Whether it waits because of the contact rules, and not for its time or another try."""
        last = self.verdicts[-1] if self.verdicts else {}
        return self.state == self.State.QUEUED and "until" in last and last.get("why") == self.reason


class Receipt(StoreModel):
    """What became of a message after it was handed over, as the provider or the reader's own click told it."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered"
        BOUNCED = "bounced"
        COMPLAINED = "complained"
        OPENED = "opened"
        CLICKED = "clicked"
        REPLIED = "replied"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="receipts", db_index=False)
    message_id: int
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # A scanner or a mail program fetched it, not the reader.
    machine = models.BooleanField(default=False)
    url = models.CharField(max_length=500, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    # The provider's own id of this news, or one made of what it says: the same news twice is one row.
    key = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "kind", "key"], name="a_receipt_is_taken_once")]
        indexes = [models.Index(fields=["store", "kind", "at"], name="receipt_kind")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"
