"""Cutting a piece of ink that may be several digits: every part that may be one, and the best way through them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mnist_core.drawing.inking import ink_enlarged
from mnist_core.drawing.preprocessing import INK_THRESHOLD, InkImage, Prepared, on_paper, prepare
from mnist_core.drawing.rows import Box
from mnist_core.drawing.strokes import Stroke

WIDE = 0.7
"""A piece of ink this many times as wide as it is high may be digits that touch."""

COST_OF_CUT = 0.1
"""So much, as a logarithm of probability, must be gained with each cut."""

CUTS_PER_HEIGHT = 7
"""Places at which a wide piece may be cut, for each height of its width: those where the least ink stands."""

MAX_CUTS = 60
MAX_STROKES_OF_PIECE = 40
"""A piece of more strokes is cut by columns alone."""

MAX_STROKES_OF_DIGIT = 4
MIN_HEIGHT = 0.5
"""A digit in a piece is at least this share of the piece's height; one cut by columns a little less."""

MIN_CUT_HEIGHT = 0.35
MIN_CUT_WIDTH, MAX_CUT_WIDTH = 0.08, 1.3
"""A digit cut by columns is so many times as wide as the piece is high."""

MAX_ACROSS = 0.35
"""Digits side by side overlap by no more than this share of the narrower one, or of the height for a narrow 1: more is
one sign whose strokes cross, such as an A."""
MAX_ACROSS_HEIGHT = 0.12


@dataclass(frozen=True)
class Part:
    """A part of a piece that may be a digit.

    Attributes:
        start: The first of the cells that it takes, counted from the left; a cell is a stroke, or lies between cuts.
        end: The cell after its last.
        box: Where it lies in the picture.
        prepared: Its picture, prepared as every drawing is.
        line: The box around its ink, without the width of a brush.
    """

    start: int
    end: int
    box: Box
    prepared: Prepared
    line: Box


def digit_in(ink: InkImage, box: Box) -> Prepared:
    """One digit as a network wants it, with nothing of its neighbours."""
    part = np.pad(ink[box.top : box.bottom, box.left : box.right], 2)
    return prepare(on_paper(part))


def by_strokes(strokes: Sequence[Stroke], whole: Box) -> tuple[Part, ...]:
    """Strokes that may be a digit, those side by side; all of them first."""
    strokes = sorted(strokes, key=lambda stroke: float(stroke[:, 0].min() + stroke[:, 0].max()))
    number = len(strokes)
    everything = _line_of(strokes)
    parts = [Part(0, number, whole, prepare(ink_enlarged(strokes)), everything)]
    half_brush = max(everything.left - whole.left, 0)
    for start in range(number):
        for end in range(start + 1, min(start + MAX_STROKES_OF_DIGIT, number) + 1):
            line = _line_of(strokes[start:end])
            if end - start == number or line.height < MIN_HEIGHT * whole.height:
                continue
            box = Box(line.left - half_brush, line.top - half_brush, line.right + half_brush, line.bottom + half_brush)
            parts.append(Part(start, end, box, prepare(ink_enlarged(strokes[start:end])), line))
    return tuple(parts)


def _line_of(strokes: Sequence[Stroke]) -> Box:
    """The box around the middle of strokes, whatever the width of their brush."""
    points = np.concatenate(list(strokes))
    left, top = np.floor(points.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(points.max(axis=0)).astype(int).tolist()
    return Box(left, top, right + 1, bottom + 1)


def by_columns(ink: InkImage, box: Box) -> tuple[Part, ...]:
    """What of the ink in a box, (H, W) in [0, 1], may be a digit between two columns; all of it first."""
    height, width = ink.shape
    cuts = [0, *(_columns_to_cut(ink) if width >= WIDE * height else ()), width]
    whole = Box(0, 0, width, height)
    parts = [Part(0, len(cuts) - 1, box, digit_in(ink, whole), box)]
    for start, left in enumerate(cuts[:-1]):
        for end in range(start + 1, len(cuts)):
            right = cuts[end]
            if end - start == len(cuts) - 1 or not MIN_CUT_WIDTH * height <= right - left <= MAX_CUT_WIDTH * height:
                continue
            rows = np.flatnonzero((ink[:, left:right] >= INK_THRESHOLD).any(axis=1))
            if len(rows) and rows[-1] - rows[0] >= MIN_CUT_HEIGHT * height:
                part = Box(left, int(rows[0]), right, int(rows[-1]) + 1)
                place = Box(box.left + part.left, box.top + part.top, box.left + part.right, box.top + part.bottom)
                parts.append(Part(start, end, place, digit_in(ink, part), place))
    return tuple(parts)


def _columns_to_cut(ink: InkImage) -> list[int]:
    """The columns with the least ink, well apart from each other and from the ends."""
    height, width = ink.shape
    columns = _ink_in_columns(ink)
    apart, edge = max(height // 10, 2), max(height // 8, 2)
    most = min(round(CUTS_PER_HEIGHT * width / height), MAX_CUTS)
    chosen: list[int] = []
    for place in np.argsort(columns, kind="stable").tolist():
        if edge <= place < width - edge and all(abs(place - other) >= apart for other in chosen):
            chosen.append(place)
        if len(chosen) == most:
            break
    return sorted(chosen)


def _ink_in_columns(ink: InkImage) -> NDArray[np.float32]:
    """How much ink stands in each column, with those beside it."""
    smooth: NDArray[np.float32] = ndimage.uniform_filter1d(ink.sum(axis=0), 3)
    return smooth


def best_parts(parts: Sequence[Part], confidences: Sequence[float]) -> list[int]:
    """The places of the parts, from left to right, that a piece most probably consists of.

    Args:
        parts: What `by_strokes` or `by_columns` gives.
        confidences: A model's highest probability for each, 0 to 1.

    Returns:
        Those with the largest product of probabilities, less `COST_OF_CUT` for each cut; the whole where that is as
        good. Digits beside each other stand apart.
    """
    height = parts[0].box.height
    last = max(part.end for part in parts)
    worth = [math.log(max(confidence, 1e-6)) for confidence in confidences]
    best: dict[int, tuple[float, int | None]] = {}  # of each part as the last: worth of the way, the part before
    for place in sorted(range(len(parts)), key=lambda place: (parts[place].start, parts[place].end)):
        part = parts[place]
        if part.start == 0:
            best[place] = worth[place], None
            continue
        before = [
            (best[other][0], other)
            for other in best
            if parts[other].end == part.start and _stand_apart(parts[other].line, part.line, height)
        ]
        if before:
            value, other = max(before)
            best[place] = value + worth[place] - COST_OF_CUT, other
    ends = [place for place in best if parts[place].end == last]
    way: list[int] = []
    at: int | None = max(ends, key=lambda place: (best[place][0], place == 0))
    while at is not None:
        way.append(at)
        at = best[at][1]
    return way[::-1]


def _stand_apart(one: Box, other: Box, height: int) -> bool:
    """Whether digits lie side by side, and not across each other as the strokes of an X."""
    return one.right - other.left <= max(MAX_ACROSS * min(one.width, other.width), MAX_ACROSS_HEIGHT * height)


def halves(ink: InkImage | None, box: Box) -> tuple[Box, Box]:
    """A box cut in two near its middle, where little ink, (H, W) in [0, 1], stands in a column."""
    inside = None if ink is None else ink[box.top : box.bottom, box.left : box.right]
    columns: NDArray[np.float64] = np.zeros(box.width)
    if inside is not None and inside.shape[1] == box.width:
        columns = _ink_in_columns(inside).astype(float)
    cost = columns / max(float(columns.max(initial=0)), 1e-6) + np.abs(np.linspace(-1, 1, box.width))
    at = box.left + min(max(int(cost.argmin()), 1), max(box.width - 1, 1))
    return Box(box.left, box.top, at, box.bottom), Box(at, box.top, box.right, box.bottom)
