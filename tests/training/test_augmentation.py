"""Varied training pictures."""

import numpy as np
import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.augmentation import augment, augmented_examples
from mnist_core.engine.backend import tf
from mnist_core.training.augmentation import AUGMENTATIONS, AugmentationInfo

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
