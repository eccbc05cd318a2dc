"""Which pictures a run learns from and which it is measured on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core import NUM_TRAIN_IMAGES
from mnist_core.datasets import load_dataset
from mnist_core.drawing.drawings_file import read_labelled
from mnist_core.drawing.inking import ink_variants
from mnist_core.files import npz_content
from mnist_core.training.hands import make_digits
from mnist_core.training.non_digits import NO_DIGIT, make_non_digits
from mnist_core.training.spec import TrainingSpec

NUM_NON_DIGITS = 22_000
"""Pictures that are no digit among the training pictures, where they are wanted: a quarter to a third of the digits."""

NUM_MEASURED = 10_000
"""So many of the training pictures show how well a network knows what it learns from."""

BRUSHES_PER_DRAWING = 4
"""How many pictures a drawing becomes at least, each by another width of brush."""

MAX_BRUSHES_PER_DRAWING = 40
DRAWINGS_SHARE = 3
"""A few drawings become more pictures, up to one for so many of the dataset's."""

Pictures = tuple[NDArray[np.uint8], NDArray[np.int64]]
"""Pictures, uint8 (N, 28, 28), and what they show, (N,)."""


@dataclass(frozen=True)
class TrainingSet:
    """The pictures of one run.

    Attributes:
        train: What it learns from; `NO_DIGIT` labels a picture that shows no digit.
        validation: What it is measured on after each epoch; the very object `test` where there is no validation split.
        test: What it is measured on in the end.
        measured: The part of what it learns from that it is measured on too after each epoch, always the same.
    """

    train: Pictures
    validation: Pictures
    test: Pictures
    measured: Pictures


def training_set(spec: TrainingSpec, drawings: bytes | None = None) -> TrainingSet:
    """Puts the pictures of a run together.

    Args:
        spec: Which dataset, how much of it, and what besides.
        drawings: The content of a drawings file to learn from too; each drawing is inked with several brushes.

    Raises:
        InvalidInput: if the dataset or the drawings cannot be read.
    """
    dataset = load_dataset(spec.dataset)
    # Like Keras's validation_split: the last share of the training images, taken before any shuffling.
    num_train = _num_not_held_out(spec, len(dataset.x_train))
    num_taken = _num_taken(spec, num_train)
    parts = [(dataset.x_train[:num_taken], dataset.y_train[:num_taken]), *_pictures_besides(spec, drawings, num_taken)]
    test = (dataset.x_test, dataset.y_test)
    held_out = (dataset.x_train[num_train:], dataset.y_train[num_train:])
    measured = (parts[0][0][:NUM_MEASURED], parts[0][1][:NUM_MEASURED])
    return TrainingSet(_joined(parts), held_out if spec.validation_split else test, test, measured)


def pictures_besides(spec: TrainingSpec, drawings: bytes | None = None) -> Pictures:
    """What a run learns from besides its dataset: made digits, drawings inked with several brushes, and no digits.

    Args:
        spec: A run that has one of them at least.
        drawings: The content of its drawings file.

    Raises:
        InvalidInput: if the drawings cannot be read.
    """
    return _joined(_pictures_besides(spec, drawings, _num_taken(spec, _num_not_held_out(spec))))


def as_npz(pictures: Pictures) -> bytes:
    """Pictures as a NumPy archive: `x` uint8 (N, 28, 28) and `y` int64 (N,), 10 for what is no digit."""
    return npz_content({"x": pictures[0], "y": pictures[1]})


def _pictures_besides(spec: TrainingSpec, drawings: bytes | None, num_taken: int) -> list[Pictures]:
    parts = []
    if num_made := _num_made(spec, num_taken):
        parts.append(make_digits(num_made, spec.seed))
    if drawings is not None:
        parts.append(_drawn_pictures(drawings, num_taken, spec.seed))
    if spec.non_digits:
        images = make_non_digits(NUM_NON_DIGITS, spec.seed)
        parts.append((images, np.full(len(images), NO_DIGIT)))
    return parts


def num_training_images(spec: TrainingSpec, num_drawings: int = 0) -> int:
    """How many pictures a run learns from in an epoch.

    Args:
        spec: The run.
        num_drawings: Labelled drawings in its drawings file.
    """
    num_taken = _num_taken(spec, _num_not_held_out(spec))
    num_drawn = num_drawings * _copies(num_drawings, num_taken) if num_drawings else 0
    return num_taken + num_drawn + _num_made(spec, num_taken) + (NUM_NON_DIGITS if spec.non_digits else 0)


def _joined(parts: list[Pictures]) -> Pictures:
    if len(parts) == 1:
        return parts[0]
    images, labels = zip(*parts, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def _num_not_held_out(spec: TrainingSpec, num_images: int = NUM_TRAIN_IMAGES) -> int:
    return num_images - round(num_images * spec.validation_split)


def _num_taken(spec: TrainingSpec, num_train: int) -> int:
    return max(1, round(num_train * spec.dataset_share))


def _num_made(spec: TrainingSpec, num_taken: int) -> int:
    """How many digits are made in the hands of the world."""
    return round(spec.hands * num_taken)


def _copies(num_drawings: int, num_others: int) -> int:
    """With how many brushes a drawing is inked: a few drawings get more, so that they are not lost among the others."""
    return min(max(num_others // (DRAWINGS_SHARE * num_drawings), BRUSHES_PER_DRAWING), MAX_BRUSHES_PER_DRAWING)


def _drawn_pictures(drawings_file: bytes, num_others: int, seed: int) -> Pictures:
    drawings = read_labelled(drawings_file)
    return ink_variants(drawings, _copies(len(drawings), num_others), seed)
