"""Cells that a spreadsheet would take for a formula, marked and unmarked. Plain Python.

Only in our own table, which is read back by the same rule, so that nothing changes on the way. Tables for other apps
are written as they are: their apps would show the mark to shoppers as part of the review.
"""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def marked(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def unmarked(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
