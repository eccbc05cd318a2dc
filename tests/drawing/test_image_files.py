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
    picture = read_picture(encoded(Image.new(mode, (30, 20)))).pixels
    assert picture.shape == (20, 30, 4) and picture.dtype == np.uint8


def test_a_jpeg_is_read_too():
    assert read_picture(encoded(Image.new("RGB", (30, 20)), "JPEG")).pixels.shape == (20, 30, 4)


SIX = Image.new("RGB", (60, 40), "white")
SIX.paste((20, 20, 90), (40, 20, 60, 40))
"""A picture of which the lower right corner is dark."""


def heic(image, **about):
    import pillow_heif

    content = io.BytesIO()
    pillow_heif.from_pillow(image).save(content, quality=90, **about)
    return content.getvalue()


def files():
    """A file of every kind that is read, as programs of their kind write it."""
    made = {kind: encoded(SIX, kind) for kind in ("PNG", "JPEG", "WEBP", "AVIF", "BMP", "GIF", "TIFF", "PDF")}
    made["HEIC"] = heic(SIX)
    mpo = io.BytesIO()
    SIX.save(mpo, "MPO", save_all=True, append_images=[Image.new("RGB", (60, 40), "red")])
    return {**made, "MPO": mpo.getvalue()}


def is_dark_in_the_corner(picture):
    height, width = picture.shape[:2]
    return picture[height * 3 // 4, width * 5 // 6, :3].mean() < 90 and picture[height // 4, width // 6, :3].min() > 240


@pytest.mark.parametrize("kind", sorted(files()))
def test_what_phones_scanners_and_tablets_give_is_read(kind):
    read = read_picture(files()[kind])
    assert is_dark_in_the_corner(read.pixels) and read.pixels.shape[2] == 4 and not read.note


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "PNG", "TIFF", "PDF"])
def test_the_first_of_several_pictures_is_read_and_said(kind):
    content = io.BytesIO()
    SIX.save(content, kind, save_all=True, append_images=[Image.new("RGB", (60, 40), c) for c in ("red", "blue")])
    read = read_picture(content.getvalue())
    assert is_dark_in_the_corner(read.pixels)
    assert read.note in ("This is the first of the 3 pictures in it.", "This is the first of the 3 pages.")


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "WEBP", "AVIF", "HEIC", "palette"])
def test_a_picture_that_was_taken_sideways_is_upright(kind):
    exif = Image.Exif()
    exif[274] = 6  # turned by a quarter to the left: to be seen upright, it is turned to the right
    lying = SIX.transpose(Image.Transpose.ROTATE_90)
    if kind == "HEIC":
        content = heic(lying, exif=exif.tobytes())
    else:
        file = io.BytesIO()
        image = lying.convert("P") if kind == "palette" else lying
        image.save(file, "PNG" if kind == "palette" else kind, exif=exif)
        content = file.getvalue()
    assert is_dark_in_the_corner(read_picture(content).pixels)


def test_sixteen_bits_a_pixel_are_no_white_sheet():
    grey = np.full((40, 60), 60_000, np.uint16)
    grey[20:, 40:] = 5_000
    for kind in ("PNG", "TIFF"):
        read = read_picture(encoded(Image.fromarray(grey), kind)).pixels
        assert read[..., 0].max() == 60_000 * 255 // 65_535 and read[39, 59, 0] == 5_000 * 255 // 65_535


def test_a_pdf_that_is_locked_says_so():
    lock = b"<</Filter/Standard/V 1/R 2/P -4/O(" + b"o" * 32 + b")/U(" + b"u" * 32 + b")>>"
    content = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    content += b"3 0 obj" + lock + b"endobj\ntrailer<</Root 1 0 R/Encrypt 3 0 R/ID[(a)(a)]>>\n%%EOF"
    with pytest.raises(InvalidInput, match="locked with a password"):
        read_picture(content)


def test_a_large_picture_is_made_smaller_at_once():
    assert max(read_picture(encoded(Image.new("L", (9000, 300)))).pixels.shape) == WORKING_SIZE


def test_a_large_photograph_is_read_without_a_warning(recwarn):
    """Pillow doubted files of half our limit on standard error, and refused those just below it."""
    assert max(read_picture(encoded(Image.new("L", (14_000, 14_000), 200), "JPEG")).pixels.shape) == WORKING_SIZE
    assert not recwarn.list


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is not a picture"),
        (b"this is a text file", "is not a picture"),
        (encoded(Image.new("RGB", (90, 90), "red"))[:150], "cannot be read|is not a picture"),
        (encoded(Image.effect_noise((200, 200), 50).convert("RGB"), "JPEG")[:2000], "cannot be read"),
        (encoded(Image.new("1", (20_000, 20_000))), "too many"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'></svg>", "a drawing of lines"),
        (b"PK\x03\x04" + b"x" * 50, "a ZIP archive"),
        (b"\0\0\0\x20ftypisom" + b"x" * 50, "a film"),
        (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"x" * 99, "damaged"),
        (b"%PDF-1.7\nno more", "cannot be read as a PDF"),
        (encoded(Image.new("L", (10_000, 30))), "a line and no digit"),
        (encoded(Image.new("1", (1, 20_000_000))), "a line and no digit"),
    ],
    ids=["empty", "text", "torn png", "torn jpeg", "bomb", "svg", "zip", "film", "heic", "pdf", "wide", "high"],
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
        assert prepare(read_drawing(tmp_path / name).pixels).image is not None
    for blank in ('{"objects": []}', '{"strokes": []}'):
        (tmp_path / "blank.json").write_text(blank)
        assert prepare(read_drawing(tmp_path / "blank.json").pixels).image is None


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
