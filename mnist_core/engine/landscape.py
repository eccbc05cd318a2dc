"""The map: test pictures as a network's last hidden layer sees them, flattened to two directions."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.inside import Inside

Values = NDArray[np.float32]

BATCH = 500

Tell = Callable[[float], None]
"""Called with the share of the work that is done, 0 to 1."""


@dataclass(frozen=True)
class Landscape:
    """Where pictures lie on the map, and how to place others.

    Attributes:
        points: float32, shape (N, 2), the longer side from -1 to 1.
        labels: What each picture is, uint8, shape (N,).
        answers: What the network reads, uint8, shape (N,).
        kept: The share of the spread between pictures that both directions show, 0 to 1.
        mean: The middle of the hidden layer's values, float32, shape (D,).
        directions: float32, shape (2, D).
        size: What places are divided by.
    """

    points: Values
    labels: NDArray[np.uint8]
    answers: NDArray[np.uint8]
    kept: float
    mean: Values
    directions: Values
    size: float

    def place(self, hidden: Values) -> tuple[float, float]:
        """Where a picture lies, from what the last hidden layer makes of it, float32 (D,)."""
        x, y = (self.directions @ (hidden - self.mean)) / self.size
        return float(x), float(y)


def hidden_rows(inside: Inside, dataset: str, tell: Tell) -> tuple[Values, NDArray[np.uint8], NDArray[np.uint8]]:
    """What the last hidden layer makes of the 10,000 test pictures, float32 (N, D), their labels and the answers."""
    data = load_dataset(dataset)
    images = scale(data.x_test)
    hidden, answers = [], []
    for first in range(0, len(images), BATCH):
        rows, probabilities = inside.last_hidden_and_answers(images[first : first + BATCH])
        hidden.append(rows)
        answers.append(probabilities.argmax(axis=1))
        tell((first + BATCH) / len(images))
    return np.concatenate(hidden), data.y_test.astype(np.uint8), np.concatenate(answers).astype(np.uint8)


def draw_landscape(inside: Inside, dataset: str, tell: Tell) -> Landscape:
    """Places the 10,000 test pictures of a dataset by the two directions in which they differ most (PCA)."""
    values, labels, answers = hidden_rows(inside, dataset, lambda share: tell(0.9 * share))
    found = PCA(min(2, values.shape[1]), svd_solver="randomized", random_state=0).fit(values)
    directions = np.zeros((2, values.shape[1]), np.float32)
    directions[: len(found.components_)] = found.components_
    mean = values.mean(axis=0)
    points = (values - mean) @ directions.T
    size = float(np.abs(points).max()) or 1.0
    kept = float(np.nan_to_num(found.explained_variance_ratio_.sum()))
    return Landscape(
        (points / size).astype(np.float32),
        labels,
        answers,
        kept,
        mean,
        directions,
        size,
    )
