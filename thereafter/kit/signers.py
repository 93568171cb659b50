"""Keeping the certificate that signs passes: what a row holds of it, the key sealed, and back."""

from datetime import datetime
from typing import Any

from thereafter.kit import tokens
from thereafter.kit.passes import BadCertificate, Signer


def kept(signer: Signer, now: datetime) -> dict[str, Any]:
    """The fields of a row but for the names; raises `BadCertificate` when the certificate has run out."""
    if signer.expires_at <= now:
        raise BadCertificate(f"This certificate ran out on {signer.expires_at:%d %B %Y}. Make a new one at Apple.")
    return {
        "certificate": signer.certificate,
        "issuer": signer.issuer,
        "sealed_key": tokens.seal(signer.key),
        "expires_at": signer.expires_at,
        "changed_at": now,
    }
