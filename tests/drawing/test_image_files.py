"""Picture files of every kind, and files that are none."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from mnist_core.drawing.image_files import MAX_CANVAS_BYTES, WORKING_SIZE, read_canvas, read_drawing, read_picture
from mnist_core.drawing.preprocessing import prepare
from mnist_core.errors import InvalidInput
from tests.strokes import canvas_json


def encoded(image, kind="PNG"):
    content = io.BytesIO()
    image.save(content, kind)
    return content.getvalue()


@pytest.mark.parametrize("mode", ["RGBA", "RGB", "L", "LA", "P", "1", "I;16"])
def test_every_kind_of_png_becomes_rgba(mode):
    picture = read_picture(encoded(Image.new(mode, (30, 20))))
    assert picture.shape == (20, 30, 4) and picture.dtype == np.uint8


def test_a_jpeg_is_read_too():
    assert read_picture(encoded(Image.new("RGB", (30, 20)), "JPEG")).shape == (20, 30, 4)


def test_a_large_picture_is_made_smaller_at_once():
    assert max(read_picture(encoded(Image.new("L", (9000, 300)))).shape) == WORKING_SIZE


def test_a_large_photograph_is_read_without_a_warning(recwarn):
    """Pillow doubted files of half our limit on standard error, and refused those just below it."""
    assert max(read_picture(encoded(Image.new("L", (14_000, 14_000), 200), "JPEG")).shape) == WORKING_SIZE
    assert not recwarn.list


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is not a picture"),
        (b"this is a text file", "is not a picture"),
        (encoded(Image.new("RGB", (90, 90), "red"))[:150], "cannot be read|is not a picture"),
        (encoded(Image.effect_noise((200, 200), 50).convert("RGB"), "JPEG")[:2000], "cannot be read"),
        (encoded(Image.new("1", (20_000, 20_000))), "too many"),
        (encoded(Image.new("RGB", (9, 9)), "GIF"), "is not a picture"),
        (encoded(Image.new("L", (10_000, 30))), "a line and no digit"),
        (encoded(Image.new("1", (1, 20_000_000))), "a line and no digit"),
    ],
    ids=["empty", "text", "torn png", "torn jpeg", "bomb", "gif", "wide", "high"],
)
def test_what_is_no_picture_gets_a_sentence(content, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        read_picture(content, "drawing.png")


def test_a_missing_file_gets_a_sentence(tmp_path):
    with pytest.raises(InvalidInput, match="does not exist"):
        read_picture(tmp_path / "none.png")


SEVEN = {"label": 7, "writer": "bob", "strokes": [[[90, 60], [190, 60], [120, 220]], [[110, 140], [170, 140]]]}


def test_the_canvas_s_json_and_a_drawings_line_are_read_from_files(tmp_path):
    for name, value in (("canvas.json", canvas_json(SEVEN["strokes"])), ("line.json", SEVEN)):
        (tmp_path / name).write_text(json.dumps(value))
        assert prepare(read_drawing(tmp_path / name)).image is not None
    for blank in ('{"objects": []}', '{"strokes": []}'):
        (tmp_path / "blank.json").write_text(blank)
        assert prepare(read_drawing(tmp_path / "blank.json")).image is None


@pytest.mark.parametrize(
    ("png", "sentence"),
    [
        (encoded(Image.new("1", (14_000, 14_000))), "larger than its canvas"),
        (encoded(Image.new("1", (280, 1121))), "larger than its canvas"),
        (b"\x89PNG" + b"x" * MAX_CANVAS_BYTES, "too large"),
        (b"no picture", "could not be read"),
        (encoded(Image.new("RGB", (280, 280)), "JPEG"), "could not be read"),
    ],
    ids=["bomb", "high", "heavy", "text", "jpeg"],
)
def test_a_canvas_takes_no_more_than_a_browser_sends(png, sentence):
    """A message of 65 kB took a gigabyte, and stayed in the session."""
    with pytest.raises(InvalidInput, match=sentence):
        read_canvas(png, 280, 280)


def test_a_canvas_on_a_fine_screen_is_read():
    assert read_canvas(encoded(Image.new("RGB", (840, 840))), 280, 280).shape == (840, 840, 4)
