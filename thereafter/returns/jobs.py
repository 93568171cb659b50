"""What returns do by the clock."""

from datetime import datetime, timedelta
from functools import partial

from thereafter.returns import charging, checkout_jobs, holding, receipts, withdrawing, writing
from thereafter.returns.actions import deciding, holds, photos, points, rate_jumps, refund_news, reward_credit, traits
from thereafter.returns.crediting import end_bonuses
from thereafter.returns.labelling import make_labels
from thereafter.returns.paying import pay_due
from thereafter.returns.readiness import looking
from thereafter.timeline import inbox
from thereafter.timeline.schedule import every


@every(hours=1)
def end_what_never_came(now: datetime) -> int:
    """Reminds shoppers of the last day, and ends what was not sent until then."""
    return deciding.expire_due(now)


@every(seconds=1)
def pay_back(now: datetime) -> int:
    """Carries refunds out that were promised."""
    return pay_due(now)


@every(seconds=1)
def see_to_payments(now: datetime) -> int:
    """Hears what shoppers paid for exchanges, and gives back what was paid for nothing."""
    return charging.see_to_due(now)


@every(seconds=1)
def see_to_holds(now: datetime) -> int:
    """Hears of holds on cards, lets them go, takes what is due."""
    return holding.see_to_due(now)


@every(hours=1)
def see_to_days_of_holds(now: datetime) -> int:
    """Tells shoppers a day before a hold ends, and lets its last day pass."""
    return holds.see_to_days(now)


@every(seconds=1)
def see_to_checkout_credit(now: datetime) -> int:
    """Hands credit to the shop's checkout, and hears what was spent of it there."""
    return checkout_jobs.see_to_due(now)


@every(minutes=5)
def take_back_credit_of_rewards(now: datetime) -> int:
    """Credit of rewards that were cancelled while it lay at the shop's checkout."""
    return reward_credit.take_back_recalled(now)


@every(seconds=1)
def hear_of_refunds(now: datetime) -> int:
    """Takes in what payment providers told."""
    return inbox.drain(refund_news.ROOM, partial(refund_news.take, now=now), now)


@every(seconds=1)
def have_labels_made(now: datetime) -> int:
    """Buys the labels that shoppers wait for."""
    return make_labels(now)


@every(seconds=5)
def take_mended_points(now: datetime) -> int:
    """Rows of drop-off points that somebody mended."""
    return inbox.drain(points.ROOM, partial(points.take, now=now), now)


@every(hours=1)
def end_credit(now: datetime) -> None:
    """Books bonuses whose last day has passed."""
    end_bonuses(now)


@every(seconds=1)
def see_to_withdrawals(now: datetime) -> int:
    """Finds the orders of declarations of withdrawal, and opens their cases."""
    return withdrawing.work_on_due(now)


@every(seconds=1)
def confirm_withdrawals(now: datetime) -> int:
    """Sends the receipts that the law asks for."""
    return receipts.send_due(now)


@every(hours=1)
def hear_of_lost_receipts(now: datetime) -> int:
    return receipts.hear_of_bounces(now)


@every(hours=24)
def forget_photos(now: datetime) -> int:
    """Of uploads that no case was made of."""
    return photos.forget_uploads(now)


@every(seconds=1)
def write_letters(now: datetime) -> int:
    """Mails about cases to those who are not the order's customer."""
    return writing.send_due(now)


@every(hours=24)
def count_what_was_kept(now: datetime) -> int:
    """For segments: what shoppers who return things bought since yesterday."""
    return traits.refresh_buyers(now - timedelta(hours=25))


@every(hours=24)
def compare_rates(now: datetime) -> int:
    """Tells of products that come back more than they did."""
    return rate_jumps.compare_all(now)


@every(seconds=5)
def look_at_shops(now: datetime) -> int:
    """Carries out looks at how ready shops are."""
    return looking.look_at_next(now)


@every(hours=24)
def ask_for_looks(now: datetime) -> int:
    """Each shop once a week."""
    return looking.ask_weekly(now)
