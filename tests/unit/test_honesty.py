"""The shipped `digits` model on what it has never seen: letters of strokes, thick brushes, and specks."""

import numpy as np
import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.drawing.inking import ink
from mnist_core.drawing.preprocessing import prepare
from mnist_core.engine.prediction import Predictor
from mnist_core.evaluation.calibration import read_calibration, separation
from mnist_core.runs.models import find_model
from mnist_core.runs.store import RunStore
from tests.browser.studio_server import DRAWINGS

LETTERS = {
    "A": [[(0, 100), (35, 0), (70, 100)], [(15, 62), (56, 62)]],
    "E": [[(60, 0), (5, 0), (5, 100), (62, 100)], [(5, 48), (50, 48)]],
    "F": [[(60, 0), (5, 0), (5, 100)], [(5, 48), (50, 48)]],
    "H": [[(5, 0), (5, 100)], [(60, 0), (60, 100)], [(5, 50), (60, 50)]],
    "K": [[(5, 0), (5, 100)], [(60, 0), (6, 52), (62, 100)]],
    "M": [[(0, 100), (8, 0), (42, 62), (75, 0), (84, 100)]],
    "N": [[(5, 100), (5, 0), (62, 100), (62, 0)]],
    "R": [[(5, 100), (5, 0), (45, 5), (52, 25), (44, 46), (5, 50)], [(25, 50), (62, 100)]],
    "T": [[(0, 0), (72, 0)], [(36, 0), (36, 100)]],
    "V": [[(0, 0), (35, 100), (70, 0)]],
    "W": [[(0, 0), (20, 100), (45, 35), (70, 100), (90, 0)]],
    "X": [[(0, 0), (65, 100)], [(65, 0), (0, 100)]],
    "P": [[(5, 100), (5, 0), (45, 5), (52, 25), (44, 46), (5, 50)]],
    "a": [[(55, 20), (25, 15), (5, 50), (20, 90), (50, 75), (55, 20), (58, 80), (75, 95)]],
    "d": [[(55, 50), (28, 42), (8, 68), (22, 96), (50, 84), (55, 0), (56, 98)]],
    "h": [[(5, 0), (5, 100)], [(5, 60), (25, 40), (45, 55), (46, 100)]],
    "k": [[(5, 0), (5, 100)], [(45, 40), (6, 68), (48, 100)]],
    "m": [[(0, 100), (0, 20), (20, 10), (32, 30), (33, 100)], [(33, 35), (52, 12), (66, 32), (67, 100)]],
    "n": [[(0, 100), (0, 20), (25, 10), (42, 30), (44, 100)]],
    "r": [[(0, 100), (0, 10)], [(0, 45), (18, 15), (40, 12)]],
    "u": [[(0, 10), (3, 70), (20, 95), (45, 80), (50, 10), (54, 98)]],
    "w": [[(0, 20), (15, 95), (35, 40), (55, 95), (70, 20)]],
    "x": [[(0, 20), (55, 100)], [(55, 20), (0, 100)]],
    "p": [[(5, 10), (5, 140)], [(5, 30), (35, 12), (52, 42), (35, 76), (5, 66)]],
}


@pytest.fixture(scope="module")
def digits():
    return Predictor(find_model("digits", RunStore()))


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
    random = np.random.default_rng(4)
    return np.stack([written(LETTERS[name], random, random.uniform(5, 16)) for name in LETTERS for _ in range(12)])


def test_it_is_calibrated_and_small(digits):
    assert digits.calibration and digits.calibration.error < 0.02
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
    assert separation(of_digits, digits.predict(letters).max(axis=1)) > 0.97
    assert (of_digits < read_calibration(digits.path.parent).threshold).mean() < 0.02


@pytest.mark.parametrize("brush", [6, 14, 24, 40])
@pytest.mark.parametrize("digit", [name for name in DRAWINGS if name in "0123456789"])
def test_a_drawn_digit_is_read_with_any_brush(digits, digit, brush):
    """A small digit with a thick brush was misread, and with certainty."""
    strokes = [np.array(stroke, np.float32) for stroke in DRAWINGS[digit]]
    answer = digits.predict(prepare(ink(strokes, brush)).image[None])[0]
    assert answer.argmax() == int(digit)


def test_a_canvas_full_of_ink_and_a_dot_are_no_digits(digits):
    full = np.zeros((280, 280, 4), np.uint8)
    full[..., 3] = 255
    full[0, 0] = 255
    for rgba in (full,):
        answer = digits.predict(prepare(rgba).image[None])[0]
        assert answer.max() < digits.calibration.threshold
