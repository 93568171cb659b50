"""The two sides of every entry: ledger account to amount. Each sums to zero.

`issued` is the contra account of all points ever given; `debt` is negative while a member owes.
"""

Amounts = dict[str, int]


def earned(points: int, *, is_active: bool) -> Amounts:
    return {"issued": -points, "available" if is_active else "pending": points}


def activated(points: int) -> Amounts:
    return {"pending": -points, "available": points}


def redeemed(points: int) -> Amounts:
    return {"available": -points, "redeemed": points}


def reserved(points: int) -> Amounts:
    return {"available": -points, "reserved": points}


def captured(points: int) -> Amounts:
    return {"reserved": -points, "redeemed": points}


def released(points: int) -> Amounts:
    return {"reserved": -points, "available": points}


def restored(points: int) -> Amounts:
    return {"redeemed": -points, "available": points}


def expired(*, pending: int, available: int) -> Amounts:
    return {"pending": -pending, "available": -available, "expired": pending + available}


def reversed_(*, pending: int, available: int, owed: int) -> Amounts:
    return {"pending": -pending, "available": -available, "debt": -owed, "reversed": pending + available + owed}


def repaid(points: int) -> Amounts:
    return {"available": -points, "debt": points}
