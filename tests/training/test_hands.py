"""Digits that are made in the hands of the world."""

import numpy as np
import pytest

from mnist_core.drawing.inking import mnist_pictures
from mnist_core.errors import InvalidInput
from mnist_core.networks.presets import PRESETS
from mnist_core.training.hands import HANDS, make_digits, make_drawing
from mnist_core.training.script_data import data_codes, pictures_file
from mnist_core.training.spec import TrainingSpec
from mnist_core.training.training_set import num_training_images, training_set

HANDS_SPEC = TrainingSpec(PRESETS["softmax"], epochs=1, augmentation="hands", dataset_share=0.01)


def test_every_digit_is_made_as_often_and_the_same_seed_makes_the_same():
    images, labels = make_digits(40, seed=3)
    assert images.shape == (40, 28, 28) and images.dtype == np.uint8 and np.bincount(labels).tolist() == [4] * 10
    assert (images.reshape(40, -1).max(axis=1) == 255).all()
    assert np.array_equal(images, make_digits(40, seed=3)[0]) and not np.array_equal(images, make_digits(40, seed=4)[0])


def test_every_digit_is_written_in_more_than_one_way():
    assert {digit: sum(hand.digit == digit for hand in HANDS) > 1 for digit in range(10)} == dict.fromkeys(
        range(10), True
    )


@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.name)
def test_each_way_is_a_drawing_of_its_digit_that_differs_each_time(hand):
    rng = np.random.default_rng(1)
    drawings = [make_drawing(hand, rng) for _ in range(6)]
    assert {drawing.label for drawing in drawings} == {hand.digit}
    assert all(100 < drawing.size < 320 for drawing in drawings)
    pictures = mnist_pictures(drawings, 0.1)
    assert len({picture.tobytes() for picture in pictures}) == 6


def test_a_run_learns_from_them_besides_its_dataset():
    train, labels = training_set(HANDS_SPEC).train
    num_own = round(0.01 * 54_000)
    assert len(train) == len(labels) == num_own + round(0.3 * num_own) == num_training_images(HANDS_SPEC)
    assert "hands of the world" in data_codes(HANDS_SPEC)["Choose what it learns from"]
    assert pictures_file(HANDS_SPEC) == "softmax-hands.npz"


def test_clothes_are_written_by_nobody():
    with pytest.raises(InvalidInput, match="write digits"):
        TrainingSpec(PRESETS["softmax"], dataset="fashion_mnist", augmentation="hands")
