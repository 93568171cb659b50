"""Templates as they were published."""

from django.db import models

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
