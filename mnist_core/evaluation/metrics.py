"""How well a model does on pictures whose labels are known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SMALLEST_PROBABILITY = float(np.finfo(np.float32).tiny)
"""A probability of 0 is taken as this, so that its logarithm is finite; larger ones count as they are."""


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
    num_classes = probabilities.shape[1]
    confusion = np.zeros((num_classes, num_classes), np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    return Evaluation(
        loss=float(-np.log(np.maximum(of_truth, SMALLEST_PROBABILITY)).mean()),
        accuracy=float((predicted == labels).mean()),
        confusion=confusion,
    )


@dataclass(frozen=True)
class ClassScore:
    """How well one class is read.

    Attributes:
        precision: Of the pictures called this class, the share that are it; 0 where none was called so.
        recall: Of the pictures that are this class, the share that were called it.
        count: How many pictures are this class.
    """

    precision: float
    recall: float
    count: int


def class_scores(confusion: NDArray[np.int64]) -> list[ClassScore]:
    """Precision and recall of each class.

    Args:
        confusion: int64, shape (10, 10): row the true class, column the predicted one.
    """
    right, called, real = confusion.diagonal(), confusion.sum(axis=0), confusion.sum(axis=1)
    return [
        ClassScore(float(r / max(c, 1)), float(r / max(n, 1)), int(n))
        for r, c, n in zip(right, called, real, strict=True)
    ]


def confident_mistakes(probabilities: NDArray[np.float32], labels: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Places of the mistakes that the model is most confident of, those first."""
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:count]


def confused(
    probabilities: NDArray[np.float32], labels: NDArray[np.int64], truth: int, predicted: int
) -> NDArray[np.int64]:
    """Places of the pictures of one class that the model calls another, the most confident first."""
    places = np.flatnonzero((labels == truth) & (probabilities.argmax(axis=1) == predicted))
    return places[np.argsort(-probabilities[places, predicted], kind="stable")]


def choose_examples(
    probabilities: NDArray[np.float32],
    labels: NDArray[np.int64],
    count: int,
    seed: int,
    *,
    only_class: int | None = None,
    only_mistakes: bool = False,
) -> NDArray[np.int64]:
    """Places of pictures taken at random.

    Args:
        probabilities: float32, shape (N, 10).
        labels: int64, shape (N,).
        count: How many at most.
        seed: The same seed takes the same ones.
        only_class: Take pictures of this true class alone.
        only_mistakes: Take pictures that are read wrong alone.
    """
    allowed = np.ones(len(labels), bool)
    if only_class is not None:
        allowed &= labels == only_class
    if only_mistakes:
        allowed &= probabilities.argmax(axis=1) != labels
    places = np.flatnonzero(allowed)
    return np.random.default_rng(seed).permutation(places)[:count]
