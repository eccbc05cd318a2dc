"""How well models read one person's drawings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.datasets import scale
from mnist_core.drawing.store import is_held_out
from mnist_core.drawing.strokes import Drawing, labels_of
from mnist_core.evaluation.metrics import evaluate

MAX_CONFUSIONS = 12


@dataclass(frozen=True)
class Handwriting:
    """The drawings of a set that have a label, ready to measure models on.

    Attributes:
        images: float32, shape (N, 28, 28), in [0, 1].
        labels: int64, shape (N,).
        is_held_out: bool, shape (N,): those that no model tuned on the set has learned from.
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int64]
    is_held_out: NDArray[np.bool_]

    @classmethod
    def of(cls, drawings: Sequence[Drawing], pictures: NDArray[np.uint8]) -> "Handwriting":
        """Takes those with a label.

        Args:
            drawings: All drawings of the set.
            pictures: Each as a network sees it, uint8 (N, 28, 28).
        """
        labels = labels_of(drawings)
        is_known = labels >= 0
        held_out = np.array([is_held_out(drawing) for drawing in drawings], bool)
        return cls(scale(pictures[is_known]), labels[is_known], held_out[is_known])

    def held_out(self) -> "Handwriting":
        """The part that no model tuned on the set has learned from."""
        part = self.is_held_out
        return Handwriting(self.images[part], self.labels[part], self.is_held_out[part])


@dataclass(frozen=True)
class ReadingScore:
    """How many drawings a model has read right.

    Attributes:
        errors: How many it has read wrong.
        count: Of how many.
    """

    errors: int
    count: int

    @property
    def accuracy(self) -> float | None:
        """The share read right, 0 to 1, or None where there was nothing to read."""
        return 1 - self.errors / self.count if self.count else None


def reading_score(probabilities: NDArray[np.float32], known: Handwriting, *, only_held_out: bool) -> ReadingScore:
    """Counts what a model reads wrong.

    Args:
        probabilities: What it says of all of `known`, float32 (N, 10).
        known: The drawings.
        only_held_out: Whether to count those alone that a tuned model has not learned from.
    """
    is_wrong = probabilities.argmax(axis=1) != known.labels
    counted = is_wrong[known.is_held_out] if only_held_out else is_wrong
    return ReadingScore(int(counted.sum()), len(counted))


def confusions(probabilities: NDArray[np.float32], known: Handwriting) -> list[tuple[int, int, int]]:
    """Which digits a model takes for others: true digit, what it says, how often; the most frequent first."""
    matrix = evaluate(probabilities, known.labels).confusion
    found = [(int(row), int(column), int(matrix[row, column])) for row, column in np.argwhere(matrix) if row != column]
    return sorted(found, key=lambda item: -item[2])[:MAX_CONFUSIONS]
