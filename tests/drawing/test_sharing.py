"""A drawing in a link."""

import base64
import zlib

import numpy as np
import pytest

from mnist_core.drawing.sharing import MAX_CODE, drawing_code, read_drawing_code
from mnist_core.drawing.strokes import canvas_objects, strokes_of_canvas
from mnist_core.errors import InvalidInput
from tests.strokes import DRAWINGS


@pytest.mark.parametrize("digit", DRAWINGS)
def test_a_drawing_comes_back_through_a_link_and_the_canvas(digit):
    strokes = tuple(np.array(stroke, float) for stroke in DRAWINGS[digit])
    code = drawing_code(strokes)
    assert code and len(code) < 400 and code.isascii() and not set(code) & set("+/=&?#% ")
    back = read_drawing_code(code)
    on_canvas, brush = strokes_of_canvas({"objects": canvas_objects(back, 20, "#000")})
    assert brush == 20
    for stroke, again, drawn in zip(strokes, back, on_canvas, strict=True):
        np.testing.assert_array_equal(stroke, again)
        np.testing.assert_array_equal(drawn[: len(stroke)], stroke)


def test_a_drawing_with_too_many_points_has_no_link():
    rng = np.random.default_rng(0)
    assert drawing_code([rng.uniform(0, 280, (20_000, 2))]) is None


@pytest.mark.parametrize(
    "code",
    ["", "x", "%%%", "eJ" * 4000, base64.urlsafe_b64encode(zlib.compress(b"1" * 10**7)).decode(),
     base64.urlsafe_b64encode(zlib.compress(b'{"a": 1}')).decode(), "é" * MAX_CODE],
)  # fmt: skip
def test_what_is_no_drawing_is_a_sentence(code):
    with pytest.raises(InvalidInput, match="Copy it again"):
        read_drawing_code(code)
