"""The map: test pictures as a network's last hidden layer sees them, flattened to two directions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.inside import Inside

Values = NDArray[np.float32]

BATCH = 500
SUBSPACE = 12
ITERATIONS = 10


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


def _principal_directions(centred: Values) -> Values:
    """The two directions in which rows, float32 (N, D) around 0, differ most, float32 (2, D).

    By subspace iteration: a few times through the rows, where all directions of 4,096 would take minutes.
    """
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(centred.shape[1], min(SUBSPACE, centred.shape[1]))).astype(np.float32))[0]
    for _ in range(ITERATIONS):
        basis = np.linalg.qr(centred.T @ (centred @ basis))[0]
    seen = centred @ basis
    _, vectors = np.linalg.eigh(seen.T @ seen)
    directions: Values = (basis @ vectors[:, ::-1][:, :2]).T.astype(np.float32)
    # Which way a direction points is chance; the largest part of it is made positive, so that maps stay comparable.
    signs = np.sign(directions[np.arange(2), np.abs(directions).argmax(axis=1)])
    return directions * np.where(signs == 0, 1, signs)[:, None].astype(np.float32)


def draw_map(inside: Inside, dataset: str) -> Landscape:
    """Places the 10,000 test pictures of a dataset by the two directions in which they differ most (PCA)."""
    data = load_dataset(dataset)
    images = scale(data.x_test)
    hidden, answers = [], []
    for first in range(0, len(images), BATCH):
        rows, probabilities = inside.last_hidden_and_answers(images[first : first + BATCH])
        hidden.append(rows)
        answers.append(probabilities.argmax(axis=1))
    values = np.concatenate(hidden)
    mean = values.mean(axis=0)
    centred = values - mean
    directions = _principal_directions(centred)
    points = centred @ directions.T
    size = float(np.abs(points).max()) or 1.0
    kept = float((points**2).sum() / max(float((centred**2).sum(dtype=np.float64)), 1e-12))
    return Landscape(
        (points / size).astype(np.float32),
        data.y_test.astype(np.uint8),
        np.concatenate(answers).astype(np.uint8),
        kept,
        mean,
        directions,
        size,
    )
