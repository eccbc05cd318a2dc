"""The training pictures most like a drawing."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core import IMAGE_SHAPE, IMAGE_SIZE, NUM_CLASSES
from mnist_core.datasets import load_dataset, scale

POOL = 2
"""Pictures are compared at half their width and height, where a line may lie a pixel to the side."""


@dataclass(frozen=True)
class Nearest:
    """Training pictures near a drawing, the nearest first.

    Attributes:
        images: uint8, shape (N, 28, 28).
        labels: int64, shape (N,).
        places: Where they stand among the training pictures, int64, shape (N,).
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    places: NDArray[np.int64]


def nearest_images(dataset: str, picture: bytes, count: int) -> Nearest:
    """The training pictures with the least squared difference from a drawing.

    Args:
        dataset: A name in `DATASETS`.
        picture: float32 of shape (28, 28), in [0, 1], as bytes.
        count: How many.
    """
    data = load_dataset(dataset)
    features, lengths = _features(dataset)
    wanted = _pooled(np.frombuffer(picture, np.float32).reshape(1, *IMAGE_SHAPE))[0]
    distances = lengths - 2 * features @ wanted
    nearest = np.argpartition(distances, count)[:count]
    nearest = nearest[np.argsort(distances[nearest])]
    return Nearest(data.x_train[nearest], data.y_train[nearest], nearest)


def average_images(dataset: str) -> NDArray[np.uint8]:
    """The mean training picture of each class, uint8 of shape (10, 28, 28)."""
    data = load_dataset(dataset)
    means = [data.x_train[data.y_train == label].mean(axis=0) for label in range(NUM_CLASSES)]
    return np.round(np.stack(means)).astype(np.uint8)


@functools.cache
def _features(dataset: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Pooled training pictures, float32 (60000, 196), and their squared lengths."""
    images = load_dataset(dataset).x_train
    parts = [_pooled(scale(images[i : i + 5000])) for i in range(0, len(images), 5000)]
    features = np.concatenate(parts)
    return features, (features**2).sum(axis=1)


def _pooled(images: NDArray[np.float32]) -> NDArray[np.float32]:
    side = IMAGE_SIZE // POOL
    pooled: NDArray[np.float32] = images.reshape(-1, side, POOL, side, POOL).mean(axis=(2, 4))
    return pooled.reshape(-1, side * side)
