"""Signed, expiring tokens for links, and sealed (encrypted) secrets at rest."""

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core import signing


class BadToken(Exception):
    """The link was altered, is of another kind or has expired."""


class Expired(BadToken):
    """The link was good once."""


def sign(purpose: str, *parts: int | str) -> str:
    """A URL-safe token that says `parts` and is good for `purpose` only."""
    return signing.dumps(parts, salt=f"thereafter.{purpose}", compress=False)


def read(purpose: str, token: str, *, max_age_days: float) -> list[int | str]:
    """The parts of a token; raises `BadToken` when it was altered, is for another purpose or is too old."""
    try:
        parts: list[int | str] = signing.loads(
            token, salt=f"thereafter.{purpose}", max_age=timedelta(days=max_age_days)
        )
    except signing.SignatureExpired as old:
        raise Expired(str(old)) from None
    except signing.BadSignature as wrong:
        raise BadToken(str(wrong)) from None
    return parts


@lru_cache(maxsize=4)
def _vault(secret_key: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"thereafter.vault" + secret_key.encode()).digest()))


def seal(plain: str) -> str:
    """Encrypts a secret that we must be able to read again (webhook secrets, second factors)."""
    return _vault(settings.SECRET_KEY).encrypt(plain.encode()).decode()


def unseal(sealed: str) -> str:
    """Reads what `seal` wrote; raises `BadToken` when the installation's secret key has changed."""
    try:
        return _vault(settings.SECRET_KEY).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise BadToken("sealed with another secret key") from None


def fingerprint(token: str) -> str:
    """What we keep of a random token (API key): enough to recognise it, useless to a thief."""
    return hashlib.sha256(token.encode()).hexdigest()


def random_token(prefix: str = "") -> str:
    return prefix + secrets.token_urlsafe(32)


def hmac_sha256(secret: str, body: bytes) -> bytes:
    return hmac.digest(secret.encode(), body, "sha256")


def same(left: str | bytes, right: str | bytes) -> bool:
    """Equality in constant time."""
    as_bytes = [part.encode() if isinstance(part, str) else part for part in (left, right)]
    return hmac.compare_digest(*as_bytes)
