"""What staff do at a counter: points pay, a reward is handed out, a receipt earns; and all of it undone in time."""

from datetime import datetime, timedelta

from django.db import transaction

from thereafter.commerce.queries import find_order
from thereafter.kit.money import Money
from thereafter.loyalty.actions import checkouts, earning, points, redemptions, tiers
from thereafter.loyalty.actions.checkouts import Spending
from thereafter.loyalty.actions.earning import Deed
from thereafter.loyalty.actions.points import Award
from thereafter.loyalty.models import Entry, Member, Redemption, Reward
from thereafter.loyalty.queries import quotes, standings
from thereafter.loyalty.queries.programmes import programme_now
from thereafter.loyalty.rules import calendar
from thereafter.loyalty.rules.earning import Line
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff

# Long enough for a slip of the finger, too short for a second thought about what was bought.
UNDO_WITHIN = timedelta(minutes=15)
RECEIPT, ACTION = "till:", "till-action:"


class NotAtTill(ValueError):
    """It cannot be done; the text says why and what to do."""


@transaction.atomic
def pay(member: Member, *, count: int, receipt: str, once: str, by: Staff, now: datetime) -> Redemption:
    """Points pay a part of what is on the counter, by the reward for money off in steps. `once` is the same press."""
    reward = standings.paying_reward(member.store_id, member.tier, now)
    if reward is None:
        raise NotAtTill("Points pay nothing here yet. Add a reward “money off in steps” under Rewards.")
    wanted = Spending(member=member, key=f"till:{once}", points=count, order_ref=receipt, actor=f"staff:{by.pk}")
    done = checkouts.spend(wanted, now=now)
    if not done.is_repeat:
        detail = {"points": count, "receipt": receipt}
        subject = str(member.customer)
        audit(member.customer.store, by=by, verb="loyalty.till_pay", now=now, subject=subject, detail=detail)
    return done.redemption


def take(member: Member, reward: Reward, *, once: str, by: Staff, now: datetime) -> Redemption:
    """A reward as the member would take it on the page; a code comes by mail and stands on the till's page."""
    done = redemptions.redeem(
        member.customer, key=f"till:{once}", now=now, points=reward.cost, reward=reward, actor=f"staff:{by.pk}"
    )
    return done.redemption


@transaction.atomic
def earn_receipt(member: Member, amount: Money, *, receipt: str, by: Staff, now: datetime) -> int:
    """Points for a purchase that does not reach us by itself, by the programme's rate; each receipt once."""
    store = member.customer.store
    known = find_order(store, receipt)
    if known is not None:
        raise NotAtTill(f"Order {known.number} is known here and earns by itself. Nothing was given.")
    source = _free_source(store.pk, receipt)
    line = Line(name="1", value_minor=amount.minor)
    basket = quotes.Basket(lines=(line,), currency=amount.currency, channel=quotes.TILL)
    decided = quotes.would_earn(store, member, basket, now)
    version = programme_now(store.pk)
    waits = version.programme.pending_days
    award = Award(
        customer_id=member.customer_id,
        points=decided.points,
        source=source,
        reason="till",
        at=now,
        snapshot={**decided.snapshot, "receipt": receipt},
        active_from=calendar.days_later(now, waits, version.zone) if waits else None,
        qualifies=True,
        actor=f"staff:{by.pk}",
    )
    if not decided.points:
        raise NotAtTill("This amount earns no points by the programme's rules.")
    if not points.award_many(store.pk, [award], now=now):
        raise NotAtTill(_had_before(receipt))
    tiers.rise(store.pk, [member.customer_id], at=now, now=now)
    return decided.points


def _free_source(store_id: int, receipt: str) -> str:
    """The receipt's own; after an undo the next one, so that a wrong amount can be typed again."""
    for at in range(1, 20):
        source = f"{RECEIPT}{receipt}" if at == 1 else f"{RECEIPT}{receipt}:{at}"
        if not Entry.objects.of(store_id).filter(source=source).exists():
            return source
        if not Entry.objects.of(store_id).filter(source=f"undo:{source}").exists():
            break
    raise NotAtTill(_had_before(receipt))


def _had_before(receipt: str) -> str:
    return f"Points for receipt {receipt} were given before. Each receipt counts once."


def book(member: Member, action: str, *, once: str, now: datetime) -> earning.Earned:
    """A visit, a workshop, goods brought back: what the programme gives for it."""
    deed = Deed(member.customer_id, action, once, now, source=f"{ACTION}{once}")
    return earning.earn_many(member.store_id, [deed], now=now)[0]


def undo_redemption(redemption: Redemption, *, by: Staff, now: datetime) -> None:
    """Raises `redemptions.Refused` when it was used meanwhile, `NotAtTill` when it is too late."""
    if redemption.made_at <= now - UNDO_WITHIN:
        raise NotAtTill(TOO_LATE)
    redemptions.cancel(redemption.store_id, redemption.key, now=now, actor=f"staff:{by.pk}")


def undo_award(entry: Entry, *, now: datetime) -> int:
    """Takes points back that were given at the till a moment ago; twice takes none."""
    if entry.at <= now - UNDO_WITHIN:
        raise NotAtTill(TOO_LATE)
    return points.revoke(entry.store_id, entry.source, name=f"undo:{entry.source}", reason="undone", at=now, now=now)


TOO_LATE = "This was too long ago to undo here. Somebody who may adjust points can set it right on the member's page."
