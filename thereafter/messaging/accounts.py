"""Through whose account a store's letters go: its own, or the installation's. Reads only."""

import json
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from thereafter.kit import tokens
from thereafter.messaging.channels.letters import Account
from thereafter.messaging.models import ChannelAccount
from thereafter.stores.models import Store

# Tickets are mails; a store without an account sends to its customers' browsers and to programs all the same.
BY_MAIL = "ticket"


def accounts_of(store_ids: Collection[int]) -> dict[tuple[int, str], Account]:
    """By store and channel, for every channel that a store can send by."""
    ours = installation()
    known = {(store_id, channel): account for store_id in store_ids for channel, account in ours.items()}
    known |= {(store_id, "webhook"): _hooks(store_id) for store_id in store_ids}
    for row in ChannelAccount.objects.filter(store_id__in=store_ids):
        account = opened(row)
        if account:
            known[row.store_id, row.channel] = account
    return known | {(store_id, BY_MAIL): known[store_id, "email"] for store_id in store_ids}


def account_of(store_id: int, channel: str) -> Account | None:
    return accounts_of([store_id]).get((store_id, channel))


def installation() -> dict[str, Account]:
    """What every store has without an account of its own. Who sends no mail (null:) sends nothing else either."""
    known = {
        "email": Account.of("email", "url", {"url": settings.MAIL_URL}),
        "push": _or_null("push", {"secret": settings.SECRET_KEY, "hosts": ",".join(settings.PUSH_HOSTS)}),
        "team": _or_null("team", {"private": _private()}),
    }
    if settings.SMS_ACCOUNT and settings.SMS_TOKEN and settings.SMS_FROM:
        fields = {"account": settings.SMS_ACCOUNT, "token": settings.SMS_TOKEN, "from": settings.SMS_FROM}
        known["sms"] = _or_null("sms", fields | {"url": settings.SMS_URL}, "twilio")
    return known


def _hooks(store_id: int) -> Account:
    return _or_null("webhook", {"secret": hook_secret(store_id), "private": _private()})


def hook_secret(store_id: int) -> str:
    """What a store's webhooks are signed with until it makes another."""
    return "whsec_" + tokens.hmac_sha256(settings.SECRET_KEY, f"webhook:{store_id}".encode()).hex()


def _or_null(channel: str, fields: dict[str, str], provider: str = "own") -> Account:
    quiet = settings.MAIL_URL.startswith("null:")
    return Account.of(channel, "null", {}) if quiet else Account.of(channel, provider, fields)


def _private() -> str:
    return "1" if settings.PRIVATE_HOOKS else ""


def opened(row: ChannelAccount) -> Account | None:
    """None when the installation's secret key has changed: then it has to be typed in again."""
    fields = fields_of(row)
    if fields is None:
        return None
    return Account.of(row.channel, row.provider, {**fields, "private": _private(), "own": "1"})


def fields_of(row: ChannelAccount) -> dict[str, str] | None:
    try:
        return dict(_unsealed(row.sealed_fields))
    except tokens.BadToken:
        return None


@lru_cache(maxsize=256)
def _unsealed(sealed: str) -> dict[str, str]:
    known: dict[str, str] = json.loads(tokens.unseal(sealed))
    return known


def news_address(store: Store, account: Account) -> str:
    """Where the provider of a store's own account posts what became of a message; "" where it could not reach us."""
    if not (account.get("own") and settings.PUBLIC_URL.startswith("https://")):
        return ""
    return hook_address(store, account.provider)


def hook_address(store: Store, source: str) -> str:
    return f"{settings.PUBLIC_URL}/hooks/{store.slug}/{source}"


def mail_host_of(url: str) -> str:
    """Whose mail server a setting names, for people."""
    return urlsplit(url).hostname or urlsplit(url).scheme
