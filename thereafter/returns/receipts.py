"""The receipt of a declaration of withdrawal: a mail with what was declared and when. No network in a transaction.

It is owed by law, so it also goes to an address that wants no other mail, and is tried until it is sent.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from thereafter.messaging import accounts, notes
from thereafter.messaging.channels import registry
from thereafter.messaging.channels.letters import Answer, Verdict
from thereafter.messaging.models import Suppression
from thereafter.messaging.publishing import CannotPublish
from thereafter.messaging.rendering import CannotRender
from thereafter.returns import statements
from thereafter.returns.actions import withdrawals
from thereafter.returns.models import Withdrawal
from thereafter.timeline import peek
from thereafter.timeline.models import first_line

log = logging.getLogger(__name__)
TEMPLATE = "withdrawal_receipt"
AT_ONCE = 20
# So long after sending, news of a dead mailbox still may come.
_LISTENS = timedelta(days=14)
_DEAD = ("hard_bounce", "soft_bounces")


def send_due(now: datetime) -> int:
    """Returns how many were taken up."""
    if not peek.anything("returns_withdrawal", "receipt = 'queued' AND receipt_due_at <= %s", now):
        return 0
    claimed = withdrawals.claim_receipts(now, AT_ONCE)
    for one in claimed:
        withdrawals.settle_receipt(one, _hand_over(one), now)
    return len(claimed)


def _hand_over(withdrawal: Withdrawal) -> Verdict:
    try:
        return _sent(withdrawal)
    except (CannotPublish, CannotRender) as error:
        return Verdict(Answer.REFUSED, f"The template “Withdrawal: receipt” cannot be sent: {error}"[:300])
    except Exception as error:
        log.exception("the receipt of a withdrawal could not be sent; it is tried again")
        return Verdict(Answer.LATER, first_line(error))


def _sent(withdrawal: Withdrawal) -> Verdict:
    account = accounts.account_of(withdrawal.store_id, "email")
    if account is None:
        return Verdict(Answer.LATER, "This shop has no account to send mail by.")
    before = withdrawal.receipt_sent_at
    letter = notes.note(
        withdrawal.store,
        TEMPLATE,
        to=withdrawal.email,
        language=withdrawal.language,
        # Tried again it is the same letter, sent again it is another.
        key=f"withdrawal:{withdrawal.pk}:{before.timestamp() if before else 0:.0f}",
        facts=facts(withdrawal),
    )
    (verdict,) = registry.opened(account).deliver([letter])
    return verdict


def facts(withdrawal: Withdrawal) -> dict[str, Any]:
    """What the mail can say: `withdrawal.name`, `.moment` (to the second, with the zone), `.lines` of the statement."""
    store = withdrawal.store
    return {
        "withdrawal": {
            "name": withdrawal.name,
            "contract": withdrawal.contract,
            "moment": statements.exact(withdrawal.declared_at, store.time_zone, withdrawal.language),
            "lines": withdrawal.text.splitlines(),
        }
    }


def hear_of_bounces(now: datetime) -> int:
    """Receipts that were handed over and whose mailbox turned out to be dead."""
    since = now - _LISTENS
    sent = Withdrawal.objects.filter(receipt=Withdrawal.Receipt.SENT, receipt_sent_at__gt=since)
    rows = list(sent.exclude(email="").values_list("pk", "store_id", "email", "receipt_sent_at"))
    if not rows:
        return 0
    closed = Suppression.objects.filter(
        store_id__in={row[1] for row in rows}, address__in={row[2] for row in rows}, channel="email", reason__in=_DEAD
    )
    dead = {(store_id, address): at for store_id, address, at in closed.values_list("store_id", "address", "at")}
    lost = [
        pk for pk, store_id, email, sent_at in rows if (at := dead.get((store_id, email))) and sent_at and at >= sent_at
    ]
    if lost:
        withdrawals.bounced(lost, "The mailbox does not take mail any more.")
    return len(lost)
