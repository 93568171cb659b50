"""What the shoppers' pages of the programme keep: who asked to join, which sites may show it, keys for wallets."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer
from thereafter.stores.models import StoreModel


class JoinRequest(StoreModel):
    """Somebody typed an address on the programme's page. Nothing comes of it before the link of the mail was used."""

    class Mail(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"

    email = models.CharField(max_length=254)
    language = models.CharField(max_length=10, blank=True)
    # The page of ours that they came from and go on to, such as that of a QR code.
    then = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    customer_id: int | None
    mail = models.CharField(max_length=6, choices=Mail.choices, default=Mail.QUEUED)
    mail_due_at = models.DateTimeField()
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["store", "email", "-asked_at"], name="join_request_address"),
            models.Index(fields=["mail_due_at", "id"], name="join_request_due", condition=Q(mail="queued")),
        ]

    def __str__(self) -> str:
        return self.email


class PageSettings(StoreModel):
    """The sites of the merchant that may show the programme in a frame."""

    # Origins such as https://shop.example.
    origins = models.JSONField(default=list, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="a_store_sets_its_reward_pages_once")]

    def __str__(self) -> str:
        return ", ".join(map(str, self.origins))


class CardKey(StoreModel):
    """What signs a store's membership cards for a wallet; the private key is sealed."""

    class Wallet(models.TextChoices):
        APPLE = "apple", "Apple Wallet"
        GOOGLE = "google", "Google Wallet"

    wallet = models.CharField(max_length=6, choices=Wallet.choices)
    # Apple: the pass type and the team. Google: the number of the issuer and the service account's address.
    name = models.CharField(max_length=120)
    owner = models.CharField(max_length=200)
    # Apple only: the certificate and the one of Apple that signed it, PEM.
    certificate = models.TextField(blank=True)
    issuer = models.TextField(blank=True)
    sealed_key = models.TextField()
    expires_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "wallet"], name="a_wallet_is_signed_with_one_key")]

    def __str__(self) -> str:
        return self.name
