"""Questions of shoppers about products, and what the shop and its buyers answer."""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer, Product
from thereafter.feedback.models.asks import Ask
from thereafter.stores.models import Staff, StoreModel


class ProductQuestion(StoreModel):
    """What somebody wants to know of a product before or after buying it."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", "Address not confirmed yet"
        PENDING = "pending", "To be looked at"
        PUBLISHED = "published", "Published"
        HIDDEN = "hidden", "Hidden"

    class Mail(models.TextChoices):
        NONE = "", "No mail"
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id: int
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    customer_id: int | None
    email = models.CharField(max_length=254, blank=True)
    shown_name = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=1000)
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=11, choices=State.choices, default=State.PENDING)
    hidden_for = models.CharField(max_length=20, blank=True)
    asked_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    # Buyers were asked, so many of them.
    sent_to = models.PositiveSmallIntegerField(default=0)
    answer_count = models.PositiveSmallIntegerField(default=0)
    # The asker heard of the first answer.
    told_at = models.DateTimeField(null=True)
    # When the next buyers are asked; empty when nobody more is.
    next_at = models.DateTimeField(null=True)
    # The mail that asks a stranger whether the question is theirs.
    mail = models.CharField(max_length=6, choices=Mail.choices, default=Mail.NONE, blank=True)
    mail_due_at = models.DateTimeField(null=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mail_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="hidden") | ~Q(hidden_for=""), name="a_hidden_question_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "product", "state", "-asked_at"], name="question_product"),
            models.Index(fields=["store", "state", "-asked_at"], name="question_state"),
            models.Index(fields=["mail_due_at"], name="question_mail_due", condition=Q(mail="queued")),
            models.Index(fields=["next_at"], name="question_next", condition=Q(next_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class ProductAnswer(StoreModel):
    """An answer of the shop, or of somebody who bought it."""

    class State(models.TextChoices):
        PENDING = "pending", "To be looked at"
        PUBLISHED = "published", "Published"
        HIDDEN = "hidden", "Hidden"

    question = models.ForeignKey(ProductQuestion, on_delete=models.CASCADE, related_name="answers")
    question_id: int
    # Who answers: shop or buyer.
    by = models.CharField(max_length=5)
    staff = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    customer_id: int | None
    shown_name = models.CharField(max_length=80, blank=True)
    is_verified = models.BooleanField(default=False)
    text = models.CharField(max_length=2000)
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    hidden_for = models.CharField(max_length=20, blank=True)
    answered_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    helpful = models.PositiveIntegerField(default=0)
    unhelpful = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["question", "customer"], name="a_buyer_answers_once", condition=Q(customer__isnull=False)
            ),
            models.CheckConstraint(
                condition=~Q(state="hidden") | ~Q(hidden_for=""), name="a_hidden_answer_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "state", "-answered_at"], name="product_answer_state"),
            models.Index(fields=["store", "customer"], name="product_answer_customer"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class QuestionMail(StoreModel):
    """A buyer was asked whether they can answer somebody's question."""

    question = models.ForeignKey(ProductQuestion, on_delete=models.CASCADE, related_name="+", db_index=False)
    question_id: int
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    ask = models.OneToOneField(Ask, on_delete=models.CASCADE, related_name="question_mail")
    asked_at = models.DateTimeField()
    # They said that they do not know.
    declined_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "customer"], name="a_buyer_is_asked_once")]
        indexes = [models.Index(fields=["store", "customer"], name="question_mail_customer")]

    def __str__(self) -> str:
        return "question to a buyer"
