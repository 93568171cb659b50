"""What the shoppers' pages of the programme are set to: keys for wallets, sites that may show it."""

import re
from datetime import datetime

from django.db import transaction

from thereafter.kit import signers, tokens
from thereafter.kit.passes import Signer
from thereafter.loyalty.models import CardKey, PageSettings
from thereafter.loyalty.wallet import google
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store

Wallet = CardKey.Wallet
_ORIGIN = re.compile(r"^https://[a-z0-9.-]+(:[0-9]{1,5})?$|^http://localhost(:[0-9]{1,5})?$")
MOST_ORIGINS = 20


class BadOrigin(ValueError):
    """Not the address of a site; the text says which."""


@transaction.atomic
def keep_apple(store: Store, signer: Signer, *, by: Staff, now: datetime) -> None:
    """Keeps the certificate, its key sealed; raises `BadCertificate` when it has run out."""
    kept = {"name": signer.pass_type, "owner": signer.team, **signers.kept(signer, now)}
    _keep(store, Wallet.APPLE, kept, by=by, now=now)


@transaction.atomic
def keep_google(store: Store, account: google.Account, *, by: Staff, now: datetime) -> None:
    kept = {
        "name": account.issuer,
        "owner": account.email[:200],
        "sealed_key": tokens.seal(account.key),
        "changed_at": now,
    }
    _keep(store, Wallet.GOOGLE, kept, by=by, now=now)


def _keep(store: Store, wallet: str, kept: dict[str, object], *, by: Staff, now: datetime) -> None:
    CardKey.objects.of(store).update_or_create(store=store, wallet=wallet, defaults=kept)
    audit(store, by=by, verb="loyalty.card_key", now=now, detail={"wallet": wallet, "name": kept["name"]})


@transaction.atomic
def drop(store: Store, wallet: str, *, by: Staff, now: datetime) -> None:
    deleted, _ = CardKey.objects.of(store).filter(wallet=wallet).delete()
    if deleted:
        audit(store, by=by, verb="loyalty.card_key", now=now, detail={"wallet": wallet, "name": ""})


def key_of(store: Store, wallet: str, now: datetime) -> CardKey | None:
    """The key for a wallet, unless it has run out."""
    found = CardKey.objects.of(store).filter(wallet=wallet).first()
    return None if found is None or (found.expires_at and found.expires_at <= now) else found


def apple_signer(key: CardKey) -> Signer:
    return Signer(key.certificate, key.issuer, tokens.unseal(key.sealed_key))


def google_account(key: CardKey) -> google.Account:
    return google.Account(key.name, key.owner, tokens.unseal(key.sealed_key))


@transaction.atomic
def set_origins(store: Store, given: list[str], *, by: Staff, now: datetime) -> None:
    """The sites that may show the programme in a frame. Raises `BadOrigin`."""
    origins = list(dict.fromkeys(one.strip().rstrip("/").lower() for one in given if one.strip()))
    wrong = next((one for one in origins if not _ORIGIN.match(one)), "")
    if wrong:
        raise BadOrigin(f"{wrong[:80]} is not the address of a site. Write it like https://shop.example.")
    if len(origins) > MOST_ORIGINS:
        raise BadOrigin(f"Name {MOST_ORIGINS} sites at most.")
    PageSettings.objects.of(store).update_or_create(store=store, defaults={"origins": origins, "changed_at": now})
    audit(store, by=by, verb="loyalty.page_sites", now=now, detail={"origins": origins})


def origins_of(store: Store) -> set[str]:
    found = PageSettings.objects.of(store).first()
    return {str(one) for one in found.origins} if found else set()
