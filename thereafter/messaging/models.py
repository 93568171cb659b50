"""Templates as they were published, messages and what became of them, and addresses that are closed to us."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer, Order
from thereafter.messaging import rules
from thereafter.stores.models import StoreModel


class MessageClass(models.TextChoices):
    """Transactional mail is always wanted; service mail can be objected to; marketing needs consent."""

    TRANSACTIONAL = rules.TRANSACTIONAL
    SERVICE = rules.SERVICE
    MARKETING = rules.MARKETING


class TemplateVersion(StoreModel):
    """A template in one language, compiled and never changed: what was sent can be shown again."""

    key = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    # Of everything it was made from: template, layout, texts, blocks and brand.
    fingerprint = models.CharField(max_length=64)
    message_class = models.CharField(max_length=13, choices=MessageClass.choices)
    subject = models.TextField()
    html = models.TextField()
    text = models.TextField()
    # What it wants to know, such as "order" or "links.account": nothing else is gathered.
    needs = models.JSONField(default=list)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "key", "language", "fingerprint"], name="a_template_version_is_published_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.language})"


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
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="a_message_is_queued_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], name="message_due", condition=Q(state__in=["queued", "sending"])),
            models.Index(fields=["store", "-created_at", "-id"], name="message_newest"),
            models.Index(fields=["store", "customer", "-created_at"], name="message_customer"),
            models.Index(fields=["store", "order"], name="message_order"),
        ]

    def __str__(self) -> str:
        return f"{self.template} to {self.to_address or 'nobody'} ({self.state})"


class Suppression(StoreModel):
    """An address that does not want (or cannot get) our messages. Scope `marketing` covers service mail too."""

    address = models.CharField(max_length=254)
    scope = models.CharField(max_length=9, choices=[("marketing", "marketing"), ("all", "all")])
    reason = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "address", "scope"], name="an_address_is_closed_once")]

    def __str__(self) -> str:
        return f"{self.address}: {self.scope}"
