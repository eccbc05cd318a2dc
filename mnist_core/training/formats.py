"""The files that a trained model can be taken away in, as data: what each is for and what it needs."""

import importlib.util
from dataclasses import dataclass

from mnist_core.errors import InvalidInput
from mnist_core.paths import IS_CLONE

INSTALL_COMMAND = (
    ".venv/bin/pip install -r requirements-export.txt" if IS_CLONE else 'pip install "digit-studio[export]"'
)
"""Brings the packages that the formats of other programs need."""

BUNDLE = ".zip"
"""The ending of a format's file together with what one needs to use it elsewhere."""


@dataclass(frozen=True)
class ExportFormat:
    """One kind of file.

    Attributes:
        ending: The ending of its name.
        title: What people read.
        help: One sentence: who opens it.
        needs: Modules beyond the app's own that write it and read it again.
        install: What its example script needs, as `pip install` names it.
        load: The lines of its example script that define `predict`, which turns pictures, float32 of shape
            (N, 28, 28), into probabilities, (N, 10). They find the file at `MODEL`.
    """

    ending: str
    title: str
    help: str
    needs: tuple[str, ...]
    install: str
    load: str

    def missing(self) -> list[str]:
        """The modules it needs that are not installed."""
        return [name for name in self.needs if importlib.util.find_spec(name) is None]

    def check_installed(self) -> None:
        """Makes sure that it can be written here.

        Raises:
            InvalidInput: if a package is missing, with the command that brings it.
        """
        if self.missing():
            raise InvalidInput(f"{self.title} files need more packages than the app. Install them: {INSTALL_COMMAND}")


@dataclass(frozen=True)
class About:
    """What one who uses a model elsewhere has to know of it.

    Attributes:
        name: What the run is called.
        dataset: A name in `DATASETS`.
        source: What the model learned from and how good it is, in a sentence.
    """

    name: str
    dataset: str
    source: str


NUM_COMPARED = 1000
"""Test pictures on which an exported file and the model are compared."""


@dataclass(frozen=True)
class Exported:
    """An exported model, loaded again and compared.

    Attributes:
        content: The file's content.
        largest_difference: Of any probability of any compared picture, 0 to 1.
        num_different: How many compared pictures it gives another class.
    """

    content: bytes
    largest_difference: float
    num_different: int

    @property
    def sentence(self) -> str:
        """What the comparison showed, as people read it."""
        differ = "no answer differs" if not self.num_different else f"{self.num_different} answers differ"
        return (
            f"Loaded again and compared on {NUM_COMPARED:,} test pictures: {differ}, "
            f"the largest difference of a probability is {self.largest_difference:.1g}."
        )


_KERAS = """\
import keras

model = keras.models.load_model(MODEL, compile=False)


def predict(images):
    return model.predict(images.reshape(-1, *model.input_shape[1:]), verbose=0)
"""

FORMATS = {
    item.ending: item
    for item in (
        ExportFormat(
            ".keras", "Keras", "For keras.models.load_model, in Keras 3.4 and newer.", (), "keras tensorflow", _KERAS
        ),
        ExportFormat(
            ".h5",
            "Keras, older format",
            "HDF5, for programs that read no .keras files; Keras 3.4 and newer read it too.",
            (),
            "keras tensorflow",
            _KERAS,
        ),
        ExportFormat(
            ".onnx",
            "ONNX",
            "For ONNX Runtime, which runs models in C++, C#, Java, JavaScript and Python.",
            ("onnx", "tf2onnx", "onnxruntime"),
            "onnxruntime",
            """\
import onnxruntime

session = onnxruntime.InferenceSession(str(MODEL))


def predict(images):
    return session.run(None, {"image": images})[0]
""",
        ),
        ExportFormat(
            ".tflite",
            "LiteRT",
            "TensorFlow Lite, for phones, microcontrollers and single-board computers.",
            ("ai_edge_litert",),
            "ai-edge-litert",
            """\
from ai_edge_litert.interpreter import Interpreter

interpreter = Interpreter(str(MODEL))
[taken], [given] = interpreter.get_input_details(), interpreter.get_output_details()


def predict(images):
    interpreter.resize_tensor_input(taken["index"], images.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(taken["index"], images)
    interpreter.invoke()
    return interpreter.get_tensor(given["index"])
""",
        ),
        ExportFormat(
            ".savedmodel.zip",
            "TensorFlow SavedModel",
            "For TensorFlow Serving and TensorFlow in other languages: a folder, packed.",
            (),
            "tensorflow",
            """\
import tempfile
import zipfile

import tensorflow as tf

folder = tempfile.TemporaryDirectory()
zipfile.ZipFile(MODEL).extractall(folder.name)
loaded = tf.saved_model.load(folder.name)


def predict(images):
    return loaded.serve(images).numpy()
""",
        ),
        ExportFormat(
            ".json",
            "Weights as JSON",
            "Every weight as a number with its layer and shape, to read in any language.",
            (),
            "keras tensorflow",
            """\
import json

import keras

saved = json.loads(MODEL.read_text(encoding="utf-8"))
model = keras.Model.from_config(saved["config"]) if "input_layers" in saved["config"] else (
    keras.Sequential.from_config(saved["config"])
)
for layer in saved["layers"]:
    arrays = [np.array(weight["values"], weight["dtype"]).reshape(weight["shape"]) for weight in layer["weights"]]
    model.get_layer(layer["name"]).set_weights(arrays)


def predict(images):
    return model.predict(images.reshape(-1, *model.input_shape[1:]), verbose=0)
""",
        ),
        ExportFormat(
            ".html",
            "Web page",
            "One page to draw on, for any browser, without a network: the model runs in it.",
            ("onnx", "tf2onnx", "onnxruntime"),
            "",
            "",
        ),
    )
}
"""Every format by the ending of its file."""


def format_of(name: str) -> ExportFormat:
    """The format that a file's name asks for.

    Raises:
        InvalidInput: if its ending is that of none, or a package is missing.
    """
    for ending in sorted(FORMATS, key=len, reverse=True):
        if name.lower().endswith(ending):
            FORMATS[ending].check_installed()
            return FORMATS[ending]
    known = ", ".join([*FORMATS, BUNDLE])
    raise InvalidInput(f"{name[:200]} has no ending that can be written: {known}.")
