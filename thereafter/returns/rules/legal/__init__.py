"""The law of returns as data, and what follows from it."""
