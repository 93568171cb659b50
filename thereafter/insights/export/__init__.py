"""Copying a store's orders and log to where figures are counted."""

from thereafter.insights.export.bringing import NotBrought, bring

__all__ = ["NotBrought", "bring"]
