"""Which language a person is written to in. Plain Python."""

from collections.abc import Sequence


def languages(*locales: str) -> list[str]:
    """Languages to try, best first: those of the customer and the shop without their region, then English."""
    short = [locale.replace("_", "-").split("-")[0].lower() for locale in locales if locale]
    return list(dict.fromkeys([*short, "en"]))


def choose_language(available: Sequence[str], *locales: str) -> str:
    """The best language that there is; the first of `available` when none of the wanted ones is."""
    return next((language for language in languages(*locales) if language in available), available[0])
