"""How many guesses at a password or a code are patience, and how many are an attack."""

from datetime import timedelta

WINDOW = timedelta(minutes=15)
HALF_SIGNED_IN = timedelta(minutes=10)

# Tries within the window. One person mistypes; one address may be an office; one account may be everyone's target.
MOST_BY_PERSON = 8
MOST_BY_ADDRESS = 40
MOST_BY_ACCOUNT = 100
MOST_CODES = 8


def is_guessing(*, by_person: int, by_address: int, by_account: int) -> bool:
    """Whether the tries of one address at one account, of the address, or at the account are too many."""
    return by_person > MOST_BY_PERSON or by_address > MOST_BY_ADDRESS or by_account > MOST_BY_ACCOUNT
