"""What a network made of a few pictures while it learned, as its run's events say it."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core import IMAGE_SHAPE, NUM_CLASSES
from mnist_core.training.controls import NUM_WATCHED

NUM_PIXELS = IMAGE_SHAPE[0] * IMAGE_SHAPE[1]


@dataclass(frozen=True)
class Readings:
    """What a network made of the same pictures at several moments.

    Attributes:
        pictures: uint8 (N, 28, 28).
        steps: The steps of the run that were done at each moment, (M,), ascending.
        probabilities: float32 (M, N, 10).
    """

    pictures: NDArray[np.uint8]
    steps: tuple[int, ...]
    probabilities: NDArray[np.float32]


def as_text(picture: NDArray[np.float32]) -> str:
    """A picture, (28, 28) in [0, 1], as an event holds it."""
    return base64.b64encode(np.round(255 * picture).astype(np.uint8).tobytes()).decode()


def readings_of(events: list[dict[str, Any]]) -> Readings | None:
    """What was read of the pictures that are watched now; None where none are.

    Args:
        events: The run's events so far, oldest first.
    """
    began = max((place for place, event in enumerate(events) if event["event"] == "watching"), default=None)
    if began is None:
        return None
    try:
        shown = [base64.b64decode(text, validate=True) for text in events[began]["pictures"]]
        pictures = np.frombuffer(b"".join(shown), np.uint8).reshape(len(shown), *IMAGE_SHAPE)
    except (TypeError, ValueError, binascii.Error):
        return None  # no text of ours
    if not len(pictures):
        return None
    found: dict[int, Any] = {}
    for event in events[began:]:
        if event["event"] == "reading" and len(event["probabilities"]) == len(pictures):
            found[int(event["steps_done"])] = event["probabilities"]
    probabilities = np.array([*found.values()], np.float32).reshape(-1, len(pictures), NUM_CLASSES)
    return Readings(pictures, tuple(found), probabilities)


def is_reading(event: dict[str, Any]) -> bool:
    """Whether an event "reading" holds what it must."""
    rows = event.get("probabilities")
    return (
        isinstance(rows, list)
        and len(rows) <= NUM_WATCHED
        and all(isinstance(row, list) and len(row) == NUM_CLASSES for row in rows)
        and all(isinstance(value, int | float) and 0 <= value <= 1 for row in rows for value in row)
    )


def is_watching(event: dict[str, Any]) -> bool:
    """Whether an event "watching" holds what it must."""
    pictures = event.get("pictures")
    return (
        isinstance(pictures, list)
        and len(pictures) <= NUM_WATCHED
        and all(isinstance(picture, str) and len(picture) <= 2 * NUM_PIXELS for picture in pictures)
    )
