"""Logistic regression with an L2 penalty, by Newton's method with conjugate gradients (Lin, Weng and Keerthi 2008)."""

import numpy as np

from thereafter.feedback.rules.words.sparse import Flags, Floats, Sparse

STEPS, INNER_STEPS, HALVINGS = 20, 30, 20
CLOSE, INNER_CLOSE = 1e-2, 0.1
ARMIJO = 1e-4


class _Problem:
    """The penalised loss of weights; the last weight is the bias, which is not penalised."""

    def __init__(self, cells: Sparse, is_true: Flags, looseness: float) -> None:
        self.cells = cells
        self.sign: Floats = np.where(is_true, 1.0, -1.0)
        # Each class weighs half of all rows, however few it has.
        share = np.where(is_true, is_true.sum(), (~is_true).sum())
        self.importance: Floats = looseness * len(is_true) / (2 * share)
        self.penalty = np.append(np.ones(cells.shape[1]), 0.0)

    def margins(self, weights: Floats) -> Floats:
        return self.cells.times(weights[:-1]) + float(weights[-1])

    def loss(self, weights: Floats, margins: Floats) -> float:
        errors = np.logaddexp(0, -self.sign * margins)
        return float(self.importance @ errors + 0.5 * (self.penalty * weights) @ weights)

    def slope(self, weights: Floats, margins: Floats) -> Floats:
        pull = -self.importance * self.sign * 0.5 * (1 - np.tanh(self.sign * margins / 2))
        return np.append(self.cells.back(pull), pull.sum()) + self.penalty * weights

    def bends(self, margins: Floats) -> Floats:
        """Of each row the second derivative of its error."""
        slope: Floats = np.tanh(margins / 2)
        return self.importance * 0.25 * (1 - slope**2)

    def bent(self, bends: Floats, direction: Floats) -> Floats:
        """The matrix of second derivatives times a direction."""
        pull = bends * self.margins(direction)
        return np.append(self.cells.back(pull), pull.sum()) + self.penalty * direction


def fit_logistic(cells: Sparse, is_true: Flags, looseness: float) -> tuple[Floats, float]:
    """(a weight per column, the bias) of the chance 1 / (1 + exp(-(row @ weights + bias))) of being true.

    Minimises |weights|^2 / 2 + looseness * (the log loss of all rows, both classes weighing the same).
    """
    problem = _Problem(cells, is_true, looseness)
    weights = np.zeros(cells.shape[1] + 1)
    margins = problem.margins(weights)
    slope = problem.slope(weights, margins)
    enough = CLOSE * float(np.linalg.norm(slope))
    for _ in range(STEPS):
        if np.linalg.norm(slope) <= enough:
            break
        direction = _direction(problem, problem.bends(margins), slope)
        weights = _stepped(problem, weights, direction, slope)
        margins = problem.margins(weights)
        slope = problem.slope(weights, margins)
    return weights[:-1], float(weights[-1])


def _direction(problem: _Problem, bends: Floats, slope: Floats) -> Floats:
    """Where Newton's method goes, nearly: the linear system solved by conjugate gradients."""
    direction, left = np.zeros_like(slope), -slope
    ahead, size = left.copy(), float(left @ left)
    enough = INNER_CLOSE**2 * size
    for _ in range(INNER_STEPS):
        if size <= enough:
            break
        bent = problem.bent(bends, ahead)
        length = size / float(ahead @ bent)
        direction = direction + length * ahead
        left = left - length * bent
        size, before = float(left @ left), size
        ahead = left + size / before * ahead
    return direction


def _stepped(problem: _Problem, weights: Floats, direction: Floats, slope: Floats) -> Floats:
    """A step in the direction, halved until the loss falls as it should."""
    here, downhill = problem.loss(weights, problem.margins(weights)), float(slope @ direction)
    share = 1.0
    for _ in range(HALVINGS):
        there = weights + share * direction
        if problem.loss(there, problem.margins(there)) <= here + ARMIJO * share * downhill:
            return there
        share /= 2
    return weights
