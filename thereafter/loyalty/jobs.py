import logging
from datetime import datetime

from thereafter.loyalty.actions import members
from thereafter.timeline.schedule import every

log = logging.getLogger(__name__)


@every(days=1)
def prove_ledgers(now: datetime) -> int:
    """Shows that accounts, lots and postings agree; those that do not are marked on the members page."""
    wrong = members.prove()
    if wrong:
        log.error("%s points accounts do not agree with their lots or postings; see the members page", wrong)
    return wrong
