"""Surveys that a person may be asked now: the invitation, and the mail with its first question.

The block in the mail finds its invitation by the message's facts: two surveys may be open for one person.
"""

from collections.abc import Sequence
from datetime import datetime

from thereafter.commerce.models import Order
from thereafter.events.surveys import SurveyAsked
from thereafter.feedback.actions import skipping
from thereafter.feedback.models import Ask, Invitation, Survey
from thereafter.feedback.rules.budget import GONE
from thereafter.messaging.actions.queueing import SendRequest, send_many
from thereafter.timeline.log import record

# Our own question of every store has a template of its own.
SATISFACTION = "satisfaction"


def carry_out(store_id: int, asks: Sequence[Ask], *, now: datetime) -> list[Invitation]:
    """One invitation and one mail for each, in the caller's transaction; what was archived or cancelled while it waited
    is asked nobody."""
    gone = _gone(store_id, asks)
    skipping.skip(store_id, gone, GONE, now=now)
    asks = [ask for ask in asks if ask not in gone]
    surveys = {ask.survey_id: ask.survey for ask in asks if ask.survey}
    invitations = Invitation.objects.bulk_create(
        [
            Invitation(
                store_id=store_id,
                survey=surveys[ask.survey_id],
                customer_id=ask.customer_id,
                order_id=ask.order_id,
                source=ask.source,
                asked_at=now,
                ask=ask,
                version=surveys[ask.survey_id].version,
            )
            for ask in asks
        ]
    )
    send_many([_mail(invitation, ask.origin, now) for invitation, ask in zip(invitations, asks, strict=True)], now)
    record(*(_asked(invitation) for invitation in invitations))
    return invitations


def _gone(store_id: int, asks: Sequence[Ask]) -> list[Ask]:
    """Who is asked because their order was cancelled is asked; who would be asked about one that was cancelled since is
    not."""
    ids = {ask.order_id for ask in asks if ask.order_id}
    orders = Order.objects.of(store_id).filter(pk__in=ids, status=Order.Status.CANCELLED, cancelled_at__isnull=False)
    cancelled = {pk: at for pk, at in orders.values_list("pk", "cancelled_at") if at}
    return [
        ask
        for ask in asks
        if (ask.survey and ask.survey.archived_at) or cancelled.get(ask.order_id or 0, ask.wanted_at) > ask.wanted_at
    ]


def remind(store_id: int, asks: Sequence[Ask], *, now: datetime) -> None:
    """Once more, to who has not answered."""
    gone = _gone(store_id, asks)
    origins = {ask.pk: ask.origin for ask in asks if ask not in gone}
    waiting = Invitation.objects.of(store_id).filter(ask__in=origins, answer__isnull=True)
    found = waiting.select_related("survey").order_by("id")
    send_many([_reminder(invitation, origins[invitation.ask_id or 0], now) for invitation in found], now)


def _mail(invitation: Invitation, origin: str, now: datetime) -> SendRequest:
    return _request(invitation, _template(invitation.survey), f"survey:{invitation.pk}", origin, now)


def _reminder(invitation: Invitation, origin: str, now: datetime) -> SendRequest:
    return _request(invitation, "survey_reminder", f"survey:{invitation.pk}:reminder", origin, now)


def _template(survey: Survey) -> str:
    return SATISFACTION if survey.key == SATISFACTION and not survey.version else "survey"


def _request(invitation: Invitation, template: str, key: str, origin: str, now: datetime) -> SendRequest:
    return SendRequest(
        store_id=invitation.store_id,
        customer_id=invitation.customer_id,
        order_id=invitation.order_id,
        template=template,
        key=key,
        due_at=now,
        origin=origin,
        facts={"event": {"invitation_id": invitation.pk}},
    )


def _asked(invitation: Invitation) -> SurveyAsked:
    return SurveyAsked(
        store_id=invitation.store_id,
        customer_id=invitation.customer_id,
        order_id=invitation.order_id,
        occurred_at=invitation.asked_at,
        invitation_id=invitation.pk,
        survey=invitation.survey.key,
        kind=invitation.survey.kind,
    )
