"""Templates: what a store writes, every state it was in, and what was published of it."""

from django.db import models
from django.db.models import Q

from thereafter.messaging import rules
from thereafter.stores.models import Staff, StoreModel


class MessageClass(models.TextChoices):
    """Transactional mail is always wanted; service mail can be objected to; marketing needs consent."""

    TRANSACTIONAL = rules.TRANSACTIONAL
    SERVICE = rules.SERVICE
    MARKETING = rules.MARKETING


class TemplateChannel(models.TextChoices):
    EMAIL = "email"
    SMS = "sms", "SMS"
    WHATSAPP = "whatsapp", "WhatsApp"
    PUSH = "push"


class MessageTemplate(StoreModel):
    """A template of the store's own: made here, or a changed copy of one that comes along and has the same key."""

    key = models.CharField(max_length=40)
    # Of what is live (before that, of the draft), so that lists and queueing need not read documents.
    name = models.CharField(max_length=120)
    message_class = models.CharField(max_length=13, choices=MessageClass.choices)
    when = models.CharField(max_length=200, blank=True)
    required = models.CharField(max_length=40, blank=True)
    channels = models.JSONField(default=list)
    languages = models.JSONField(default=list)
    # Of the live document, by which what was compiled of it is known again.
    digest = models.CharField(max_length=64, blank=True)
    # What is sent; none before it was published for the first time, or once the original is in force again.
    live = models.ForeignKey("TemplateRevision", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    live_id: int | None
    # What the editor shows; undoing moves it back, so there may be newer ones.
    draft = models.ForeignKey(
        "TemplateRevision", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    draft_id: int | None
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "key"], name="a_template_has_one_row_per_key")]

    def __str__(self) -> str:
        return self.name

    @property
    def has_changes(self) -> bool:
        """Whether the draft says something that is not live."""
        return self.draft_id is not None and self.draft_id != self.live_id


class TemplateRevision(StoreModel):
    """A template's document as it once was: a step of editing, or, with `published_at`, what was sent for a while."""

    template = models.ForeignKey(MessageTemplate, on_delete=models.CASCADE, related_name="revisions", db_index=False)
    template_id: int
    document = models.JSONField(default=dict)
    # What was done to it: "Moved a block". Steps with the same mark within a few seconds are one.
    did = models.CharField(max_length=80, blank=True)
    mark = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    by_id: int | None
    at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["store", "template", "-id"], name="template_revisions"),
            models.Index(
                fields=["store", "template", "-published_at"],
                name="template_published",
                condition=Q(published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id}: {self.did or 'revision'} at {self.at:%Y-%m-%d %H:%M}"


class TemplateVersion(StoreModel):
    """A template in one language for one channel, compiled and never changed: what was sent can be shown again."""

    key = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    # For all but e-mail `text` is the body, and `subject` the title of a notification.
    channel = models.CharField(max_length=10, choices=TemplateChannel.choices, default=TemplateChannel.EMAIL)
    # Of everything it was made from: template, layout, texts, blocks and brand.
    fingerprint = models.CharField(max_length=64)
    message_class = models.CharField(max_length=13, choices=MessageClass.choices)
    subject = models.TextField()
    html = models.TextField()
    text = models.TextField()
    # Further Liquid by name: "sender_name" of a mail, "url" of a notification, "content_sid" of a WhatsApp template.
    extras = models.JSONField(default=dict)
    # What it wants to know, such as "order" or "links.account": nothing else is gathered.
    needs = models.JSONField(default=list)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "key", "language", "channel", "fingerprint"],
                name="a_template_version_is_published_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.language}, {self.channel})"

    @property
    def sources(self) -> dict[str, str]:
        """All its Liquid, as `rendering.render` takes it."""
        return {"subject": self.subject, "html": self.html, "text": self.text, **self.extras}


class MessageLook(StoreModel):
    """How all mails of the store look, beyond its name, colour and logo: font, page, corners, links in the foot."""

    settings = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="a_store_has_one_look")]

    def __str__(self) -> str:
        return f"look of store {self.store_id}"


class Picture(StoreModel):
    """An image that mails show, under the name that its content gives it: it may be cached for ever."""

    digest = models.CharField(max_length=64)
    content_type = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "digest"], name="a_picture_is_kept_once")]

    def __str__(self) -> str:
        return self.name
