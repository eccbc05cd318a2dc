"""A drawing as a text that fits into a link."""

import base64
import binascii
import json
import zlib
from collections.abc import Sequence

import numpy as np

from mnist_core.drawing.strokes import Stroke, read_strokes
from mnist_core.errors import InvalidInput
from mnist_core.files import read_json

MAX_CODE = 6_000
"""Characters: what every browser and server takes in an address."""

MAX_UNPACKED = 200_000
NO_DRAWING = "The link holds no whole drawing. Copy it again, to its end."


def drawing_code(strokes: Sequence[Stroke]) -> str | None:
    """Strokes as a text for an address, to the pixel; None where it would be too long for one."""
    rounded = [np.round(stroke).astype(int).tolist() for stroke in strokes]
    packed = zlib.compress(json.dumps(rounded, separators=(",", ":")).encode(), 9)
    code = base64.urlsafe_b64encode(packed).decode().rstrip("=")
    return code if len(code) <= MAX_CODE else None


def read_drawing_code(code: str) -> tuple[Stroke, ...]:
    """Reads what `drawing_code` gives.

    Raises:
        InvalidInput: if it is something else, such as half a link.
    """
    if len(code) > MAX_CODE:
        raise InvalidInput(NO_DRAWING)
    try:
        packed = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, MAX_UNPACKED)
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise InvalidInput(NO_DRAWING)
        return read_strokes(read_json(content))
    except (binascii.Error, ValueError, zlib.error) as error:
        raise InvalidInput(NO_DRAWING) from error
