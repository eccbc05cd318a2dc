"""The command `export`."""

import keras
import numpy as np
import pytest

from mnist_core.cli.main import main
from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.prediction import Predictor
from mnist_core.runs.models import find_model
from mnist_core.runs.store import RunStore
from tests.cli.commands import lines


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_what_is_exported_answers_as_the_model_does(ending, tmp_path, capsys):
    target = tmp_path / f"model{ending}"
    assert main(["export", "--model", "fc", str(target), "--json"]) == 0
    assert lines(capsys)[0] | {"largest_difference": 0} == {
        "file": str(target),
        "bytes": target.stat().st_size,
        "largest_difference": 0,
        "num_different": 0,
    }
    images = scale(load_dataset("mnist").x_test[:50])
    exported = keras.models.load_model(target, compile=False).predict(images, verbose=0)
    ours = Predictor(find_model("fc", RunStore())).predict(images, calibrated=False)
    np.testing.assert_allclose(exported, ours, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--model", "fc", "model.txt"], "no ending that can be written"),
        (["--model", "nothing", "model.keras"], "is not known"),
        (["--model", "fc", "nowhere/model.keras"], "cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_one_line(arguments, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["export", *arguments]) == 2
    error = capsys.readouterr().err
    assert sentence in error and len(error.splitlines()) == 1
    assert list(tmp_path.rglob("model.*")) == []
