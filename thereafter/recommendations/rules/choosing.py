"""Which model a shop gets: the one that would have served its own last month best, on what was known before it.

A walk of one step: models are taught by what was bought before the last 30 days and judged on those 30 days (`trials`).
Completing a basket and saying what a person buys next want different settings, so each has its own; what counts is the
geometric mean of recall@20 over the questions of the purpose that have enough cases. The cosine is tried with three
half-lives; EASE begins at usual settings and changes one at a time, keeping what is better. To bound the cost, the
trial is on the best-selling products where there are more than `MOST_TRIED`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from thereafter.recommendations.rules.models import Settings, fit, popularity
from thereafter.recommendations.rules.purchases import Purchases
from thereafter.recommendations.rules.trials import PLACES, Score, Trial, judge, scorer, trials

WINDOW = 30
# Below this the cosine with its usual half-life serves: a trial on less says more about chance than about models.
ENOUGH_ORDERS = 300
ENOUGH_CASES = 50
# Of fewer products any twenty are nearly all that could be bought.
ENOUGH_PRODUCTS = 2 * PLACES
MOST_TRIED = 3_000
# EASE needs the square of it in memory (1.6 GB) and its cube in time (two to three minutes).
MOST_FOR_EASE = 20_000

DEFAULT = Settings()
# What a table is for, and the questions that say how good it is: to complete a basket, or to say what comes next.
PURPOSES: Mapping[str, tuple[str, ...]] = {"basket": ("basket",), "next": ("history", "last_order")}
HALF_LIVES = (60.0, 240.0)
STEPS: Mapping[str, tuple[float, ...]] = {
    "half_life": HALF_LIVES,
    "strength": (30.0, 300.0),
    "customers": (0.0,),
    "trend": (0.0, 0.4),
}

Scores = Mapping[str, Score]


@dataclass(frozen=True)
class Choice:
    """What to serve with, by purpose. `scores` holds the best of each model by purpose and name; a purpose that has too
    little to be judged by is not in it.
    """

    settings: Mapping[str, Settings] = field(default_factory=lambda: dict.fromkeys(PURPOSES, DEFAULT))
    scores: Mapping[str, Mapping[str, Scores]] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
        """The scores as plain values: purpose, model, question, figure."""
        return {
            purpose: {model: {question: one.told for question, one in found.items()} for model, found in models.items()}
            for purpose, models in self.scores.items()
        }


def choose(bought: Purchases, until: int) -> Choice:
    """By what was bought before the day `until`, whatever `bought` holds after it."""
    products = len(np.unique(bought.item))
    bought = _best_selling(bought.between(None, until), until)
    past, coming = bought.between(None, until - WINDOW), bought.between(until - WINDOW, until)
    asked = {name: one for name, one in trials(past, coming, until - WINDOW).items() if len(one) >= ENOUGH_CASES}
    if past.orders < ENOUGH_ORDERS or products < ENOUGH_PRODUCTS:
        return Choice()
    known: dict[Settings, Scores] = {}
    settings, scores = dict.fromkeys(PURPOSES, DEFAULT), {}
    for purpose, questions in PURPOSES.items():
        judged = [one for one in questions if one in asked]
        if not judged:
            continue
        trying = _Trying(past, until - WINDOW, asked, known, judged)
        rivals = trying.rivals(with_ease=products <= MOST_FOR_EASE)
        settings[purpose] = max(rivals.values(), key=trying.worth)
        scores[purpose] = {name: trying.scores(one) for name, one in rivals.items()}
    return Choice(settings, scores)


def _best_selling(bought: Purchases, until: int) -> Purchases:
    """Only the products that sold best before the trial, where there are very many."""
    if bought.items <= MOST_TRIED:
        return bought
    sold = popularity(bought.between(None, until - WINDOW), until)
    kept = np.zeros(bought.items, bool)
    kept[np.argsort(-sold, kind="stable")[:MOST_TRIED]] = True
    return bought.where(kept[bought.item])


@dataclass(frozen=True)
class _Trying:
    """Each setting is taught and judged once (`known`), and weighed by some of the questions."""

    past: Purchases
    today: int
    asked: Mapping[str, Trial]
    known: dict[Settings, Scores]
    questions: list[str]

    def rivals(self, *, with_ease: bool) -> dict[str, Settings]:
        """The best settings of each model."""
        popular = Settings(model="popular")
        found = {"popular": popular, "cosine": self.better(DEFAULT, {"half_life": HALF_LIVES})}
        if with_ease:
            found["ease"] = self.better(replace(DEFAULT, model="ease"), STEPS)
        return found

    def scores(self, settings: Settings) -> Scores:
        if settings not in self.known:
            score = scorer(fit(self.past, self.today, settings))
            self.known[settings] = {name: judge(trial, score) for name, trial in self.asked.items()}
        return {name: self.known[settings][name] for name in self.questions}

    def worth(self, settings: Settings) -> float:
        recalls = [one.recall for one in self.scores(settings).values()]
        return float(np.exp(np.mean(np.log(np.maximum(recalls, 1e-6)))))

    def better(self, settings: Settings, steps: Mapping[str, tuple[float, ...]]) -> Settings:
        """Changes one setting at a time and keeps what serves better; the first stays where nothing does."""
        for name, values in steps.items():
            others = [replace(settings, **{name: value}) for value in values]  # type: ignore[arg-type]  # by name
            settings = max([settings, *others], key=self.worth)
        return settings
