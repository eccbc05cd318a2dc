"""From an architecture as data to a Keras model."""

import dataclasses
import re
import tempfile
import warnings
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mnist_core import IMAGE_SHAPE, NUM_CLASSES
from mnist_core.engine.backend import keras
from mnist_core.engine.portable import make_h5_portable, portable_keras_file
from mnist_core.errors import InvalidInput
from mnist_core.networks.layers import LayerSpec, snake_case
from mnist_core.networks.spec import ModelSpec
from mnist_core.paths import SNAPSHOT_ENDING
from mnist_core.training.options import INPUT_SCALINGS, LABELS, OPTIMIZERS, PRECISIONS
from mnist_core.training.spec import TrainingSpec

SUMMARY_WIDTH = 72
"""Characters in a line of a summary: wide enough for Keras's table, narrow enough for half a page."""


MAX_FILE_BYTES = 1_000_000_000
"""What a model's file may unpack to: 50 million weights with their optimizer's three numbers for each."""


IMPORT_HINT = "If it is a model from elsewhere, bring it in first: digit-studio import FILE."


def build_model(spec: ModelSpec, preparation: str = "scale", precision: str = "float32") -> keras.Model:
    """Builds an architecture with fresh weights, not compiled.

    Args:
        spec: The architecture.
        preparation: What is done to the pixels first, a name in `INPUT_SCALINGS`.
        precision: What the layers but the last calculate in, a name in `PRECISIONS`; weights are always float32.

    Returns:
        A model that takes float32 of shape (N, *spec.input_shape) in [0, 1] and puts out (N, 10) probabilities.

    Raises:
        InvalidInput: if the architecture cannot be built.
    """
    spec.check()
    inputs = keras.Input(spec.input_shape, name="image")
    layers = _keras_layers(spec.layers, PRECISIONS[precision].policy)
    if front := INPUT_SCALINGS[preparation].keras_layer:
        kind, arguments = front
        layers.insert(0, getattr(keras.layers, kind)(**arguments))
    if spec.style == "sequential":
        return keras.Sequential([inputs, *layers], name=_keras_name(spec.name))
    outputs = inputs
    for layer in layers:
        outputs = layer(outputs)
    return keras.Model(inputs, outputs, name=_keras_name(spec.name))


def compile_model(model: keras.Model, spec: TrainingSpec) -> None:
    """Gives a model the loss, metric and optimizer of a run, so that the saved file can be trained further."""
    optimizer_class = getattr(keras.optimizers, OPTIMIZERS[spec.optimizer].keras_class)
    momentum = {"momentum": spec.momentum} if OPTIMIZERS[spec.optimizer].takes_momentum else {}
    model.compile(
        optimizer=optimizer_class(learning_rate=spec.learning_rate, **momentum),
        loss=LABELS[spec.targets].loss,
        metrics=["accuracy"],
    )


def summary_text(model: keras.Model) -> str:
    """The text of Keras's own `model.summary()`."""
    lines: list[str] = []
    model.summary(line_length=SUMMARY_WIDTH, print_fn=lambda line, **_: lines.append(line))
    return "\n".join(lines)


def load_model(path: str | Path, *, compile: bool = True) -> keras.Model:
    """Loads a `.keras` file, in Keras's safe mode: no code in the file is run and nothing is unpickled.

    Args:
        path: The file.
        compile: Whether the optimizer with its state is loaded too, as training further needs.

    Raises:
        InvalidInput: if the file is missing, is not a Keras model, or does not turn a 28×28 picture into 10 numbers.
    """
    path = Path(path)
    if not path.is_file():
        raise InvalidInput(f"The model file {path} does not exist.")
    if path.suffix == SNAPSHOT_ENDING:
        from mnist_core.engine.snapshots import read_snapshot

        return read_snapshot(path)
    if path.suffix in (".h5", ".hdf5"):
        raise InvalidInput(f"{path} is an HDF5 file, which is not opened as it is. {IMPORT_HINT}")
    _check_size(path)
    try:
        model = keras.models.load_model(path, safe_mode=True, compile=compile)
    except Exception as error:  # Keras raises many types for a file that is no model; all mean the same here.
        raise InvalidInput(
            f"The file {path} cannot be opened as a Keras model. Give a .keras file that was saved by Keras 3."
        ) from error
    if model.input_shape[1:] not in (IMAGE_SHAPE, (*IMAGE_SHAPE, 1)) or model.output_shape[1:] != (NUM_CLASSES,):
        raise InvalidInput(
            f"The model {path} turns {model.input_shape[1:]} into {model.output_shape[1:]}. "
            f"A model that turns one picture, (28, 28) or (28, 28, 1), into 10 probabilities is needed. {IMPORT_HINT}"
        )
    if getattr(getattr(model.layers[-1], "activation", None), "__name__", "softmax") != "softmax":
        raise InvalidInput(f"The model {path} does not end in probabilities. {IMPORT_HINT}")
    return model


def _check_size(path: Path) -> None:
    """Refuses a file that says it unpacks to more than any network here has, before anything is unpacked.

    Raises:
        InvalidInput: if it is far too large.
    """
    try:
        unpacked = path.stat().st_size
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as file:
                unpacked = sum(item.file_size for item in file.infolist())
    except (OSError, zipfile.BadZipFile):
        return  # which loading says
    if unpacked > MAX_FILE_BYTES:
        raise InvalidInput(
            f"The file {path} holds {unpacked // 1_000_000:,} MB, more than any network here: it is not opened."
        )


def load_model_bytes(keras_file: bytes) -> keras.Model:
    """Loads the content of a `.keras` file; see `load_model`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(keras_file)
        return load_model(path)


def assign(variables: Sequence[Any], values: Sequence[Any]) -> None:
    """Gives each variable its value: an array or another variable, in float16 too."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def file_of(model: keras.Model, ending: str = ".keras") -> bytes:
    """A model as the content of a `.keras` file, or of an `.h5` file, the older format, for Keras from 3.4 on.

    Raises:
        InvalidInput: if older versions would read it wrongly.
    """
    if ending == ".h5" and any(isinstance(layer, keras.layers.UnitNormalization) for layer in model.layers):
        raise InvalidInput(
            "Keras before 3.12 reads the L2 normalisation of this model wrongly from an .h5 file, without a word. "
            "Save it as .keras."
        )
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / f"model{ending}"
        model.save(path)
        if ending == ".h5":
            make_h5_portable(path)
        content = path.read_bytes()
    return portable_keras_file(content) if ending == ".keras" else content


def _keras_layers(layers: tuple[LayerSpec, ...], policy: str) -> list[keras.layers.Layer]:
    """Keras layers named as a fresh Keras session names them: dense, dense_1, …

    The last one calculates in float32 whatever the policy: probabilities need more digits than bfloat16 has.
    """
    seen: Counter[str] = Counter()
    built = []
    for index, layer in enumerate(layers, 1):
        name = snake_case(layer.kind)
        numbered = f"{name}_{seen[name]}" if seen[name] else name
        seen[name] += 1
        dtype = policy if index < len(layers) else "float32"
        built.append(getattr(keras.layers, layer.kind)(**dataclasses.asdict(layer), name=numbered, dtype=dtype))
    return built


def _keras_name(name: str) -> str:
    """A name that TensorFlow accepts for a model: ASCII letters, digits and underscores, with a letter in front."""
    plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return plain if plain[0].isalpha() else f"model_{plain}"
