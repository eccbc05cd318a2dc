"""Answers as bytes: a header as JSON, and numbers that a browser reads without decoding them."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.datasets import unscale

Part = tuple[str, float, NDArray[Any]]
"""Numbers of an answer: their name, the scale they are to be multiplied by, and they themselves."""


def scaled(name: str, values: NDArray[np.float32]) -> Part:
    """Numbers as int8, for a canvas that has no more than 255 shades anyway; those that are not finite become 0."""
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    scale = float(np.abs(finite).max(initial=0.0)) / 127 or 1.0
    return name, scale, np.clip(np.round(finite / scale), -127, 127).astype(np.int8)


def whole(name: str, values: NDArray[Any]) -> Part:
    """Numbers as they are."""
    return name, 1.0, values


def grey(name: str, image: NDArray[np.float32]) -> Part:
    """A picture in [0, 1] as 0 to 255."""
    return name, 1.0, unscale(image)


def pack(header: dict[str, Any], parts: list[Part]) -> bytes:
    """Four bytes (little endian) for the header's length, the header, and the numbers, each from a multiple of four on.

    Args:
        header: Plain JSON values, without infinities.
        parts: The numbers; the header then lists under "parts" the name, type, shape and scale of each.
    """
    listed = [
        {"name": name, "scale": scale, "type": values.dtype.name, "shape": list(values.shape)}
        for name, scale, values in parts
    ]
    text = json.dumps({**header, "parts": listed}, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(values.tobytes() + b"\0" * (-values.nbytes % 4) for _, _, values in parts)
    return len(text).to_bytes(4, "little") + text + body
