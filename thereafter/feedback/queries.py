"""What is asked of questions and answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, Value, When

from thereafter.commerce.models import Customer, Order
from thereafter.events.parcels import ParcelDelivered
from thereafter.feedback import rules
from thereafter.feedback.models import Answer, Hit, Invitation
from thereafter.stores.models import Store, StoreQuerySet
from thereafter.timeline.models import Entry

# Below this many answers a change is noise.
ENOUGH_FOR_A_TREND = 30


@dataclass(frozen=True)
class Results:
    """A survey's answers of a period: how many were asked, what they said, and on-time orders beside late ones."""

    asked: int
    answered_of_asked: int
    opened: int
    counts: dict[int, int]
    score: rules.Csat
    on_time: rules.Csat
    late: rules.Csat

    @property
    def response(self) -> float | None:
        """The share of those asked in the period who answered."""
        return self.answered_of_asked / self.asked if self.asked else None


def invitation(store: Store, invitation_id: int) -> Invitation | None:
    known = Invitation.objects.of(store).filter(pk=invitation_id)
    return known.select_related("survey", "order__store", "customer").first()


def answer_to(invitation: Invitation) -> Answer | None:
    return Answer.objects.of(invitation.store_id).filter(invitation=invitation).first()


def open_invitations(store_id: int, customer_ids: Sequence[int]) -> dict[tuple[int, int | None], Invitation]:
    """The newest invitation of each customer and order that nobody answered yet, with its survey and store."""
    waiting = Invitation.objects.of(store_id).filter(customer_id__in=customer_ids, answer__isnull=True)
    newest = waiting.select_related("survey", "store").order_by("id")
    return {(asked.customer_id, asked.order_id): asked for asked in newest}


def open_invitation(order: Order) -> Invitation | None:
    """What the shopper was asked about an order and has not answered yet."""
    return open_invitations(order.store_id, [order.customer_id]).get((order.customer_id, order.pk))


def answers(
    store: Store, since: datetime | None, until: datetime, survey: str = "satisfaction"
) -> StoreQuerySet[Answer]:
    """Answers of a period; `since` None means from the beginning."""
    found = Answer.objects.of(store).filter(survey__store=store, survey__key=survey, answered_at__lt=until)
    return found.filter(answered_at__gte=since) if since else found


def csat(store: Store, since: datetime | None, until: datetime) -> rules.Csat:
    """Satisfaction of a period, in one query."""
    rows = answers(store, since, until).values_list("score").annotate(times=Count("id")).order_by()
    return rules.csat(dict(rows))


def results(store: Store, since: datetime | None, until: datetime) -> Results:
    """In four queries, whatever the number of answers."""
    asked = Invitation.objects.of(store).filter(asked_at__lt=until)
    opened = Hit.objects.of(store).filter(at__lt=until, invitation__answer__isnull=True)
    if since:
        asked, opened = asked.filter(asked_at__gte=since), opened.filter(at__gte=since)
    # Who was asked by mail may have answered elsewhere, and the answer came by the API.
    given = Answer.objects.of(store).filter(survey=OuterRef("survey"))
    given = given.filter(Q(invitation=OuterRef("pk")) | Q(order=OuterRef("order")))
    invited = asked.annotate(is_answered=Exists(given)).aggregate(
        asked=Count("id"), answered=Count("id", filter=Q(is_answered=True))
    )
    by_lateness = scores_by_lateness(store, answers(store, since, until))
    counts = sum(by_lateness.values(), Counter[int]())
    return Results(
        asked=invited["asked"],
        answered_of_asked=invited["answered"],
        opened=opened.values("invitation").distinct().count(),
        counts={score: counts[score] for score in range(5, 0, -1)},
        score=rules.csat(counts),
        on_time=rules.csat(by_lateness[False]),
        late=rules.csat(by_lateness[True]),
    )


def scores_by_lateness(store: Store, given: StoreQuerySet[Answer]) -> dict[bool | None, Counter[int]]:
    """How often each score was given to late orders (True), to others that arrived (False), and to the rest (None).

    Whether an order was late is read from the timeline: any of its parcels came after the promised day.
    """
    delivered = Entry.objects.of(store).filter(name=ParcelDelivered.name, order_id=OuterRef("order_id"))
    lateness = Case(
        When(Exists(delivered.filter(payload__late=True)), then=Value(True)),
        When(Exists(delivered.filter(payload__late=False)), then=Value(False)),
        default=None,
        output_field=BooleanField(null=True),
    )
    counts: dict[bool | None, Counter[int]] = {True: Counter(), False: Counter(), None: Counter()}
    for row in given.annotate(was_late=lateness).values("was_late", "score").annotate(times=Count("id")).order_by():
        counts[row["was_late"]][row["score"]] += row["times"]
    return counts


def comments(store: Store, since: datetime | None, until: datetime) -> StoreQuerySet[Answer]:
    """Answers with words, the newest first."""
    with_words = answers(store, since, until).exclude(comment="")
    return with_words.select_related("order", "customer").order_by("-answered_at", "-id")


def answers_of(customer: Customer, most: int = 5) -> list[Answer]:
    given = Answer.objects.of(customer.store_id).filter(customer=customer).select_related("order")
    return list(given.order_by("-answered_at", "-id")[:most])


def answers_about(order: Order) -> list[Answer]:
    return list(Answer.objects.of(order.store_id).filter(order=order).order_by("-answered_at", "-id")[:5])
