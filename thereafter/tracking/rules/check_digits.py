"""Check digits of tracking numbers. Each takes what is checked and gives the digit (or letter) that must follow."""

from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def gs1(serial: str) -> str:
    """GS1 (SSCC, IMpb, FedEx Ground, Canada Post): from the right 3, 1, 3, 1 ..., up to the next ten."""
    return str(-(3 * _sum(serial[::-2]) + _sum(serial[-2::-2])) % 10)


def luhn(serial: str) -> str:
    doubled = sum(int("0246813579"[int(digit)]) for digit in serial[::-2])
    return str(-(doubled + _sum(serial[-2::-2])) % 10)


def fedex(serial: str) -> str:
    """FedEx Express: from the right 1, 3, 7, 1, 3, 7 ..., modulo 11; ten is written as nought."""
    return str((_sum(serial[::-3]) + 3 * _sum(serial[-2::-3]) + 7 * _sum(serial[-3::-3])) % 11 % 10)


def ups(serial: str) -> str:
    """UPS and OnTrac: from the left 1, 2, 1, 2 ..., up to the next ten; a letter counts 2 for A, 3 for B, and so on."""
    values = [(ord(letter) - 3) % 10 if letter > "9" else int(letter) for letter in serial]
    return str(-(sum(values[::2]) + 2 * sum(values[1::2])) % 10)


def seven(serial: str) -> str:
    """DHL Express: what is left when divided by seven."""
    return str(int(serial) % 7)


def identcode(serial: str) -> str:
    """DHL Paket in Germany: from the left 4, 9, 4, 9 ..., up to the next ten."""
    return str(-(4 * _sum(serial[::2]) + 9 * _sum(serial[1::2])) % 10)


def s10(serial: str) -> str:
    """UPU S10: eight weights, modulo 11; ten is written as nought and eleven as five."""
    rest = 11 - sum(weight * int(digit) for weight, digit in zip(_S10_WEIGHTS, serial, strict=True)) % 11
    return {10: "0", 11: "5"}.get(rest, str(rest))


def mod37(serial: str) -> str:
    """DPD: ISO 7064 MOD 37,36."""
    product = 36
    for letter in serial:
        product = ((product + ALPHABET.index(letter)) % 36 or 36) * 2 % 37
    return ALPHABET[(37 - product) % 36]


def _sum(digits: str) -> int:
    return sum(map(int, digits))


# The check and how many numbers of a kind share a check digit.
CHECKS: dict[str, tuple[Callable[[str], str], int]] = {
    "gs1": (gs1, 10),
    "luhn": (luhn, 10),
    "fedex": (fedex, 10),
    "ups": (ups, 10),
    "seven": (seven, 7),
    "identcode": (identcode, 10),
    "s10": (s10, 10),
    "mod37": (mod37, 36),
}
