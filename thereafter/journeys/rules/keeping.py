"""What Python reads as JSON and no database keeps as such. Plain Python."""

from typing import Any

import msgspec

NUL = "\0"


def trouble(text: str | bytes) -> str:
    """Why a text cannot be kept as JSON, as a sentence; "" when it can."""
    try:
        told = msgspec.json.decode(text)
    except RecursionError:
        return "This is nested too deeply to be a journey."
    except (msgspec.DecodeError, UnicodeError) as wrong:
        return f"This cannot be kept: {wrong}."
    return "A text in it holds a NUL character, which no database keeps." if holds_nul(told) else ""


def holds_nul(told: Any) -> bool:
    """In any text or name of a value that was JSON."""
    if isinstance(told, dict):
        return any(holds_nul(one) for pair in told.items() for one in pair)
    if isinstance(told, list):
        return any(map(holds_nul, told))
    return isinstance(told, str) and NUL in told
