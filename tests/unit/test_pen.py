"""Drawings files, inking strokes, and the canvas's JSON."""

import gzip
import itertools
import json

import numpy as np
import pytest

from mnist_core.drawing.drawings_file import drawings_content, read_drawings
from mnist_core.drawing.image_files import read_drawing
from mnist_core.drawing.inking import ink, mnist_pictures, redrawn
from mnist_core.drawing.preprocessing import prepare
from mnist_core.drawing.strokes import Drawing, strokes_of_canvas
from mnist_core.drawing.unipen import read_unipen
from mnist_core.errors import InvalidInput

ONE = {"label": 1, "writer": "ada", "strokes": [[[140, 60], [140, 200]]]}
SEVEN = {"label": 7, "writer": "bob", "strokes": [[[90, 60], [190, 60], [120, 220]], [[110, 140], [170, 140]]]}

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


def canvas_json(strokes, width=20):
    """What the canvas component gives: quadratic curves through the middles of what the mouse sent."""
    paths = []
    for stroke in strokes:
        path = [["M", *stroke[0]]]
        for before, after in itertools.pairwise(stroke):
            path.append(["Q", *before, (before[0] + after[0]) / 2, (before[1] + after[1]) / 2])
        path.append(["L", *stroke[-1]])
        paths.append({"type": "path", "path": path, "strokeWidth": width, "stroke": "#101418"})
    return {"version": "4.4.0", "objects": paths}


@pytest.mark.parametrize("compressed", [False, True])
def test_a_drawings_file_survives_writing_and_reading(tmp_path, compressed):
    drawings = [Drawing.from_json(ONE), Drawing.from_json({**SEVEN, "label": None})]
    path = tmp_path / "file"
    path.write_bytes(drawings_content(drawings, compressed=compressed))
    again = read_drawings(path)
    assert [(d.label, d.writer) for d in again] == [(1, "ada"), (None, "bob")]
    for one, other in zip(again[1].strokes, drawings[1].strokes, strict=True):
        np.testing.assert_allclose(one, other, atol=0.05)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "line 2: this is not JSON"),
        ("[1]", "line 2: this is not a drawing"),
        ('{"strokes": []}', "line 2: a drawing has 1 to"),
        ('{"strokes": [[[1, 2]]], "label": 11}', "the label is '11'"),
        ('{"strokes": [[[1, 2]]], "label": true}', "the label is 'True'"),
        ('{"strokes": [[[1, 2, 3]]]}', "not a list of points"),
        ('{"strokes": [[["a", 2]]]}', "not a list of points"),
        ('{"strokes": [[["1", "2"]]]}', "not a list of points"),
        ('{"strokes": [[[true, false]]]}', "not a list of points"),
        ('{"strokes": [[[1e999, 2]]]}', "nowhere near the canvas"),
        ('{"strokes": [[[1' + "0" * 400 + ", 2]]]}", "not a list of points"),
        ('{"strokes": [[1, 2]]}', "not a list of points"),
        ('{"strokes": [[[1, NaN]]]}', "nowhere near the canvas"),
        ('{"strokes": [[[1e9, 2]]]}', "nowhere near the canvas"),
        ('{"strokes": [' + ",".join(["[[1, 2]]"] * 1001) + "]}", "1 to 1,000 strokes"),
        ('{"strokes": [[' + ",".join(["[1, 2]"] * 5001) + "]]}", "at most 5,000 points"),
        ("[" * 100_000, "this is not JSON"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, sentence):
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(ONE) + "\n" + line + "\n")
    with pytest.raises(InvalidInput, match=sentence):
        read_drawings(path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "holds no drawing"),
        (b"\x1f\x8bnot gzip", "damaged"),
        (gzip.compress(b"x" * 10_000)[:30], "damaged"),
        (b"\xff\xfe\x00", "not text"),
    ],
    ids=["empty", "not gzip", "torn gzip", "not text"],
)
def test_a_file_that_is_no_drawings_file_is_a_sentence(content, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        read_drawings(content, "mine")


def test_a_file_that_unpacks_to_far_more_is_not_unpacked_whole(monkeypatch):
    monkeypatch.setattr("mnist_core.drawing.drawings_file.MAX_FILE_BYTES", 1000)
    with pytest.raises(InvalidInput, match="Use a smaller file"):
        read_drawings(gzip.compress(b"\n" * 10_000_000))
    with pytest.raises(InvalidInput, match="line 1: the line is too long"):
        read_drawings(gzip.compress(b" " * 10_000_000))
    with pytest.raises(InvalidInput, match="more than 3 drawings"):
        read_drawings(b'{"strokes": [[[1, 2]]]}\n' * 4, limit=3)


def test_a_byte_order_mark_and_rare_line_ends_are_read():
    """Windows editors begin a file with one; U+2028 may stand inside a JSON text."""
    line = '{"strokes": [[[1, 2]]], "writer": "a\u2028b", "label": 7.0}\n'
    (found,) = read_drawings(b"\xef\xbb\xbf" + line.encode())
    assert found.writer == "a\u2028b" and found.label == 7 and isinstance(found.label, int)


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(InvalidInput, match="does not exist"):
        read_drawings(tmp_path / "none.jsonl")


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
    np.testing.assert_array_equal(redrawn(thin[0]), redrawn(thick[0]))


def test_the_canvas_s_json_and_a_drawings_line_are_read_from_files(tmp_path):
    for name, value in (("canvas.json", canvas_json(SEVEN["strokes"])), ("line.json", SEVEN)):
        (tmp_path / name).write_text(json.dumps(value))
        assert prepare(read_drawing(tmp_path / name)).image is not None
    for blank in ('{"objects": []}', '{"strokes": []}'):
        (tmp_path / "blank.json").write_text(blank)
        assert prepare(read_drawing(tmp_path / "blank.json")).image is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"a": 1}', 'a list of "objects"'),
        ("[1, 2]", 'a list of "objects"'),
        ("{", "neither a picture nor JSON"),
        ("[" * 100_000, "neither a picture nor JSON"),
        ('{"objects": [' + ",".join(['{"path": [["M", 1, 2]]}'] * 10_000) + "]}", "1 to 1,000 strokes"),
        ('{"objects": [{"path": [["M", "a", "b"]]}]}', "not a list of points"),
    ],
)
def test_json_that_is_no_drawing_is_a_sentence(tmp_path, content, sentence):
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(InvalidInput, match=sentence):
        read_drawing(tmp_path / "x.json")
