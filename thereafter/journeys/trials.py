"""What else some were held out of by chance: `@trials(place=…)` in a module's `panels.py`; one page shows all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from thereafter.journeys.rules.proof import Proof
from thereafter.kit.sockets import Socket
from thereafter.stores.models import Store


@dataclass(frozen=True)
class Tried:
    """Something that people got or were held out of. `url` leads to its page, for who may `verb`."""

    name: str
    proof: Proof
    url: str
    verb: str


trials: Socket[Callable[[Store, datetime], Sequence[Tried]]] = Socket()
