"""Varying training pictures, and pictures that are no digits."""

import dataclasses

import numpy as np
import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.drawing.drawings_file import drawings_content
from mnist_core.drawing.strokes import Drawing
from mnist_core.engine.augmentation import augment, augmented_examples
from mnist_core.engine.backend import tf
from mnist_core.engine.training import train
from mnist_core.networks.presets import PRESETS
from mnist_core.server.questions import augmented_rows
from mnist_core.training.augmentation import AUGMENTATIONS, AugmentationInfo
from mnist_core.training.non_digits import KINDS, make_non_digits
from mnist_core.training.spec import TrainingSpec

IMAGES = load_dataset("mnist").x_train[:64]


def varied(**amounts):
    how = AugmentationInfo("x", "x", "x", **amounts)
    return augment(tf.constant(scale(IMAGES)), how, tf.random.Generator.from_seed(3)).numpy()


def test_no_amount_changes_nothing():
    np.testing.assert_allclose(varied(elastic=1e-9), scale(IMAGES), atol=1e-4)


@pytest.mark.parametrize("name", [name for name, how in AUGMENTATIONS.items() if not how.is_none])
def test_each_strength_changes_pictures_and_keeps_them_pictures(name):
    once, twice, again = (augmented_examples(name, IMAGES.tobytes(), seed) for seed in (1, 2, 1))
    assert once.shape == IMAGES.shape and (once != IMAGES).any(axis=(1, 2)).all()
    assert (once != twice).any() and (once == again).all()
    assert 0.7 < once.mean() / IMAGES.mean() < 1.4


@pytest.mark.parametrize(
    ("amounts", "spread"),
    [({"shift": 3}, 0.3), ({"rotation": 30}, 0), ({"scale": 0.3}, 0), ({"slant": 0.4}, 0), ({"elastic": 1}, 0)],
)
def test_each_amount_does_something_by_itself(amounts, spread):
    result = varied(**amounts)
    assert np.abs(result - scale(IMAGES)).mean() > 0.01
    columns = np.arange(28)
    moved = [((a - b).sum(axis=0) * columns).sum() for a, b in zip(result, scale(IMAGES), strict=True)]
    assert np.std(moved) >= spread


def test_ink_makes_lines_thicker_and_thinner():
    shares = varied(ink=0.8).sum(axis=(1, 2)) / scale(IMAGES).sum(axis=(1, 2))
    assert shares.min() < 0.85 and shares.max() > 1.2


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_of_non_digit_is_a_picture_with_ink(kind):
    random = np.random.default_rng(1)
    for _ in range(20):
        picture = kind(random)
        assert picture.shape == (28, 28) and picture.dtype == np.uint8 and picture.max() > 100


def test_non_digits_are_the_same_by_the_same_seed():
    assert (make_non_digits(22, 5) == make_non_digits(22, 5)).all()
    assert (make_non_digits(22, 5) != make_non_digits(22, 6)).any()


def test_the_preview_shows_the_pictures_and_what_becomes_of_them():
    rows = augmented_rows("mnist", "light")
    assert rows.shape == (5, 8, 28, 28) and (rows[0] != rows[1]).any()


def test_a_run_learns_from_drawings_non_digits_and_varied_pictures(monkeypatch):
    monkeypatch.setattr("mnist_core.training.training_set.NUM_NON_DIGITS", 110)
    line = np.array([[140, 40], [140, 240]], np.float32)
    drawings = drawings_content([Drawing((line + i,), 1, "ada") for i in range(20)])
    spec = TrainingSpec(
        PRESETS["softmax"], epochs=2, batch_size=32, dataset_share=0.02, augmentation="light", non_digits=True,
        drawings="mine", schedule="cosine",
    )  # fmt: skip
    events = []
    trained = train(spec, events.append, drawings=drawings)
    assert events[0]["num_train"] == 1200 + 20 * 20 + 110
    losses = [event["loss"] for event in events if event["event"] == "epoch"]
    assert losses[1] < losses[0] and trained.result["test_accuracy"] > 0.5


def test_the_cosine_falls_from_the_whole_rate_towards_nought():
    spec = TrainingSpec(PRESETS["fc"], epochs=10, learning_rate=0.01, schedule="cosine")
    rates = [spec.rate_in(epoch) for epoch in range(1, 11)]
    assert rates[0] == 0.01 and rates == sorted(rates, reverse=True) and 0 < rates[-1] < 0.0005
    assert dataclasses.replace(spec, schedule="constant").rate_in(9) == 0.01
