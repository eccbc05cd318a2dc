"""Finding the digits of a number in one drawing."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mnist_core import IMAGE_SHAPE
from mnist_core.drawing.inking import ink_enlarged
from mnist_core.drawing.preprocessing import INK_THRESHOLD, InkImage, Prepared, find_ink, on_paper, prepare
from mnist_core.drawing.rows import Box, around, rows_of
from mnist_core.drawing.strokes import Stroke

MAX_DIGITS = 200
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

MAX_STROKES_OF_PIECE = 8
"""A piece of more strokes is cut by columns alone: so many can be shared out in 128 ways."""

MAX_STROKES_OF_DIGIT = 4
MIN_HEIGHT = 0.5
"""A digit in a piece is at least this share of the piece's height."""

MAX_ACROSS = 0.35
"""Digits side by side overlap by no more than this share of the narrower one, or of the height for a narrow 1: more is
one sign whose strokes cross, such as an A."""
MAX_ACROSS_HEIGHT = 0.12


Reading = tuple[tuple[Box, Prepared], ...]
"""Digits from left to right, as their boxes and their pictures, prepared as every drawing is."""


@dataclass(frozen=True)
class Piece:
    """A piece of ink that is one digit, or several that touch.

    Attributes:
        readings: The ways to cut it, the whole piece first.
        row: The row in which it stands, from 0 at the top.
    """

    readings: tuple[Reading, ...]
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


def images_of(pieces: Sequence[Piece]) -> NDArray[np.float32]:
    """What a model must be asked to read pieces: each digit of each reading, float32 of shape (N, 28, 28)."""
    parts = [prepared for piece in pieces for reading in piece.readings for _, prepared in reading]
    return np.stack([_image_of(prepared) for prepared in parts])


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
    place = 0
    for piece in pieces:
        places = []
        for reading in piece.readings:
            places.append(range(place, place + len(reading)))
            place += len(reading)
        chosen = choose_reading([[float(probabilities[i].max()) for i in reading] for reading in places])
        for i, (box, prepared) in zip(places[chosen], piece.readings[chosen], strict=True):
            digits.append(ReadDigit(box, _image_of(prepared), probabilities[i], bool(is_digit[i]), piece.row))
    return digits


def number_text(digits: Sequence[ReadDigit]) -> str:
    """The numbers that were read, a line for each row, with a "?" for what the model takes for no digit."""
    lines: dict[int, str] = {}
    for item in digits:
        lines[item.row] = lines.get(item.row, "") + (str(item.digit) if item.is_digit else "?")
    return "\n".join(lines.values())


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
            readings = _by_strokes(own, box)
        else:
            mask = np.isin(labels[box.top : box.bottom, box.left : box.right], list(ids))
            readings = _by_columns(np.where(mask, ink[box.top : box.bottom, box.left : box.right], 0), box)
        pieces.append(Piece(readings, row))
    return pieces


def _owner(labels: NDArray[np.int32], stroke: Stroke) -> int:
    """The piece of ink that most of a stroke's points lie in, 0 for none."""
    height, width = labels.shape
    inside = stroke[(stroke >= 0).all(axis=1) & (stroke < (width, height)).all(axis=1)].astype(int)
    return int(np.bincount(labels[inside[:, 1], inside[:, 0]]).argmax()) if len(inside) else 0


def _by_strokes(strokes: list[Stroke], whole: Box) -> tuple[Reading, ...]:
    """The ways to share strokes out among digits, from left to right, all of them as one digit first."""
    strokes = sorted(strokes, key=lambda stroke: float(stroke[:, 0].min() + stroke[:, 0].max()))
    number = len(strokes)
    made: dict[tuple[int, int], tuple[Box, Prepared]] = {(0, number): (whole, prepare(ink_enlarged(strokes)))}
    lines = {part: _box_of(strokes[slice(*part)]) for part in combinations(range(number + 1), 2)}
    half_brush = max(lines[0, number].left - whole.left, 0)
    for (start, end), line in lines.items():
        if (start, end) in made or end - start > MAX_STROKES_OF_DIGIT or line.height < MIN_HEIGHT * whole.height:
            continue
        box = Box(line.left - half_brush, line.top - half_brush, line.right + half_brush, line.bottom + half_brush)
        made[start, end] = box, prepare(ink_enlarged(strokes[start:end]))
    readings = []
    for count in range(number):
        for cuts in combinations(range(1, number), count):
            parts = list(zip((0, *cuts), (*cuts, number), strict=True))
            if all(part in made for part in parts) and _stand_apart([lines[part] for part in parts], whole.height):
                readings.append(tuple(made[part] for part in parts))
    return tuple(readings)


def _box_of(strokes: list[Stroke]) -> Box:
    """The box around the middle of strokes, whatever the width of their brush."""
    points = np.concatenate(strokes)
    left, top = np.floor(points.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(points.max(axis=0)).astype(int).tolist()
    return Box(left, top, right + 1, bottom + 1)


def _stand_apart(boxes: list[Box], height: int) -> bool:
    """Whether digits lie side by side, and not across each other as the strokes of an X."""
    return all(
        one.right - other.left <= max(MAX_ACROSS * min(one.width, other.width), MAX_ACROSS_HEIGHT * height)
        for one, other in pairwise(boxes)
    )


def choose_reading(confidences: list[list[float]]) -> int:
    """Which way to cut a piece.

    Args:
        confidences: For each reading the model's highest probability for each of its digits.

    Returns:
        The place of the reading whose least certain digit is the most certain; the whole piece where that is as good.
    """
    # Of two ways that are as sure, the one with fewer cuts.
    values = [min(reading) - COST_OF_CUT * (len(reading) - 1) for reading in confidences]
    return int(np.argmax(values))


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


def _by_columns(ink: InkImage, box: Box) -> tuple[Reading, ...]:
    """The ways to cut the ink in a box by columns, all of it as one digit first."""
    whole = Box(0, 0, box.width, box.height)
    ways = [[whole]]
    if box.width >= WIDE * box.height:
        columns = _columns_to_cut(ink)
        is_very_wide = box.width >= VERY_WIDE * box.height
        most = min(MAX_TOUCHING, round(box.width / (0.45 * box.height))) if is_very_wide else 2
        ways += [_cut(ink, cuts) for count in range(1, most) for cuts in combinations(columns, count)]
    return tuple(tuple((_moved(part, box), _digit_in(ink, part)) for part in boxes) for boxes in ways if boxes)


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
        Piece((((boxes[place], _digit_in(ink, boxes[place])),),), row)
        for row, places in enumerate(rows_of(boxes))
        for place in places
    ]


def halves(rgba: NDArray[np.uint8], box: Box) -> tuple[Box, Box]:
    """A box cut in two near its middle, where little ink stands in a column."""
    ink = find_ink(rgba)
    inside = None if ink is None else ink[box.top : box.bottom, box.left : box.right]
    columns = np.zeros(box.width) if inside is None else ndimage.uniform_filter1d(inside.sum(axis=0), 3)
    from_middle = np.abs(np.linspace(-1, 1, box.width))
    cost = columns / max(float(columns.max()), 1e-6) + from_middle
    at = box.left + min(max(int(cost.argmin()), 1), max(box.width - 1, 1))
    return Box(box.left, box.top, at, box.bottom), Box(at, box.top, box.right, box.bottom)


def _moved(part: Box, to: Box) -> Box:
    """A box inside of another, by the coordinates in which the other is."""
    return Box(to.left + part.left, to.top + part.top, to.left + part.right, to.top + part.bottom)


def _columns_to_cut(ink: InkImage) -> list[int]:
    """The columns with the least ink, well apart from each other and from the ends."""
    height, width = ink.shape
    columns = ndimage.uniform_filter1d(ink.sum(axis=0), 3)
    apart = max(height // 10, 2)
    edge = max(height // 5, 2)
    chosen: list[int] = []
    for place in np.argsort(columns, kind="stable").tolist():
        if edge <= place < width - edge and all(abs(place - other) >= apart for other in chosen):
            chosen.append(place)
        if len(chosen) == CUTS:
            break
    return sorted(chosen)


def _cut(ink: InkImage, cuts: tuple[int, ...]) -> list[Box]:
    """The boxes between cuts, tight around their ink; none where one would be empty or the widths are too unlike."""
    height, width = ink.shape
    boxes = []
    for left, right in zip((0, *cuts), (*cuts, width), strict=True):
        rows = np.flatnonzero((ink[:, left:right] >= INK_THRESHOLD).any(axis=1))
        if not len(rows) or rows[-1] - rows[0] < 0.35 * height:
            return []
        boxes.append(Box(left, int(rows[0]), right, int(rows[-1]) + 1))
    return boxes if max(part.width for part in boxes) <= 1.3 * height else []


def _digit_in(ink: InkImage, box: Box) -> Prepared:
    """One digit as a network wants it, with nothing of its neighbours."""
    part = np.pad(ink[box.top : box.bottom, box.left : box.right], 2)
    return prepare(on_paper(part))
