"""Drawings files, inking strokes, and the canvas's JSON."""

import gzip
import json

import numpy as np
import pytest

from mnist_core.drawing.drawings_file import drawings_content, read_drawings
from mnist_core.drawing.strokes import Drawing
from mnist_core.errors import InvalidInput

ONE = {"label": 1, "writer": "ada", "strokes": [[[140, 60], [140, 200]]]}
SEVEN = {"label": 7, "writer": "bob", "strokes": [[[90, 60], [190, 60], [120, 220]], [[110, 140], [170, 140]]]}


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


@pytest.mark.slow
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
