"""Finding the digits of a number in one drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mnist_core import IMAGE_SHAPE
from mnist_core.drawing.cutting import MAX_STROKES_OF_PIECE, Part, best_parts, by_columns, by_strokes, digit_in
from mnist_core.drawing.preprocessing import INK_THRESHOLD, InkImage, Prepared, find_ink
from mnist_core.drawing.rows import Box, around, rows_of
from mnist_core.drawing.strokes import Stroke

MAX_DIGITS = 200
MIN_SHARE = 0.12
"""A piece of ink less high and less wide than this share of the highest is a speck, or a part of its neighbour."""

OVERLAP = 0.45
"""Pieces of ink of which the narrower lies over the other by this share, from left to right, are one digit."""


@dataclass(frozen=True)
class Piece:
    """A piece of ink that is one digit, or several that touch.

    Attributes:
        parts: What of it may be a digit, the whole piece first.
        row: The row in which it stands, from 0 at the top.
    """

    parts: tuple[Part, ...]
    row: int = 0


@dataclass(frozen=True)
class ReadDigit:
    """One digit of a number, as a model has read it.

    Attributes:
        box: Where it lies in the picture.
        image: What the network saw of it, float32, shape (28, 28).
        probabilities: Of each digit, float32, shape (10,).
        is_digit: False where the model rejects it.
        row: The row in which it stands, from 0 at the top.
    """

    box: Box
    image: InkImage
    probabilities: NDArray[np.float32]
    is_digit: bool
    row: int = 0

    @property
    def digit(self) -> int:
        """What it was read as, 0 to 9."""
        return int(self.probabilities.argmax())

    @property
    def confidence(self) -> float:
        """The probability of that, 0 to 1."""
        return float(self.probabilities.max())

    @property
    def word(self) -> str:
        """What stands for it in a number: its digit, or "?" where the model takes it for none."""
        return str(self.digit) if self.is_digit else "?"


def images_of(pieces: Sequence[Piece]) -> NDArray[np.float32]:
    """What a model must be asked to read pieces: each part of each, float32 of shape (N, 28, 28)."""
    return np.stack([_image_of(part.prepared) for piece in pieces for part in piece.parts])


def read_digits(
    pieces: Sequence[Piece], probabilities: NDArray[np.float32], is_digit: NDArray[np.bool_]
) -> list[ReadDigit]:
    """Chooses how each piece is cut, and reads the digits row by row.

    Args:
        pieces: What `find_pieces` found.
        probabilities: What a model says of `images_of(pieces)`, float32 of shape (N, 10).
        is_digit: Which of them it takes for digits, bool of shape (N,).
    """
    digits = []
    first = 0
    for piece in pieces:
        confidences = probabilities[first : first + len(piece.parts)].max(axis=1).tolist()
        for place in best_parts(piece.parts, confidences):
            part, at = piece.parts[place], first + place
            image = _image_of(part.prepared)
            digits.append(ReadDigit(part.box, image, probabilities[at], bool(is_digit[at]), piece.row))
        first += len(piece.parts)
    return digits


def number_text(digits: Sequence[ReadDigit]) -> str:
    """The numbers that were read, a line for each row."""
    return "\n".join(number_rows(digits, [item.word for item in digits]))


def number_rows(digits: Sequence[ReadDigit], words: Sequence[str]) -> list[str]:
    """A text for each row, of what stands for each digit."""
    rows: dict[int, str] = {}
    for item, word in zip(digits, words, strict=True):
        rows[item.row] = rows.get(item.row, "") + word
    return list(rows.values())


def _image_of(prepared: Prepared) -> InkImage:
    return np.zeros(IMAGE_SHAPE, np.float32) if prepared.image is None else prepared.image


def find_pieces(rgba: NDArray[np.uint8], strokes: Sequence[Stroke] = ()) -> list[Piece]:
    """Finds the pieces of ink of a drawing, row by row, each from left to right.

    Args:
        rgba: uint8, shape (H, W, 4).
        strokes: What it was drawn with, in pixels of the picture, where that is known. Digits that touch or overlap
            are then parted between strokes, and each is inked again with MNIST's width of pen.

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
    groups = [
        (row, *group)
        for row, places in enumerate(rows_of([box for box, _ in parts]))
        for group in _joined([parts[place] for place in places])
    ]
    owners = [_owner(labels, stroke) for stroke in strokes]
    pieces = []
    for row, box, ids in groups[:MAX_DIGITS]:
        own = [stroke for stroke, owner in zip(strokes, owners, strict=True) if owner in ids]
        if 0 < len(own) <= MAX_STROKES_OF_PIECE:
            parts_of = by_strokes(own, box)
        else:
            mask = np.isin(labels[box.top : box.bottom, box.left : box.right], list(ids))
            parts_of = by_columns(np.where(mask, ink[box.top : box.bottom, box.left : box.right], 0), box)
        pieces.append(Piece(parts_of, row))
    return pieces


def _owner(labels: NDArray[np.int32], stroke: Stroke) -> int:
    """The piece of ink that most of a stroke's points lie in, 0 for none."""
    height, width = labels.shape
    inside = stroke[(stroke >= 0).all(axis=1) & (stroke < (width, height)).all(axis=1)].astype(int)
    return int(np.bincount(labels[inside[:, 1], inside[:, 0]]).argmax()) if len(inside) else 0


def _joined(parts: list[tuple[Box, set[int]]]) -> list[tuple[Box, set[int]]]:
    """Joins pieces that lie above each other, as the bar of a 5 above its bow."""
    groups: list[tuple[Box, set[int]]] = []
    for box, ids in parts:
        if groups:
            last, its = groups[-1]
            overlap = min(last.right, box.right) - max(last.left, box.left)
            if overlap >= OVERLAP * min(last.width, box.width):
                groups[-1] = (around([last, box]), its | ids)
                continue
        groups.append((box, set(ids)))
    return groups


def cut_out(rgba: NDArray[np.uint8], boxes: Sequence[Box]) -> list[Piece]:
    """Digits where somebody says that they are: a piece with one reading for each box, row by row.

    Args:
        rgba: uint8, shape (H, W, 4).
        boxes: At most `MAX_DIGITS`; one that lies outside of the picture has no ink.
    """
    ink = find_ink(rgba)
    if ink is None:
        return []
    return [
        Piece((Part(0, 1, boxes[place], digit_in(ink, boxes[place]), boxes[place]),), row)
        for row, places in enumerate(rows_of(boxes))
        for place in places
    ]
