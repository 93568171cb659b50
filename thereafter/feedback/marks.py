"""Names of reviews, answers and photos in public pages: they show no count of ours, and nobody can make one up.

Unlike a token of `kit.tokens` the same thing always has the same name, so that a page stays the same byte for byte.
"""

import hmac

from django.conf import settings

from thereafter.kit.tokens import BadToken

_LENGTH = 12
# Odd, so that multiplying by it modulo 2**40 can be undone.
_STRIDE, _ROOM = 0x9E3779B97F | 1, 1 << 40
_BACK = pow(_STRIDE, -1, _ROOM)


def mark(kind: str, store_id: int, row_id: int) -> str:
    """The public name of a row: "review" 7 of this store is always the same word."""
    number = f"{row_id * _STRIDE % _ROOM:x}"
    return f"{number}-{_proof(kind, store_id, number)}"


def row_of(kind: str, store_id: int, text: str) -> int:
    """The id of the row; raises `BadToken` for a word that we did not make, or of another kind or shop."""
    number, _, proof = text.partition("-")
    if not hmac.compare_digest(proof.encode(), _proof(kind, store_id, number).encode()):
        raise BadToken("no name of ours")
    return int(number, 16) * _BACK % _ROOM


def _proof(kind: str, store_id: int, number: str) -> str:
    said = f"thereafter.mark|{kind}|{store_id}|{number}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, "sha256").hexdigest()[:_LENGTH]
