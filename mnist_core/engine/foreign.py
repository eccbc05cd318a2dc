"""Models of other people: their architecture and their numbers are read, nothing of theirs is run."""

import io
import zipfile
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.datasets import DATASETS, load_dataset, scale
from mnist_core.engine.build import build_model, file_of
from mnist_core.engine.hdf5_arrays import read_arrays
from mnist_core.errors import InvalidInput
from mnist_core.files import read_json
from mnist_core.formatting import in_percent
from mnist_core.networks.from_keras import (
    BATCH_NORMALIZATION_EPSILON,
    FromKeras,
    Weighted,
    architecture_from_keras,
    as_spec,
)
from mnist_core.networks.layers import snake_case
from mnist_core.networks.spec import ModelSpec
from mnist_core.training.foreign import Foreign
from mnist_core.training.options import INPUT_SCALINGS

MAX_CONFIG_BYTES = 2_000_000
MAX_WEIGHTS_BYTES = 300_000_000
"""Unpacked: 20 million weights and their optimizer's two numbers for each."""

NUM_TRIED = 1000
"""Training pictures on which the ways to scale pixels are told apart."""

MIN_ACCURACY = 0.3
"""What a model has to read of a dataset to count as trained on it; by chance it would be 0.1."""

HDF5_BEGINNING = b"\x89HDF\r\n\x1a\n"
Arrays = dict[str, NDArray[np.float32]]


def read_foreign(content: bytes, name: str) -> Foreign:
    """Reads a `.keras` or `.h5` file of anyone.

    Args:
        content: The file's content.
        name: What the model is to be called.

    Raises:
        InvalidInput: if it is neither, holds what is not known here, or takes or gives something else than 28×28
            pictures and ten classes.
    """
    config, arrays = _parts(content)
    found = architecture_from_keras(config)
    spec = as_spec(found, name)
    weights = _fold_rescalings(found, [_weights_of(item, arrays) for item in found.weighted])
    dataset, preparation, accuracy = _best_reading(spec, weights)
    notes = list(found.notes)
    if preparation != "scale":
        notes.append(f"It reads pixels best {INPUT_SCALINGS[preparation].title.lower()}, so this is done inside it.")
    if accuracy < MIN_ACCURACY:
        notes.append("It reads neither digits nor clothes better than chance: is it trained?")
    model = _with_weights(spec, preparation, weights)
    tested = _accuracy(model, dataset, test=True)
    notes.append(f"It reads {in_percent(tested, 1)} of the 10,000 test images of {DATASETS[dataset].title} correctly.")
    result = {"test_accuracy": tested, "num_params": float(spec.num_params)}
    return Foreign(spec, dataset, preparation, file_of(model), result, tuple(notes))


def _parts(content: bytes) -> tuple[Any, Arrays]:
    """The configuration and the arrays of a file."""
    if content.startswith(HDF5_BEGINNING):
        arrays, attributes = read_arrays(content)
        config = _json(attributes.get("@model_config", ""))
        return config, _by_layer(arrays, attributes)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as file:
            config = _json(_part(file, "config.json", MAX_CONFIG_BYTES))
            weights = _part(file, "model.weights.h5", MAX_WEIGHTS_BYTES)
    except (zipfile.BadZipFile, zlib.error, KeyError, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise InvalidInput("This is no Keras model. Give a .keras or .h5 file that was saved by model.save.") from error
    return config, read_arrays(weights)[0]


def _part(file: zipfile.ZipFile, name: str, most: int) -> bytes:
    if file.getinfo(name).file_size > most:
        raise InvalidInput(f"The file holds more than {most // 1_000_000} MB, which no network here has.")
    with file.open(name) as part:
        return part.read(most)


def _json(text: str | bytes) -> Any:
    try:
        return read_json(text)
    except ValueError as error:
        raise InvalidInput("The model's architecture in this file cannot be read. Save the model whole.") from error


def _by_layer(arrays: Arrays, attributes: dict[str, Any]) -> Arrays:
    """Weights of an `.h5` file under a layer's name and their number: "dense/0" the kernel, "dense/1" the bias."""
    named = {}
    for path, names in attributes.items():
        folder, _, attribute = path.rpartition("@")
        if attribute == "weight_names" and folder:
            for number, weight in enumerate(names):
                if (array := arrays.get(f"{folder}/{weight}")) is not None:
                    named[f"{folder.removeprefix('model_weights/')}/{number}"] = array
    return named


def _weights_of(item: Weighted, arrays: Arrays) -> list[NDArray[np.float32]]:
    """A layer's weights in Keras's order, complete."""
    kind = snake_case(item.kind)
    numbered = f"{kind}_{item.number}" if item.number else kind
    places = (item.name, f"layers/{numbered}/vars", f"_layer_checkpoint_dependencies/{numbered}/vars")
    for place in places:
        if given := [arrays[f"{place}/{number}"] for number in range(4) if f"{place}/{number}" in arrays]:
            return _complete(item, given)
    raise InvalidInput(f"The file holds no weights of the layer {item.name}.")


def _complete(item: Weighted, given: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """What a layer was saved without is 0, or 1 for a factor; another epsilon becomes part of the variance."""
    if item.kind != "BatchNormalization":
        bias = [] if len(given) > 1 else [np.zeros(given[0].shape[-1], np.float32)]
        return [*given, *bias]
    size = given[-1].shape
    gamma = given.pop(0) if item.config.get("scale", True) else np.ones(size, np.float32)
    beta = given.pop(0) if item.config.get("center", True) and len(given) > 2 else np.zeros(size, np.float32)
    mean, variance = given[-2:]
    epsilon = float(item.config.get("epsilon", BATCH_NORMALIZATION_EPSILON))
    variance = np.maximum(variance + epsilon - BATCH_NORMALIZATION_EPSILON, 0)
    return [gamma, beta, mean, variance.astype(np.float32)]


def _fold_rescalings(found: FromKeras, weights: list[list[NDArray[np.float32]]]) -> list[list[NDArray[np.float32]]]:
    """Makes the rescaling of pixels, which here are 0 to 1 already, part of the first weights."""
    if not found.rescalings:
        return weights
    factor, offset = 255.0, 0.0
    for times, plus in found.rescalings:
        factor, offset = factor * times, offset * times + plus
    first, rest = weights[0], weights[1:]
    layer = found.weighted[0]
    is_padded = layer.config.get("padding") == "same"
    if layer.kind == "BatchNormalization" or (offset and is_padded) or factor <= 0:
        raise InvalidInput(
            "The rescaling at the beginning of this model cannot be made part of its first layer. Rescale by 1/255."
        )
    kernel, bias = first
    moved = bias + offset * kernel.sum(axis=tuple(range(kernel.ndim - 1)))
    return [[(kernel * factor).astype(np.float32), moved.astype(np.float32)], *rest]


def _with_weights(spec: ModelSpec, preparation: str, weights: list[list[NDArray[np.float32]]]) -> Any:
    model = build_model(spec, preparation)
    given = [array for layer in weights for array in layer]
    wanted = [tuple(variable.shape) for variable in model.weights]
    if [array.shape for array in given] != wanted:
        raise InvalidInput("The weights in this file do not fit its architecture.")
    if not all(np.isfinite(array).all() for array in given):
        raise InvalidInput("Some weights in this file are not finite: its training diverged.")
    model.set_weights(given)
    return model


def _best_reading(spec: ModelSpec, weights: list[list[NDArray[np.float32]]]) -> tuple[str, str, float]:
    """The dataset and the scaling of pixels with which the model reads most training pictures, and the share."""
    tried = {}
    for preparation in INPUT_SCALINGS:
        model = _with_weights(spec, preparation, weights)
        for dataset in DATASETS:
            tried[dataset, preparation] = _accuracy(model, dataset, test=False)
    (dataset, preparation), accuracy = max(tried.items(), key=lambda item: item[1])
    return dataset, preparation, accuracy


def _accuracy(model: Any, dataset: str, *, test: bool) -> float:
    data = load_dataset(dataset)
    images, labels = (data.x_test, data.y_test) if test else (data.x_train[:NUM_TRIED], data.y_train[:NUM_TRIED])
    answers = model.predict(scale(images).reshape(-1, *model.input_shape[1:]), batch_size=250, verbose=0)
    return float((answers.argmax(axis=1) == labels).mean())
