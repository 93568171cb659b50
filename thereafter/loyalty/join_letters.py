"""The mail with the link by which somebody joins, or signs in again. From rows to letters; no network in a
transaction."""

from datetime import datetime

from thereafter.loyalty import links
from thereafter.loyalty.actions import joining
from thereafter.loyalty.models import JoinRequest
from thereafter.messaging import accounts, notes
from thereafter.messaging.channels import registry
from thereafter.messaging.channels.letters import Answer, Verdict
from thereafter.messaging.publishing import CannotPublish
from thereafter.messaging.rendering import CannotRender
from thereafter.storefront.links import in_language
from thereafter.timeline import peek

TEMPLATE = "loyalty_join"
AT_ONCE = 20


def send_due(now: datetime) -> int:
    """Returns how many were taken up."""
    if not peek.anything("loyalty_joinrequest", "mail = 'queued' AND mail_due_at <= %s", now):
        return 0
    claimed = joining.claim(now, AT_ONCE)
    for one in claimed:
        joining.settle(one, _hand_over(one), now)
    return len(claimed)


def _hand_over(request: JoinRequest) -> Verdict:
    if notes.is_closed(request.store, request.email):
        return Verdict(Answer.REFUSED, "This address is closed: it bounced, or reported a mail as spam.")
    page = in_language(links.join_page(request), request.language, request.store)
    facts = {"confirm": {"url": page}, "customer": {"first_name": ""}}
    try:
        letter = notes.note(
            request.store,
            TEMPLATE,
            to=request.email,
            language=request.language,
            key=f"loyalty-join:{request.pk}",
            facts=facts,
        )
    except (CannotPublish, CannotRender) as error:
        return Verdict(Answer.REFUSED, f"template: {error}"[:300])
    account = accounts.account_of(request.store_id, "email")
    if account is None:
        return Verdict(Answer.LATER, "This shop has no account to send mail by.")
    try:
        (verdict,) = registry.opened(account).deliver([letter])
    except ValueError as error:
        return Verdict(Answer.LATER, str(error)[:250])
    return verdict
