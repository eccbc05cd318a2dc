"""Ink as a canvas makes it."""

import numpy as np
import pytest

from mnist_core.drawing.inking import ink, ink_enlarged, mnist_pictures
from mnist_core.drawing.strokes import Drawing, strokes_of_canvas
from tests.strokes import canvas_json

ONE = {"label": 1, "writer": "ada", "strokes": [[[140, 60], [140, 200]]]}
SEVEN = {"label": 7, "writer": "bob", "strokes": [[[90, 60], [190, 60], [120, 220]], [[110, 140], [170, 140]]]}


@pytest.mark.parametrize("brush", [2, 9, 30])
def test_ink_is_as_wide_as_the_brush(brush):
    picture = ink([np.array([[40, 140], [240, 140]], np.float32)], brush)
    rows = (picture[:, 140, 0] < 128).sum()
    assert abs(int(rows) - brush) <= 1 and picture.shape == (280, 280, 4)


def test_the_place_of_a_drawing_and_points_far_off_the_canvas_are_no_trouble():
    far = Drawing((np.array([[90_000, -90_000], [90_100, -89_800]], np.float32),), 1)
    apart = Drawing((np.array([[0, 0]], np.float32), np.array([[100_000, 100_000]], np.float32)), 1)
    pictures = mnist_pictures([Drawing.from_json(ONE), far, apart])
    assert pictures.shape == (3, 28, 28) and all(picture.max() == 255 for picture in pictures)


def test_a_redrawn_digit_does_not_depend_on_the_brush():
    thin, thick = (strokes_of_canvas(canvas_json(SEVEN["strokes"], width)) for width in (4, 60))
    assert (thin[1], thick[1]) == (4, 60)
    np.testing.assert_array_equal(ink_enlarged(thin[0]), ink_enlarged(thick[0]))
