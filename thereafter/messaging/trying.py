"""A letter that says it is a test, through a store's account at once: what a person wants to see before relying on
it. Nothing is kept."""

from datetime import datetime

from thereafter.messaging import accounts, composing, rules
from thereafter.messaging.channels import registry
from thereafter.messaging.channels.letters import Account, Answer, Letter, Verdict
from thereafter.messaging.models import TeamPlace
from thereafter.stores.models import Store

_TEXT = "This is a test from Thereafter: messages of {shop} reach you this way."


def try_channel(store: Store, channel: str, to: str, now: datetime, **extra: object) -> Verdict:
    """Hands over one letter; never raises."""
    account = accounts.account_of(store.pk, channel)
    if account is None:
        return Verdict(Answer.REFUSED, "There is no account for this channel.")
    if account.provider == "null" or account.get("url") == "null:":
        return Verdict(Answer.REFUSED, "This installation sends nothing: whoever runs it has set no mail server.")
    return try_account(store, account, channel, to, now, **extra)


def try_account(store: Store, account: Account, channel: str, to: str, now: datetime, **extra: object) -> Verdict:
    text = _TEXT.format(shop=store.name)
    letter = Letter(
        key=0,
        to=to,
        sender_name=rules.one_line(store.name),
        sender=account.get("sender") or composing.sender_of(store),
        reply_to=store.support_email,
        subject=f"Test from {rules.one_line(store.name)}",
        html=f"<p>{text}</p>" if channel == "email" else "",
        text=text,
        message_id=rules.message_id(store.pk, f"test:{channel}:{to}:{now.timestamp()}", composing.mail_host()),
        channel=channel,
        extra=extra,
    )
    try:
        (verdict,) = list(registry.opened(account).deliver([letter]))
    except ValueError as error:
        return Verdict(Answer.REFUSED, str(error)[:250])
    return verdict


def try_place(place: TeamPlace, url: str, now: datetime) -> Verdict:
    return try_channel(place.store, "team", place.name, now, urls=[url])
