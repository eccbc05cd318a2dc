"""UCI's pen digits."""

import numpy as np
import pytest

from mnist_core.drawing.unipen import read_unipen
from mnist_core.errors import InvalidInput

UNIPEN = """.VERSION 1.0
.COORD X Y T
.SEGMENT DIGIT ? "8"
.COMMENT 8 1
.PEN_DOWN
 267 333
 267 336
 260 340
.PEN_UP
.DT 100
.PEN_DOWN
 100 100
.PEN_UP
.SEGMENT DIGIT ? "0"
.PEN_DOWN
 10 20
.PEN_UP
"""


def test_unipen_text_becomes_drawings_on_the_canvas(tmp_path):
    path = tmp_path / "pendigits-orig.tra"
    path.write_text(UNIPEN)
    eight, nought = read_unipen(path)
    assert (eight.label, nought.label, eight.writer) == (8, 0, "tra1")
    np.testing.assert_allclose(eight.strokes[0][0], [267 * 0.56, 280 - 333 * 0.56], atol=0.01)
    assert [len(stroke) for stroke in eight.strokes] == [3, 1]


@pytest.mark.parametrize("wrong", ['.SEGMENT WORD ? "ab"\n', '.SEGMENT DIGIT ? "8"\n.PEN_DOWN\n 1 x\n', "hello\n"])
def test_text_that_is_not_unipen_is_a_sentence(tmp_path, wrong):
    path = tmp_path / "x.tra"
    path.write_text(wrong)
    with pytest.raises(InvalidInput, match=r"x\.tra"):
        read_unipen(path)
