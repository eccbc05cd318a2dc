"""Several digits in one drawing."""

import numpy as np
import pytest

from mnist_core.drawing.cutting import best_parts
from mnist_core.drawing.inking import ink
from mnist_core.drawing.number import MAX_DIGITS, find_pieces, images_of, number_text, read_digits
from tests.strokes import DIGITS_IN_A_ROW, LETTERS_IN_A_ROW


def strokes_of(signs, gap=30):
    """The strokes of digits and letters in a row, and where the next one would begin."""
    strokes, x = [], 20.0
    for sign in signs:
        shape = (DIGITS_IN_A_ROW | LETTERS_IN_A_ROW)[sign]
        strokes += [np.array([(x + a, 60 + b) for a, b in stroke], np.float32) for stroke in shape]
        x += 65 + gap
    return strokes, x


def written(number, gap=30, width=9):
    """A number on a wide canvas, uint8 (H, W, 4)."""
    strokes, x = strokes_of(number, gap)
    return ink(strokes, width, size=max(round(x + 40), 280))


def read(digits, rgba, strokes=()):
    pieces = find_pieces(rgba, strokes)
    probabilities = digits.predict(images_of(pieces))
    return number_text(read_digits(pieces, probabilities, np.ones(len(probabilities), bool)))


@pytest.mark.parametrize("number", ["2048", "7", "5320", "44", "0275340"])
def test_a_number_is_read_in_its_order(digits, number):
    assert read(digits, written(number)) == number


@pytest.mark.parametrize("number", ["28", "50"])
def test_digits_that_touch_are_parted(digits, number):
    drawing = written(number, gap=-6)
    assert len(find_pieces(drawing)) == 1
    assert read(digits, drawing) == number


def test_what_is_rejected_stands_as_a_question_mark():
    pieces = find_pieces(written("27"))
    images = images_of(pieces)
    digits = read_digits(pieces, np.eye(10, dtype=np.float32)[[2] * len(images)], np.zeros(len(images), bool))
    assert number_text(digits) == "??" and [item.image.shape for item in digits] == [(28, 28)] * 2


def test_each_digit_has_its_box():
    pieces = find_pieces(written("20", gap=40, width=10))
    (first, _), (second, _) = ((piece.parts[0].box, 0) for piece in pieces)
    assert abs(first.left - 15) <= 2 and abs(first.right - 90) <= 2 and second.left > first.right
    assert abs(first.height - 110) <= 3


def test_nothing_is_no_digit_and_specks_are_none():
    assert find_pieces(np.full((220, 640, 4), 255, np.uint8)) == []
    drawing = written("2").copy()
    drawing[250:254, 200:204, :3] = 0
    assert len(find_pieces(drawing)) == 1


def test_bounded_work_for_a_canvas_full_of_ink_and_for_hundreds_of_pieces():
    black = np.zeros((220, 640, 4), np.uint8)
    black[..., 3] = 255
    black[0, 0, :3] = 255
    assert len(find_pieces(black)) <= 1
    dotted = np.full((220, 640, 4), 255, np.uint8)
    dotted[100:110, ::8, :3] = 0
    assert len(find_pieces(dotted)) <= MAX_DIGITS


@pytest.mark.parametrize("number", ["2048", "735", "4053", "820"])
@pytest.mark.parametrize("gap", [30, 0, -12], ids=["apart", "touching", "overlapping"])
def test_known_strokes_part_digits_even_where_they_overlap(digits, number, gap):
    """Cut by columns alone, a third of the numbers that overlap by a fifth of their height were read right."""
    strokes, _ = strokes_of(number, gap)
    assert read(digits, written(number, gap, 10), strokes) == number


@pytest.mark.parametrize("letter", LETTERS_IN_A_ROW)
def test_a_letter_is_not_cut_into_digits(letter):
    """The left leg of an A was read as a 1, and the rest as a 4."""
    strokes, _ = strokes_of(letter)
    (piece,) = find_pieces(written(letter), strokes)
    # Not even where the whole is no digit to a model, and each part surely one.
    assert best_parts(piece.parts, [0.1] + [1.0] * (len(piece.parts) - 1)) == [0]


def test_a_scribble_of_many_strokes_has_a_bounded_number_of_readings():
    rng = np.random.default_rng(0)
    strokes = [rng.uniform(20, 260, (4, 2)).astype(np.float32) for _ in range(3000)]
    assert sum(len(piece.parts) for piece in find_pieces(ink(strokes, 3), strokes)) < 200


def test_strokes_that_lie_outside_the_picture_do_no_harm():
    strokes = [*strokes_of("7")[0], np.full((3, 2), -50, np.float32), np.full((1, 2), 1e6, np.float32)]
    assert len(find_pieces(written("7"), strokes)) == 1
