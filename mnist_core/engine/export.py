"""Trained models in the formats of other programs, each loaded by its own runtime and compared before it is given."""

import io
import json
import tempfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core import IMAGE_SHAPE
from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.backend import keras, tf
from mnist_core.engine.build import file_of, load_model
from mnist_core.engine.portable import portable_config
from mnist_core.errors import InvalidInput
from mnist_core.training.formats import FORMATS, NUM_COMPARED, Exported

COMPARED_BATCH = 100

MAX_DIFFERENT = 5
"""Answers of those that may differ: pictures between two digits, where rounding decides."""

MAX_JSON_WEIGHTS = 3_000_000
"""About 40 MB of text."""

Images = NDArray[np.float32]
"""float32, shape (N, 28, 28), in [0, 1], white ink on black."""

Reader = Callable[[Images], NDArray[np.float32]]
"""What an exported file does: pictures in, probabilities (N, 10) out."""


def export_model(path: Path, ending: str, dataset: str) -> Exported:
    """Writes a model in a format, reads that again in the program it is for, and compares.

    Args:
        path: A `.keras` file.
        ending: A key of `FORMATS` that is a model's file: any but the web page, which `web_page` makes.
        dataset: The dataset whose first 1,000 test pictures are compared.

    Raises:
        InvalidInput: if the model cannot be used, a package is missing, the format cannot hold the model, or what was
            written answers otherwise.
    """
    FORMATS[ending].check_installed()
    write, read = CONVERTERS[ending]
    model = load_model(path, compile=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = write(model)
            answer = read(content)
            images = scale(load_dataset(dataset).x_test[:NUM_COMPARED])
            found = _in_batches(answer, images)
    except InvalidInput:
        raise
    except Exception as error:  # converters and runtimes have errors of many kinds; all mean the same here
        reason = (str(error).splitlines() or [""])[0][:200]
        raise InvalidInput(f"{FORMATS[ending].title} cannot hold this model: {reason}") from error
    expected = _in_batches(_keras_reader(model), images)
    different = int((found.argmax(axis=1) != expected.argmax(axis=1)).sum()) if found.shape == expected.shape else -1
    if different < 0 or not np.isfinite(found).all() or different > MAX_DIFFERENT:
        raise InvalidInput(
            f"What was written as {FORMATS[ending].title} answers otherwise than the model, so it is not given away. "
            "Choose another format."
        )
    return Exported(content, float(np.abs(found - expected).max()), different)


def _in_batches(answer: Reader, images: Images) -> NDArray[np.float32]:
    parts = [answer(images[first : first + COMPARED_BATCH]) for first in range(0, len(images), COMPARED_BATCH)]
    return np.concatenate(parts)


def _keras_reader(model: keras.Model) -> Reader:
    shape = model.input_shape[1:]
    return lambda images: np.asarray(model(images.reshape(-1, *shape), training=False))


def _read_keras(ending: str) -> Callable[[bytes], Reader]:
    def read(content: bytes) -> Reader:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"model{ending}"
            path.write_bytes(content)
            return _keras_reader(keras.models.load_model(path, compile=False, safe_mode=True))

    return read


def _plain(model: keras.Model) -> keras.Model:
    """The same model for other programs: it takes (N, 28, 28) and calculates in float32."""
    config = json.loads(model.to_json())
    if "bfloat16" in json.dumps(config):
        whole = keras.models.model_from_json(json.dumps(_in_float32(config)))
        whole.set_weights(model.get_weights())
        model = whole
    inputs = keras.Input(IMAGE_SHAPE, name="image")
    reshaped = keras.layers.Reshape(model.input_shape[1:])(inputs)
    plain = keras.Model(inputs, model(reshaped, training=False), name=model.name)
    plain(np.zeros((1, *IMAGE_SHAPE), np.float32))  # Keras exports only what has been called
    return plain


def _in_float32(config: Any) -> Any:
    if isinstance(config, dict):
        return {name: _in_float32(value) for name, value in config.items()}
    if isinstance(config, list):
        return [_in_float32(value) for value in config]
    return "float32" if config == "mixed_bfloat16" else config


def _write_keras(ending: str) -> Callable[[keras.Model], bytes]:
    return lambda model: file_of(model, ending)


def _exported_file(model: keras.Model, export_format: str) -> bytes:
    """What Keras's own `export` writes into one file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / EXPORTED_NAMES[export_format]
        _plain(model).export(path, format=export_format, verbose=False)
        return path.read_bytes()


EXPORTED_NAMES = {"onnx": "model.onnx", "litert": "model.tflite"}


def _write_onnx(model: keras.Model) -> bytes:
    return _exported_file(model, "onnx")


def _read_onnx(content: bytes) -> Reader:
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return lambda images: np.asarray(session.run(None, {"image": images})[0])


class _UnitNormalization(keras.layers.Layer):
    """Keras's layer in other words: LiteRT's own operation for it gives no number for a row without ink."""

    def __init__(self, axis: int | tuple[int, ...], name: str) -> None:
        super().__init__(name=name)
        self.axis = axis

    def call(self, values: tf.Tensor) -> tf.Tensor:
        length = keras.ops.sqrt(keras.ops.sum(keras.ops.square(values), axis=self.axis, keepdims=True))
        return values / keras.ops.maximum(length, 1e-6)


def _for_litert(layer: keras.layers.Layer) -> keras.layers.Layer:
    if isinstance(layer, keras.layers.UnitNormalization):
        return _UnitNormalization(layer.axis, layer.name)
    return type(layer).from_config(layer.get_config())


def _write_litert(model: keras.Model) -> bytes:
    for_litert = keras.models.clone_model(model, clone_function=_for_litert)
    for_litert.set_weights(model.get_weights())
    return _exported_file(for_litert, "litert")


def _read_litert(content: bytes) -> Reader:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=content)
    [taken], [given] = interpreter.get_input_details(), interpreter.get_output_details()

    def answer(images: Images) -> NDArray[np.float32]:
        interpreter.resize_tensor_input(taken["index"], images.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(taken["index"], images)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(given["index"]))

    return answer


def _write_saved_model(model: keras.Model) -> bytes:
    result = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as packed:
        _plain(model).export(folder, format="tf_saved_model", verbose=False)
        for path in sorted(Path(folder).rglob("*")):
            packed.write(path, path.relative_to(folder).as_posix())
    return result.getvalue()


def _read_saved_model(content: bytes) -> Reader:
    folder = tempfile.TemporaryDirectory()
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        packed.extractall(folder.name)
    loaded = tf.saved_model.load(folder.name)

    def answer(images: Images, _kept: Any = (folder, loaded)) -> NDArray[np.float32]:
        return np.asarray(loaded.serve(images))

    return answer


ABOUT_WEIGHTS = (
    "Each layer lists its weights in Keras's order; `values` is the array of `shape`, row after row (C order).",
    "A dense layer has kernel (inputs, outputs) and bias (outputs): outputs = activation(inputs @ kernel + bias).",
    "A convolution has kernel (height, width, inputs, outputs) and bias (outputs).",
    "Batch normalisation has gamma, beta, moving mean and moving variance.",
    "`config` is the architecture as Keras's from_config takes it.",
)


def _write_json(model: keras.Model) -> bytes:
    if model.count_params() > MAX_JSON_WEIGHTS:
        raise InvalidInput(
            f"{model.count_params():,} weights are too many for JSON, which takes {MAX_JSON_WEIGHTS:,}. "
            "Choose another format."
        )
    layers = [
        {
            "name": layer.name,
            "kind": type(layer).__name__,
            "weights": [
                {
                    "name": weight.path.split("/")[-1],
                    "shape": list(weight.shape),
                    "dtype": str(weight.dtype),
                    # The shortest text that is the same float32 again.
                    "values": [float(text) for text in np.asarray(weight).ravel().astype(str)],
                }
                for weight in layer.weights
            ],
        }
        for layer in model.layers
    ]
    config = portable_config(json.loads(model.to_json()))["config"]
    return json.dumps({"about": ABOUT_WEIGHTS, "config": config, "layers": layers}, allow_nan=False).encode()


def _read_json(content: bytes) -> Reader:
    saved = json.loads(content)
    is_functional = "input_layers" in saved["config"]
    model = (keras.Model if is_functional else keras.Sequential).from_config(saved["config"])
    for layer in saved["layers"]:
        arrays = [np.array(item["values"], item["dtype"]).reshape(item["shape"]) for item in layer["weights"]]
        model.get_layer(layer["name"]).set_weights(arrays)
    return _keras_reader(model)


CONVERTERS: dict[str, tuple[Callable[[keras.Model], bytes], Callable[[bytes], Reader]]] = {
    ".keras": (_write_keras(".keras"), _read_keras(".keras")),
    ".h5": (_write_keras(".h5"), _read_keras(".h5")),
    ".onnx": (_write_onnx, _read_onnx),
    ".tflite": (_write_litert, _read_litert),
    ".savedmodel.zip": (_write_saved_model, _read_saved_model),
    ".json": (_write_json, _read_json),
}
"""How each format is written, and how what was written is read again."""
