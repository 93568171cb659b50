"""Mails about cases to somebody who is not the order's customer. No network in a transaction."""

import logging
from datetime import datetime
from typing import Any

from thereafter.messaging import accounts, notes
from thereafter.messaging.blocks import blocks
from thereafter.messaging.channels import registry
from thereafter.messaging.channels.letters import Answer, Verdict
from thereafter.messaging.publishing import CannotPublish
from thereafter.messaging.rendering import CannotRender
from thereafter.returns.actions import letters
from thereafter.returns.models import CaseLetter
from thereafter.timeline import peek
from thereafter.timeline.models import first_line

log = logging.getLogger(__name__)
AT_ONCE = 20
_BLOCKS = ("return_case", "return_steps", "return_way", "return_findings", "return_goods", "return_money")


def send_due(now: datetime) -> int:
    """Returns how many were taken up."""
    if not peek.anything("returns_caseletter", "state = 'queued' AND due_at <= %s", now):
        return 0
    claimed = letters.claim(now, AT_ONCE)
    for one in claimed:
        letters.settle(one, _hand_over(one), now)
    return len(claimed)


def _hand_over(letter: CaseLetter) -> Verdict:
    """One that cannot be sent must not keep the others from going."""
    try:
        return _send(letter)
    except (CannotPublish, CannotRender) as error:
        return Verdict(Answer.REFUSED, f"template: {error}"[:300])
    except Exception as error:
        log.exception("a mail about a return could not be sent; it is tried again")
        return Verdict(Answer.LATER, first_line(error))


def _send(letter: CaseLetter) -> Verdict:
    case, store = letter.case, letter.store
    if notes.is_closed(store, case.email):
        return Verdict(Answer.REFUSED, "suppressed")
    account = accounts.account_of(store.pk, "email")
    if account is None:
        return Verdict(Answer.LATER, "This shop has no account to send mail by.")
    written = notes.note(
        store,
        letter.template,
        to=case.email,
        language=case.locale or store.locale,
        key=f"case-letter:{letter.pk}",
        facts=facts(letter),
    )
    (verdict,) = registry.opened(account).deliver([written])
    return verdict


def facts(letter: CaseLetter) -> dict[str, Any]:
    """What the mail can say: the case and the event, and of the order nothing but its number. The buyer has no name
    in it."""
    case = letter.case
    told = {name: blocks[name].fill([case.customer], [case.order], [letter.event])[0] for name in _BLOCKS}
    return {
        "customer": {"first_name": None, "name": None},
        "order": {"number": case.order.number},
        "event": letter.event,
        "links": {},
        **{name: known for name, known in told.items() if known},
    }
