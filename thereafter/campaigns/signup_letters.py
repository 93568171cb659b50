"""The mail that asks whether somebody meant to sign up. From rows to letters; no network in a transaction."""

from datetime import datetime

from thereafter.campaigns import links
from thereafter.campaigns.actions import signups
from thereafter.campaigns.models import Signup
from thereafter.messaging import accounts, notes
from thereafter.messaging.channels import registry
from thereafter.messaging.channels.letters import Answer, Verdict
from thereafter.messaging.publishing import CannotPublish
from thereafter.messaging.rendering import CannotRender
from thereafter.storefront.links import in_language
from thereafter.timeline import peek

TEMPLATE = "confirm_offers"
AT_ONCE = 20


def send_due(now: datetime) -> int:
    """Returns how many were taken up."""
    if not peek.anything("campaigns_signup", "mail = 'queued' AND mail_due_at <= %s", now):
        return 0
    claimed = signups.claim(now, AT_ONCE)
    for one in claimed:
        signups.settle(one, _hand_over(one), now)
    return len(claimed)


def _hand_over(signup: Signup) -> Verdict:
    if notes.is_closed(signup.store, signup.email):
        # Whoever typed it: a mailbox that is dead, or that called our mail spam, gets no mail by way of a form.
        return Verdict(Answer.REFUSED, "This address is closed: it bounced, or reported a mail as spam.")
    page = in_language(links.confirm_page(signup), signup.language, signup.store)
    facts = {"confirm": {"url": page}, "customer": {"first_name": signup.name.split(" ")[0]}}
    try:
        letter = notes.note(
            signup.store, TEMPLATE, to=signup.email, language=signup.language, key=f"signup:{signup.pk}", facts=facts
        )
    except (CannotPublish, CannotRender) as error:
        return Verdict(Answer.REFUSED, f"template: {error}"[:300])
    account = accounts.account_of(signup.store_id, "email")
    if account is None:
        return Verdict(Answer.LATER, "This shop has no account to send mail by.")
    try:
        (verdict,) = registry.opened(account).deliver([letter])
    except ValueError as error:
        return Verdict(Answer.LATER, str(error)[:250])
    return verdict
