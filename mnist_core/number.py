"""Finding the digits of a number in one drawing."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mnist_core.drawing import INK_THRESHOLD, Picture, Prepared, find_ink, on_paper, prepare

MAX_DIGITS = 20
MIN_SHARE = 0.12
"""A piece of ink less high and less wide than this share of the highest is a speck, or a part of its neighbour."""

OVERLAP = 0.45
"""Pieces of ink of which the narrower lies over the other by this share, from left to right, are one digit."""

WIDE = 0.7
"""A piece of ink this many times as wide as it is high may be two digits that touch."""

VERY_WIDE = 1.15
"""Such a piece may be more than two."""

COST_OF_CUT = 0.1
"""By so much must the least certain digit be surer for each cut."""

MAX_TOUCHING = 4
CUTS = 9
"""Places at which a wide piece is tried to be cut: those where the least ink stands in a column."""


@dataclass(frozen=True)
class Box:
    """Where a digit lies in a picture, in pixels; right and bottom are just outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


@dataclass(frozen=True)
class Piece:
    """A piece of ink that is one digit, or several that touch.

    Attributes:
        readings: The ways to cut it, the whole piece first. Each is the digits from left to right, as their boxes and
            their pictures, prepared as every drawing is.
    """

    readings: tuple[tuple[tuple[Box, Prepared], ...], ...]


def find_pieces(rgba: NDArray[np.uint8]) -> list[Piece]:
    """Finds the pieces of ink of a drawing, from left to right.

    Args:
        rgba: uint8, shape (H, W, 4).

    Returns:
        At most `MAX_DIGITS` pieces; none where there is no ink.
    """
    ink = find_ink(rgba)
    if ink is None:
        return []
    # What touches only by a corner is one stroke: eight neighbours.
    labels, count = ndimage.label(ink >= INK_THRESHOLD, structure=np.ones((3, 3)))
    if not count:
        return []
    slices = ndimage.find_objects(labels)
    parts = [(Box(x.start, y.start, x.stop, y.stop), {index}) for index, (y, x) in enumerate(slices, 1)]
    highest = max(max(box.height, box.width) for box, _ in parts)
    parts = [(b, ids) for b, ids in parts if max(b.height, b.width) >= MIN_SHARE * highest]
    groups = _joined(sorted(parts, key=lambda part: part[0].left))[:MAX_DIGITS]
    return [_piece(np.where(np.isin(labels, list(ids)), ink, 0), box) for box, ids in groups]


def choose_reading(sureness: list[list[float]]) -> int:
    """Which way to cut a piece.

    Args:
        sureness: For each reading the model's highest probability for each of its digits.

    Returns:
        The place of the reading whose least certain digit is the surest; the whole piece where that is as good.
    """
    # Of two ways that are as sure, the one with fewer cuts.
    values = [min(reading) - COST_OF_CUT * (len(reading) - 1) for reading in sureness]
    return int(np.argmax(values))


def _joined(parts: list[tuple[Box, set[int]]]) -> list[tuple[Box, set[int]]]:
    """Joins pieces that lie above each other, as the bar of a 5 above its bow."""
    groups: list[tuple[Box, set[int]]] = []
    for box, ids in parts:
        if groups:
            last, its = groups[-1]
            overlap = min(last.right, box.right) - max(last.left, box.left)
            if overlap >= OVERLAP * min(last.width, box.width):
                groups[-1] = (_around(last, box), its | ids)
                continue
        groups.append((box, set(ids)))
    return groups


def _around(one: Box, other: Box) -> Box:
    return Box(
        min(one.left, other.left), min(one.top, other.top), max(one.right, other.right), max(one.bottom, other.bottom)
    )


def _piece(ink: Picture, box: Box) -> Piece:
    readings: list[tuple[tuple[Box, Prepared], ...]] = [((box, _prepared(ink, box)),)]
    if box.width >= WIDE * box.height:
        columns = _columns_to_cut(ink, box)
        is_very_wide = box.width >= VERY_WIDE * box.height
        most = min(MAX_TOUCHING, round(box.width / (0.45 * box.height))) if is_very_wide else 2
        for count in range(1, most):
            for cuts in combinations(columns, count):
                boxes = _cut(ink, box, cuts, count + 1)
                if boxes:
                    readings.append(tuple((part, _prepared(ink, part)) for part in boxes))
    return Piece(tuple(readings))


def _columns_to_cut(ink: Picture, box: Box) -> list[int]:
    """The columns with the least ink, well apart from each other and from the ends."""
    columns = ndimage.uniform_filter1d(ink[box.top : box.bottom, box.left : box.right].sum(axis=0), 3)
    apart = max(box.height // 10, 2)
    edge = max(box.height // 5, 2)
    chosen: list[int] = []
    for place in np.argsort(columns, kind="stable").tolist():
        if edge <= place < box.width - edge and all(abs(place - other) >= apart for other in chosen):
            chosen.append(place)
        if len(chosen) == CUTS:
            break
    return sorted(box.left + place for place in chosen)


def _cut(ink: Picture, box: Box, cuts: tuple[int, ...], count: int) -> list[Box]:
    """The boxes between cuts, tight around their ink; none where one would be empty or the widths are too unlike."""
    boxes = []
    for left, right in zip((box.left, *cuts), (*cuts, box.right), strict=True):
        rows = np.flatnonzero((ink[box.top : box.bottom, left:right] >= INK_THRESHOLD).any(axis=1))
        if not len(rows) or rows[-1] - rows[0] < 0.35 * box.height:
            return []
        boxes.append(Box(left, box.top + int(rows[0]), right, box.top + int(rows[-1]) + 1))
    widest = max(part.width for part in boxes)
    return boxes if len(boxes) == count and widest <= 1.3 * box.height else []


def _prepared(ink: Picture, box: Box) -> Prepared:
    """One digit as a network wants it, with nothing of its neighbours."""
    part = np.pad(ink[box.top : box.bottom, box.left : box.right], 2)
    return prepare(on_paper(part))
