"""What composing makes of a message, and sending takes."""

from dataclasses import dataclass

from thereafter.messaging.channels.letters import Letter
from thereafter.messaging.models import Message


@dataclass(frozen=True)
class Composed:
    """A message with its letter; or without one, and `why_not`. `broken` when the template is at fault."""

    message: Message
    letter: Letter | None = None
    why_not: str = ""
    broken: bool = False
