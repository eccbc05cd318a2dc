"""Frames: what is drawn while the pen is down, as a browser sends it, and what a model says of it.

Reading frames belongs to the process that serves the pages, answering them to the one with TensorFlow.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.datasets import unscale
from mnist_core.drawing.inking import ink, prepare_strokes
from mnist_core.drawing.preprocessing import STEPS
from mnist_core.drawing.strokes import CANVAS_SIZE, Stroke, read_strokes
from mnist_core.errors import InvalidInput
from mnist_core.files import read_json
from mnist_core.server.questions import ModelFile, answers_to, loaded_predictor, needs_tensorflow

MAX_FRAME = 200_000
"""Characters of a message: 5,000 points with their brackets and commas."""

MAX_CANVAS = 2_000
BRUSHES = (1.0, 200.0)
NO_FRAME = "This is not a drawing as this page sends it."

DIGIT, NUMBER = "digit", "number"


@dataclass(frozen=True)
class Frame:
    """A drawing that is not finished, and who is to read it.

    Attributes:
        number: What the browser calls it.
        model: The model's name, as `find_model` takes it.
        kind: `DIGIT`, or `NUMBER` for several in a row.
        strokes: What is drawn; none where the canvas is empty.
        brush: Width of the brush in pixels, or None where MNIST's is used.
        without: Steps of `prepare` that are left out.
        size: Width and height of the canvas in pixels.
    """

    number: int
    model: str
    kind: str
    strokes: tuple[Stroke, ...]
    brush: float | None
    without: tuple[str, ...]
    size: tuple[int, int]


@dataclass(frozen=True)
class ReadFrame:
    """What a model says of a frame.

    Attributes:
        probabilities: float32, shape (N, 10): of the digit, or of each digit of a number from left to right; none where
            there is no ink.
        is_digit: bool, shape (N,).
        pictures: What the network saw of each, uint8, shape (N, 28, 28).
        boxes: Where each digit of a number lies: left, top, right and bottom in pixels, int, shape (N, 4).
        rows: In which row each digit of a number stands, from 0 at the top, int, shape (N,).
    """

    probabilities: NDArray[np.float32]
    is_digit: NDArray[np.bool_]
    pictures: NDArray[np.uint8]
    boxes: NDArray[np.int64]
    rows: NDArray[np.int64]


NOTHING = ReadFrame(
    np.zeros((0, 10), np.float32),
    np.zeros(0, bool),
    np.zeros((0, 28, 28), np.uint8),
    np.zeros((0, 4), np.int64),
    np.zeros(0, np.int64),
)


def read_message(text: str) -> dict[str, Any]:
    """Reads a message of a browser as JSON; its "id" is a whole number.

    Raises:
        InvalidInput: if it is none of ours, or too large.
    """
    if len(text) > MAX_FRAME:
        raise InvalidInput("The drawing has too many points to be read while it is drawn.")
    try:
        value = read_json(text)
    except ValueError as error:
        raise InvalidInput(NO_FRAME) from error
    if not isinstance(value, dict):
        raise InvalidInput(NO_FRAME)
    return {**value, "id": int(_number(value.get("id", 0), 0, 2**53))}


def read_frame(value: dict[str, Any]) -> Frame:
    """Reads a drawing from what `read_message` gives.

    Raises:
        InvalidInput: if it is none of ours.
    """
    model, kind, strokes = value.get("model"), value.get("kind", DIGIT), value.get("strokes")
    without = value.get("without", [])
    if not isinstance(model, str) or kind not in (DIGIT, NUMBER) or not isinstance(strokes, list):
        raise InvalidInput(NO_FRAME)
    if not isinstance(without, list) or not all(isinstance(name, str) and name in STEPS for name in without):
        raise InvalidInput(NO_FRAME)
    brush = value.get("brush")
    return Frame(
        value["id"],
        model,
        kind,
        read_strokes(strokes) if strokes else (),
        None if brush is None else _number(brush, *BRUSHES),
        tuple(without),
        (_size(value.get("width")), _size(value.get("height"))),
    )


def _number(value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidInput(NO_FRAME)
    return float(min(max(value, least), most))


def _size(value: Any) -> int:
    return CANVAS_SIZE if value is None else int(_number(value, 1, MAX_CANVAS))


@needs_tensorflow
def answer_frames(frames: Sequence[tuple[ModelFile, Frame]]) -> list[ReadFrame | InvalidInput]:
    """What models say of frames, all that one model has to read in one batch; or why one cannot be read."""
    found: list[ReadFrame | InvalidInput] = [NOTHING] * len(frames)
    by_model: dict[ModelFile, list[int]] = {}
    for place, (model, _) in enumerate(frames):
        by_model.setdefault(model, []).append(place)
    for model, places in by_model.items():
        digits = [place for place in places if frames[place][1].kind == DIGIT]
        try:
            for place, read in zip(digits, _read_digits(model, [frames[place][1] for place in digits]), strict=True):
                found[place] = read
            for place in places:
                if frames[place][1].kind == NUMBER:
                    found[place] = _read_number(model, frames[place][1])
        except InvalidInput as error:
            for place in places:
                found[place] = error
    return found


def _read_digits(model: ModelFile, frames: list[Frame]) -> list[ReadFrame]:
    images = [prepare_strokes(frame.strokes, frame.brush, frame.without, max(frame.size)).image for frame in frames]
    inked = [image for image in images if image is not None]
    predictor = loaded_predictor(model)  # also where nothing is drawn yet, so that it is there for the first stroke
    if not inked:
        return [NOTHING] * len(frames)
    answers = answers_to(predictor, np.stack(inked))
    rows = iter(zip(answers.probabilities, answers.is_digit, strict=True))
    read = []
    for image in images:
        if image is None:
            read.append(NOTHING)
        else:
            probabilities, is_digit = next(rows)
            picture = unscale(image)[None]
            read.append(ReadFrame(probabilities[None], np.array([is_digit]), picture, NOTHING.boxes, NOTHING.rows))
    return read


def _read_number(model: ModelFile, frame: Frame) -> ReadFrame:
    from mnist_core.drawing.number import find_pieces, images_of, read_digits  # brings SciPy

    width, height = frame.size
    pixels = ink(frame.strokes, frame.brush or CANVAS_SIZE / 10, max(frame.size))[:height, :width]
    pieces = find_pieces(pixels, frame.strokes) if frame.strokes else []
    predictor = loaded_predictor(model)
    if not pieces:
        return NOTHING
    answers = answers_to(predictor, images_of(pieces))
    digits = read_digits(pieces, answers.probabilities, answers.is_digit)
    return ReadFrame(
        np.stack([item.probabilities for item in digits]),
        np.array([item.is_digit for item in digits]),
        unscale(np.stack([item.image for item in digits])),
        np.array([(item.box.left, item.box.top, item.box.right, item.box.bottom) for item in digits]),
        np.array([item.row for item in digits]),
    )
