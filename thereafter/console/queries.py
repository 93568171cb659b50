"""What a store's people must look at: calls that were refused, events that could not be handled, what waits."""

from collections.abc import Iterable
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Max, Q

from thereafter.stores.models import Audit, Store, StoreQuerySet
from thereafter.timeline import inbox, outbox
from thereafter.timeline.models import Inbound

# The menu shows the count on every page; a page more or less late does no harm.
COUNT_SECONDS = 20


def attention_key(store: Store) -> str:
    return f"attention:{store.pk}"


def attention_count(store: Store) -> int:
    """Refused calls and dead deliveries, at most some seconds old."""
    count: int = cache.get_or_set(attention_key(store), lambda: count_attention(store), COUNT_SECONDS) or 0
    return count


def count_attention(store: Store) -> int:
    refused = inbox.refused(store).order_by().values("pk")
    dead = outbox.dead(store).order_by().select_related(None).values("pk")
    return refused.union(dead, all=True).count()


def refused_calls(store: Store, *, reason: str = "", source: str = "", q: str = "") -> StoreQuerySet[Inbound]:
    """The refused calls of a store, newest first, that fit the filter; `q` looks into reason, topic and body."""
    calls = inbox.refused(store)
    if reason:
        calls = calls.filter(reason=reason)
    if source:
        calls = calls.filter(source=source)
    if q:
        calls = calls.filter(Q(reason__icontains=q) | Q(topic__icontains=q) | Q(body__icontains=q))
    return calls


def kept_calls(store: Store) -> StoreQuerySet[Inbound]:
    """Calls that wait for another one (a refund before its order), oldest first."""
    return Inbound.objects.of(store).filter(state=Inbound.State.KEPT).order_by("id")


def reasons(store: Store, most: int = 25) -> list[tuple[str, int]]:
    """The most frequent reasons for refusal with how often each stands in the list."""
    counted = inbox.refused(store).order_by().values("reason").annotate(times=Count("pk")).order_by("-times", "reason")
    return [(row["reason"], row["times"]) for row in counted[:most]]


def traffic(store: Store) -> dict[str, dict[str, Any]]:
    """What came from each source: {source: {received, refused, kept, waiting, last_at}}."""
    state = Inbound.State
    rows = (
        Inbound.objects.of(store)
        .values("source")
        .annotate(
            received=Count("pk"),
            refused=Count("pk", filter=Q(state=state.REFUSED)),
            kept=Count("pk", filter=Q(state=state.KEPT)),
            waiting=Count("pk", filter=Q(state=state.WAITING)),
            last_at=Max("received_at"),
        )
        .order_by("source")
    )
    return {row["source"]: row for row in rows}


def audit_log(store: Store, *, verb: str = "", actor: str = "") -> StoreQuerySet[Audit]:
    """Who did what, newest first; `verb` is a prefix such as "staff"."""
    lines = Audit.objects.of(store).order_by("-at", "-pk")
    if verb:
        lines = lines.filter(verb__startswith=f"{verb}.")
    if actor:
        lines = lines.filter(actor=actor)
    return lines


def actors(store: Store) -> Iterable[tuple[str, str]]:
    """Who stands in the audit log: (actor, name)."""
    rows = Audit.objects.of(store).order_by("actor").values_list("actor").annotate(name=Max("actor_name"))
    return [(actor, name) for actor, name in rows]
