"""The key that signs a store's passes for wallets."""

from datetime import datetime

from django.db import transaction

from thereafter.kit import signers, tokens
from thereafter.stores.actions import audit
from thereafter.stores.models import Staff, Store
from thereafter.tracking.models import WalletKey
from thereafter.tracking.passes import Signer


@transaction.atomic
def keep_wallet_key(store: Store, signer: Signer, *, by: Staff, now: datetime) -> None:
    """Keeps the certificate, its key sealed; raises `BadCertificate` when it has run out."""
    kept = {"pass_type": signer.pass_type, "team": signer.team, **signers.kept(signer, now)}
    WalletKey.objects.of(store).update_or_create(store=store, defaults=kept)
    audit(store, by=by, verb="tracking.wallet_key", now=now, detail={"pass_type": signer.pass_type})


@transaction.atomic
def drop_wallet_key(store: Store, *, by: Staff, now: datetime) -> None:
    deleted, _ = WalletKey.objects.of(store).delete()
    if deleted:
        audit(store, by=by, verb="tracking.wallet_key", now=now, detail={"pass_type": ""})


def signer_of(key: WalletKey) -> Signer:
    return Signer(key.certificate, key.issuer, tokens.unseal(key.sealed_key))
