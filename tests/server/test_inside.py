"""What a browser is told of the inside of networks, and what it may ask."""

import base64
import json
import time

import numpy as np
import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.prediction import Predictor
from mnist_core.errors import InvalidInput
from mnist_core.networks.layers import Conv2D, Dense, Flatten
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.spec import ModelSpec
from mnist_core.runs.models import shipped_models
from mnist_core.server.frames import read_message
from mnist_core.server.inside import METHODS, Fresh, look_inside, read_inside_frame
from mnist_core.server.questions import ModelFile
from tests.strokes import DRAWINGS

MODELS = {run.id: run.model_path for run in shipped_models()}
SEVEN = load_dataset("mnist").x_test[0]
PICTURE = base64.b64encode(SEVEN.tobytes()).decode()


def ask(network="cnn", dataset="mnist", **wish):
    """The header of an answer, and its numbers by name, multiplied by their scale."""
    frame = read_inside_frame({"id": 5, "model": "x", **wish})
    asked = network if isinstance(network, Fresh) else ModelFile.at(MODELS[network])
    answer = look_inside(asked, frame, dataset)
    length = int.from_bytes(answer[:4], "little")
    header = json.loads(answer[4 : 4 + length])
    place, numbers = 4 + length, {}
    for part in header["parts"]:
        values = np.frombuffer(answer, part["type"], int(np.prod(part["shape"])), place)
        numbers[part["name"]] = values.reshape(part["shape"]) * part["scale"]
        place += values.nbytes + -values.nbytes % 4
    assert place == len(answer) and header["id"] == 5
    return header, numbers


@pytest.mark.parametrize("network", ["softmax", "fc", "cnn", "digits"])
def test_every_column_is_sent_to_the_shade(network):
    header, numbers = ask(network, picture=PICTURE)
    expected = Predictor(MODELS[network]).predict(scale(SEVEN[None]), calibrated=False)[0]
    assert np.allclose(header["probabilities"], expected, atol=1e-5)
    assert np.array_equal(numbers["picture"], SEVEN)
    for place, column in enumerate(header["columns"]):
        values = numbers[f"column {place}"]
        assert list(values.shape) == column["shape"] and np.isfinite(values).all()
    assert np.allclose(numbers[f"column {len(header['columns']) - 1}"], expected, atol=1 / 127)


def test_a_drawing_is_looked_at_as_it_is_read_and_an_empty_one_has_no_answer():
    header, numbers = ask("cnn", strokes=DRAWINGS["7"])
    assert int(np.argmax(header["probabilities"])) == 7 and numbers["picture"].max() == 255
    header, numbers = ask("cnn")
    assert "probabilities" not in header and numbers["picture"].max() == 0 and len(header["columns"]) == 6


def test_a_value_is_explained_with_the_pixels_it_can_see():
    header, numbers = ask("cnn", picture=PICTURE, unit=[2, 3, 4, 10])
    assert header["steps"][-1]["value"] == pytest.approx(numbers["column 2"][3, 4, 10], abs=0.02)
    assert header["field"] == [6, 8, 14, 16]  # 3×3 on what 2×2 of 3×3 see: 8 pixels
    assert ask("fc", picture=PICTURE, unit=[0, 5])[0]["field"] is None
    with pytest.raises(InvalidInput, match="no such value"):
        ask("cnn", picture=PICTURE, unit=[2, 99, 0, 0])


def test_fresh_weights_are_always_the_same_and_not_the_trained_ones():
    fresh = Fresh(PRESETS["fc"])
    one, other = (ask(fresh, picture=PICTURE)[0]["probabilities"] for _ in range(2))
    assert one == other and max(one) < 0.9


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("network", ["softmax", "cnn"])
def test_every_method_answers_for_every_network(network, method):
    header, numbers = ask(network, strokes=[*DRAWINGS["7"], [[100, 150], [170, 150]]], wish=method, wanted=7, other=2)
    assert header["wish"] == method
    if method == "strokes":
        assert len(header["without"]) == 2
    elif method == "fool":
        assert header["fooled"] is None or len(header["fooled"]["onTheWay"]) == 21
    elif method == "cam" and network == "softmax":
        assert "no convolution" in header["none"]
    else:
        assert numbers["heat"].shape == (28, 28) and np.abs(numbers["heat"]).max() > 0
    assert ask(network, wish=method)[0]["blank"]


def test_weights_the_map_and_a_test_picture(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_STUDIO_HOME", str(tmp_path))  # where maps are kept
    header, numbers = ask("cnn", wish="weights")
    assert [layer["layer"] for layer in header["layers"]] == ["conv2d", "conv2d_1", "dense", "dense_1"]
    assert numbers["conv2d"].shape == (32, 3, 3, 1) and sum(header["layers"][0]["counts"]) == 288
    while "progress" in (answer := ask("softmax", wish="map"))[0]:
        time.sleep(0.05)
    header, numbers = answer
    assert numbers["points"].shape == (10_000, 2) and 0 < header["kept"] < 1
    assert ask("softmax", picture=PICTURE)[0]["star"] == pytest.approx(numbers["points"][0], abs=1e-3)
    header, numbers = ask("softmax", wish="picture", index=3)
    assert header["label"] == 0 and np.array_equal(numbers["picture"], load_dataset("mnist").x_test[3])


def test_a_network_of_twenty_million_parameters_sends_what_fits():
    large = ModelSpec("large", (Conv2D(32, 3, "same", "relu"), Flatten(), Dense(780, "relu"), Dense(10, "softmax")))
    assert 19_000_000 < large.num_params < 20_000_000
    header, _ = ask(Fresh(large), picture=PICTURE, unit=[1, 7])
    assert header["columns"][0]["shape"] == [28, 28, 32]
    weights, sent = ask(Fresh(large), wish="weights")
    assert weights["layers"][1]["units"] == 780 and 0 < sent["dense"].shape[0] < 780


def test_clothes():
    header, _ = ask("dense_128", "fashion_mnist", picture=PICTURE)
    assert len(header["probabilities"]) == 10
    assert ask("dense_128", "fashion_mnist", wish="picture", index=0)[0]["label"] == 9


@pytest.mark.parametrize(
    "value",
    [
        {"model": 7}, {"model": "cnn", "wish": "everything"}, {"model": "cnn", "unit": "a"},
        {"model": "cnn", "unit": [1]},
        {"model": "cnn", "unit": [1, -1]}, {"model": "cnn", "unit": [1, 1.5]}, {"model": "cnn", "picture": "!"},
        {"model": "cnn", "picture": "AAAA"}, {"model": "cnn", "picture": 7}, {"model": "cnn", "wanted": 10},
        {"model": "cnn", "wanted": "7"}, {"model": "cnn", "strokes": "abc"}, {"model": "cnn", "strokes": [7]},
        {"model": "cnn", "unit": [1] * 9},
    ],
)  # fmt: skip
def test_what_is_no_question_gets_a_sentence(value):
    with pytest.raises(InvalidInput):
        read_inside_frame(read_message(json.dumps({"id": 1, **value})))
