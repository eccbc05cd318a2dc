"""What the pages ask of the process that loads models. All of it runs there."""

import functools
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_core.datasets import load_dataset, scale
from mnist_core.errors import InvalidInput
from mnist_core.networks.spec import ModelSpec
from mnist_core.runs.training_time import Speed

if TYPE_CHECKING:
    from mnist_core.engine.prediction import Predictor


def measure_speed() -> Speed:
    """Measures this computer, in about a second; runs where TensorFlow may be imported."""
    from mnist_core.engine.speed import bfloat16_gain, matrix_product_rate

    return Speed(matrix_product_rate(), bfloat16_gain())


MAX_LOADED_MODELS = 24

NUM_TEST_IMAGES = 10_000
TEST_PART = 1000


@dataclass(frozen=True)
class Opinion:
    """What one model says of a picture.

    Attributes:
        probabilities: float32, shape (10,), or None where the model cannot be used.
        milliseconds: What it took, the best of three.
        problem: Why it cannot be used, or "".
    """

    probabilities: NDArray[np.float32] | None
    milliseconds: float
    problem: str = ""


def import_engine() -> None:
    import mnist_core.engine.prediction  # noqa: F401


@functools.lru_cache(MAX_LOADED_MODELS)
def _predictor(model_path: Path, _modified: int) -> "Predictor":
    from mnist_core.engine.prediction import Predictor

    return Predictor(model_path)


def predict_one(model_path: Path, modified: int, picture: bytes) -> NDArray[np.float32]:
    pictures = np.frombuffer(picture, np.float32).reshape(1, 28, 28)
    return _predictor(model_path, modified).predict(pictures)[0]


def predict_each_picture(model_path: Path, modified: int, pictures: bytes) -> NDArray[np.float32]:
    return _predictor(model_path, modified).predict(np.frombuffer(pictures, np.float32).reshape(-1, 28, 28))


def compare_models(models: tuple[tuple[Path, int], ...], picture: bytes) -> list[Opinion]:
    return [
        _opinion(path, modified, np.frombuffer(picture, np.float32).reshape(1, 28, 28)) for path, modified in models
    ]


def _opinion(path: Path, modified: int, picture: NDArray[np.float32]) -> Opinion:
    try:
        predictor = _predictor(path, modified)
    except InvalidInput as error:
        return Opinion(None, 0.0, str(error))
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        probabilities = predictor.predict(picture)[0]
        seconds.append(time.perf_counter() - begin)
    return Opinion(probabilities, 1000 * min(seconds))


def predict_test_part(model_path: Path, modified: int, dataset: str, first: int) -> NDArray[np.float32]:
    images = load_dataset(dataset).x_test[first : first + TEST_PART]
    return _predictor(model_path, modified).predict(scale(images))


def preset_summary(spec: ModelSpec) -> str:
    """The text of `model.summary()` of an architecture with fresh weights."""
    from mnist_core.engine.build import build_model, summary_text

    return summary_text(build_model(spec))


def model_summary(path: Path, _modified: int) -> str:
    """The text of `model.summary()` of a trained model.

    Args:
        path: Its `.keras` file.
        _modified: When the file was last changed, so that a remembered answer is not given for a newer file.

    Raises:
        InvalidInput: if the file cannot be used.
    """
    from mnist_core.engine.build import load_model, summary_text

    return summary_text(load_model(path))


def model_as_h5(path: Path, _modified: int) -> bytes:
    """A trained model in the older HDF5 format, which Keras 2 and many other tools read.

    Args:
        path: Its `.keras` file.
        _modified: When the file was last changed.

    Raises:
        InvalidInput: if the file cannot be used.
    """
    from mnist_core.engine.build import file_of, load_model

    return file_of(load_model(path), ".h5")


NUM_PICTURES = 8
NUM_EPOCHS = 4


def augmented_rows(dataset: str, augmentation: str) -> NDArray[np.uint8]:
    """Training pictures as they are, and as a network sees them in a few epochs.

    Args:
        dataset: A name in `DATASETS`.
        augmentation: A name in `AUGMENTATIONS`.

    Returns:
        uint8, shape (1 + 4, 8, 28, 28): the pictures, then what each becomes in an epoch.
    """
    from mnist_core.engine.augmentation import augmented_examples

    data = load_dataset(dataset)
    pictures = np.stack([data.x_train[data.y_train == label][0] for label in range(NUM_PICTURES)])
    varied = [augmented_examples(augmentation, pictures.tobytes(), seed) for seed in range(NUM_EPOCHS)]
    return np.stack([pictures, *varied])
