"""What became of a campaign: sent, read, clicked, bought; by variant and by hour; and who did not get it and why."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import TruncHour

from thereafter.campaigns.models import Campaign, Recipient
from thereafter.campaigns.rules import winners
from thereafter.campaigns.rules.winners import Choice, Tried
from thereafter.commerce.models import Consent, Order
from thereafter.journeys.rules.proof import Arm, Proof, Trial, prove
from thereafter.messaging.models import Message, Receipt
from thereafter.messaging.rules.gate import OFFERS
from thereafter.stores.models import Store, StoreQuerySet

Kind = Receipt.Kind
State = Message.State
# A test waits so long for its last messages, held back by the night or by caps.
PATIENCE = timedelta(hours=24)
KINDS = (Kind.DELIVERED, Kind.OPENED, Kind.CLICKED, Kind.BOUNCED, Kind.COMPLAINED, Kind.REPLIED)


@dataclass
class Figures:
    """Counts of messages. `opened` are people's; `machine_opened` those that only a mail program opened."""

    sent: int = 0
    delivered: int = 0
    opened: int = 0
    machine_opened: int = 0
    clicked: int = 0
    bounced: int = 0
    complained: int = 0
    replied: int = 0
    unsubscribed: int = 0
    orders: int = 0
    orders_after_click: int = 0
    money: int = 0

    def share(self, count: int) -> float | None:
        return count / self.sent if self.sent else None


@dataclass
class Report:
    total: Figures
    variants: dict[int, Figures]
    by_channel: list[tuple[str, int]]
    why_not: list[tuple[str, int]]
    by_hour: list[tuple[datetime, int, int, int]]
    proof: Proof | None
    # People in the audience, and of them those who were held out and those still to come.
    people: int = 0
    progress: Mapping[str, int] = field(default_factory=dict)


def messages(campaign: Campaign) -> StoreQuerySet[Message]:
    return Message.objects.of(campaign.store_id).filter(origin=campaign.origin)


def report(campaign: Campaign, progress: Mapping[str, int], now: datetime) -> Report:
    variants = _figures(campaign)
    total = _sum(variants.values())
    return Report(
        total=total,
        variants=variants if len(campaign.settings.variants) > 1 else {},
        by_channel=_by_channel(campaign),
        why_not=_why_not(campaign),
        by_hour=_by_hour(campaign),
        proof=proved(campaign, now),
        people=progress["people"] + campaign.left_out_in_all(),
        progress=progress,
    )


def _sum(parts: Any) -> Figures:
    total = Figures()
    for part in parts:
        for name, value in vars(part).items():
            setattr(total, name, getattr(total, name) + value)
    return total


def _with_variant(campaign: Campaign) -> Any:
    """Messages with the `variant` that their recipient was drawn for; the types of Django do not know such a field."""
    rows = messages(campaign).order_by()
    own = Recipient.objects.filter(campaign=campaign, customer=OuterRef("customer")).values("variant")[:1]
    return rows.annotate(variant=Subquery(own))


def _figures(campaign: Campaign) -> dict[int, Figures]:
    found: dict[int, Figures] = {at: Figures() for at in range(len(campaign.settings.variants))}
    rows = _with_variant(campaign).filter(state__in=[State.SENT, State.UNKNOWN])
    for variant, sent in rows.values_list("variant").annotate(Count("pk")):
        found.setdefault(variant or 0, Figures()).sent += sent
    _add_receipts(campaign, found)
    _add_unsubscribed(campaign, found)
    _add_orders(campaign, found)
    return found


def _add_receipts(campaign: Campaign, found: dict[int, Figures]) -> None:
    """Each message counts once for a kind; opened and clicked are people's doing, unless only machines did."""
    receipt = Receipt.objects.filter(message=OuterRef("pk"))
    by_person = receipt.filter(machine=False)
    marks = {
        kind.value: Exists((by_person if kind in (Kind.OPENED, Kind.CLICKED) else receipt).filter(kind=kind))
        for kind in KINDS
    }
    marks["machine"] = Exists(receipt.filter(kind=Kind.OPENED, machine=True))
    rows = (
        _with_variant(campaign)
        .filter(Exists(receipt))
        .annotate(**{f"has_{name}": mark for name, mark in marks.items()})
    )
    counts = {name: Count("pk", filter=Q(**{f"has_{name}": True})) for name in marks}
    counts["only_machine"] = Count("pk", filter=Q(has_machine=True, has_opened=False))
    for row in rows.values("variant").annotate(**{f"n_{name}": count for name, count in counts.items()}):
        figures = found.setdefault(row["variant"] or 0, Figures())
        for kind in KINDS:
            setattr(figures, kind.value, row[f"n_{kind.value}"])
        figures.machine_opened = row["n_only_machine"]


def _add_unsubscribed(campaign: Campaign, found: dict[int, Figures]) -> None:
    """Who said no to offers within the days after they got it."""
    window = timedelta(days=campaign.settings.attribution_days)
    said_no = Consent.objects.filter(
        customer=OuterRef("customer"),
        purpose=OFFERS,
        granted=False,
        at__gt=OuterRef("sent_at"),
        at__lte=OuterRef("sent_at") + window,
    )
    rows = _with_variant(campaign).filter(Exists(said_no), state=State.SENT)
    for variant, count in rows.values_list("variant").annotate(Count("pk")):
        found.setdefault(variant or 0, Figures()).unsubscribed += count


def _add_orders(campaign: Campaign, found: dict[int, Figures]) -> None:
    """Orders within the days after the message was sent, whatever else was sent meanwhile; cancelled ones left out."""
    window = timedelta(days=campaign.settings.attribution_days)
    clicked = Receipt.objects.filter(message=OuterRef("pk"), kind=Kind.CLICKED, machine=False)
    rows = _with_variant(campaign).filter(state=State.SENT).filter(_ordered("customer__orders", F("sent_at"), window))
    rows = rows.filter(customer__orders__currency=campaign.store.currency).annotate(has_clicked=Exists(clicked))
    money = Sum(F("customer__orders__total_minor") - F("customer__orders__refunded_minor"))
    counted = rows.values("variant", "has_clicked").annotate(orders=Count("customer__orders"), money=money)
    for row in counted:
        figures = found.setdefault(row["variant"] or 0, Figures())
        figures.orders += row["orders"]
        figures.money += row["money"] or 0
        figures.orders_after_click += row["orders"] if row["has_clicked"] else 0


def _ordered(path: str, since: Any, window: timedelta) -> Q:
    placed = f"{path}__placed_at"
    return Q(**{f"{placed}__gt": since, f"{placed}__lte": since + window}) & ~Q(
        **{f"{path}__status": Order.Status.CANCELLED}
    )


def _by_channel(campaign: Campaign) -> list[tuple[str, int]]:
    rows = messages(campaign).filter(state=State.SENT).order_by().values_list("channel")
    return sorted(rows.annotate(Count("pk")), key=lambda row: -row[1])


def _why_not(campaign: Campaign) -> list[tuple[str, int]]:
    """Left out when people were chosen, and skipped or failed when it was their turn."""
    counts: dict[str, int] = defaultdict(int, {reason: int(count) for reason, count in campaign.left_out.items()})
    rows = messages(campaign).filter(state__in=[State.SKIPPED, State.FAILED]).order_by().values_list("state", "reason")
    for state, reason, count in rows.annotate(Count("pk")):
        counts[reason if state == State.SKIPPED else "failed"] += count
    return sorted(counts.items(), key=lambda row: -row[1])


def _by_hour(campaign: Campaign, least: int = 12, most: int = 48) -> list[tuple[datetime, int, int, int]]:
    """(hour, sent, opened, clicked) from the first one on."""
    sent = dict(_hours(messages(campaign).filter(state=State.SENT), "sent_at"))
    receipts = Receipt.objects.of(campaign.store_id).filter(message__origin=campaign.origin, machine=False)
    opened = dict(_hours(receipts.filter(kind=Kind.OPENED), "at"))
    clicked = dict(_hours(receipts.filter(kind=Kind.CLICKED), "at"))
    hours = sorted({*sent, *opened, *clicked})
    if not hours:
        return []
    count = max(min(int((hours[-1] - hours[0]) / timedelta(hours=1)) + 1, most), least)
    span = [hours[0] + timedelta(hours=at) for at in range(count)]
    return [(hour, sent.get(hour, 0), opened.get(hour, 0), clicked.get(hour, 0)) for hour in span]


def proved(campaign: Campaign, now: datetime) -> Proof | None:
    """What the campaign did against those held out; None without a holdout, or before it was sent."""
    trial = _trial(campaign, now)
    return prove([trial]) if trial else None


def _hours(rows: Any, field: str) -> Any:
    return rows.order_by().annotate(hour=TruncHour(field)).values_list("hour").annotate(Count("pk"))


def _trial(campaign: Campaign, now: datetime) -> Trial | None:
    """Those who got it and those held out, each with what they ordered within the days from their turn on.

    Who was to get it counts as having got it: whom a channel refused, too, or the arms would not be alike.
    """
    plan = campaign.settings
    if not plan.holdout or campaign.chosen_at is None:
        return None
    window = timedelta(days=plan.attribution_days)
    over = Recipient.objects.of(campaign.store_id).filter(campaign=campaign, due_at__lte=now - window)
    over = over.filter(Q(part=Recipient.Part.HELD) | Q(queued_at__isnull=False)).order_by()
    held = Q(part=Recipient.Part.HELD)
    people = over.aggregate(held=Count("pk", filter=held), treated=Count("pk", filter=~held))
    bought = over.filter(
        _ordered("customer__orders", F("due_at"), window), customer__orders__currency=campaign.store.currency
    )
    money = Sum(F("customer__orders__total_minor") - F("customer__orders__refunded_minor"))
    sums = {True: [0, 0.0, 0.0], False: [0, 0.0, 0.0]}
    for part, spent in (
        bought.values_list("part", "customer").annotate(money=money).values_list("part", "money").iterator()
    ):
        arm = sums[part == Recipient.Part.HELD]
        arm[0], arm[1], arm[2] = arm[0] + 1, arm[1] + spent, arm[2] + float(spent) ** 2
    arms = {
        is_held: Arm(people["held" if is_held else "treated"], int(reached), money, squares)
        for is_held, (reached, money, squares) in sums.items()
    }
    return Trial(share=1 - plan.holdout / 100, treated=arms[False], held=arms[True])


def test_is_out(campaign: Campaign, now: datetime) -> bool:
    """Whether everybody in the test has the message, or nobody should wait for them any longer."""
    if campaign.decide_at is not None and now >= campaign.decide_at + PATIENCE:
        return True
    waiting = messages(campaign).filter(state__in=[State.QUEUED, State.SENDING]).values("customer")
    tested = Recipient.objects.of(campaign.store_id).filter(campaign=campaign, part=Recipient.Part.TEST)
    return not tested.filter(Q(queued_at=None) | Q(customer__in=waiting)).exists()


def winner_of(campaign: Campaign) -> Choice:
    """The variant that did best in the test, by what the plan counts."""
    return winners.choose(tried(campaign))


def tried(campaign: Campaign) -> list[Tried]:
    by_orders = campaign.settings.winner_by == "orders"
    figures = _figures(campaign)
    return [
        Tried(variant, one.sent, one.orders if by_orders else one.clicked)
        for variant, one in sorted(figures.items())
        if variant < len(campaign.settings.variants)
    ]


def summaries(store: Store, campaigns: Sequence[Campaign]) -> dict[int, Figures]:
    """Sent, opened and clicked of several campaigns, for their list."""
    found = {campaign.pk: Figures() for campaign in campaigns}
    by_origin = {campaign.origin: found[campaign.pk] for campaign in campaigns}
    rows = Message.objects.of(store).filter(origin__in=by_origin, state__in=[State.SENT, State.UNKNOWN]).order_by()
    for origin, count in rows.values_list("origin").annotate(Count("pk")):
        by_origin[origin].sent = count
    receipts = Receipt.objects.of(store).filter(message__origin__in=by_origin, machine=False).order_by()
    did = receipts.filter(kind__in=[Kind.OPENED, Kind.CLICKED]).values_list("message__origin", "kind")
    for origin, kind, count in did.annotate(Count("message", distinct=True)):
        setattr(by_origin[origin], kind, count)
    return found
