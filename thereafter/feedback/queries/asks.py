"""What decides whether a person is asked: what they were asked before, what is open, and the shop's budget."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from thereafter.commerce.models import Customer
from thereafter.feedback.models import Ask, Budget, OpenMatter
from thereafter.feedback.rules.budget import QUIET, Past, Person, Policy, Wish, is_held_out
from thereafter.stores.models import StoreQuerySet

# What is older decides nothing.
REMEMBERED = timedelta(days=365)


def policy_of(store_id: int) -> Policy:
    """The shop's budget, or the usual one."""
    kept = Budget.objects.of(store_id).first()
    if kept is None:
        return Policy()
    return Policy(
        most=kept.most,
        days=kept.days,
        gap_after_ask=kept.gap_after_ask,
        gap_after_answer=kept.gap_after_answer,
        quiet_while=frozenset(kept.quiet_while).intersection(QUIET),
        holdout_percent=kept.holdout_percent,
    )


def topic_of(ask: Ask) -> str:
    """What is not asked of the same person again too soon: a survey, reviews, questions of others."""
    return f"survey:{ask.survey_id}" if ask.what == Ask.What.SURVEY else ask.what


def wish_of(ask: Ask) -> Wish:
    again = ask.survey.again_after_days if ask.survey else 0
    return Wish(ask.pk, topic_of(ask), ask.priority, ask.due_at, ask.expires_at, again)


def past_of(ask: Ask) -> Past:
    at = ask.asked_at or ask.decided_at or ask.wanted_at
    return Past(topic_of(ask), ask.state, at, ask.reason, ask.answered_at)


def waiting(store_id: int, customer_ids: Collection[int]) -> dict[int, list[Ask]]:
    """What still waits to be asked, by customer, the oldest first."""
    found: dict[int, list[Ask]] = defaultdict(list)
    asks = Ask.objects.of(store_id).filter(state=Ask.State.WAITING, customer_id__in=customer_ids)
    for ask in asks.select_related("survey").order_by("id"):
        found[ask.customer_id].append(ask)
    return found


def persons(store_id: int, customers: Sequence[Customer], policy: Policy, now: datetime) -> dict[int, Person]:
    """What decides for each of them, in two queries."""
    ids = [customer.pk for customer in customers]
    past: dict[int, list[Past]] = defaultdict(list)
    recent = Q(decided_at__gt=now - REMEMBERED) | Q(asked_at__gt=now - REMEMBERED)
    decided = Ask.objects.of(store_id).filter(recent, customer_id__in=ids).exclude(state=Ask.State.WAITING)
    for ask in decided.order_by("id"):
        past[ask.customer_id].append(past_of(ask))
    matters: dict[int, set[str]] = defaultdict(set)
    for customer_id, kind in open_matters(store_id, ids).values_list("customer_id", "kind"):
        matters[customer_id].add(kind)
    return {
        customer.pk: Person(
            past=past[customer.pk],
            matters=matters[customer.pk],
            held_out=is_held_out(store_id, customer.pk, policy.holdout_percent),
            has_address=bool(customer.email or customer.phone),
        )
        for customer in customers
    }


def open_matters(store_id: int, customer_ids: Collection[int]) -> StoreQuerySet[OpenMatter]:
    return OpenMatter.objects.of(store_id).filter(customer_id__in=customer_ids, closed_at=None)
