"""The code that a shopper shows at a counter: signed by the shop's key, so that a counter without a line can check it.

`THR1:<code of the parcel>:<nonce>:<signature>`, of signs that make a small QR code. Whether it was spent is known by
the parcel: it is handed in once.
"""

import base64
import secrets

from django.conf import settings

from thereafter.kit import tokens
from thereafter.returns.labels.barcodes import qr
from thereafter.stores.models import Store

_EDITION, _PARTS = "THR1", 4
_NONCE_BYTES, _SIGNATURE_BYTES = 5, 10


class BadCode(ValueError):
    """It is none of this shop's codes; the text is for the person at the counter."""


def counter_key(store: Store | int) -> str:
    """What a counter of the store needs to check codes by itself; it opens nothing else."""
    store_id = store if isinstance(store, int) else store.pk
    return tokens.hmac_sha256(settings.SECRET_KEY, f"thereafter.returns.counter.{store_id}".encode()).hex()


def make(key: str, parcel_code: str) -> str:
    """A new code for a parcel; earlier ones stay good, because the parcel is handed in once."""
    nonce = _text(secrets.token_bytes(_NONCE_BYTES))
    return ":".join((_EDITION, parcel_code, nonce, _signature(key, parcel_code, nonce)))


def read(key: str, scanned: str) -> str:
    """The parcel's code; raises `BadCode` when the signature is not the shop's."""
    parts = scanned.strip().upper().split(":")
    if len(parts) != _PARTS or parts[0] != _EDITION:
        raise BadCode("This is no code for a return. Ask for the code on the shopper's page of the return.")
    _, parcel_code, nonce, signature = parts
    if not tokens.same(signature, _signature(key, parcel_code, nonce)):
        raise BadCode("This code was not made by this shop. Do not take the parcel; ask the shopper to open it again.")
    return parcel_code


def drawn(code: str) -> str:
    """The code as SVG, with the white border that cameras want."""
    return qr(code, border=4)


def _signature(key: str, parcel_code: str, nonce: str) -> str:
    return _text(tokens.hmac_sha256(key, f"{_EDITION}:{parcel_code}:{nonce}".encode())[:_SIGNATURE_BYTES])


def _text(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=")
