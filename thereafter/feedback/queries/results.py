"""What is asked of questions and answers."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count

from thereafter.commerce.models import Customer, Order
from thereafter.console.tiles import Period
from thereafter.feedback.models import Answer, Invitation
from thereafter.kit import scores as rules
from thereafter.stores.models import Store, StoreQuerySet


def invitation(store: Store, invitation_id: int) -> Invitation | None:
    known = Invitation.objects.of(store).filter(pk=invitation_id)
    return known.select_related("survey", "order__store", "customer").first()


def open_invitations(
    store_id: int, customer_ids: Sequence[int], kind: str = ""
) -> dict[tuple[int, int | None], Invitation]:
    """The newest invitation of each customer and order that nobody answered yet (to surveys of a kind), with its survey
    and store."""
    waiting = Invitation.objects.of(store_id).filter(customer_id__in=customer_ids, answer__isnull=True)
    waiting = waiting.filter(survey__kind=kind) if kind else waiting
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
    return rules.csat(_counts(answers(store, since, until)))


def satisfaction(store: Store, period: Period) -> dict[int, int]:
    """How often each score of satisfaction was given, in one query."""
    return _counts(answers(store, period.since, period.until))


def recommendation(store: Store, period: Period) -> dict[int, int]:
    """Of all surveys that ask for a recommendation, in one query."""
    given = Answer.objects.of(store).filter(survey__store=store, survey__kind="nps")
    return _counts(given.filter(answered_at__gte=period.since, answered_at__lt=period.until))


def _counts(given: StoreQuerySet[Answer]) -> dict[int, int]:
    rows = given.exclude(score=None).order_by().values_list("score").annotate(times=Count("id"))
    return {score: times for score, times in rows if score is not None}


def answers_of(customer: Customer, most: int = 5) -> list[Answer]:
    given = Answer.objects.of(customer.store_id).filter(customer=customer).select_related("order", "survey")
    return list(given.order_by("-answered_at", "-id")[:most])


def answers_about(order: Order) -> list[Answer]:
    given = Answer.objects.of(order.store_id).filter(order=order).select_related("survey")
    return list(given.order_by("-answered_at", "-id")[:5])
