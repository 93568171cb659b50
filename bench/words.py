"""How well a shop's own stars teach which words are content and which are not, on the Portuguese comments of Olist.

    ./run bench words [DIR] --json

DIR holds the Olist tables (`../shared/data/olist` by default). A comment is what a shopper wrote: title and text, as in
a review here; also measured with the text alone. Five-fold cross-validation, stratified, three stars left out; letter
runs, their rarity and their weights are learnt without the fold they judge. The last line is the JSON.
"""

import argparse
import csv
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from thereafter.feedback.rules.answers import band
from thereafter.feedback.rules.words import sentiment, themes, tokens

OLIST = Path(__file__).parents[2] / "shared" / "data" / "olist"
LANGUAGE = "pt"
Comment = tuple[str, int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=OLIST, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="print one JSON object (the default)")
    folder = parser.parse_args().folder
    if not (folder / "olist_order_reviews_dataset.csv").exists():
        print(json.dumps({"benchmark": "words", "skipped": "the Olist tables are not there"}))
        return
    print(json.dumps({"benchmark": "words", **measure(folder)}, ensure_ascii=False))


def measure(folder: Path) -> dict[str, Any]:
    whole = comments(folder)
    return {
        "title_and_text": accuracy(whole),
        "text_alone": accuracy(comments(folder, with_title=False)),
        "themes": _themes(whole),
    }


def comments(folder: Path, *, with_title: bool = True) -> list[Comment]:
    """What was written, with its stars."""
    with (folder / "olist_order_reviews_dataset.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    parts = ("review_comment_title", "review_comment_message") if with_title else ("review_comment_message",)
    found = [(" ".join(row[part] for part in parts).strip(), int(row["review_score"])) for row in rows]
    return [(text, stars) for text, stars in found if text]


def accuracy(said: list[Comment]) -> dict[str, Any]:
    scored = [(text, band("csat", stars)) for text, stars in said]
    taught = [(text, kind == "high") for text, kind in scored if kind in {"high", "low"}]
    texts, is_content = [text for text, _ in taught], np.array([content for _, content in taught])
    began = time.perf_counter()
    found = sentiment.cross_validate(texts, is_content)
    validated = time.perf_counter()
    model = sentiment.fit(texts, is_content)
    fitted = time.perf_counter()
    model.content(texts[:1000])
    return {
        "accuracy": round(found.accuracy, 4),
        "auc": round(found.auc, 4),
        "accuracy_of_positive": round(found.of_content, 4),
        "accuracy_of_negative": round(found.of_unhappy, 4),
        "positive": found.content,
        "negative": found.unhappy,
        "cross_validation_seconds": round(validated - began, 2),
        "fit_seconds": round(fitted - validated, 2),
        "seconds_per_1000_comments": round(time.perf_counter() - fitted, 3),
    }


def _themes(said: list[Comment]) -> dict[str, Any]:
    began = time.perf_counter()
    words = [tokens.words(text, LANGUAGE) for text, _ in said]
    rarity = themes.rarity_of(words)
    found = themes.find(words, rarity)
    owner = themes.nearest(words, rarity, [one.centre for one in found])
    return {
        "themes": [{"name": one.name, "comments": one.comments} for one in found],
        "in_a_theme": round(sum(one is not None for one in owner) / len(owner), 3),
        "seconds": round(time.perf_counter() - began, 2),
    }


if __name__ == "__main__":
    main()
