"""Finding, in the log, which messages showed recommendations; a few statements for hundreds of messages.

Read a moment later rather than heard of, because nearly all messages have nothing to do with us.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from thereafter.commerce.models import Order
from thereafter.messaging.models import Message
from thereafter.recommendations.actions.crediting import credit
from thereafter.recommendations.actions.showing import MAIL, Occasion, note
from thereafter.recommendations.models import ShowSettings
from thereafter.recommendations.queries.picks import MOST, Answer, Context, Pick, answers
from thereafter.recommendations.queries.settings import settings_of
from thereafter.recommendations.rules.showing import MESSAGE, Decision
from thereafter.stores.models import Store
from thereafter.stores.turns import in_each_store
from thereafter.timeline.models import Entry

MOST_AT_ONCE = 500
_NAMES = ("message.sent", "message.skipped")
# Somebody held out is sent no message that would have held nothing else.
_NOTHING = "nothing_to_say:recommendations"
_NOBODY = Decision((), ())
# A transaction that was slow to end may show its lines a little later than newer ones.
SLACK = timedelta(minutes=2)
# How far a shop that begins looks back, and how far lines of the log may lie behind the last one that was read.
FIRST, OVERLAP = timedelta(days=2), timedelta(hours=1)


def read_all(now: datetime) -> int:
    """Every store's new messages; returns how many showed something, or would have."""
    return in_each_store(lambda store: read(store, now=now))


def read(store: Store, *, now: datetime) -> int:
    found = 0
    # Most of the time nothing is new, and then nothing is locked.
    while _entries(settings_of(store.pk), now):
        found += _read_some(store, now)
    return found


@transaction.atomic
def _read_some(store: Store, now: datetime) -> int:
    settings = kept_for(store, now)
    entries = _entries(settings, now)
    if not entries:
        return 0
    told = {int(entry.payload["message_id"]): entry for entry in entries if _concerns(entry)}
    occasions = _occasions(store, settings, told)
    note(settings, occasions)
    _credit(store, occasions)
    ShowSettings.objects.of(store).filter(pk=settings.pk).update(
        read_to=entries[-1].pk, read_at=max(entry.occurred_at for entry in entries)
    )
    return len(occasions)


def _credit(store: Store, occasions: Sequence[Occasion]) -> None:
    """Who ordered before we read that they were sent something."""
    seen = {one.customer_id: one.at for one in occasions if not one.answer.is_held}
    if seen:
        orders = Order.objects.of(store).filter(customer_id__in=seen, placed_at__gt=min(seen.values()))
        credit(store.pk, set(orders.values_list("pk", flat=True)))


def _entries(settings: ShowSettings, now: datetime) -> list[Entry]:
    # A shop that has not begun to read may stand still for days before it does.
    began = settings.changed_at if settings.pk else now
    since = settings.read_at - OVERLAP if settings.read_at else began - FIRST
    new = Entry.objects.of(settings.store_id).filter(name__in=_NAMES, occurred_at__gte=since, pk__gt=settings.read_to)
    return list(new.filter(recorded_at__lte=now - SLACK).order_by("pk")[:MOST_AT_ONCE])


def _concerns(entry: Entry) -> bool:
    return entry.name == "message.sent" or entry.payload.get("reason") == _NOTHING


def kept_for(store: Store, now: datetime) -> ShowSettings:
    """The shop's settings as a row, locked."""
    ShowSettings.objects.bulk_create([ShowSettings(store=store, changed_at=now)], ignore_conflicts=True)
    return ShowSettings.objects.of(store).select_for_update().get()


def _occasions(store: Store, settings: ShowSettings, told: dict[int, Entry]) -> list[Occasion]:
    """Those that had a place for recommendations: what stood in it, or what a held out customer would have seen."""
    rows = Message.objects.of(store).filter(pk__in=told).select_related("version", "order")
    messages = [one for one in rows if _has_place(one, told[one.pk])]
    silent = [one for one in messages if not _shown(one)]
    held = dict(zip((one.pk for one in silent), _would_have(settings, silent), strict=True))
    occasions = []
    for one in messages:
        answer = held.get(one.pk) or Answer(_shown(one), is_held=False, decision=_NOBODY)
        # Who was drawn between the rendering and now was still not shown anything.
        if one.pk in held and not answer.is_held:
            continue
        entry = told[one.pk]
        occasions.append(
            Occasion(
                slot=MESSAGE,
                key=f"message:{one.pk}",
                channel=MAIL,
                customer_id=one.customer_id,
                answer=answer,
                at=entry.occurred_at,
                order_id=one.order_id,
                place=one.template,
            )
        )
    return occasions


def _has_place(message: Message, entry: Entry) -> bool:
    if entry.name == "message.skipped":
        return True
    return message.version is not None and "recommendations" in message.version.needs


def _shown(message: Message) -> list[Pick]:
    facts = message.facts.get("recommendations") or {}
    return [
        Pick(int(one["id"]), str(one.get("title", "")), "", "", None, str(one.get("reason", "")), "")
        for one in facts.get("picks", ())
        if one.get("id")
    ]


def _would_have(settings: ShowSettings, messages: Sequence[Message]) -> list[Answer]:
    if not messages:
        return []
    live = [Context(MESSAGE, one.customer_id, one.order, most=MOST) for one in messages]
    return answers(settings.store_id, live, settings)
