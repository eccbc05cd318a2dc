"""Prediction against Keras, and files that are no model."""

import zipfile

import numpy as np
import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.backend import keras
from mnist_core.engine.build import load_model
from mnist_core.engine.prediction import Predictor
from mnist_core.errors import InvalidInput
from mnist_core.runs.models import shipped_models


def test_the_predictor_says_what_keras_predict_says():
    path = next(run.model_path for run in shipped_models() if run.id == "cnn")
    images = scale(load_dataset("mnist").x_test[:600])
    probabilities = Predictor(path).predict(images)
    assert probabilities.shape == (600, 10) and probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities, keras.models.load_model(path).predict(images[..., None], verbose=0),
                               atol=1e-5)  # fmt: skip
    assert Predictor(path).predict(np.zeros((0, 28, 28), np.float32)).shape == (0, 10)


@pytest.mark.parametrize("content", [b"", b"a text file", b"PK\x03\x04 torn"])
def test_a_file_that_is_no_model_gets_a_sentence(tmp_path, content):
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="cannot be opened as a Keras model"):
        load_model(path)


def test_a_missing_model_gets_a_sentence(tmp_path):
    with pytest.raises(InvalidInput, match="does not exist"):
        load_model(tmp_path / "none.keras")


def test_a_model_for_other_pictures_gets_a_sentence(tmp_path):
    path = tmp_path / "other.keras"
    keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]).save(path)
    with pytest.raises(InvalidInput, match=r"turns \(32, 32, 3\) into \(2,\)"):
        load_model(path)


def test_code_inside_a_model_file_is_never_run(tmp_path):
    """A Lambda layer carries Python code; Keras's safe mode must stay on."""
    path = tmp_path / "evil.keras"
    layers = [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Lambda(lambda x: x[:, :10])]
    keras.Sequential(layers).save(path)
    assert zipfile.is_zipfile(path)
    with pytest.raises(InvalidInput, match="cannot be opened"):
        load_model(path)
