"""What is wrong with a document. Plain Python."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: the id of a step, "trigger", "entry", "goal" or ""; `setting` is the field in it."""

    where: str
    text: str
    setting: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.where else self.text
