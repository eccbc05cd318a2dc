"""Pictures to measure a model on: a dataset's test pictures, or a set of drawings that is kept."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core import NUM_CLASSES
from mnist_core.datasets import DATASETS, load_dataset
from mnist_core.drawing.store import DrawingsStore

DRAWINGS = "drawings/"
"""Stands before the name of a set of drawings."""


@dataclass(frozen=True)
class KnownPictures:
    """Pictures to measure a model on.

    Attributes:
        images: uint8, shape (N, 28, 28), 255 is ink.
        labels: int64, shape (N,), 0 to 9.
        class_names: What the ten classes are called.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]


def picture_sources(drawings: DrawingsStore, dataset: str) -> dict[str, str]:
    """What a model can be measured on, with the names people read.

    Args:
        drawings: Where sets of drawings are kept.
        dataset: What the model was trained on; drawings show digits, and are offered to models of digits alone.

    Returns:
        Names of datasets, and "drawings/NAME" for each set.
    """
    sets = drawings.names() if dataset == "mnist" else []
    return {
        **{name: info.title for name, info in DATASETS.items()},
        **{f"{DRAWINGS}{name}": f"{name} (drawn)" for name in sets},
    }


def known_pictures(source: str, drawings: DrawingsStore) -> KnownPictures:
    """The pictures of a source, as `picture_sources` names it.

    Raises:
        InvalidInput: if the dataset cannot be read, the set is damaged, or nothing in it has a label.
    """
    if source in DATASETS:
        dataset = load_dataset(source)
        return KnownPictures(dataset.x_test, dataset.y_test, dataset.class_names)
    images, labels = drawings.labelled_pictures(source.removeprefix(DRAWINGS))
    return KnownPictures(images, labels, DATASETS["mnist"].class_names)


@functools.cache
def one_of_each(dataset: str) -> NDArray[np.uint8]:
    """The first test picture of each class, uint8 (10, 28, 28)."""
    data = load_dataset(dataset)
    return data.x_test[[int((data.y_test == label).argmax()) for label in range(NUM_CLASSES)]]
