"""How much a template of a merchant may compute: one that writes without end must not take the machine with it.

Loops and output are limited by the library; what a filter makes, and how long a range is, are not.
"""

from collections.abc import Callable, Sized
from functools import wraps
from typing import Any

from liquid import Environment
from liquid.builtin.expressions import primitive
from liquid.exceptions import FilterArgumentError, LoopIterationLimitError, OutputStreamLimitError

MOST_CHARACTERS = 400_000
MOST_ITEMS = 2_000
MOST_BITS = 256
# Of all that a template keeps under names, in bytes.
MOST_KEPT = 8_000_000
Filter = Callable[..., Any]
_make_range = primitive.RangeLiteral._make_range


def _limited_range(self: primitive.RangeLiteral, start: Any, stop: Any) -> range:
    made = _make_range(self, start, stop)
    if len(made) > MOST_ITEMS:
        raise LoopIterationLimitError(f"a range has at most {MOST_ITEMS:,} numbers", token=self.token)
    return made


# The library makes them by itself, wherever they stand, and asks nobody.
primitive.RangeLiteral._make_range = _limited_range  # type: ignore[method-assign]  # see above


def limit(environment: Environment) -> None:
    """Every filter of the environment stops before what it makes is too large."""
    for name, plain in list(environment.filters.items()):
        environment.filters[name] = _limited(plain, _GROWS.get(name))


def _limited(plain: Filter, grows: Filter | None) -> Filter:
    @wraps(plain)
    def checked(value: Any, *args: Any, **kwargs: Any) -> Any:
        if grows is not None and args and grows(value, *args) > MOST_CHARACTERS:
            raise OutputStreamLimitError("a text is too long", token=None)
        made = plain(value, *args, **kwargs)
        if isinstance(made, int):
            if made.bit_length() > MOST_BITS:
                raise FilterArgumentError("a number is too large", token=None)
        elif isinstance(made, Sized) and len(made) > MOST_CHARACTERS:
            raise OutputStreamLimitError("a text is too long", token=None)
        return made

    return checked


def _replaced(value: Any, old: Any, new: Any = "", *_: Any) -> int:
    return str(value).count(str(old)) * len(str(new))


def _joined(value: Any, between: Any = " ", *_: Any) -> int:
    return (len(value) if isinstance(value, Sized) else 1) * len(str(between))


# How long a text will be at most that a filter makes of its arguments, where that is more than their sum.
_GROWS: dict[str, Filter] = {"replace": _replaced, "join": _joined}
