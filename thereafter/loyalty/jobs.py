import logging
from datetime import datetime

from thereafter.loyalty import join_letters
from thereafter.loyalty.actions import calls, days, importing, members, referral_days, reviews, reward_orders, turning
from thereafter.timeline import peek
from thereafter.timeline.schedule import every

log = logging.getLogger(__name__)


@every(days=1)
def prove_ledgers(now: datetime) -> int:
    """Shows that accounts, lots and postings agree; those that do not are marked on the members page."""
    wrong = members.prove()
    if wrong:
        log.error("%s points accounts do not agree with their lots or postings; see the members page", wrong)
    return wrong


@every(seconds=30)
def turn_the_clock(now: datetime) -> int:
    """Points become usable, reservations lapse, points end."""
    return turning.turn(now) if peek.anything("loyalty_account", "due_at <= %s", now) else 0


@every(minutes=15)
def look_after_tiers(now: datetime) -> int:
    """Once in each shop's day: who keeps a tier, who falls, who should be told."""
    return reviews.look_after(now)


@every(hours=1)
def look_after_days(now: datetime) -> int:
    """Birthdays, anniversaries and points that run out soon: by the hour, because each zone has its own midnight."""
    return days.look_after(now)


@every(minutes=5)
def reward_invitations(now: datetime) -> int:
    """The hold is over and the friend kept the order."""
    return referral_days.reward_due(now)


@every(hours=6)
def end_invitations(now: datetime) -> int:
    """Friends who accepted and never bought; and where claims came from, which is kept for ninety days."""
    return referral_days.lapse(now) + referral_days.forget_networks(now)


@every(seconds=1)
def write_to_those_who_want_to_join(now: datetime) -> int:
    return join_letters.send_due(now)


@every(hours=1)
def give_back_codes_that_ended(now: datetime) -> int:
    """Points of codes that ran out unused, where the reward promised them back."""
    return reward_orders.give_back_expired(now)


@every(days=1)
def forget_calls(now: datetime) -> int:
    """Answers of the API that nobody asks for again."""
    return calls.forget(now)


@every(seconds=2)
def bring_members(now: datetime) -> int:
    """Files from other programmes, a part at a time."""
    return importing.carry_on(now) if peek.anything("loyalty_import", "state = 'running'") else 0
