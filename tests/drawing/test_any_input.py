"""Whatever people draw, photograph or upload is read or answered with a sentence: never another exception."""

import gzip
import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from mnist_core import IMAGE_SHAPE
from mnist_core.drawing.archives import as_idx, as_npz, read_set
from mnist_core.drawing.drawings_file import drawings_content, read_drawings, read_labelled
from mnist_core.drawing.image_files import read_drawing, read_picture
from mnist_core.drawing.inking import ink, ink_enlarged
from mnist_core.drawing.number import MAX_DIGITS, find_pieces, images_of
from mnist_core.drawing.photograph import as_drawing
from mnist_core.drawing.preprocessing import STEPS, prepare
from mnist_core.drawing.strokes import CANVAS_SIZE, MAX_COORDINATE, Drawing, read_strokes, strokes_of_canvas
from mnist_core.drawing.unipen import read_unipen
from mnist_core.errors import InvalidInput
from mnist_core.evaluation.calibration import read_calibration
from mnist_core.networks.sharing import read_architecture, read_architecture_code

IN_A_FOLDER = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
UNHURRIED = settings(deadline=None)

PALETTES = st.lists(st.tuples(*[st.integers(0, 255)] * 4), min_size=1, max_size=3)


@st.composite
def pictures(draw, least=1):
    """Pictures, uint8 (H, W, 4): noise, or patches of a few colours as drawings and paper are."""
    height, width = draw(st.integers(least, 70)), draw(st.integers(least, 70))
    if draw(st.booleans()):
        return draw(arrays(np.uint8, (height, width, 4)))
    colours = np.array(draw(PALETTES), np.uint8)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    coarse = rng.integers(len(colours), size=(-(-height // 5), -(-width // 5)))
    return colours[np.kron(coarse, np.ones((5, 5), int))[:height, :width]]


COORDINATES = st.floats(-MAX_COORDINATE, MAX_COORDINATE) | st.floats(0, CANVAS_SIZE)
STROKES = st.lists(st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=8), min_size=1, max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["strokes", "objects", "path", "label", "writer", "strokeWidth", "x"]), inner)
    ),
    max_leaves=12,
)


def valid(image):
    """Whether this is a picture as a network takes it."""
    shape, kind = image.shape, image.dtype
    return shape == IMAGE_SHAPE and kind == np.float32 and image.min() >= 0 and image.max() <= 1


def png(picture):
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "PNG")
    return content.getvalue()


def sentence_or(read, *arguments):
    """What is read, or None where it was refused in a sentence for people."""
    try:
        return read(*arguments)
    except InvalidInput as error:
        assert str(error).strip() and len(str(error)) < 1000
        return None


@UNHURRIED
@given(pictures(), st.sets(st.sampled_from(list(STEPS))))
def test_any_picture_is_prepared_or_blank(picture, without):
    prepared = prepare(picture, without)
    assert (prepared.image is None) == (not prepared.steps)
    assert prepared.image is None or valid(prepared.image)
    assert all(np.isfinite(step.picture).all() for step in prepared.steps)


@UNHURRIED
@given(pictures())
def test_any_photograph_becomes_a_drawing(picture):
    found = as_drawing(picture)
    assert found.dtype == np.uint8 and found.ndim == 3 and found.shape[2] == 4
    image = prepare(found).image
    assert image is None or valid(image)


@settings(deadline=None, max_examples=40)
@given(pictures(), st.none() | STROKES)
def test_any_picture_falls_into_pieces_of_bounded_number(picture, strokes):
    known = () if strokes is None else read_strokes([[list(point) for point in stroke] for stroke in strokes])
    pieces = find_pieces(picture, known)
    assert len(pieces) <= MAX_DIGITS and all(piece.parts for piece in pieces)
    if pieces:
        assert all(valid(image) for image in images_of(pieces))


@UNHURRIED
@given(STROKES, st.floats(0.5, 200))
def test_any_strokes_are_inked(strokes, brush):
    known = read_strokes([[list(point) for point in stroke] for stroke in strokes])
    assert ink(known, brush).shape == (CANVAS_SIZE, CANVAS_SIZE, 4)
    enlarged = ink_enlarged(known)
    assert enlarged.shape[0] == enlarged.shape[1] <= 3 * CANVAS_SIZE
    assert valid(prepare(enlarged).image)


@pytest.mark.slow
@UNHURRIED
@given(STROKES, st.none() | st.integers(0, 9), st.text(max_size=20))
def test_what_is_written_is_read_again(strokes, label, writer):
    drawing = Drawing(read_strokes([[list(point) for point in stroke] for stroke in strokes]), label, writer)
    for content in (
        drawings_content([drawing]),
        drawings_content([drawing], compressed=True),
        as_npz([drawing]),
        as_idx([drawing]),
    ):
        (again,) = read_set(content, "set")
        assert again.label == label and again.writer == writer
        assert all(np.allclose(a, b, atol=0.06) for a, b in zip(again.strokes, drawing.strokes, strict=True))


@UNHURRIED
@given(JSON)
def test_any_json_is_strokes_or_a_sentence(value):
    for read in (strokes_of_canvas, Drawing.from_json, lambda v: read_strokes(v if isinstance(v, list) else [v])):
        sentence_or(read, value)


READERS = {
    "drawings": read_drawings,
    "labelled": read_labelled,
    "set": lambda content: read_set(content, "set"),
    "picture": read_picture,
    "architecture": read_architecture,
    "architecture link": lambda content: read_architecture_code(content.decode("latin-1")),
}

CONTENTS = st.one_of(
    st.binary(max_size=200),
    JSON.map(lambda value: json.dumps(value).encode()),
    JSON.map(lambda value: gzip.compress(json.dumps(value).encode())),
    st.binary(max_size=60).map(lambda tail: b"\x89PNG\r\n\x1a\n" + tail),
    st.binary(max_size=60).map(lambda tail: b"\xff\xd8\xff\xe0" + tail),
    st.binary(max_size=60).map(lambda tail: b"PK\x03\x04" + tail),
    st.binary(max_size=60).map(lambda tail: b"\x1f\x8b\x08" + tail),
)


@st.composite
def spoiled(draw):
    """A good file of some kind, with a few bytes changed or its end cut off."""
    drawing = Drawing((np.array([[10, 20], [30, 40]], np.float32),), 7, "ada")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("strokes.npy", draw(st.binary(max_size=100)))
    good = draw(
        st.sampled_from(
            [
                drawings_content([drawing]),
                drawings_content([drawing], compressed=True),
                as_npz([drawing]),
                as_idx([drawing]),
                png(np.full((9, 9, 4), 130, np.uint8)),
                archive.getvalue(),
            ]
        )
    )
    content = bytearray(good[: draw(st.integers(0, len(good)))])
    for place, value in draw(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=4)):
        if content:
            content[place % len(content)] = value
    return bytes(content)


@pytest.mark.parametrize("kind", READERS)
@UNHURRIED
@given(CONTENTS | spoiled())
def test_any_content_is_read_or_refused_in_a_sentence(kind, content):
    """The readers of zip, of NumPy headers, of PNG and of JSON each raise errors of their own."""
    sentence_or(READERS[kind], content)


@IN_A_FOLDER
@given(CONTENTS | spoiled())
def test_any_file_is_a_drawing_a_calibration_or_a_sentence(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    found = sentence_or(read_drawing, path)
    assert found is None or (found.pixels.dtype == np.uint8 and found.pixels.shape[2] == 4)
    sentence_or(read_unipen, path)
    (tmp_path / "calibration.json").write_bytes(content)
    assert read_calibration(tmp_path) is None
