"""How well a model does on pictures whose labels are known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.specs import NUM_CLASSES

SMALLEST_PROBABILITY = 1e-7
"""Keras's own epsilon: a probability of 0 is taken as this, so that its logarithm is finite."""


@dataclass(frozen=True)
class Evaluation:
    """Figures of a model on a set of pictures.

    Attributes:
        loss: Mean cross-entropy, in nats.
        accuracy: Share read right, 0 to 1.
        confusion: int64, shape (10, 10): row the true class, column the predicted one.
    """

    loss: float
    accuracy: float
    confusion: NDArray[np.int64]


def evaluate(probabilities: NDArray[np.float32], labels: NDArray[np.int64]) -> Evaluation:
    """Compares what a model says with the truth.

    Args:
        probabilities: float32, shape (N, 10).
        labels: int64, shape (N,), 0 to 9.
    """
    predicted = probabilities.argmax(axis=1)
    of_truth = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    confusion = np.zeros((NUM_CLASSES, NUM_CLASSES), np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    return Evaluation(
        loss=float(-np.log(np.maximum(of_truth, SMALLEST_PROBABILITY)).mean()),
        accuracy=float((predicted == labels).mean()),
        confusion=confusion,
    )
