"""Architectures as data, and what is said of wrong ones."""

import json

import pytest

from mnist_core.errors import InvalidInput
from mnist_core.networks.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from mnist_core.networks.presets import PRESETS, preset
from mnist_core.networks.spec import ModelSpec


@pytest.mark.parametrize("name", PRESETS)
def test_an_architecture_survives_json(name):
    assert ModelSpec.from_json(json.loads(json.dumps(PRESETS[name].to_json()))) == PRESETS[name]


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ((), "no layers yet"),
        ((Dense(10, "softmax"),), "Layer 1: Dense needs one row.*Put a Flatten before it"),
        ((Flatten(), Conv2D(8)), "Layer 2: Conv2D needs a picture.*before the Flatten"),
        ((MaxPooling2D(14), Conv2D(8, 5), Flatten(), Dense(10, "softmax")), "Layer 2: A 5×5 kernel does not fit"),
        ((MaxPooling2D(14), MaxPooling2D(3), Flatten(), Dense(10, "softmax")), "Layer 2: A 3×3 pool does not fit"),
        ((Flatten(), Dense(11, "softmax")), "Layer 2: The last layer must put out 10"),
        ((Flatten(), Dense(10)), "Layer 2: The last layer must turn its values into probabilities"),
        ((Flatten(), Dense(10, "softmax"), Dropout()), "Layer 3: The last layer"),
        ((Flatten(), *[Dense(4096)] * 3, Dense(10, "softmax")), "parameters are too many"),
        ((Flatten(), *[Dropout()] * 60, Dense(10, "softmax")), "62 layers are too many"),
    ],
)
def test_what_cannot_be_built_gets_a_reason_and_a_remedy(layers, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        ModelSpec("broken", layers).check()


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {"layers": "Dense"}, {"layers": [{"layer": "Magic"}]}, {"layers": [{"layer": "Dense", "x": 1}]},
     {"layers": [{"layer": "Dense", "units": "many"}]}, {"layers": [{"layer": ["Dense"]}]}, {"layers": [3]},
     {"layers": [], "name": ""}, {"layers": [], "name": 5}, {"layers": [{"layer": "Flatten"}] * 1000}],
)  # fmt: skip
def test_a_file_that_is_no_architecture_gets_a_sentence(value):
    """Whatever a JSON file holds, the reader answers with InvalidInput and no other exception."""
    with pytest.raises(InvalidInput):
        ModelSpec.from_json(value)


def test_the_way_of_a_picture_through_the_layers():
    assert preset("fc").shape_line() == "28×28 → 784 → 128 → 32 → 10"
