"""Models in the formats of other programs: checked before they are given, complete, and usable where they are taken."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from mnist_core.datasets import load_dataset
from mnist_core.drawing.inking import ink
from mnist_core.drawing.preprocessing import prepare
from mnist_core.engine import export
from mnist_core.engine.backend import keras
from mnist_core.engine.build import build_model, file_of
from mnist_core.engine.bundle import WEB, bundle_for, file_for, prepare_script
from mnist_core.engine.prediction import Predictor
from mnist_core.errors import InvalidInput
from mnist_core.networks.presets import PRESETS
from mnist_core.paths import MODEL_FILE, SHIPPED_MODELS
from mnist_core.training import formats
from mnist_core.training.formats import FORMATS, About, format_of
from tests.settings import EVERY_LAYER
from tests.strokes import DRAWINGS

ABOUT = About("A <model> *of* mine", "mnist", "It has learned from MNIST.")
FILES = [ending for ending in FORMATS if ending != ".html"]
FC = SHIPPED_MODELS / "fc" / MODEL_FILE


@pytest.fixture(scope="module")
def every_model(tmp_path_factory):
    """Files of a model with every layer that Build offers, in each precision and with a scaling inside."""
    folder = tmp_path_factory.mktemp("models")
    models = {
        "every": (EVERY_LAYER, "raw"),
        "half": (EVERY_LAYER, "scale", "bfloat16"),
        "normalised": (PRESETS["fc"], "l2"),
    }
    for name, made_of in models.items():
        keras.utils.set_random_seed(0)  # with other weights, half of the answers may hang on a rounding
        (folder / f"{name}.keras").write_bytes(file_of(build_model(*made_of)))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("ending", FILES)
@pytest.mark.parametrize("name", ["every", "half", "normalised"])
def test_every_format_holds_every_layer(every_model, name, ending):
    if (name, ending) == ("normalised", ".h5"):
        pytest.skip("refused, as others would read it wrongly")
    exported = file_for(every_model / f"{name}.keras", ending, ABOUT)
    assert exported.num_different <= export.MAX_DIFFERENT
    assert exported.largest_difference < (2e-2 if name == "half" else 1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("ending", FILES)
def test_a_bundle_s_example_reads_its_pictures_as_the_app_does(tmp_path, ending):
    """An example that nobody ran is no example."""
    exported = bundle_for(SHIPPED_MODELS / "digits" / MODEL_FILE, ending, ABOUT)
    with zipfile.ZipFile(io.BytesIO(exported.content)) as packed:
        packed.extractall(tmp_path)
    done = subprocess.run([sys.executable, "example.py"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [line for line in done.stdout.splitlines() if "samples" in line]
    data = load_dataset("mnist")
    images = np.stack([data.x_test[data.y_test == label][0] for label in range(10)]).astype(np.float32) / 255
    expected = Predictor(SHIPPED_MODELS / "digits" / MODEL_FILE).predict(images)
    assert len(lines) == 10
    for line, answer in zip(lines, expected, strict=True):
        found, share = line.split(": ")[1].split()[:2]
        assert int(found) == answer.argmax()
        assert float(share) == pytest.approx(answer.max(), abs=2e-3)


def test_a_bundle_says_what_one_needs_to_know():
    with zipfile.ZipFile(io.BytesIO(bundle_for(FC, ".json", ABOUT).content)) as packed:
        names, readme = packed.namelist(), packed.read("README.md").decode()
        about = json.loads(packed.read("about.json"))
    assert {"model.json", "about.json", "prepare.py", "example.py", "README.md", "samples/7.png"} <= set(names)
    assert "pip install" in readme and "centre of mass" in readme and "784 × 128" in readme
    assert "A \\<model\\> \\*of\\* mine" in readme
    assert about["classes"] == list("0123456789")


def test_the_script_that_prepares_does_what_the_app_does():
    code = prepare_script()
    module: dict = {}
    exec(compile(code, "prepare.py", "exec"), module)
    for strokes in DRAWINGS.values():
        drawing = ink([np.array(stroke) for stroke in strokes], 20)
        np.testing.assert_array_equal(module["prepare"](drawing), prepare(drawing).image)
    assert module["prepare"](np.full((28, 28, 4), 255, np.uint8)) is None


def test_a_file_that_answers_otherwise_is_not_given(monkeypatch):
    def reader(content):
        return lambda images: np.roll(export._keras_reader(export.load_model(FC))(images), 1, axis=1)

    monkeypatch.setitem(export.CONVERTERS, ".onnx", (lambda model: b"", reader))
    with pytest.raises(InvalidInput, match="answers otherwise"):
        export.export_model(FC, ".onnx", "mnist")


def test_a_converter_that_fails_is_said_in_a_sentence(monkeypatch):
    def write(model):
        raise RuntimeError("no such operation\nat line 7")

    monkeypatch.setitem(export.CONVERTERS, ".onnx", (write, None))
    with pytest.raises(InvalidInput, match="ONNX cannot hold this model: no such operation$"):
        export.export_model(FC, ".onnx", "mnist")


def test_a_missing_package_is_named_with_the_command(monkeypatch):
    monkeypatch.setattr(formats.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InvalidInput, match="Install them: .*export"):
        format_of("model.onnx")
    assert format_of("model.keras").ending == ".keras"


def test_an_unknown_ending_is_answered_with_those_that_are_known():
    with pytest.raises(InvalidInput, match=r"\.keras, \.h5, \.onnx"):
        format_of("model.pb")


def test_the_runtime_is_the_one_that_was_fetched():
    """What is committed as built is what the pinned lock file gives."""
    for line in (WEB / "SHA256SUMS").read_text().splitlines():
        expected, name = line.split()
        assert hashlib.sha256((WEB / name).read_bytes()).hexdigest() == expected
