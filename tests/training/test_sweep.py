"""Several runs that differ in a few settings."""

import numpy as np
import pytest

from mnist_core.errors import InvalidInput
from mnist_core.networks.presets import PRESETS
from mnist_core.training.spec import TrainingSpec
from mnist_core.training.sweep import MAX_RUNS, Between, Sweep, read_values, varied_settings

BASE = TrainingSpec(PRESETS["fc"], epochs=2, seed=5)


def test_a_grid_is_every_combination_with_every_seed():
    sweep = Sweep(BASE, {"learning_rate": (0.1, 0.01), "optimizer": ("sgd", "adam", "nadam")}, num_seeds=2)
    runs = sweep.runs()
    assert len(runs) == len(sweep) == 12 and sweep.num_combinations == 6
    assert len({(run.learning_rate, run.optimizer, run.seed) for run in runs}) == 12
    assert {run.seed for run in runs} == {5, 6} and {run.epochs for run in runs} == {2}


def test_values_of_a_range_are_drawn_over_its_powers_of_ten_and_the_same_each_time():
    sweep = Sweep(BASE, {"learning_rate": Between(1e-4, 1e-1, False), "batch_size": (16, 64)}, num_draws=40)
    rates = [run.learning_rate for run in sweep.runs()]
    assert rates == [run.learning_rate for run in sweep.runs()] and len(set(rates)) > 30
    assert min(rates) >= 1e-4 and max(rates) <= 1e-1
    assert 5 < sum(rate < 1e-3 for rate in rates) < 25
    assert {run.batch_size for run in sweep.runs()} == {16, 64}
    whole = [Between(1, 5, True).draw(np.random.default_rng(seed)) for seed in range(30)]
    assert set(whole) == {1, 2, 3, 4, 5} and all(isinstance(value, int) for value in whole)


@pytest.mark.parametrize(
    ("setting", "text", "expected"),
    [
        ("learning_rate", "0.1 0.01", (0.1, 0.01)),
        ("learning_rate", "0.1, 0.01; 0.001", (0.1, 0.01, 0.001)),
        ("learning_rate", "0,1 0,01", (0.1, 0.01)),
        ("batch_size", "16 16 64", (16, 64)),
        ("learning_rate", "0.001 – 0.1", Between(0.001, 0.1, False)),
        ("learning_rate", "0.001 to 0.1", Between(0.001, 0.1, False)),
        ("epochs", "1..5", Between(1, 5, True)),
    ],
)
def test_values_are_read_as_people_write_them(setting, text, expected):
    assert read_values(setting, text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "two values"),
        ("0.1", "two values"),
        ("fast slow", "not a number"),
        ("0.1 11", "out of range"),
        ("0.1 – 0.01", "ends before"),
        ("0 – 1", "out of range"),
    ],
)
def test_values_that_cannot_be_used_are_a_sentence(text, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        read_values("learning_rate", text)


@pytest.mark.parametrize(
    ("axes", "options", "sentence"),
    [
        ({}, {}, "Choose a setting"),
        ({name: (1, 2) for name in ("epochs", "batch_size", "early_stopping", "time_limit")}, {}, "At most 3"),
        ({"batch_size": tuple(range(1, MAX_RUNS + 2))}, {}, "At most 100"),
        ({"epochs": (1, 2)}, {"num_seeds": 0}, "repetitions"),
    ],
)
def test_a_sweep_that_cannot_be_is_a_sentence(axes, options, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        Sweep(BASE, axes, **options)


def test_only_settings_with_a_meaning_can_be_varied():
    assert "momentum" not in varied_settings(BASE) and "seed" not in varied_settings(BASE)
    assert "momentum" in varied_settings(TrainingSpec(PRESETS["fc"], optimizer="sgd"))
