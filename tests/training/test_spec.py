"""A training run as data, and what is said of wrong settings."""

import dataclasses
import json

import pytest

from mnist_core.errors import InvalidInput
from mnist_core.networks.presets import PRESETS, preset
from mnist_core.training.controls import Change
from mnist_core.training.spec import MAX_SEED, TrainingSpec
from tests.settings import EVERY_SETTING

FASTER = dataclasses.asdict(Change("learning_rate", 0.001, 0.01, 1, 30, 30))


def test_the_cosine_falls_from_the_whole_rate_towards_nought():
    spec = TrainingSpec(PRESETS["fc"], epochs=10, learning_rate=0.01, schedule="cosine")
    rates = [spec.rate_in(epoch) for epoch in range(1, 11)]
    assert rates[0] == 0.01 and rates == sorted(rates, reverse=True) and 0 < rates[-1] < 0.0005
    assert dataclasses.replace(spec, schedule="constant").rate_in(9) == 0.01


def test_a_run_survives_json_and_ignores_what_a_newer_version_added():
    others = {"model", "continues", "drawings", "changes"}
    assert EVERY_SETTING.keys() | others == TrainingSpec.__dataclass_fields__.keys()
    changes = (Change("learning_rate", 0.01, 0.1, 1, 30, 30), Change("batch_size", 32, 64, 2, 0, 1688))
    spec = TrainingSpec(preset("cnn"), **EVERY_SETTING, continues="earlier", drawings="mine", changes=changes)
    assert TrainingSpec.from_json({**json.loads(json.dumps(spec.to_json())), "new_setting": 1}) == spec


@pytest.mark.parametrize(
    "changes",
    [
        7,
        [7],
        [{"setting": "learning_rate"}],
        [{**FASTER, "setting": "seed"}],
        [{**FASTER, "after": 11}],
        [{**FASTER, "after": "fast"}],
        [{**FASTER, "step": -1}],
        [{**FASTER, "step": 0.5}],
        [{**FASTER, "epoch": 2}, FASTER],
        [{**FASTER, "setting": "batch_size", "after": 64}],
        [{**FASTER, "setting": "momentum", "after": 0.9, "step": 0}],
    ],
)
def test_changes_that_cannot_be_are_a_sentence(changes):
    with pytest.raises(InvalidInput):
        TrainingSpec.from_json({**TrainingSpec(preset("fc")).to_json(), "changes": changes})


def test_how_a_run_ends_and_how_it_was_on_the_way():
    changes = (Change("learning_rate", 0.001, 0.1, 1, 30, 30), Change("batch_size", 32, 64, 2, 0, 1688))
    spec = TrainingSpec(preset("fc"), changes=changes)
    last, early = spec.as_it_ends(), spec.as_it_ends(100)
    assert (last.learning_rate, last.batch_size, last.changes) == (0.1, 64, ())
    assert (early.learning_rate, early.batch_size) == (0.1, 32)
    assert spec.as_it_ends(0) == TrainingSpec(preset("fc"))


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
        ("batch_size", 10_001, "Batch size: 10001 is out of range.*from 1 to 10,000"),
        ("optimizer", "magic", "Optimizer: 'magic' is not one of adam"),
        ("dataset", "letters", "Dataset: 'letters' is not one of mnist"),
        ("validation_split", 0.9, "Validation share: 0.9 is out of range"),
    ],
)
def test_a_setting_out_of_range_gets_a_sentence(setting, value, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        TrainingSpec(preset("fc"), **{setting: value})


@pytest.mark.parametrize("setting", ["dataset", "epochs", "batch_size", "optimizer", "learning_rate", "seed"])
@pytest.mark.parametrize("value", [[], {}, "odd", False, [1]])
def test_a_record_with_an_odd_setting_gets_a_sentence(setting, value):
    """A run.json edited by hand must not stop the list of runs from showing."""
    with pytest.raises(InvalidInput):
        TrainingSpec.from_json({**TrainingSpec(preset("fc")).to_json(), setting: value})


@pytest.mark.parametrize(("typed", "rate"), [("0,001", 0.001), (" 0,5 ", 0.5), ("2,5", 2.5), ("1e-3", 0.001)])
def test_a_decimal_comma_is_understood(typed, rate):
    assert TrainingSpec(PRESETS["fc"], learning_rate=typed).learning_rate == rate


@pytest.mark.parametrize("typed", ["1,000", "0,0,1", ",", "1,2,3"])
def test_a_comma_that_may_mean_thousands_is_answered(typed):
    with pytest.raises(InvalidInput, match="Learning rate.*is not a number"):
        TrainingSpec(PRESETS["fc"], learning_rate=typed)
