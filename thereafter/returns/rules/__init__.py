"""Arithmetic and policy of returns: plain Python, no clock, no I/O."""
