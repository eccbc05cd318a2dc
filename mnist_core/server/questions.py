"""What the pages ask about models. All of it runs in a process of its own, which may import TensorFlow."""

import functools
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnist_core import IMAGE_SHAPE, NUM_TEST_IMAGES
from mnist_core.datasets import load_dataset, scale
from mnist_core.errors import InvalidInput, TensorFlowMissing
from mnist_core.evaluation.calibration import CALIBRATION_FILE
from mnist_core.files import modified
from mnist_core.networks.spec import ModelSpec
from mnist_core.runs.training_time import Speed
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.foreign import Foreign
from mnist_core.training.formats import About, Exported

if TYPE_CHECKING:
    from mnist_core.engine.prediction import Predictor

P = ParamSpec("P")
Result = TypeVar("Result")

MAX_LOADED_MODELS = 24
MAX_LOADED_WEIGHTS = 60_000_000
"""Weights of all loaded models together, four bytes each."""
TEST_PART = 1000
NUM_TEST_PARTS = NUM_TEST_IMAGES // TEST_PART
NUM_EXAMPLES = 8
NUM_EXAMPLE_EPOCHS = 4


@dataclass(frozen=True)
class ModelFile:
    """A trained model as it lies on disk now: another model, or another calibration of it, is another file.

    Attributes:
        path: Its `.keras` file.
        stamp: When the model and its calibration were last changed, in nanoseconds.
    """

    path: Path
    stamp: tuple[int, int]

    @classmethod
    def at(cls, path: Path) -> "ModelFile":
        """The file at a path, whether there is one or not."""
        return cls(path, (modified(path), modified(path.parent / CALIBRATION_FILE)))


@dataclass(frozen=True)
class Answer:
    """What a model says of a picture.

    Attributes:
        probabilities: float32, shape (10,), with the model's temperature where it is calibrated.
        is_digit: False where a calibrated model rejects the picture; always True of one that is not calibrated.
        milliseconds: What it took, the best of three; 0 where nobody asked for it.
    """

    probabilities: NDArray[np.float32]
    is_digit: bool
    milliseconds: float = 0.0

    @property
    def label(self) -> int:
        """The most probable class, 0 to 9."""
        return int(self.probabilities.argmax())

    @property
    def confidence(self) -> float:
        """Its probability, 0 to 1."""
        return float(self.probabilities.max())


@dataclass(frozen=True)
class Answers:
    """What a model says of several pictures.

    Attributes:
        probabilities: float32, shape (N, 10).
        is_digit: bool, shape (N,).
    """

    probabilities: NDArray[np.float32]
    is_digit: NDArray[np.bool_]


def needs_tensorflow(question: Callable[P, Result]) -> Callable[P, Result]:
    """Marks a question that only TensorFlow can answer; where it cannot be loaded, the answer is a sentence."""

    @functools.wraps(question)
    def asked(*args: P.args, **kwargs: P.kwargs) -> Result:
        try:
            return question(*args, **kwargs)
        except ImportError as error:
            raise TensorFlowMissing.because(error) from error

    NEED_TENSORFLOW.add(question.__name__)
    return asked


NEED_TENSORFLOW: set[str] = set()
"""The names of the questions that only TensorFlow can answer."""


@needs_tensorflow
def import_engine() -> None:
    """Imports TensorFlow, so that no later question waits for it."""
    import mnist_core.engine.prediction  # noqa: F401


@needs_tensorflow
def predict_one(model: ModelFile, picture: bytes) -> Answer:
    """The answer to one picture, float32 (28, 28) in [0, 1] as bytes."""
    found = answers_to(loaded_predictor(model), _pictures(picture))
    return Answer(found.probabilities[0], bool(found.is_digit[0]))


@needs_tensorflow
def predict_each_picture(model: ModelFile, pictures: bytes) -> Answers:
    """The answers to some pictures, float32 (N, 28, 28) in [0, 1] as bytes."""
    return answers_to(loaded_predictor(model), _pictures(pictures))


@needs_tensorflow
def compare_models(models: tuple[ModelFile, ...], picture: bytes) -> list[Answer | InvalidInput]:
    """The answer of each model to one picture, with the time it took, or why it cannot be used."""
    return [_timed_answer(model, _pictures(picture)) for model in models]


@needs_tensorflow
def predict_at_moments(moments: tuple[ModelFile, ...], picture: bytes) -> NDArray[np.float32]:
    """What the snapshots of one run say of a picture, float32 (28, 28) in [0, 1] as bytes: float32 (M, 10)."""
    from mnist_core.engine.snapshots import read_at

    return read_at([moment.path for moment in moments], _pictures(picture))


@needs_tensorflow
def predict_probabilities(model: ModelFile, pictures: bytes) -> NDArray[np.float32]:
    """The probabilities, float32 (N, 10), for some pictures, float32 (N, 28, 28) in [0, 1] as bytes."""
    return predict_each_picture(model, pictures).probabilities


@needs_tensorflow
def predict_test_part(model: ModelFile, dataset: str, first: int) -> NDArray[np.float32]:
    """Probabilities, float32 (1000, 10), for the test pictures of a dataset from the first on."""
    images = load_dataset(dataset).x_test[first : first + TEST_PART]
    return loaded_predictor(model).predict(scale(images))


@needs_tensorflow
def preset_summary(spec: ModelSpec) -> str:
    """The text of `model.summary()` of an architecture with fresh weights."""
    from mnist_core.engine.build import build_model, summary_text

    return summary_text(build_model(spec))


@needs_tensorflow
def model_summary(model: ModelFile) -> str:
    """The text of `model.summary()` of a trained model.

    Raises:
        InvalidInput: if the file cannot be used.
    """
    from mnist_core.engine.build import load_model, summary_text

    return summary_text(load_model(model.path))


@needs_tensorflow
def export(model: ModelFile, ending: str, about: About, with_example: bool) -> Exported:
    """A trained model as a file in a format, or in a zip with an example, loaded again and compared.

    Raises:
        InvalidInput: if the file cannot be used, or not in this format.
    """
    from mnist_core.engine.bundle import bundle_for, file_for

    return (bundle_for if with_example else file_for)(model.path, ending, about)


@needs_tensorflow
def read_model_file(content: bytes, name: str) -> Foreign:
    """A model of anyone, from the content of their file, under a name.

    Raises:
        InvalidInput: if it cannot be used here.
    """
    from mnist_core.engine.foreign import read_foreign

    return read_foreign(content, name)


@needs_tensorflow
def measure_speed() -> Speed:
    """Measures this computer, in about a second."""
    from mnist_core.engine.speed import bfloat16_gain, matmul_rate

    return Speed(matmul_rate(), bfloat16_gain())


@needs_tensorflow
def augmented_rows(dataset: str, augmentation: str) -> NDArray[np.uint8]:
    """Training pictures as they are, and as a network sees them in a few epochs.

    Args:
        dataset: A name in `DATASETS`.
        augmentation: A name in `AUGMENTATIONS`.

    Returns:
        uint8, shape (1 + 4, 8, 28, 28): the pictures, then what each becomes in an epoch.
    """
    from mnist_core.engine.augmentation import augmented_examples
    from mnist_core.training.hands import make_digits

    data = load_dataset(dataset)
    pictures = np.stack([data.x_train[data.y_train == label][0] for label in range(NUM_EXAMPLES)])
    num_made = NUM_EXAMPLE_EPOCHS // 2 if AUGMENTATIONS[augmentation].hands and dataset == "mnist" else 0
    rows = [(pictures, seed) for seed in range(NUM_EXAMPLE_EPOCHS - num_made)]
    rows += [(make_digits(NUM_EXAMPLES, seed, tuple(range(NUM_EXAMPLES)))[0], seed) for seed in range(num_made)[::-1]]
    varied = [augmented_examples(augmentation, row.tobytes(), seed) for row, seed in rows]
    return np.stack([pictures, *varied])


_loaded: "OrderedDict[ModelFile, Predictor]" = OrderedDict()
"""The models that were asked last, in the process that answers."""


def loaded_predictor(model: ModelFile) -> "Predictor":
    """The loaded model; those that were not asked for longest give way to it."""
    if model not in _loaded:
        from mnist_core.engine.prediction import Predictor

        _loaded[model] = Predictor(model.path)
    _loaded.move_to_end(model)
    weights = sum(predictor.model.count_params() for predictor in _loaded.values())
    while len(_loaded) > 1 and (len(_loaded) > MAX_LOADED_MODELS or weights > MAX_LOADED_WEIGHTS):
        _, oldest = _loaded.popitem(last=False)
        weights -= oldest.model.count_params()
    return _loaded[model]


def _pictures(content: bytes) -> NDArray[np.float32]:
    return np.frombuffer(content, np.float32).reshape(-1, *IMAGE_SHAPE)


def answers_to(predictor: "Predictor", pictures: NDArray[np.float32]) -> Answers:
    """What a loaded model says of pictures, float32 (N, 28, 28) in [0, 1]."""
    probabilities = predictor.predict(pictures)
    return Answers(probabilities, predictor.accepts(probabilities))


def _timed_answer(model: ModelFile, picture: NDArray[np.float32]) -> Answer | InvalidInput:
    try:
        predictor = loaded_predictor(model)
    except InvalidInput as error:
        return error
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        found = answers_to(predictor, picture)
        seconds.append(time.perf_counter() - begin)
    return Answer(found.probabilities[0], bool(found.is_digit[0]), 1000 * min(seconds))
