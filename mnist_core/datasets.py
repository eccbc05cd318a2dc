"""The built-in datasets: where they are, what they hold, and loading them safely."""

import functools
import hashlib
import io
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core import NUM_CLASSES
from mnist_core.errors import InvalidInput

DATA_FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True)
class DatasetInfo:
    """What is known of a dataset without opening it.

    Attributes:
        name: The name used in code, on the command line and in saved runs.
        title: The name people read.
        description: One sentence on what the pictures show.
        sha256: Checksum of `<name>.npz`, in hexadecimal.
        class_names: Names of the ten classes, in the order of their labels.
        source: Authors and licence.
    """

    name: str
    title: str
    description: str
    sha256: str
    class_names: tuple[str, ...]
    source: str


DATASETS = {
    info.name: info
    for info in (
        DatasetInfo(
            name="mnist",
            title="MNIST digits",
            description="Handwritten digits of American census workers and students.",
            sha256="06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64",
            class_names=tuple("0123456789"),
            source="Yann LeCun and Corinna Cortes, CC BY-SA 3.0",
        ),
        DatasetInfo(
            name="fashion_mnist",
            title="Fashion-MNIST",
            description="Photographs of clothes from a shop's catalogue, made as small and grey as MNIST's digits.",
            sha256="5b6d2c4c694a91887af8ab7d039c04f80af3c29378d731c93a538d2e831aa469",
            class_names=(
                "T-shirt/top",
                "Trouser",
                "Pullover",
                "Dress",
                "Coat",
                "Sandal",
                "Shirt",
                "Sneaker",
                "Bag",
                "Ankle boot",
            ),
            source="Zalando SE, MIT licence",
        ),
    )
}


@dataclass(frozen=True)
class Dataset:
    """A dataset in memory. The arrays are shared and cannot be written to.

    Attributes:
        name: Its name in `DATASETS`.
        x_train: uint8, shape (60000, 28, 28), 0 is background and 255 is full ink.
        y_train: int64, shape (60000,), labels 0 to 9.
        x_test: uint8, shape (10000, 28, 28).
        y_test: int64, shape (10000,).
        class_names: Names of the ten classes, in the order of their labels.
    """

    name: str
    x_train: NDArray[np.uint8]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.int64]
    class_names: tuple[str, ...]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The four arrays by name."""
        return {name: getattr(self, name) for name in ("x_train", "y_train", "x_test", "y_test")}

    def class_counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many training and how many test pictures each class has, int64 of shape (10,)."""
        return np.bincount(self.y_train, minlength=NUM_CLASSES), np.bincount(self.y_test, minlength=NUM_CLASSES)

    def sample(self, count: int, seed: int) -> NDArray[np.int64]:
        """Places of training pictures taken at random, none of them twice; the same seed takes the same ones."""
        return np.random.default_rng(seed).choice(len(self.x_train), count, replace=False)


def dataset_info(name: str) -> DatasetInfo:
    """Looks a dataset up by name.

    Raises:
        InvalidInput: if no dataset has this name.
    """
    if name not in DATASETS:
        raise InvalidInput(f"Dataset: {name!r} is not known. Choose one of {', '.join(DATASETS)}.")
    return DATASETS[name]


@functools.cache
def load_dataset(name: str) -> Dataset:
    """Loads a dataset, once for the life of the process.

    Args:
        name: "mnist" or "fashion_mnist".

    Returns:
        The whole dataset as a `Dataset`.

    Raises:
        InvalidInput: if the name is unknown, or the file is missing or damaged.
    """
    info = dataset_info(name)
    arrays = read_checked_npz(DATA_FOLDER / f"{name}.npz", info.sha256)
    labels = {part: arrays[f"y_{part}"].astype(np.int64) for part in ("train", "test")}
    dataset = Dataset(
        name=name,
        x_train=arrays["x_train"],
        y_train=labels["train"],
        x_test=arrays["x_test"],
        y_test=labels["test"],
        class_names=info.class_names,
    )
    for field in fields(dataset):
        value = getattr(dataset, field.name)
        if isinstance(value, np.ndarray):
            value.setflags(write=False)
    return dataset


def scale(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pixels of 0 to 255 as float32 of 0 to 1, which is what every network here is given."""
    return images.astype(np.float32) / np.float32(255)


def unscale(images: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Pixels of 0 to 1 as 0 to 255, the other way round."""
    return np.round(images * 255).astype(np.uint8)


def read_checked_npz(path: Path, sha256: str) -> dict[str, NDArray[Any]]:
    """Reads a NumPy archive after checking that it is, byte for byte, the expected file.

    Args:
        path: The `.npz` file.
        sha256: Its expected checksum, in hexadecimal.

    Returns:
        The arrays by name. Nothing in the file is unpickled.

    Raises:
        InvalidInput: if the file cannot be read or its checksum differs; the message names it and the remedy.
    """
    remedy = "Get it again: restore it with `git checkout`, or clone the project anew."
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"The data file {path} cannot be read ({error.strerror}). {remedy}") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InvalidInput(f"The data file {path} is damaged: its checksum is not the expected one. {remedy}")
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}
