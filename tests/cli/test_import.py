"""The command `import`, and models from elsewhere in the commands that ask a model."""

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from mnist_core.cli.main import main
from mnist_core.datasets import load_dataset
from mnist_core.engine.build import load_model
from mnist_core.paths import MODEL_FILE, SHIPPED_MODELS
from mnist_core.runs.store import RunStore
from tests.cli.commands import lines


@pytest.fixture
def logits(tmp_path):
    """A trained network of somebody's that ends with logits and takes 784 raw pixels."""
    theirs = keras.Sequential(
        [
            keras.Input((784,)),
            layers.Rescaling(1 / 255),
            layers.Dense(128, "relu"),
            layers.Dense(32, "relu"),
            layers.Dense(10),
        ]
    )
    theirs.set_weights(load_model(SHIPPED_MODELS / "fc" / MODEL_FILE, compile=False).get_weights())
    path = tmp_path / "their model.h5"
    theirs.save(path)
    return path


def test_a_model_from_elsewhere_is_kept_and_asked_like_any_other(logits, tmp_path, capsys):
    assert main(["import", str(logits), "--json"]) == 0
    [found] = lines(capsys)
    run = RunStore().get(found["model"])
    assert (run.name, run.status, run.is_imported) == ("their model", "finished", True)
    assert found["test_accuracy"] > 0.9 and any("logits" in note for note in found["notes"])
    data = load_dataset("mnist")
    Image.fromarray(255 - data.x_test[0]).resize((112, 112)).save(tmp_path / "seven.png")
    assert main(["predict", "--model", run.id, str(tmp_path / "seven.png"), "--json"]) == 0
    [answer] = lines(capsys)
    assert answer["digit"] == data.y_test[0] == 7
    assert np.sum(answer["probabilities"]) == pytest.approx(1, abs=1e-4)


def test_what_is_no_model_is_one_line(tmp_path, capsys):
    (tmp_path / "no.keras").write_text("hello")
    for arguments in (["import", str(tmp_path / "no.keras")], ["import", "nowhere.keras"], ["import", "model.pkl"]):
        assert main(arguments) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_logits_are_not_printed_as_probabilities(tmp_path, capsys):
    """A model that ends without softmax was printed with a probability of −0.27."""
    theirs = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(10)])
    theirs.save(tmp_path / "logits.keras")
    Image.new("L", (28, 28)).save(tmp_path / "black.png")
    assert main(["predict", "--model", str(tmp_path / "logits.keras"), str(tmp_path / "black.png")]) == 2
    assert "digit-studio import" in capsys.readouterr().err
