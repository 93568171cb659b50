"""Who asked for the newsletter, what they saw when they did, and whether they meant it."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer
from thereafter.stores.models import StoreModel


class SignupForm(StoreModel):
    """The shop's form: where it may stand, what it says. One row per store that changed anything."""

    is_open = models.BooleanField(default=True)
    asks_name = models.BooleanField(default=False)
    # By language; ours where there is none.
    promise = models.JSONField(default=dict, blank=True)
    # Sites that may show it in a frame: "https://shop.example".
    origins = models.JSONField(default=list, blank=True)
    # Codes of this pool for who confirms; "" is none.
    pool = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store"], name="one_signup_form_per_store")]

    def __str__(self) -> str:
        return f"sign-up form of store {self.store_id}"


class Signup(StoreModel):
    """One address that asked. Confirmed by the link in the mail, and then a customer with a consent."""

    class Mail(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"

    email = models.CharField(max_length=254)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10)
    # Where the form stood, what it said, and from where it was sent.
    source = models.CharField(max_length=200, blank=True)
    shown = models.TextField()
    address = models.CharField(max_length=60, blank=True)
    asked_at = models.DateTimeField()
    mail = models.CharField(max_length=6, choices=Mail.choices, default=Mail.QUEUED)
    mail_due_at = models.DateTimeField()
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_error = models.CharField(max_length=300, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_from = models.CharField(max_length=60, blank=True)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    customer_id: int | None

    class Meta:
        indexes = [
            models.Index(fields=["store", "-asked_at"], name="signup_newest"),
            models.Index(fields=["store", "email", "-asked_at"], name="signup_email"),
            models.Index(fields=["mail_due_at", "id"], name="signup_mail", condition=Q(mail="queued")),
        ]

    def __str__(self) -> str:
        return self.email
