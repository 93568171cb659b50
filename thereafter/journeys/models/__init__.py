"""Journeys as versioned documents, and the people on their way through them."""

from thereafter.journeys.models.drafts import DraftEdit
from thereafter.journeys.models.journeys import Journey, JourneyVersion, Stuck
from thereafter.journeys.models.proof import Conversion, SplitWinner
from thereafter.journeys.models.runs import Passage, Run, Timer
from thereafter.journeys.models.segments import DayTold, Segment, SegmentMember
from thereafter.journeys.models.syncs import SegmentSync, SegmentTold

__all__ = [
    "Conversion",
    "DayTold",
    "DraftEdit",
    "Journey",
    "JourneyVersion",
    "Passage",
    "Run",
    "Segment",
    "SegmentMember",
    "SegmentSync",
    "SegmentTold",
    "SplitWinner",
    "Stuck",
    "Timer",
]
