"""How well it works on real comments."""

from pathlib import Path

from bench import words


def test_words_of_olist_are_told_apart_as_promised(shared_data: Path) -> None:
    """Portuguese comments, five-fold cross-validation, three stars left out."""
    measured = words.accuracy(words.comments(shared_data / "olist"))
    assert measured["accuracy"] >= 0.92
    assert measured["auc"] >= 0.96
    assert measured["positive"] + measured["negative"] > 3_800
