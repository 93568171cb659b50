"""Carrying codes to the shop system: claim, network, write down; three steps, and the network is in no transaction."""

import logging
from datetime import datetime

from thereafter.commerce.actions import coupon_pushing
from thereafter.commerce.actions.coupon_pushing import OLD_KEY, Errand, Report
from thereafter.commerce.connectors import wire
from thereafter.commerce.connectors.discounts import Pushed
from thereafter.commerce.connectors.shop_systems import SYSTEMS
from thereafter.timeline import peek

log = logging.getLogger(__name__)
MOST_IN_A_ROUND = 4


def push_due(now: datetime) -> int:
    """Tells shop systems the codes that are due; returns how many codes were taken up."""
    if not peek.anything("commerce_coupon", "push_state IN ('waiting', 'asked') AND push_due_at <= %s", now):
        return 0
    taken = 0
    for _ in range(MOST_IN_A_ROUND):
        errand = coupon_pushing.claim(now)
        if errand is None:
            break
        coupon_pushing.settle(carry_out(errand), now)
        taken += len(errand.coupon_ids)
    return taken


def carry_out(errand: Errand) -> Report:
    """One call to a shop system; whatever goes wrong becomes a reason."""
    if not errand.credentials:
        return Report(errand, why=OLD_KEY, is_refused=True)
    try:
        return Report(errand, _go(errand))
    except wire.Refused as refusal:
        return Report(errand, why=str(refusal), is_refused=True)
    except wire.NotNow as later:
        return Report(errand, why=str(later), seconds=later.seconds)
    except (KeyError, TypeError, AttributeError, ValueError) as wrong:
        log.warning("an answer of %s has another shape than its documentation says", errand.source, exc_info=wrong)
        return Report(errand, why="The shop's answer has a shape that we do not know.")


def _go(errand: Errand) -> Pushed:
    system = SYSTEMS[errand.source]
    if errand.takes_off:
        return system.take_off(errand.credentials, errand.codes)
    if errand.batch is None:
        return system.look(errand.credentials, errand.ref)
    return system.push(errand.credentials, errand.batch)
