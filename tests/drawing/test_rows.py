"""Rows of boxes."""

import numpy as np
import pytest

from mnist_core.drawing.cutting import halves
from mnist_core.drawing.inking import ink
from mnist_core.drawing.number import cut_out, find_pieces, images_of, number_text, read_digits
from mnist_core.drawing.preprocessing import find_ink
from mnist_core.drawing.rows import Box, around, rows_of
from tests.drawing.test_number import read, strokes_of

LEVEL = [Box(x, y, x + 20, y + 30) for y in (10, 60, 110) for x in (0, 30, 60)]


def test_rows_go_from_top_to_bottom_and_from_left_to_right():
    shuffled = np.random.default_rng(2).permutation(9).tolist()
    rows = rows_of([LEVEL[place] for place in shuffled])
    assert [[shuffled[place] for place in row] for row in rows] == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


@pytest.mark.parametrize("slope", [-0.25, 0.25])
def test_a_row_may_climb_or_fall_by_more_than_its_height(slope):
    boxes = [
        Box(x, round(y + slope * x), x + 20, round(y + slope * x) + 30) for y in (100, 160) for x in range(0, 240, 30)
    ]
    assert rows_of(boxes) == [list(range(8)), list(range(8, 16))]


def test_a_low_piece_belongs_to_the_row_that_is_nearest():
    roof = Box(33, 4, 50, 8)  # of the second digit, as of a 5
    assert rows_of([*LEVEL, roof])[0] == [0, 1, 9, 2]
    assert rows_of([]) == []


def test_numbers_below_each_other_are_read_line_by_line(digits):
    """They were joined into one sign."""
    strokes = [
        stroke + np.float32([0, 150 * row])
        for row, number in enumerate(("205", "73", "482"))
        for stroke in strokes_of(number)[0]
    ]
    assert read(digits, ink(strokes, 9, size=520)) == "205\n73\n482"
    assert read(digits, ink(strokes, 9, size=520), strokes) == "205\n73\n482"


def test_boxes_by_hand_are_read_as_they_are(digits):
    strokes, _ = strokes_of("28", gap=-6)
    drawing = ink(strokes, 9)
    boxes = [piece.parts[0].box for piece in find_pieces(drawing)]
    one = around(boxes)
    left, right = halves(find_ink(drawing), one)
    assert (left.left, left.right, right.right) == (one.left, right.left, one.right)
    pieces = cut_out(drawing, [right, left])
    probabilities = digits.predict(images_of(pieces))
    assert number_text(read_digits(pieces, probabilities, np.ones(2, bool))) == "28"
    assert cut_out(np.full((9, 9, 4), 255, np.uint8), boxes) == []
    assert cut_out(drawing, [Box(270, 270, 279, 279)])[0].parts[0].prepared.image is None
