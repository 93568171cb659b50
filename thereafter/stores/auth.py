"""Second factors and API keys."""

import secrets
from datetime import datetime

import pyotp

from thereafter.kit import tokens
from thereafter.stores.models import ApiKey, Staff, is_stale, live_key


class NotAllowed(Exception):
    """The key is unknown, revoked, or lacks the scope."""


def key_for(token: str, scope: str, now: datetime) -> ApiKey:
    """The live key a caller holds; raises `NotAllowed`. Notes its use at most once a minute."""
    key = ApiKey.objects.select_related("store").filter(live_key(tokens.fingerprint(token))).first()
    if key is None:
        raise NotAllowed("This API key is unknown or was revoked. Make a new one under Settings > API keys.")
    if not key.allows(scope):
        raise NotAllowed(f"This API key lacks the scope {scope}. Make one that has it under Settings > API keys.")
    if is_stale(key.last_used_at, now):
        ApiKey.objects.of(key.store_id).filter(pk=key.pk).update(last_used_at=now)
    return key


def new_second_factor() -> str:
    return pyotp.random_base32()


def provisioning_uri(secret: str, staff: Staff) -> str:
    """What an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=staff.email, issuer_name="Thereafter")


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The half-minute step whose code this is (one step of drift either way), or None. RFC 6238."""
    step = int(now.timestamp()) // 30
    one_time = pyotp.TOTP(secret)
    return next((near for near in (step, step - 1, step + 1) if tokens.same(one_time.at(near * 30), code)), None)


def recovery_codes() -> list[str]:
    return [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(10)]
