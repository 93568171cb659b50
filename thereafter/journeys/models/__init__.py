"""Journeys as versioned documents, and the people on their way through them."""

from thereafter.journeys.models.journeys import Journey, JourneyVersion
from thereafter.journeys.models.runs import Passage, Run

__all__ = ["Journey", "JourneyVersion", "Passage", "Run"]
