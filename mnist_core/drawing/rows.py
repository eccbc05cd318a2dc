"""Boxes around what is written, and the rows in which they stand."""

from collections.abc import Sequence
from dataclasses import dataclass

SAME_ROW = 0.4
"""Boxes of which the lower lies beside the higher by this share stand in one row."""

LOW = 0.5
"""A box lower than this share of the usual height is a part of what stands in the row nearest to it."""

NEIGHBOURS = 3
"""A row is as high as the last so many of its boxes, so that it may climb or fall."""


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


def rows_of(boxes: Sequence[Box]) -> list[list[int]]:
    """The rows of boxes, from top to bottom, each the places of its boxes from left to right.

    A row need not be level, nor begin or end where another does.
    """
    if not boxes:
        return []
    usual = sorted(box.height for box in boxes)[3 * len(boxes) // 4]
    from_left = sorted(range(len(boxes)), key=lambda place: boxes[place].left)
    rows: list[list[int]] = []
    for place in from_left:
        if boxes[place].height >= LOW * usual:
            beside = [_beside(boxes[place], boxes, row) for row in rows]
            if max(beside, default=0) < SAME_ROW:
                rows.append([place])
            else:
                rows[beside.index(max(beside))].append(place)
    for place in from_left:
        if boxes[place].height < LOW * usual:
            min(rows, key=lambda row: _distance(boxes[place], boxes, row)).append(place)
    for row in rows:
        row.sort(key=lambda place: boxes[place].left)
    return sorted(rows, key=lambda row: sum(boxes[place].top + boxes[place].bottom for place in row) / len(row))


def around(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of some."""
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )


def _beside(box: Box, boxes: Sequence[Box], row: list[int]) -> float:
    """How much of the lower of a box and the end of a row lies beside the other, 0 to 1."""
    end = around([boxes[place] for place in row[-NEIGHBOURS:]])
    shared = min(box.bottom, end.bottom) - max(box.top, end.top)
    return max(shared, 0) / max(min(box.height, end.height), 1)


def _distance(box: Box, boxes: Sequence[Box], row: list[int]) -> float:
    """How far a low box lies from the box of a row that is nearest to it, in pixels."""
    return min(
        max(box.left - other.right, other.left - box.right, 0) + max(box.top - other.bottom, other.top - box.bottom, 0)
        for other in (boxes[place] for place in row)
    )
