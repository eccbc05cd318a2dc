"""Weights of one moment as a file: a NumPy archive that also says which network they belong to."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core.engine.backend import keras
from mnist_core.engine.build import assign, build_model
from mnist_core.errors import InvalidInput
from mnist_core.files import npz_content, strict_json
from mnist_core.training.spec import TrainingSpec

MAX_HALF = 60_000.0
"""Larger numbers are none in float16."""


def write_snapshot(model: keras.Model, spec: TrainingSpec, answers: Callable[[], np.ndarray]) -> bytes:
    """A model's weights as they are now.

    They are kept in float16, half the size, where with the rounded weights the model says of some pictures what it
    says with its own.

    Args:
        model: The model.
        spec: What it is trained as.
        answers: What the model says of some pictures, as whole numbers of shape (N,).
    """
    weights = [np.asarray(variable.numpy()) for variable in model.variables]
    halves = [_half(values) for values in weights]
    before = answers()
    assign(model.variables, halves)
    is_same = np.array_equal(before, answers())
    assign(model.variables, weights)
    named: dict[str, Any] = {str(place): values for place, values in enumerate(halves if is_same else weights)}
    spec_json = np.frombuffer(strict_json(spec.to_json()).encode(), np.uint8)
    return npz_content({"spec": spec_json, **named}, compress=False)


def read_snapshot(path: str | Path) -> keras.Model:
    """The model of a snapshot's file, not compiled. Nothing in the file is unpickled.

    Raises:
        InvalidInput: if it is missing, damaged, or none.
    """
    try:
        return model_of(Path(path).read_bytes())
    except OSError as error:
        raise InvalidInput(f"The snapshot {path} cannot be read ({error.strerror}).") from error


def model_of(content: bytes) -> keras.Model:
    """The same from the file's content."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            spec = TrainingSpec.from_json(json.loads(archive["spec"].tobytes()))
            model = build_model(spec.model, spec.preparation, spec.precision)
            _fill(model, archive)
    except InvalidInput:
        raise
    except Exception as error:  # a damaged archive makes the readers of zip and of arrays raise nearly anything
        raise InvalidInput("This is not a snapshot, or it is damaged.") from error
    return model


def read_at(paths: Sequence[Path], picture: np.ndarray) -> np.ndarray:
    """What the network of one run says of a picture at several moments.

    Args:
        paths: The snapshots' files.
        picture: float32, shape (1, 28, 28), in [0, 1].

    Returns:
        Probabilities, float32, shape (M, 10).

    Raises:
        InvalidInput: if a file is missing, damaged, or of another network.
    """
    model = read_snapshot(paths[0])
    x = picture.reshape(1, *model.input_shape[1:])
    found = []
    for path in paths:
        try:
            with np.load(path, allow_pickle=False) as archive:
                _fill(model, archive)
        except Exception as error:  # as in model_of
            raise InvalidInput(f"The snapshot {path} is damaged, or not there any more.") from error
        found.append(np.asarray(model(x, training=False))[0])
    return np.stack(found)


def is_snapshot(content: bytes) -> bool:
    """Whether this is a snapshot's file and no `.keras` file, which is a zip archive too."""
    return b"spec.npy" in content[:200]


def _half(values: np.ndarray) -> np.ndarray:
    if values.dtype != np.float32 or np.abs(values).max(initial=0) > MAX_HALF:
        return values
    return values.astype(np.float16)


def _fill(model: keras.Model, archive: Mapping[str, np.ndarray]) -> None:
    """Gives a model the weights of a snapshot's archive."""
    assign(model.variables, [archive[str(place)] for place in range(len(model.variables))])
