"""Credit goes to the shop's checkout and is looked after there: claim, network, write down."""

import logging
from datetime import datetime

from thereafter.commerce.connectors import wire
from thereafter.returns.actions import checkout_credit
from thereafter.returns.actions.checkout_credit import Errand, Report
from thereafter.returns.actions.paying import OLD_KEY
from thereafter.returns.checkouts.cards import Refusal
from thereafter.returns.checkouts.registry import CHECKOUTS
from thereafter.timeline import peek

log = logging.getLogger(__name__)
MOST_IN_A_ROUND = 10


def see_to_due(now: datetime) -> int:
    """Hands over, looks after and takes back what is due; returns how many it took up."""
    if not peek.anything("returns_checkoutcredit", "due_at <= %s", now):
        return 0
    for taken in range(MOST_IN_A_ROUND):
        errand = checkout_credit.claim(now)
        if errand is None:
            return taken
        if errand.what:
            checkout_credit.settle(carry_out(errand), now=now)
    return MOST_IN_A_ROUND


def carry_out(errand: Errand) -> Report:
    """One matter with a shop system; whatever goes wrong becomes a reason."""
    if not errand.credentials:
        return Report(errand, verdict="later", why=OLD_KEY)
    try:
        return _go(errand)
    except Refusal as no:
        return Report(errand, verdict="refused", why=str(no))
    except wire.Refused as wrong:
        return Report(errand, verdict="later", why=str(wrong), seconds=6 * 3600)
    except wire.NotNow as later:
        return Report(errand, verdict="later", why=str(later), seconds=later.seconds)
    except (KeyError, TypeError, AttributeError, ValueError) as wrong:
        log.warning("an answer of %s has another shape than its documentation says", errand.held.source, exc_info=wrong)
        return Report(errand, verdict="later", why="The shop's answer has a shape that we do not know.")


def _go(errand: Errand) -> Report:
    cards, held, card = CHECKOUTS[errand.held.source], errand.credentials, errand.card
    if errand.what == "make":
        return Report(errand, ref=cards.make(held, card))
    return Report(errand, standing=(cards.recall if errand.what == "recall" else cards.look)(held, card))
