"""Store credit that members take for points; given once per reward, taken back when the reward is cancelled."""

from datetime import datetime

from django.db import transaction

from thereafter.commerce.models import Customer
from thereafter.events.loyalty import RewardCancelled, RewardTaken
from thereafter.returns.actions import checkout_credit, credit
from thereafter.returns.models import CreditAccount
from thereafter.timeline.models import Entry as LogEntry

PREFIX = "reward:"
WHY = "The reward was cancelled; the points are back."
MOST_AT_ONCE = 200


@transaction.atomic
def give(event: RewardTaken, *, now: datetime) -> None:
    """The credit of a reward, as the member's own value: it was paid with points and does not end."""
    customer = Customer.objects.of(event.store_id).select_related("merged_into").get(pk=event.customer_id)
    if event.value_minor <= 0 or event.redemption_id in _cancelled(event.store_id):
        return
    source = f"{PREFIX}{event.redemption_id}"
    credit.issue(customer.merged_into or customer, event.value_minor, event.currency, source=source, now=now)


def take_back(store_id: int, redemption_id: int, *, now: datetime) -> None:
    """What is left of it goes; where it lies at the shop's checkout it is called back first. A second time nothing."""
    account = CreditAccount.objects.of(store_id).filter(source=f"{PREFIX}{redemption_id}").first()
    if account is None:
        return
    try:
        credit.take_away(account, why=WHY, key="reward cancelled", now=now)
    except credit.SpentElsewhere:
        checkout_credit.recall(account, now=now)


def take_back_recalled(now: datetime) -> int:
    """Credit of cancelled rewards that lay at a checkout when that happened; returns how many were seen to."""
    there = CreditAccount.objects.filter(source__startswith=PREFIX, paid_minor__gt=0, at_checkout__isnull=False)
    seen = 0
    for store_id in there.order_by("store_id").values_list("store_id", flat=True).distinct():
        cancelled = _cancelled(store_id)
        wanted = there.filter(store_id=store_id, source__in=[f"{PREFIX}{one}" for one in cancelled])
        for account in wanted.order_by("pk")[:MOST_AT_ONCE]:
            take_back(store_id, int(account.source.removeprefix(PREFIX)), now=now)
            seen += 1
    return seen


def _cancelled(store_id: int) -> set[int]:
    """The rewards of store credit that were cancelled, as the log tells."""
    log = LogEntry.objects.of(store_id).filter(name=RewardCancelled.name, payload__kind="credit")
    return {int(said["redemption_id"]) for said in log.values_list("payload", flat=True)}
