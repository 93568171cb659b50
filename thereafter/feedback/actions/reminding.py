"""One more mail to who was asked and has not answered; it takes no place of the budget."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import chain

from django.db import transaction
from django.db.models import Q

from thereafter.feedback.actions import review_requests, survey_mails
from thereafter.feedback.models import Ask, ReviewSettings, Survey
from thereafter.feedback.queries import asks as queries
from thereafter.feedback.rules.budget import quiet_for

# Who has been silent for longer is left alone.
_STILL_FRESH = timedelta(days=7)
_AT_ONCE = 500


def turn(now: datetime) -> int:
    """Reminds whom their time has come for, of all stores; returns how many."""
    surveys = [
        (Q(store_id=survey.store_id, survey=survey), survey.remind_after_days)
        for survey in Survey.objects.filter(remind_after_days__isnull=False, archived_at=None)
    ]
    reviews = [
        (Q(store_id=kept.store_id, what=Ask.What.REVIEW), kept.remind_after_days)
        for kept in ReviewSettings.objects.filter(remind_after_days__isnull=False, asks=True)
    ]
    usual = ~Q(store_id__in=ReviewSettings.objects.values("store_id")) & Q(what=Ask.What.REVIEW)
    reviews.append((usual, ReviewSettings().remind_after_days))
    return sum(_remind(which, timedelta(days=days or 0), now) for which, days in chain(surveys, reviews))


def _remind(which: Q, after: timedelta, now: datetime) -> int:
    """In parts, to the end: those who are left alone for now stand in nobody's way."""
    reminded = 0
    last: int | None = 0
    while last is not None:
        times, last = _remind_some(which & Q(pk__gt=last), after, now)
        reminded += times
    return reminded


@transaction.atomic
def _remind_some(which: Q, after: timedelta, now: datetime) -> tuple[int, int | None]:
    """How many were reminded, and the last one looked at; None at the end."""
    silent = Ask.objects.filter(which, state=Ask.State.ASKED, answered_at=None, reminded_at=None)
    due = silent.filter(asked_at__lte=now - after, asked_at__gt=now - after - _STILL_FRESH)
    asks = list(due.select_for_update(of=("self",)).select_related("survey").order_by("id")[:_AT_ONCE])
    by_store: dict[int, list[Ask]] = defaultdict(list)
    for ask in asks:
        by_store[ask.store_id].append(ask)
    reminded = sum(_of_store(store_id, mine, now) for store_id, mine in by_store.items())
    return reminded, asks[-1].pk if len(asks) == _AT_ONCE else None


def _of_store(store_id: int, asks: list[Ask], now: datetime) -> int:
    """Whoever has something open with the shop is left alone and looked at again the next time."""
    policy = queries.policy_of(store_id)
    open_matters = queries.open_matters(store_id, {ask.customer_id for ask in asks})
    busy = set(open_matters.values_list("customer_id", "kind"))
    chosen = [
        ask
        for ask in asks
        if not any((ask.customer_id, kind) in busy for kind in quiet_for(queries.topic_of(ask), policy))
    ]
    Ask.objects.of(store_id).filter(pk__in=[ask.pk for ask in chosen]).update(reminded_at=now)
    surveys = [ask for ask in chosen if ask.what == Ask.What.SURVEY]
    reviews = [ask for ask in chosen if ask.what == Ask.What.REVIEW]
    if surveys:
        survey_mails.remind(store_id, surveys, now=now)
    if reviews:
        review_requests.remind(store_id, reviews, now=now)
    return len(chosen)
