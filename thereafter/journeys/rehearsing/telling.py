"""What a rehearsal found, counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from thereafter.journeys.models import Journey
from thereafter.journeys.rehearsing.judging import Letter
from thereafter.journeys.rehearsing.playing import HELD, Play
from thereafter.journeys.rules import deciding
from thereafter.kit import clock

UNDER_WAY = "under_way"


@dataclass(frozen=True)
class Rehearsal:
    """Who would have got what and when. `steps` counts how many came to each step."""

    journey: Journey
    first: date
    last: date
    plays: Sequence[Play]
    letters: Sequence[Letter]
    goals: int
    seconds: float
    # More came than were played.
    is_cut: bool = False

    @property
    def entered(self) -> list[Play]:
        return [play for play in self.plays if play.state != HELD]

    @property
    def held_out(self) -> int:
        return len(self.plays) - len(self.entered)

    @property
    def steps(self) -> Counter[str]:
        return Counter(moved.to for play in self.plays for moved in play.moved if not moved.to.startswith("@"))

    @property
    def messages(self) -> Counter[str]:
        return Counter(letter.template for letter in self.letters)

    @property
    def sent(self) -> Counter[str]:
        return Counter(letter.template for letter in self.letters if letter.sent_at)

    @property
    def skipped(self) -> Counter[str]:
        return Counter(letter.why for letter in self.letters if not letter.sent_at)

    @property
    def held(self) -> Counter[str]:
        """Messages that had to wait, by each reason."""
        return Counter(why for letter in self.letters for why in set(letter.held))

    @property
    def by_day(self) -> Counter[date]:
        zone = self.journey.store.time_zone
        return Counter(clock.day_in(letter.sent_at, zone) for letter in self.letters if letter.sent_at)

    @property
    def by_hour(self) -> Counter[datetime]:
        zone = clock.zone(self.journey.store.time_zone)
        return Counter(
            letter.sent_at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
            for letter in self.letters
            if letter.sent_at
        )

    @property
    def ended(self) -> Counter[str]:
        return Counter(UNDER_WAY if play.state == deciding.WAITING else play.outcome for play in self.entered)

    @property
    def collisions(self) -> dict[str, Any]:
        """Messages that people would have got within a day of another one; those that had to wait for others' sake."""
        beside = [letter for letter in self.letters if letter.beside]
        return {
            "messages": len(beside),
            "people": len({letter.play.customer_id for letter in beside}),
            "waited_for_caps": self.held["frequency_cap"],
            "with": dict(Counter(_source(letter.beside) for letter in beside)),
        }

    def as_json(self) -> dict[str, Any]:
        """The last line of the command."""
        return {
            "journey": self.journey.key,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "entered": len(self.entered),
            "held_out": self.held_out,
            "steps": dict(self.steps),
            "messages": dict(self.messages),
            "sent": dict(self.sent),
            "skipped": dict(self.skipped),
            "held": dict(self.held),
            "per_hour": self._per_hour(),
            "collisions": self.collisions,
            "ended": dict(self.ended),
            "goals": self.goals,
            "seconds": round(self.seconds, 2),
        }

    def _per_hour(self) -> dict[str, Any]:
        hours = self.by_hour
        peak = max(hours.items(), key=lambda pair: (pair[1], -pair[0].timestamp()), default=None)
        return {
            "peak": peak[1] if peak else 0,
            "peak_at": peak[0].isoformat() if peak else None,
            "hours_with_messages": len(hours),
            "by_hour_of_day": {f"{hour:02}": count for hour, count in sorted(_of_day(hours).items())},
        }


def _of_day(hours: Counter[datetime]) -> Counter[int]:
    found: Counter[int] = Counter()
    for moment, count in hours.items():
        found[moment.hour] += count
    return found


def _source(origin: str) -> str:
    """ "journey:5:ask" as "journey:5"."""
    return ":".join(origin.split(":")[:2]) or "other"
