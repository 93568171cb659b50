"""What became of the messages of each template."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Max

from thereafter.messaging.models import Message, Receipt
from thereafter.stores.models import Store

DAYS = 30


class Numbers(NamedTuple):
    """Of the last thirty days. `opened` and `clicked` are messages, without those that only a machine looked at."""

    sent: int = 0
    opened: int = 0
    clicked: int = 0

    @property
    def open_rate(self) -> float | None:
        return self.opened / self.sent if self.sent else None

    @property
    def click_rate(self) -> float | None:
        return self.clicked / self.sent if self.sent else None


NOTHING = Numbers()


def of_templates(store: Store, now: datetime) -> dict[str, Numbers]:
    """By key, in two queries."""
    recent = Message.objects.of(store).filter(created_at__gte=now - timedelta(days=DAYS), state=Message.State.SENT)
    sent = dict(recent.order_by().values_list("template").annotate(Count("pk")))
    seen: dict[tuple[str, str], int] = defaultdict(int)
    told = Receipt.objects.of(store).filter(
        kind__in=[Receipt.Kind.OPENED, Receipt.Kind.CLICKED],
        machine=False,
        at__gte=now - timedelta(days=DAYS),
        message__created_at__gte=now - timedelta(days=DAYS),
    )
    for template, kind, count in (
        told.order_by().values_list("message__template", "kind").annotate(Count("message", distinct=True))
    ):
        seen[template, kind] = count
    return {
        key: Numbers(count, seen[key, Receipt.Kind.OPENED], seen[key, Receipt.Kind.CLICKED])
        for key, count in sent.items()
    }


def last_used(store: Store) -> dict[str, datetime]:
    rows = Message.objects.of(store).order_by().values_list("template").annotate(Max("created_at"))
    return dict(rows)


def users(store: Store, now: datetime) -> dict[str, dict[str, int]]:
    """By key: how many journeys, campaigns … sent it lately, by the name that their messages bear ("journey:5:ask")."""
    rows = Message.objects.of(store).filter(created_at__gte=now - timedelta(days=DAYS)).exclude(origin="")
    used: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for template, origin in rows.order_by().values_list("template", "origin").distinct():
        kind, _, rest = origin.partition(":")
        used[template][kind].add(rest.partition(":")[0])
    return {key: {kind: len(ones) for kind, ones in kinds.items()} for key, kinds in used.items()}
