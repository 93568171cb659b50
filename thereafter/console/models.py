from django.db import models


class SignInTry(models.Model):
    """A try at a password or a code that did not open the door (yet). Forgotten after a day; belongs to no store."""

    class Factor(models.TextChoices):
        PASSWORD = "password"  # noqa: S105 the name of a factor
        CODE = "code"

    factor = models.CharField(max_length=8, choices=Factor.choices)
    email = models.CharField(max_length=254)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["email", "at"], name="sign_in_try_account"),
            models.Index(fields=["address", "at"], name="sign_in_try_address"),
        ]

    def __str__(self) -> str:
        return f"{self.factor} for {self.email}"
