"""On which side of the comparison a customer is. Plain Python."""

import hashlib


def is_held_out(salt: str, customer_id: int, percent: float) -> bool:
    """Whether a customer is shown nothing, to compare with: always the same ones, and more of them when it grows."""
    if percent <= 0:
        return False
    digest = hashlib.blake2b(f"recommendations:{salt}:{customer_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64 < percent / 100
