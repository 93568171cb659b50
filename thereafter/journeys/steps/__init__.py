"""The kinds of step every journey can have; rooms above bring their own."""

from thereafter.journeys.steps import control, customer, outside, send

__all__ = ["control", "customer", "outside", "send"]
