"""Cases: what shoppers want to send back or claim, unit by unit, and everything that was decided about it."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from thereafter.commerce.models import Customer, Order, OrderLine
from thereafter.kit.money import Money
from thereafter.returns.models.policies import PolicyVersion
from thereafter.stores.models import Staff, StoreModel, StoreQuerySet

# Nothing more is expected of these.
OVER = ("closed", "declined", "cancelled", "expired")


class CaseQuerySet(StoreQuerySet["Case"]):
    def going_on(self) -> "CaseQuerySet":
        return self.exclude(state__in=(*OVER, "resolved"))


class Case(StoreModel):
    """One wish of a shopper on one ground, with one outcome. `basis` and `outcome` never change."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", db_index=False)
    order_id: int
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    customer_id: int
    # What people call it, "R1042"; counted by the store.
    number = models.CharField(max_length=20)
    # Who asks the same twice gets the same case.
    source = models.CharField(max_length=120)
    state = models.CharField(max_length=12, default="submitted")
    basis = models.CharField(max_length=16)
    outcome = models.CharField(max_length=20)
    method = models.CharField(max_length=12, default="none")
    # When money or goods go out: one of `policy.outcomes.RELEASES`.
    release = models.CharField(max_length=12, default="received")
    # Where it came from: portal, support, counter, api, watch.
    channel = models.CharField(max_length=10)
    is_gift = models.BooleanField(default=False)
    # Where to write when the order's own customer must not hear of it, or has no address.
    email = models.CharField(max_length=254, blank=True)
    locale = models.CharField(max_length=10, blank=True)
    currency = models.CharField(max_length=3)
    # What comes back is worth, and what the shopper was shown: {"items", "fees", "shipping", "refund", "credit",
    # "bonus", "charge", "trace", ...}, minor units.
    value_minor = models.BigIntegerField(default=0)
    quote = models.JSONField(default=dict)
    # The offer it was chosen from, with the trace of each decision, and what it was decided by.
    offer = models.JSONField(default=dict)
    snapshot = models.JSONField(default=dict)
    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, null=True, related_name="+")
    # Why a person has to look first; "" when nobody has to.
    review = models.CharField(max_length=300, blank=True)
    # What was answered to the shopper when it was declined.
    answer = models.TextField(blank=True)
    assigned_to = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    assigned_to_id: int | None
    # Who bears the cost of a claim: shop, carrier, insurer, supplier; "" when it was not said.
    payer = models.CharField(max_length=10, blank=True)
    # The last day to hand the goods in, and the last day on which the law lets the money be paid.
    send_by = models.DateField(null=True)
    pay_by = models.DateField(null=True)
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    # When the last of it was handed in, came in, and was looked at.
    handed_in_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    inspected_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    # The shopper paid what new goods cost more, and how we know.
    charged_at = models.DateTimeField(null=True)
    charge_ref = models.CharField(max_length=120, blank=True)
    resolved_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "source"], name="a_wish_is_one_case"),
            models.UniqueConstraint(fields=["store", "number"], name="a_case_has_its_own_number"),
        ]
        indexes = [
            models.Index(fields=["store", "order"], name="case_order"),
            models.Index(fields=["store", "customer", "-submitted_at"], name="case_customer"),
            models.Index(fields=["store", "state", "-submitted_at"], name="case_state"),
            models.Index(fields=["store", "-submitted_at"], name="case_newest"),
            models.Index(
                fields=["store", "send_by"], name="case_waits_for_goods", condition=Q(state="open", handed_in_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def grant_source(self) -> str:
        """How the sources of its grants begin."""
        return f"case:{self.pk}:"

    @property
    def pays_by(self) -> date | None:
        """The law's last day for the money. There is none while the shop may wait for the goods, or for proof that they
        were sent (Directive 2011/83/EU Art. 13(3))."""
        is_shown = self.method == "none" or self.handed_in_at or self.received_at
        return self.pay_by if is_shown else None

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)


class CaseUnit(StoreModel):
    """One physical unit of an order line. Live in one case only, so that two who ask at once cannot both have it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="units")
    case_id: int
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="+", db_index=False)
    line_id: int
    # 1 to the line's quantity.
    place = models.PositiveIntegerField()
    # False when its case came to nothing: the unit can be asked for again.
    is_live = models.BooleanField(default=True)
    state = models.CharField(max_length=24, default="expected")
    reason = models.CharField(max_length=24, blank=True)
    note = models.TextField(blank=True)
    # What it was worth when it was asked for, with tax.
    value_minor = models.BigIntegerField(default=0)
    # What is kept back for wear, and what of it is charged for by law.
    deduction_minor = models.BigIntegerField(default=0)
    # What the inspection said: accepted, accepted_with_deduction, rejected; it stays when the unit goes on.
    verdict = models.CharField(max_length=24, blank=True)
    # As it came: new, opened, used, damaged, defective; "" before inspection.
    grade = models.CharField(max_length=10, blank=True)
    inspection_note = models.CharField(max_length=500, blank=True)
    destination = models.CharField(max_length=80, blank=True)
    received_at = models.DateTimeField(null=True)
    inspected_at = models.DateTimeField(null=True)
    # Money, credit or other goods went out for it.
    released_at = models.DateTimeField(null=True)
    disposed_at = models.DateTimeField(null=True)
    # It stands where it was to go.
    put_away_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "place"], condition=Q(is_live=True), name="a_unit_is_in_one_live_case"
            )
        ]
        indexes = [
            models.Index(fields=["store", "line"], name="case_unit_line"),
            models.Index(fields=["store", "state", "received_at"], name="case_unit_state"),
            models.Index(
                fields=["store", "state", "disposed_at"],
                name="unit_to_put_away",
                condition=Q(put_away_at=None, disposed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"unit {self.place} of line {self.line_id}"


class CaseStep(StoreModel):
    """A change of one of the machines of a case. Rows are only added, in the transaction that changes the state."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="steps", db_index=False)
    case_id: int
    machine = models.CharField(max_length=6)
    # The unit, parcel, share or goods; 0 is the case itself.
    subject = models.BigIntegerField(default=0)
    was = models.CharField(max_length=24, blank=True)
    became = models.CharField(max_length=24)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    # Who, when it was nobody of ours: shopper, carrier, counter, provider, "" the system.
    actor = models.CharField(max_length=10, blank=True)
    why = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["store", "case", "at"], name="case_step")]

    def __str__(self) -> str:
        return f"{self.machine}: {self.was} to {self.became}"


class Photo(StoreModel):
    """A picture that a shopper or the warehouse took, made anew by us: what is stored is a picture and nothing else."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="photos")
    case_id: int | None
    unit = models.ForeignKey(CaseUnit, on_delete=models.CASCADE, null=True, related_name="+")
    unit_id: int | None
    # Until its case is made, it belongs to whoever has this name of the upload.
    upload = models.CharField(max_length=40, blank=True)
    # Who took it: shopper, warehouse, counter.
    taken_by = models.CharField(max_length=10)
    fingerprint = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    content = models.BinaryField()
    thumbnail = models.BinaryField()
    added_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["store", "upload"], name="photo_upload", condition=~Q(upload=""))]

    def __str__(self) -> str:
        return f"photo of {self.taken_by}"


class Remark(StoreModel):
    """What the shop and a shopper said to each other about a case, or what colleagues noted for themselves."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="remarks")
    text = models.TextField()
    by = models.ForeignKey(Staff, on_delete=models.SET_NULL, null=True, related_name="+")
    # Of a colleague for colleagues only.
    is_internal = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["store", "case", "at"], name="remark_case")]

    def __str__(self) -> str:
        return self.text[:40]
