"""What buyers say of products in public: requests, reviews with versions and photos, and what may be done to them.

Nothing here may be decided by the stars: who is asked, what is shown and in which order, and what is rewarded.
"""

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer, Order, OrderLine, Product, Variant
from thereafter.feedback.models.asks import Ask
from thereafter.stores.models import Staff, StoreModel


class ReviewRequest(StoreModel):
    """Somebody was asked what they think of what they bought; one form for all products of an order."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+", db_index=False)
    customer_id: int
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", db_index=False)
    order_id: int
    ask = models.OneToOneField(Ask, on_delete=models.CASCADE, null=True, related_name="review_request")
    asked_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["store", "asked_at"], name="review_request_newest"),
            models.Index(fields=["store", "customer"], name="review_request_customer"),
            models.Index(fields=["store", "order"], name="review_request_order"),
        ]

    def __str__(self) -> str:
        return "review request"


class RequestedProduct(StoreModel):
    request = models.ForeignKey(ReviewRequest, on_delete=models.CASCADE, related_name="products")
    request_id: int
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id: int
    line = models.ForeignKey(OrderLine, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "product"], name="a_product_is_asked_about_once")]
        indexes = [models.Index(fields=["store", "product"], name="requested_product")]

    def __str__(self) -> str:
        return f"product {self.product_id}"


class Review(StoreModel):
    """What one person says of one product. How it came here, and whether they bought it, is computed and kept."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", "Address not confirmed yet"
        PENDING = "pending", "To be looked at"
        PUBLISHED = "published", "Published"
        HIDDEN = "hidden", "Hidden"
        WITHDRAWN = "withdrawn", "Taken back by its author"

    class Collected(models.TextChoices):
        INVITATION = "invitation", "After an invitation to the buyer"
        WEB = "web", "Written on the shop's page"
        IMPORTED = "imported", "Brought from another system"
        API = "api", "Sent by the shop's systems"

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id: int
    variant = models.ForeignKey(Variant, on_delete=models.SET_NULL, null=True, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    customer_id: int | None
    order = models.ForeignKey(Order, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    order_id: int | None
    request = models.ForeignKey(ReviewRequest, on_delete=models.SET_NULL, null=True, related_name="+")
    request_id: int | None
    # Where somebody we do not know wrote: never shown.
    email = models.CharField(max_length=254, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    # The network it was written from (`rules.answers.network_of`): many from one deserve a look. Never shown.
    network = models.CharField(max_length=64, blank=True)
    rating = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=150, blank=True)
    body = models.TextField(blank=True)
    # "" when not asked: yes or no.
    recommends = models.BooleanField(null=True)
    # {"fit": "small", "age": "30-39"}
    attributes = models.JSONField(default=dict, blank=True)
    language = models.CharField(max_length=10, blank=True)
    country = models.CharField(max_length=2, blank=True)
    # As it is shown: "Anna S."
    shown_name = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=11, choices=State.choices, default=State.PENDING)
    # The reason code of what hides it.
    hidden_for = models.CharField(max_length=20, blank=True)
    collected = models.CharField(max_length=10, choices=Collected.choices)
    # Where it comes from: "Judge.me", or "" for here.
    source = models.CharField(max_length=40, blank=True)
    # Their order here is known, with this product in it, before the review.
    is_verified = models.BooleanField(default=False)
    is_incentivised = models.BooleanField(default=False)
    incentive = models.CharField(max_length=150, blank=True)
    # Written by one of the shop's own people: shown with that label.
    is_insider = models.BooleanField(default=False)
    version = models.PositiveSmallIntegerField(default=1)
    written_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    # The author was asked whether they would look at it again.
    update_asked_at = models.DateTimeField(null=True)
    # The shop's public answer.
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True)
    replied_by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    pinned_at = models.DateTimeField(null=True)
    helpful = models.PositiveIntegerField(default=0)
    unhelpful = models.PositiveIntegerField(default=0)
    photo_count = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="stars_are_1_to_5"),
            models.UniqueConstraint(
                fields=["store", "external_id"], name="an_outside_review_is_taken_once", condition=~Q(external_id="")
            ),
            # Who buys the same again may say so again: per order.
            models.UniqueConstraint(
                fields=["store", "customer", "product", "order"],
                name="one_review_per_person_and_purchase",
                condition=Q(customer__isnull=False, order__isnull=False),
            ),
            models.CheckConstraint(
                condition=~Q(state="hidden") | ~Q(hidden_for=""), name="what_is_hidden_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(is_verified=False) | Q(order__isnull=False),
                name="who_is_verified_bought_it",
            ),
        ]
        indexes = [
            models.Index(fields=["store", "product", "state", "-written_at"], name="review_product"),
            models.Index(fields=["store", "state", "-written_at"], name="review_state"),
            models.Index(fields=["store", "customer"], name="review_customer", condition=Q(customer__isnull=False)),
            models.Index(fields=["store", "order"], name="review_order", condition=Q(order__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.rating} stars for product {self.product_id}"


class ReviewVersion(StoreModel):
    """A review as it stood until it was changed, and by whom. The stars of the shop's hand never differ."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="versions", db_index=False)
    review_id: int
    number = models.PositiveSmallIntegerField()
    rating = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=150, blank=True)
    body = models.TextField(blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    # author, or shop (a typing error; the author is told and may take it back).
    changed_by = models.CharField(max_length=6)
    staff = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "number"], name="a_review_version_has_one_number")]

    def __str__(self) -> str:
        return f"version {self.number}"


class ReviewPhoto(StoreModel):
    """A picture of a review, made anew by us without place and time."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="photos")
    review_id: int
    place = models.PositiveSmallIntegerField(default=0)
    fingerprint = models.CharField(max_length=64)
    # Where it came from, of an imported review whose picture is not fetched yet.
    url = models.CharField(max_length=500, blank=True)
    problem = models.CharField(max_length=200, blank=True)
    # When it is fetched next, and how often that failed.
    fetch_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    content = models.BinaryField(default=b"")
    thumbnail = models.BinaryField(default=b"")
    is_hidden = models.BooleanField(default=False)
    added_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["fetch_at"], name="review_photo_to_fetch", condition=Q(fetch_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return "photo of a review"


class Rating(StoreModel):
    """How many published reviews of each number of stars a product (with its group) has: counted, kept for reading."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_id: int
    one = models.PositiveIntegerField(default=0)
    two = models.PositiveIntegerField(default=0)
    three = models.PositiveIntegerField(default=0)
    four = models.PositiveIntegerField(default=0)
    five = models.PositiveIntegerField(default=0)
    photos = models.PositiveIntegerField(default=0)
    questions = models.PositiveIntegerField(default=0)
    # Grows with each change that shows: what was made for an older one is made anew.
    generation = models.PositiveBigIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "product"], name="a_product_has_one_rating")]

    def __str__(self) -> str:
        return f"{self.count} reviews"

    @property
    def counts(self) -> dict[int, int]:
        return {5: self.five, 4: self.four, 3: self.three, 2: self.two, 1: self.one}

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    @property
    def mean(self) -> float | None:
        """The plain mean of all published stars; None without one."""
        return sum(stars * times for stars, times in self.counts.items()) / self.count if self.count else None


class ReviewThanks(StoreModel):
    """What was given for writing, whatever it said."""

    review = models.OneToOneField(Review, on_delete=models.CASCADE, related_name="thanks")
    what = models.CharField(max_length=150)
    coupon_code = models.CharField(max_length=60, blank=True)
    given_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.what
