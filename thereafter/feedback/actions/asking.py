"""Asking people, once for each reason to ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from thereafter.events.surveys import SurveyAsked
from thereafter.feedback.models import Invitation, Survey
from thereafter.messaging.actions.queueing import SendRequest, send_many
from thereafter.timeline.log import record

SATISFACTION = "satisfaction"


class UnknownSurvey(ValueError):
    """The store has no survey with this key."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom to ask what, the source that asks once, and what the mail says it comes from."""

    customer_id: int
    source: str
    order_id: int | None = None
    survey: str = SATISFACTION
    origin: str = ""


def survey_of(store_id: int, key: str) -> Survey:
    """The store's survey; everybody has "satisfaction". Raises `UnknownSurvey`."""
    known = Survey.objects.of(store_id).filter(key=key).first()
    if known is None and key == SATISFACTION:
        known, _ = Survey.objects.get_or_create(store_id=store_id, key=key, defaults={"kind": "csat"})
    if known is None:
        raise UnknownSurvey(f"this shop has no survey {key[:40]!r}")
    return known


@transaction.atomic
def ask(store_id: int, askings: Sequence[Asking], *, now: datetime) -> list[Invitation]:
    """Invites those whose source is new and queues the mail with the question; returns the new invitations."""
    sources = {asking.source for asking in askings}
    known = set(Invitation.objects.of(store_id).filter(source__in=sources).values_list("source", flat=True))
    fresh = {asking.source: asking for asking in askings if asking.source not in known}
    surveys = {key: survey_of(store_id, key) for key in {asking.survey for asking in fresh.values()}}
    invitations = Invitation.objects.bulk_create(
        [
            Invitation(
                store_id=store_id,
                survey=surveys[asking.survey],
                customer_id=asking.customer_id,
                order_id=asking.order_id,
                source=source,
                asked_at=now,
            )
            for source, asking in fresh.items()
        ]
    )
    send_many([_mail(invitation, fresh[invitation.source].origin, now) for invitation in invitations], now)
    record(*(_asked(invitation) for invitation in invitations))
    return invitations


def _mail(invitation: Invitation, origin: str, now: datetime) -> SendRequest:
    return SendRequest(
        store_id=invitation.store_id,
        customer_id=invitation.customer_id,
        order_id=invitation.order_id,
        template="satisfaction",
        key=f"survey:{invitation.pk}",
        due_at=now,
        origin=origin,
    )


def _asked(invitation: Invitation) -> SurveyAsked:
    return SurveyAsked(
        store_id=invitation.store_id,
        customer_id=invitation.customer_id,
        order_id=invitation.order_id,
        occurred_at=invitation.asked_at,
        invitation_id=invitation.pk,
        survey=invitation.survey.key,
    )
