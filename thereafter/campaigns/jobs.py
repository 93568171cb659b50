"""Moving campaigns on, and the letters of those who signed up."""

import logging
from datetime import datetime

from thereafter.campaigns import reporting, signup_letters
from thereafter.campaigns.actions import queueing, running
from thereafter.campaigns.models import Campaign
from thereafter.campaigns.queries import working
from thereafter.timeline import peek
from thereafter.timeline.schedule import every

log = logging.getLogger(__name__)
_SOMETHING = "state = 'sending' OR (state = 'scheduled' AND launch_at <= %s)"


@every(seconds=2)
def move_campaigns(now: datetime) -> int:
    """A step of each campaign that is on its way; returns how many people were handled."""
    if not peek.anything("campaigns_campaign", _SOMETHING, now):
        return 0
    return sum(_try_to_move(campaign, now) for campaign in working(now))


def _try_to_move(campaign: Campaign, now: datetime) -> int:
    """One that cannot go on (a condition that cannot be asked any more) holds up none of the others."""
    try:
        return move(campaign, now)
    except Exception:
        log.exception("campaign %s of store %s could not go on; it is tried again", campaign.pk, campaign.store_id)
        return 0


def move(campaign: Campaign, now: datetime) -> int:
    """Begin, choose, queue, decide, finish: whichever it is ready for."""
    if campaign.state == Campaign.State.SCHEDULED:
        running.begin(campaign.pk, now)
    if campaign.chosen_at is None:
        return running.choose_people(campaign.pk, now) or queueing.queue_next(campaign.pk, now)
    is_time = campaign.winner is None and campaign.decide_at is not None and campaign.decide_at <= now
    if is_time and reporting.test_is_out(campaign, now):
        choice = reporting.winner_of(campaign)
        queueing.crown(campaign.pk, choice, queueing.told_of(choice, by=campaign.settings.winner_by), now)
    done = queueing.queue_next(campaign.pk, now)
    if not done:
        queueing.finish(campaign.pk, now)
    return done


@every(seconds=1)
def write_to_those_who_signed_up(now: datetime) -> int:
    return signup_letters.send_due(now)
