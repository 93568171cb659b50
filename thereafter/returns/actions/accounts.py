"""Accounts with payment providers: kept sealed, chosen for a way of paying, and read when a refund goes out."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from thereafter.commerce.actions.shop_access import credentials_of as shop_credentials
from thereafter.commerce.models import ShopAccess
from thereafter.kit import tokens
from thereafter.returns.models import GrantShare, PaymentAccount, RefundRoute
from thereafter.returns.payments import registry
from thereafter.returns.payments.adapters import Account
from thereafter.stores.actions import audit, connect
from thereafter.stores.models import Connection, Staff, Store

LONGEST = 500
# After a provider refused our key it is not asked again by itself.
REFUSED_REST = timedelta(hours=6)
SHOPS = (registry.SHOPIFY, registry.WOOCOMMERCE)
State = GrantShare.State


class BadCredentials(ValueError):
    """Credentials that cannot be; the text says what to do."""


def completed(provider: str, given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """What was typed in, with the secrets that were kept; raises `BadCredentials`."""
    kept = {name: before[name] for name in ("address",) if name in before}
    for field in registry.PROVIDERS[provider].fields:
        value = str(given.get(field.name, "")).strip()[:LONGEST] or before.get(field.name, "")
        if field.required and not value:
            raise BadCredentials(f"{field.label} is missing.")
        if value:
            kept[field.name] = value
    return kept


@transaction.atomic
def set_account(
    store: Store, provider: str, kept: Mapping[str, str], found: Account, *, by: Staff | None, now: datetime
) -> PaymentAccount:
    """Keeps an account; what waited for it goes on at once, and webhooks signed with its secret are taken."""
    account, _ = PaymentAccount.objects.of(store).update_or_create(
        store=store,
        provider=provider,
        defaults={
            "sealed_credentials": tokens.seal(msgspec.json.encode(dict(kept)).decode()),
            "title": found.title[:120],
            "is_test": found.is_test,
            "error": "",
            "rests_until": None,
        },
        create_defaults={
            "sealed_credentials": tokens.seal(msgspec.json.encode(dict(kept)).decode()),
            "title": found.title[:120],
            "is_test": found.is_test,
            "created_at": now,
        },
    )
    if kept.get("webhook_secret"):
        _listen(store, provider, kept["webhook_secret"], now)
    _wake(store, provider, now)
    audit(store, by=by, verb="returns.set_account", now=now, subject=registry.TITLES[provider])
    return account


def _listen(store: Store, provider: str, secret: str, now: datetime) -> None:
    known = Connection.objects.of(store).filter(source=provider).first()
    if known is None or not any(tokens.same(secret, one) for one in known.secrets()[:1]):
        connect(store, provider, now=now, secret=secret)


def _wake(store: Store, provider: str, now: datetime) -> None:
    waiting = GrantShare.objects.of(store).filter(adapter=provider, due_at__isnull=False)
    waiting.filter(state__in=(State.GRANTED, State.SENT)).update(due_at=now)


@transaction.atomic
def drop_account(account: PaymentAccount, *, by: Staff | None, now: datetime) -> None:
    """Forgets the credentials. What was not sent yet finds another way, or becomes a task."""
    store = account.store
    GrantShare.objects.of(store).filter(adapter=account.provider, state=State.GRANTED).update(adapter="", due_at=now)
    Connection.objects.of(store).filter(source=account.provider).delete()
    account.delete()
    audit(store, by=by, verb="returns.drop_account", now=now, subject=registry.TITLES[account.provider])


@transaction.atomic
def set_route(store: Store, kind: str, adapter: str, *, by: Staff | None, now: datetime) -> None:
    """Chooses who gives a way of paying back; "" leaves it to us again. What waits for a person is looked at anew."""
    RefundRoute.objects.of(store).filter(kind=kind).delete()
    if adapter:
        RefundRoute.objects.create(store=store, kind=kind[:40], adapter=adapter)
    audit(store, by=by, verb="returns.set_route", now=now, subject=kind, detail={"adapter": adapter})


def connected(store: Store | int) -> set[str]:
    """The providers and shop systems that the store can give money back through."""
    accounts = PaymentAccount.objects.of(store).values_list("provider", flat=True)
    shops = ShopAccess.objects.of(store).filter(source__in=SHOPS).values_list("source", flat=True)
    return {*accounts, *shops}


def credentials(store: Store | int, adapter: str) -> dict[str, str]:
    """What the merchant typed in; nothing when it is gone, or sealed with another secret key of this installation."""
    if adapter in SHOPS:
        access = ShopAccess.objects.of(store).filter(source=adapter).first()
        return shop_credentials(access) if access else {}
    account = PaymentAccount.objects.of(store).filter(provider=adapter).first()
    return unsealed(account) if account else {}


def unsealed(account: PaymentAccount) -> dict[str, str]:
    try:
        return msgspec.json.decode(tokens.unseal(account.sealed_credentials), type=dict[str, str])
    except tokens.BadToken:
        return {}


def resting_until(store: Store | int, adapter: str, now: datetime) -> datetime | None:
    """Until when the account is left alone, because our key was refused."""
    rows = PaymentAccount.objects.of(store).filter(provider=adapter, rests_until__gt=now)
    return rows.values_list("rests_until", flat=True).first()


def note_work(store: Store | int, adapter: str, *, error: str, now: datetime) -> None:
    """Writes down whether the account worked; a refused key rests it. A shop's key is also that of its coupons."""
    rest = now + REFUSED_REST if error else None
    if adapter in SHOPS:
        return
    changed = {"error": error[:300], "rests_until": rest} | ({} if error else {"worked_at": now})
    PaymentAccount.objects.of(store).filter(provider=adapter).update(**changed)
