"""What is said before a run that will learn little."""

import pytest

from mnist_core.networks.layers import Dense, Flatten
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.spec import ModelSpec
from mnist_core.training.cautions import cautions
from mnist_core.training.spec import TrainingSpec


def with_hidden(*activations):
    layers = (Flatten(), *(Dense(16, activation) for activation in activations), Dense(10, "softmax"))
    return ModelSpec("own", layers)


@pytest.mark.parametrize("name", PRESETS)
def test_the_presets_as_they_are_need_none(name):
    assert cautions(TrainingSpec(PRESETS[name])) == []


@pytest.mark.parametrize(
    ("model", "settings", "sentence"),
    [
        (with_hidden("softmax", "relu"), {}, "compete"),
        (with_hidden("linear", "linear"), {}, "no more than one"),
        (with_hidden("sigmoid", "sigmoid", "sigmoid"), {}, "sigmoids"),
        (PRESETS["fc"], {"learning_rate": 1}, "1000 times"),
        (PRESETS["fc"], {"optimizer": "sgd", "preparation": "raw"}, "diverge"),
    ],
)
def test_each_is_said(model, settings, sentence):
    [found] = cautions(TrainingSpec(model, **settings))
    assert sentence in found


def test_what_works_is_left_alone():
    assert cautions(TrainingSpec(with_hidden("sigmoid", "relu"))) == []
    assert cautions(TrainingSpec(PRESETS["fc"], preparation="raw")) == []  # adam scales each step
    assert cautions(TrainingSpec(PRESETS["fc"], optimizer="sgd", preparation="raw", learning_rate=1e-6)) == []
