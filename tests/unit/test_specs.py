import json

import pytest

from mnist_core.errors import InvalidInput
from mnist_core.networks.layers import LAYERS, Conv2D, Dense, Dropout, Flatten, MaxPooling2D, layer_from_json
from mnist_core.networks.presets import PRESETS, preset
from mnist_core.networks.spec import ModelSpec
from mnist_core.training.spec import MAX_SEED, TrainingSpec
from tests.settings import EVERY_SETTING

PARAMETER_COUNTS = {
    "softmax": 7_850,
    "dense_100": 79_510,
    "fc": 104_938,
    "fc_deep": 111_514,
    "dense_512": 407_050,
    "dense_128": 101_770,
    "cnn": 121_930,
    "cnn_wide": 461_834,
    "digits": 403_690,
}


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_has_the_course_notes_parameter_count(name):
    assert PRESETS[name].num_params == PARAMETER_COUNTS[name]


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_can_be_trained_and_says_what_it_is_for(name):
    spec = PRESETS[name]
    assert spec.problems() == []
    assert spec.rows()[-1].output_shape == (10,)
    assert spec.description.endswith(".") and spec.source.endswith(".")


@pytest.mark.parametrize("name", PRESETS)
def test_an_architecture_survives_json(name):
    assert ModelSpec.from_json(json.loads(json.dumps(PRESETS[name].to_json()))) == PRESETS[name]


@pytest.mark.parametrize("kind", LAYERS)
def test_each_layer_survives_json_and_describes_itself(kind):
    layer = LAYERS[kind]()
    assert layer_from_json(layer.to_json()) == layer
    assert layer.description.endswith(".")


def test_a_run_survives_json_and_ignores_what_a_newer_version_added():
    assert EVERY_SETTING.keys() | {"model", "continues", "drawings"} == TrainingSpec.__dataclass_fields__.keys()
    spec = TrainingSpec(preset("cnn"), **EVERY_SETTING, continues="earlier", drawings="mine")
    assert TrainingSpec.from_json({**json.loads(json.dumps(spec.to_json())), "new_setting": 1}) == spec


def test_the_learning_rate_defaults_to_the_optimizers_own():
    assert TrainingSpec(preset("fc"), optimizer="sgd").learning_rate == 0.01


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("epochs", 0, "Epochs: 0 is out of range.*from 1"),
        ("epochs", 2.5, "Epochs: 2.5 is not a whole number"),
        ("epochs", "", "Epochs: '' is not a number"),
        ("epochs", True, "Epochs: True is out of range"),
        ("learning_rate", -1, "Learning rate: -1 is out of range.*above 0"),
        ("learning_rate", 0, "Learning rate: 0 is out of range.*above 0"),
        ("learning_rate", "abc", "Learning rate: 'abc' is not a number"),
        ("learning_rate", float("nan"), "Learning rate: nan is out of range"),
        ("seed", MAX_SEED + 1, "Seed: 4294967296 is out of range"),
        ("seed", 10**400, "Seed: '1000.*is not a number"),
        ("batch_size", 7, "Batch size: 7 is not one of 8, 16"),
        ("optimizer", "magic", "Optimizer: 'magic' is not one of adam"),
        ("dataset", "letters", "Dataset: 'letters' is not one of mnist"),
        ("validation_split", 0.9, "Validation share: 0.9 is out of range"),
    ],
)
def test_a_setting_out_of_range_gets_a_sentence(setting, value, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        TrainingSpec(preset("fc"), **{setting: value})


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


@pytest.mark.parametrize("setting", ["dataset", "epochs", "batch_size", "optimizer", "learning_rate", "seed"])
@pytest.mark.parametrize("value", [[], {}, "odd", False, [1]])
def test_a_record_with_an_odd_setting_gets_a_sentence(setting, value):
    """A run.json edited by hand must not stop the list of runs from showing."""
    with pytest.raises(InvalidInput):
        TrainingSpec.from_json({**TrainingSpec(preset("fc")).to_json(), setting: value})


def test_the_way_of_a_picture_through_the_layers():
    assert preset("fc").shape_line() == "28×28 → 784 → 128 → 32 → 10"
