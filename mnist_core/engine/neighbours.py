"""The other map: test pictures placed so that neighbours in the last hidden layer stay neighbours (t-SNE).

It takes many seconds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from openTSNE import TSNE
from sklearn.decomposition import PCA

from mnist_core.engine.backend import NUM_STREAMS
from mnist_core.engine.inside import Inside
from mnist_core.engine.landscape import Tell, hidden_rows

Values = NDArray[np.float32]

NUM_DIRECTIONS = 30
"""Neighbours are looked for in so many directions of the hidden layer, those in which it differs most."""

NUM_NEIGHBOURS = 10
"""A new picture is placed among so many."""

ITERATIONS = (250, 350)
"""Of the two phases of t-SNE: with the attraction exaggerated, and without."""

READ, REDUCED = 0.15, 0.2
"""The share of the work that is done when all pictures are read, and when their directions are found."""


@dataclass(frozen=True)
class NeighbourMap:
    """Where pictures lie, and how to place others.

    Attributes:
        points: float32, shape (N, 2), the longer side from -1 to 1.
        labels: What each picture is, uint8, shape (N,).
        answers: What the network reads, uint8, shape (N,).
        rows: The pictures in `directions`, float32, shape (N, K).
        mean: The middle of the hidden layer's values, float32, shape (D,).
        directions: float32, shape (K, D).
    """

    points: Values
    labels: NDArray[np.uint8]
    answers: NDArray[np.uint8]
    rows: Values
    mean: Values
    directions: Values

    def place(self, hidden: Values) -> tuple[float, float]:
        """Where a picture lies, from what the last hidden layer makes of it, float32 (D,): amid its neighbours."""
        distances = np.square(self.rows - self.directions @ (hidden - self.mean)).sum(axis=1)
        nearest = np.argpartition(distances, NUM_NEIGHBOURS)[:NUM_NEIGHBOURS]
        x, y = np.median(self.points[nearest], axis=0)
        return float(x), float(y)


def draw_neighbour_map(inside: Inside, dataset: str, tell: Tell) -> NeighbourMap:
    """Places the 10,000 test pictures of a dataset."""
    values, labels, answers = hidden_rows(inside, dataset, lambda share: tell(READ * share))
    found = PCA(min(NUM_DIRECTIONS, values.shape[1]), svd_solver="randomized", random_state=0).fit(values)
    rows = found.transform(values).astype(np.float32)
    tell(REDUCED)
    done = 0

    def count(*_: object) -> None:
        nonlocal done
        done += 10
        tell(min(REDUCED + (1 - REDUCED) * done / sum(ITERATIONS), 0.99))

    embedding = TSNE(
        early_exaggeration_iter=ITERATIONS[0],
        n_iter=ITERATIONS[1],
        random_state=0,
        n_jobs=NUM_STREAMS,
        callbacks=[count],
        callbacks_every_iters=10,
    ).fit(rows)
    centred = np.asarray(embedding) - np.mean(embedding, axis=0)
    points = (centred / (np.abs(centred).max() or 1)).astype(np.float32)
    directions, mean = found.components_.astype(np.float32), found.mean_.astype(np.float32)
    return NeighbourMap(points, labels, answers, rows, mean, directions)
