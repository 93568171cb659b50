"""The kinds of step every journey can have; rooms above bring their own."""

from thereafter.journeys.steps import branch, send, wait

__all__ = ["branch", "send", "wait"]
