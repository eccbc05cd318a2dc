"""The shipped `digits` model on what it has never seen: letters of strokes, thick brushes, and specks."""

import numpy as np
import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.drawing.inking import ink
from mnist_core.drawing.preprocessing import prepare
from mnist_core.evaluation.calibration import read_calibration, roc_auc
from mnist_core.runs.models import find_model
from mnist_core.runs.store import RunStore
from tests.strokes import DRAWINGS, LETTERS

pytestmark = pytest.mark.slow


def written(strokes, random, brush):
    """A shape by an unsteady hand: bent, slanted, and of another size each time."""
    slant, size = random.uniform(-0.25, 0.2), random.uniform(0.7, 1.7)
    bent = [
        np.array([[40 + size * (x - slant * y + random.normal(0, 3)), 40 + size * (y + random.normal(0, 3))]
                  for x, y in stroke], np.float32)
        for stroke in strokes
    ]  # fmt: skip
    return prepare(ink(bent, brush * size)).image


@pytest.fixture(scope="module")
def letters():
    rng = np.random.default_rng(4)
    return np.stack([written(LETTERS[name], rng, rng.uniform(5, 16)) for name in LETTERS for _ in range(12)])


def test_it_is_calibrated_and_small(digits):
    assert digits.calibration and digits.calibration.expected_calibration_error < 0.02
    assert find_model("digits", RunStore()).stat().st_size < 3_000_000


def test_it_reads_mnist(digits):
    data = load_dataset("mnist")
    assert (digits.predict(scale(data.x_test)).argmax(axis=1) == data.y_test).mean() > 0.994


def test_letters_are_seldom_called_digits_with_certainty(digits, letters):
    sure = digits.predict(letters).max(axis=1)
    assert (sure > 0.9).mean() <= 0.05


def test_digits_and_letters_are_told_apart_and_few_digits_are_refused(digits, letters):
    data = load_dataset("mnist")
    of_digits = digits.predict(scale(data.x_test)).max(axis=1)
    assert roc_auc(of_digits, digits.predict(letters).max(axis=1)) > 0.97
    assert (of_digits < read_calibration(digits.path.parent).rejection_threshold).mean() < 0.02


@pytest.mark.parametrize("brush", [6, 14, 24, 40])
@pytest.mark.parametrize("digit", [name for name in DRAWINGS if name in "0123456789"])
def test_a_drawn_digit_is_read_with_any_brush(digits, digit, brush):
    """A small digit with a thick brush was misread, and with certainty."""
    strokes = [np.array(stroke, np.float32) for stroke in DRAWINGS[digit]]
    answer = digits.predict(prepare(ink(strokes, brush)).image[None])[0]
    assert answer.argmax() == int(digit)


def test_a_canvas_full_of_ink_is_no_digit(digits):
    full = np.zeros((280, 280, 4), np.uint8)
    full[..., 3] = 255
    full[0, 0] = 255
    answer = digits.predict(prepare(full).image[None])[0]
    assert answer.max() < digits.calibration.rejection_threshold
