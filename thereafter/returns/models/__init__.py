"""The tables of returns, by noun."""

from thereafter.returns.models.money import Grant, GrantShare

__all__ = ["Grant", "GrantShare"]
