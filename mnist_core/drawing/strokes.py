"""Drawings as a pen made them: strokes on a canvas."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.errors import InvalidInput

CANVAS_SIZE = 280
"""Width and height of the canvas that strokes are measured on, in pixels."""

MAX_STROKES = 1_000
MAX_POINTS = 5_000
"""Points of one drawing; what a hand draws has a few hundred."""
MAX_COORDINATE = 100_000.0

Stroke = NDArray[np.float32]


@dataclass(frozen=True)
class Drawing:
    """One drawing.

    Attributes:
        strokes: One array for each stroke, float32 of shape (points, 2): x and y in pixels of the canvas.
        label: The digit it is, 0 to 9, or None where nobody said.
        writer: Who drew it, or "".
    """

    strokes: tuple[Stroke, ...]
    label: int | None = None
    writer: str = ""

    @property
    def size(self) -> float:
        """The longer side of what the pen's tip went over, in pixels; 0 for a dot."""
        points = np.concatenate(self.strokes)
        return float(np.ptp(points, axis=0).max())

    def to_json(self) -> dict[str, Any]:
        """The drawing as plain JSON values, coordinates to a tenth of a pixel."""
        strokes = [np.round(stroke.astype(float), 1).tolist() for stroke in self.strokes]
        return {"label": self.label, "writer": self.writer, "strokes": strokes}

    @classmethod
    def from_json(cls, value: Any) -> "Drawing":
        """Makes a drawing from what `to_json` gives.

        Raises:
            InvalidInput: if the value is no drawing; the message says what is wrong with it.
        """
        if not isinstance(value, dict) or not isinstance(value.get("strokes"), list):
            raise InvalidInput('this is not a drawing: an object with a list of "strokes" was expected')
        label, writer = value.get("label"), value.get("writer", "")
        if label is not None and (isinstance(label, bool) or label not in range(10)):
            raise InvalidInput(f"the label is {str(label)[:20]!r}, not a digit")
        return cls(read_strokes(value["strokes"]), None if label is None else int(label), str(writer or "")[:100])


def read_strokes(values: list[Any]) -> tuple[Stroke, ...]:
    """Strokes from lists of [x, y], as JSON holds them.

    Raises:
        InvalidInput: if there are none, too many, or one holds something else than pairs of numbers.
    """
    if not values or len(values) > MAX_STROKES:
        raise InvalidInput(f"a drawing has 1 to {MAX_STROKES:,} strokes, not {len(values):,}")
    strokes = []
    num_points = 0
    for stroke in values:
        try:
            points = np.asarray(stroke)
        except (TypeError, ValueError, OverflowError):  # such as rows of different lengths
            points = np.zeros(0)
        if points.ndim != 2 or points.shape[1] != 2 or not len(points) or points.dtype.kind not in "iuf":
            raise InvalidInput("a stroke is not a list of points [x, y]")
        if not np.isfinite(points).all() or np.abs(points).max() > MAX_COORDINATE:
            raise InvalidInput("a stroke has a point that lies nowhere near the canvas")
        num_points += len(points)
        strokes.append(points.astype(np.float32))
    if num_points > MAX_POINTS:
        raise InvalidInput(f"a drawing has at most {MAX_POINTS:,} points, not {num_points:,}")
    return tuple(strokes)


def objects_of_canvas(value: Any) -> list[dict[str, Any]]:
    """What lies on the canvas, from its JSON: its list of "objects".

    Raises:
        InvalidInput: if it is something else, or more than a drawing can hold.
    """
    objects = value.get("objects") if isinstance(value, dict) else None
    if not isinstance(objects, list) or not all(isinstance(item, dict) for item in objects):
        raise InvalidInput('this is not a drawing: the canvas\'s JSON, with a list of "objects", was expected')
    if len(objects) > MAX_STROKES:
        raise InvalidInput(f"a drawing has 1 to {MAX_STROKES:,} strokes, not {len(objects):,}")
    return objects


def canvas_objects(strokes: Iterable[Stroke], brush: float, colour: str) -> list[dict[str, Any]]:
    """Strokes as the canvas takes them: a list of "objects", each a path with a round pen.

    Args:
        strokes: As in `Drawing`.
        brush: Width of the pen in pixels.
        colour: Of the ink, such as "#101418".
    """
    return [
        {
            "type": "Path",
            "path": [["M" if i == 0 else "L", float(x), float(y)] for i, (x, y) in enumerate([*stroke, stroke[-1]])],
            "stroke": colour,
            "strokeWidth": brush,
            "fill": None,
            "strokeLineCap": "round",
            "strokeLineJoin": "round",
        }
        for stroke in strokes
    ]


def strokes_of_canvas(value: Any) -> tuple[tuple[Stroke, ...], float]:
    """The strokes that the canvas holds, from its JSON.

    Args:
        value: What the canvas component gives: an object with a list of "objects", each a "path" of M, L and Q steps.

    Returns:
        The strokes, and the mean width of their brush in pixels.

    Raises:
        InvalidInput: if it is something else.
    """
    strokes, widths = [], []
    for item in objects_of_canvas(value):
        path = item.get("path")
        if not isinstance(path, list):
            continue
        points = [step[-2:] for step in path if isinstance(step, list) and len(step) >= 3]
        if points:
            strokes.append(points)
            width = item.get("strokeWidth")
            widths.append(float(width) if isinstance(width, int | float) and 0 < width < 1000 else 20.0)
    return (read_strokes(strokes) if strokes else ()), float(np.mean(widths)) if widths else 20.0


def labelled(drawings: Iterable[Drawing]) -> list[Drawing]:
    """Those of which it is known what they are."""
    return [drawing for drawing in drawings if drawing.label is not None]


def labels_of(drawings: Iterable[Drawing]) -> NDArray[np.int64]:
    """What drawings are, int64 of shape (N,); -1 where nobody said."""
    return np.array([-1 if drawing.label is None else drawing.label for drawing in drawings], np.int64)
