"""A drawing as a text that fits into a link."""

import json
from collections.abc import Sequence

import numpy as np

from mnist_core.drawing.strokes import Stroke, read_strokes
from mnist_core.errors import InvalidInput
from mnist_core.files import pack_text, read_json, unpack_text

MAX_CODE = 6_000
"""Characters: what every browser and server takes in an address."""

MAX_UNPACKED = 200_000
NO_DRAWING = "The link holds no whole drawing. Copy it again, to its end."


def drawing_code(strokes: Sequence[Stroke]) -> str | None:
    """Strokes as a text for an address, to the pixel; None where it would be too long for one."""
    rounded = [np.round(stroke).astype(int).tolist() for stroke in strokes]
    code = pack_text(json.dumps(rounded, separators=(",", ":")))
    return code if len(code) <= MAX_CODE else None


def read_drawing_code(code: str) -> tuple[Stroke, ...]:
    """Reads what `drawing_code` gives.

    Raises:
        InvalidInput: if it is something else, such as half a link.
    """
    if len(code) > MAX_CODE:
        raise InvalidInput(NO_DRAWING)
    try:
        return read_strokes(read_json(unpack_text(code, MAX_UNPACKED)))
    except ValueError as error:
        raise InvalidInput(NO_DRAWING) from error
