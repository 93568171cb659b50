"""What journeys earned, against those who were held out of them at random: the only proof of a cause that there is."""

from dataclasses import dataclass
from datetime import datetime

from thereafter.journeys import proving
from thereafter.journeys.models import Journey, Run
from thereafter.journeys.proving import Result
from thereafter.journeys.rules.proof import Proof
from thereafter.stores.models import Store

DEFINITION = (
    "Some of those who could have entered a journey were held out at random. People count once, from the first time "
    "they entered in the last 400 days, when their window is over. The difference between both groups is what the "
    "journey did; the intervals hold however often you look (confidence sequences), which makes them wider than usual "
    "ones. Money is of orders within the window, less refunds."
)
# The latest of a journey that nobody enters any more is still worth a line; of a hundred drafts it is not.
MOST = 50


@dataclass(frozen=True)
class Experiment:
    journey_id: int
    key: str
    name: str
    is_live: bool
    result: Result

    @property
    def main(self) -> Proof:
        return self.result.main


def experiments(store: Store, now: datetime) -> list[Experiment]:
    """Journeys that people entered, live ones first. A few queries for each."""
    entered = Run.objects.of(store).filter(started_at__gt=now - proving.LOOK_BACK).values("journey_id")
    journeys = Journey.objects.of(store).filter(pk__in=entered, archived_at__isnull=True)
    ordered = journeys.select_related("store", "version").order_by("-live", "name")[:MOST]
    return [
        Experiment(journey.pk, journey.key, journey.name, journey.live, proving.of_journey(journey, now))
        for journey in ordered
    ]


def control_group(store: Store, now: datetime) -> Result | None:
    """What all marketing together earned; None without a control group."""
    return proving.of_control_group(store, now)
