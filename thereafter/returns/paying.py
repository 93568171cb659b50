"""Giving money back: claim, network, write down; three steps, and the network is in no transaction."""

import logging
from datetime import datetime

from thereafter.returns.actions import paying
from thereafter.returns.actions.paying import OLD_KEY, Errand, Report
from thereafter.returns.payments import registry
from thereafter.returns.payments.adapters import BadAccount, Later, Refusal, Told
from thereafter.timeline import peek

log = logging.getLogger(__name__)
MOST_IN_A_ROUND = 20


def pay_due(now: datetime) -> int:
    """Carries out what is due; returns how many shares were taken up."""
    if not peek.anything("returns_grantshare", "due_at <= %s", now):
        return 0
    taken = 0
    for _ in range(MOST_IN_A_ROUND):
        found, errand = paying.claim(now)
        taken += found
        if not found:
            break
        if errand is not None:
            paying.settle(carry_out(errand), now)
    return taken


def carry_out(errand: Errand) -> Report:
    """One refund at a provider; whatever goes wrong becomes a reason."""
    if not errand.credentials:
        return Report(errand, verdict="account", why=OLD_KEY)
    try:
        return Report(errand, _go(errand))
    except Refusal as no:
        return Report(errand, verdict="refused", why=str(no))
    except BadAccount as wrong:
        return Report(errand, verdict="account", why=str(wrong))
    except Later as later:
        return Report(errand, verdict="later", why=str(later), seconds=later.seconds)
    except Exception as wrong:  # a provider's library may raise anything, and the money may have gone
        log.warning("an answer of %s could not be understood", errand.adapter, exc_info=wrong)
        return Report(errand, verdict="later", why=f"The answer could not be understood ({type(wrong).__name__}).")


def _go(errand: Errand) -> Told:
    adapter = registry.adapter(errand.adapter)
    if errand.ref and adapter.look:
        return adapter.look(errand.credentials, errand.ref)
    return adapter.refund(errand.credentials, errand.ask)
