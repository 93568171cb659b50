"""How good our next baskets are on Ta-Feng: real grocery baskets, the last one of each customer kept back.

Every model sees the histories of all customers, nobody's last basket, and may offer every item of the histories. Ours
chooses its three weights by the last baskets of the validation customers; the figures are of the test customers, who
choose nothing. The parts (72, 8 and 20 of 100 customers) are drawn at random with a fixed seed.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from thereafter.recommendations.rules import next_basket as rules

FILES = ("tafeng_history.json", "tafeng_future.json")
FORM = "Each is an object: a customer's id, then baskets of whole item numbers between two [-1]."
SEED = 2026
TRAIN, VALIDATION = 0.72, 0.08
FEWEST = 20
LENGTHS = (10, 20)
GRID = {"keep": (0.8, 0.9, 0.95, 1.0), "recent": (0.1, 0.3, 0.6, 1.0), "prior": (10.0, 20.0, 30.0, 40.0, 60.0)}

Figures = dict[str, float]


class Read(NamedTuple):
    """All histories, and what each customer bought next."""

    bought: rules.Purchases
    next: list[frozenset[int]]


def measure_files(path: Path, cut: date | None) -> dict[str, Any]:
    read = _read(path)
    _, validation, test = parts(len(read.next))
    weights = choose_weights(read, validation)
    models = {
        "ours": rules.ours(read.bought, weights),
        "personal_frequency": rules.personal_frequency(read.bought),
        "group_personal_frequency": rules.group_personal_frequency(read.bought),
        "tifu_knn": rules.tifu_knn(read.bought, test),
    }
    return {"models": {name: score(model, read, test) for name, model in models.items()}}


def in_words(report: Mapping[str, Any]) -> str:
    names = [f"{what}_{length}" for what in ("recall", "ndcg") for length in LENGTHS]
    lines = ["".join([f"{'':26}", *(f"{name:>11}" for name in names)])]
    for model, figures in report["models"].items():
        lines.append("".join([f"{model.replace('_', ' '):26}", *(f"{figures[name]:11.4f}" for name in names)]))
    return "\n".join(lines)


def parts(customers: int) -> tuple[rules.Ints, rules.Ints, rules.Ints]:
    """Train, validation and test customers, by their place."""
    drawn = np.random.default_rng(SEED).permutation(customers)
    ends = [round(TRAIN * customers), round((TRAIN + VALIDATION) * customers)]
    train, validation, test = (np.sort(part) for part in np.split(drawn, ends))
    return train, validation, test


def choose_weights(read: Read, validation: rules.Ints) -> rules.Weights:
    """The best of the grid by the mean of all four figures; of equals the first."""
    own = {keep: rules.habits(read.bought, keep) for keep in GRID["keep"]}
    common = {recent: rules.popularity(read.bought, recent) for recent in GRID["recent"]}

    def worth(weights: rules.Weights) -> float:
        model = rules.Model(own[weights.keep], weights.prior * common[weights.recent])
        return sum(score(model, read, validation).values())

    return max((rules.Weights(*weights) for weights in product(*GRID.values())), key=worth)


def score(model: rules.Model, read: Read, who: rules.Ints) -> Figures:
    """Recall and NDCG, means over customers; NDCG against the best list that the basket allows."""
    lists, _ = rules.best(model, who, max(LENGTHS))
    hits = np.array(
        [[item in read.next[person] for item in row] for person, row in zip(who, lists.tolist(), strict=True)]
    )
    sizes = np.array([len(read.next[person]) for person in who])
    gains = 1 / np.log2(np.arange(2, max(LENGTHS) + 2))
    figures = {f"recall_{most}": float((hits[:, :most].sum(axis=1) / sizes).mean()) for most in LENGTHS}
    for most in LENGTHS:
        ideal = np.cumsum(gains)[np.minimum(sizes, most) - 1]
        figures[f"ndcg_{most}"] = float((hits[:, :most] @ gains[:most] / ideal).mean())
    return figures


def _read(path: Path) -> Read:
    """Raises ValueError with a sentence for what cannot be read."""
    history, future = (_open(path / name) for name in FILES)
    people = sorted(history.keys() & future.keys())
    if len(people) < FEWEST:
        raise ValueError(f"{path}: both files must hold the same customers, at least twenty.")
    try:
        past = [_baskets(history[person]) for person in people]
        following = [frozenset(_baskets(future[person])[0]) for person in people]
        return Read(_purchases(past, following), following)
    except (TypeError, IndexError, ValueError):
        raise ValueError(f"{path}: some baskets cannot be read. {FORM}") from None


def _open(file: Path) -> dict[str, Any]:
    try:
        told = json.loads(file.read_text())
    except OSError:
        raise ValueError(f"{file} cannot be read. The folder must hold {' and '.join(FILES)}. {FORM}") from None
    except ValueError:
        raise ValueError(f"{file} is not JSON. {FORM}") from None
    if not isinstance(told, dict):
        raise ValueError(f"{file} is not an object. {FORM}")
    return told


def _baskets(told: Sequence[Any]) -> list[list[int]]:
    """The baskets between the two marks, oldest first, each item once."""
    return [sorted({int(item) for item in basket}) for basket in told if list(basket) != [-1]]


def _purchases(past: Sequence[Sequence[Sequence[int]]], following: Sequence[frozenset[int]]) -> rules.Purchases:
    """Raises IndexError for a customer without history."""
    rows = [
        (person, item, len(baskets) - 1 - at)
        for person, baskets in enumerate(past)
        for at, basket in enumerate(baskets)
        for item in basket
    ]
    people, items, ages = np.array(rows, np.int64).T
    if items.min() < 0:
        raise ValueError("an item below nought")
    return rules.Purchases(people, items, ages, (len(past), int(items.max()) + 1))
