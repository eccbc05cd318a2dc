"""Digits as hands all over the world write them, made stroke by stroke.

MNIST was written by Americans. Elsewhere a 0 is slashed, a 1 has a flag, a foot or both, a 7 is crossed or curled, a 9
ends in a hook, a 4 is open at the top. Each way of writing is a few lines between points here, which every made digit
bends, slants, stretches and draws with a pen of its own.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mnist_core import IMAGE_SHAPE
from mnist_core.drawing.inking import BRUSH_SHARES, mnist_picture
from mnist_core.drawing.strokes import Drawing, Stroke

Rng = np.random.Generator
Points = list[tuple[float, float]]
"""A line from point to point in a box from (0, 0) to (1, 1), y down."""

HEIGHT = 160
"""Of a made digit, in pixels of the canvas."""

CURVE_POINTS = 8


@dataclass(frozen=True)
class Hand:
    """One way to write a digit.

    Attributes:
        digit: 0 to 9.
        name: A few words.
        strokes: Makes its strokes, each a line and whether it is round; what varies in kind is by chance.
        width: How wide it is beside its height, least and most.
    """

    digit: int
    name: str
    strokes: Callable[[Rng], list[tuple[Points, bool]]]
    width: tuple[float, float] = (0.5, 0.85)


def make_digits(
    count: int, seed: int, digits: tuple[int, ...] = tuple(range(10))
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Makes digits in the hands of the world, every digit as often, and every way to write it.

    Args:
        count: How many.
        seed: The same seed makes the same pictures.
        digits: Which.

    Returns:
        Pictures, uint8 of shape (count, 28, 28), 255 is ink, prepared as every drawing is; and labels, (count,).
    """
    rng = np.random.default_rng(seed)
    labels = np.resize(np.array(digits, np.int64), count)
    low, high = np.log(BRUSH_SHARES)
    images = np.zeros((count, *IMAGE_SHAPE), np.uint8)
    for index, digit in enumerate(labels.tolist()):
        ways = [hand for hand in HANDS if hand.digit == digit]
        drawing = make_drawing(ways[rng.integers(len(ways))], rng)
        images[index] = mnist_picture(drawing, float(np.exp(rng.uniform(low, high))))
    return images, labels


def make_drawing(hand: Hand, rng: Rng) -> Drawing:
    """One digit as strokes: bent, slanted, turned and stretched by chance."""
    width, slant, turn = rng.uniform(*hand.width), rng.normal(0, 0.14), math.radians(rng.normal(0, 5))
    bend = rng.normal(0, 0.022, (4, 4, 2))
    spread = rng.uniform(0.01, 0.035)
    strokes: list[Stroke] = []
    for corners, is_round in hand.strokes(rng):
        points = np.array(corners, float) + rng.normal(0, spread, (len(corners), 2))
        points = _curve(points) if is_round else _line(points)
        points += _bent(bend, points)
        x, y = (points[:, 0] - 0.5) * width, points[:, 1] - 0.5
        x = x - slant * y
        x, y = x * math.cos(turn) - y * math.sin(turn), x * math.sin(turn) + y * math.cos(turn)
        strokes.append((np.stack([x, y], axis=1) * HEIGHT + 140).astype(np.float32))
    return Drawing(tuple(strokes), hand.digit)


def _curve(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """A round line through points (Catmull and Rom, 1974)."""
    if len(corners) < 3:
        return _line(corners)
    padded = np.concatenate([[2 * corners[0] - corners[1]], corners, [2 * corners[-1] - corners[-2]]])
    share = np.linspace(0, 1, CURVE_POINTS, endpoint=False)[:, None]
    parts = []
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        straight = (end - before) * share + (2 * before - 5 * start + 4 * end - after) * share**2
        parts.append(start + 0.5 * (straight + (3 * start - before - 3 * end + after) * share**3))
    return np.concatenate([*parts, corners[-1:]])


def _line(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    share = np.linspace(0, 1, CURVE_POINTS, endpoint=False)[:, None]
    parts = [start + (end - start) * share for start, end in pairwise(corners)]
    return np.concatenate([*parts, corners[-1:]])


def _bent(bend: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far places are pulled aside by a grid of pulls (4, 4, 2), smoothly between them."""
    at = np.clip(points, 0, 0.999) * 3
    left = at.astype(int)
    share = at - left
    share = share * share * (3 - 2 * share)
    x, y, across, down = left[:, 0], left[:, 1], share[:, :1], share[:, 1:]
    upper = bend[y, x] * (1 - across) + bend[y, x + 1] * across
    lower = bend[y + 1, x] * (1 - across) + bend[y + 1, x + 1] * across
    pulled: NDArray[np.float64] = upper * (1 - down) + lower * down
    return pulled


def _ring(rng: Rng, x: float = 0.5, y: float = 0.5, wide: float = 0.5, high: float = 0.5) -> Points:
    """A closed line around a point, which begins near its top and may not quite close, or overlap."""
    start, way = rng.normal(-0.5, 0.25) * math.pi, -1 if rng.random() < 0.8 else 1
    whole = 2 * math.pi * rng.uniform(0.94, 1.08)
    angles = start + way * np.linspace(0, whole, 9)
    return [(x + wide * math.cos(angle), y + high * math.sin(angle)) for angle in angles]


def _slash(rng: Rng) -> Points:
    beyond = rng.uniform(-0.12, 0.12)
    return [(0.95 + beyond, 0.02 - beyond), (0.05 - beyond, 0.98 + beyond)]


def _flag(rng: Rng, longest: float = 0.55) -> tuple[float, float]:
    """Where the flag of a 1 begins: left of its top, and lower."""
    length = rng.uniform(0.18, longest)
    return 0.55 - length * rng.uniform(0.75, 1.3), length * rng.uniform(0.5, 1.0)


def _foot(rng: Rng) -> tuple[Points, bool]:
    y = 1 + rng.normal(0, 0.02)
    return [(0.55 - rng.uniform(0.2, 0.5), y), (0.55 + rng.uniform(0.2, 0.5), y + rng.normal(0, 0.03))], False


def _one_with_flag(rng: Rng) -> list[tuple[Points, bool]]:
    if rng.random() < 0.3:  # a curved one
        x, y = _flag(rng)
        return [([(x, y), ((x + 0.55) / 2, y * 0.65), (0.55, 0.0)], True), ([(0.55, 0.0), (0.55, 1.0)], False)]
    return [([_flag(rng, 0.8), (0.55, 0.0), (0.55 + rng.normal(0, 0.05), 1.0)], False)]


def _seven(rng: Rng) -> Points:
    foot = rng.uniform(0.2, 0.55)
    return [(0.0, rng.uniform(0, 0.08)), (rng.uniform(0.85, 1.0), 0.02), (foot, 1.0)]


def _curled_seven(rng: Rng) -> list[tuple[Points, bool]]:
    roof: Points = [(0.02, 0.2), (0.05, 0.05), (0.3, 0.02), (0.6, 0.1), (0.95, 0.02)]
    stem: Points = [(0.95, 0.02), (0.6, 0.5), (rng.uniform(0.25, 0.5), 1.0)]
    return [(roof, True), (stem, rng.random() < 0.5)]


def _bar_of_seven(rng: Rng) -> tuple[Points, bool]:
    middle, y, reach = rng.uniform(0.45, 0.65), rng.uniform(0.42, 0.58), rng.uniform(0.22, 0.42)
    return [(middle - reach, y + rng.normal(0, 0.03)), (middle + reach, y + rng.normal(0, 0.03))], False


def _open_four(rng: Rng) -> list[tuple[Points, bool]]:
    low = rng.uniform(0.5, 0.68)
    stem_x = rng.uniform(0.62, 0.85)
    corner: Points = [(rng.uniform(0.05, 0.25), 0.0), (0.02, low), (1.0, low + rng.normal(0, 0.03))]
    return [
        (corner, rng.random() < 0.3),
        ([(stem_x, rng.uniform(0.0, 0.4)), (stem_x + rng.normal(0, 0.03), 1.0)], False),
    ]


def _closed_four(rng: Rng) -> list[tuple[Points, bool]]:
    low = rng.uniform(0.58, 0.72)
    return [([(0.72, 1.0), (0.72, 0.0), (0.0, low), (1.0, low)], False)]


def _five(rng: Rng) -> list[tuple[Points, bool]]:
    """With a roof of its own, which may stand off."""
    gap = rng.uniform(-0.02, 0.1)
    body: Points = [(0.18, 0.02), (0.12, 0.42), (0.5, 0.38), (0.88, 0.58), (0.8, 0.88), (0.45, 1.0), (0.05, 0.9)]
    roof: Points = [(0.2 + gap, rng.uniform(-0.05, 0.05)), (rng.uniform(0.75, 1.0), rng.uniform(-0.08, 0.05))]
    return [(body[:2], False), (body[1:], True), (roof, False)]


def _angular_five(rng: Rng) -> list[tuple[Points, bool]]:
    down = rng.uniform(0.38, 0.5)
    return [
        ([(0.9, 0.0), (0.15, 0.02), (0.1, down), (0.85, down + 0.02), (0.9, 0.95), (0.05, 1.0)], rng.random() < 0.2)
    ]


def _straight_six(rng: Rng) -> list[tuple[Points, bool]]:
    """A straight stem, and a bow that begins at its foot."""
    stem: Points = [(rng.uniform(0.35, 0.85), 0.0), (0.08, 0.65)]
    bow: Points = [(0.08, 0.65), (0.15, 0.95), (0.55, 1.0), (0.92, 0.78), (0.7, 0.52), (0.25, 0.58), (0.08, 0.75)]
    return [(stem, False), (bow, rng.random() < 0.6)]


def _flat_three(rng: Rng) -> list[tuple[Points, bool]]:
    middle = rng.uniform(0.35, 0.45)
    bow: Points = [(0.35, middle), (0.75, middle + 0.06), (0.95, 0.7), (0.65, 0.98), (0.05, 0.92)]
    return [([(0.08, 0.0), (0.88, 0.02), (0.35, middle)], False), (bow, True)]


def _two_circles(rng: Rng) -> list[tuple[Points, bool]]:
    waist = rng.uniform(0.42, 0.52)
    upper = _ring(rng, 0.5, waist / 2, rng.uniform(0.26, 0.4), waist / 2)
    lower = _ring(rng, 0.5, (1 + waist) / 2, rng.uniform(0.36, 0.5), (1 - waist) / 2)
    return [(upper, True), (lower, True)]


def _hooked_nine(rng: Rng) -> list[tuple[Points, bool]]:
    low = rng.uniform(0.5, 0.62)
    ring = _ring(rng, 0.5, low / 2, rng.uniform(0.36, 0.46), low / 2)
    hook = rng.uniform(0.0, 0.3)
    tail: Points = [(0.93, 0.12), (0.92, 0.6), (0.75, 0.95), (0.4, 1.0), (hook, rng.uniform(0.78, 0.92))]
    return [(ring, True), (tail, True)]


def _straight_nine(rng: Rng) -> list[tuple[Points, bool]]:
    low = rng.uniform(0.45, 0.6)
    ring = _ring(rng, 0.48, low / 2, rng.uniform(0.34, 0.46), low / 2)
    return [(ring, True), ([(0.92, 0.08), (rng.uniform(0.6, 0.95), 1.0)], False)]


def _looped_two(rng: Rng) -> list[tuple[Points, bool]]:
    head: Points = [(0.08, 0.25), (0.3, 0.02), (0.75, 0.05), (0.85, 0.32), (0.45, 0.72), (0.08, 0.95)]
    loop: Points = [(0.08, 0.78), (0.3, 0.8), (0.55, 0.97), (1.0, 0.92)]
    return [([*head, *loop], True)]


HANDS = (
    Hand(0, "slashed zero", lambda rng: [(_ring(rng), True), (_slash(rng), False)]),
    Hand(0, "zero with a short slash inside", lambda rng: [(_ring(rng), True), ([(0.72, 0.3), (0.28, 0.7)], False)]),
    Hand(0, "zero slashed the other way", lambda rng: [(_ring(rng), True), ([(0.1, 0.08), (0.9, 0.92)], False)]),
    Hand(0, "barred zero", lambda rng: [(_ring(rng), True), ([(-0.05, 0.5), (1.05, 0.5)], False)]),
    Hand(0, "plain zero", lambda rng: [(_ring(rng), True)]),
    Hand(1, "one with a flag", _one_with_flag, (0.3, 0.9)),
    Hand(1, "one with a long flag", lambda rng: [([_flag(rng, 0.95), (0.55, 0.0), (0.6, 1.0)], False)], (0.5, 1.0)),
    Hand(1, "one with a foot", lambda rng: [([(0.55, 0.0), (0.55, 1.0)], False), _foot(rng)], (0.3, 0.8)),
    Hand(1, "one with a flag and a foot", lambda rng: [*_one_with_flag(rng), _foot(rng)], (0.35, 0.9)),
    Hand(2, "angular two", lambda rng: [([(0.1, 0.15), (0.5, 0.0), (0.9, 0.2), (0.05, 1.0), (0.95, 0.98)], False)]),
    Hand(2, "two with a loop", _looped_two),
    Hand(3, "flat-topped three", _flat_three),
    Hand(3, "angular three", lambda rng: [
        ([(0.1, 0.02), (0.85, 0.05), (0.4, 0.42), (0.95, 0.65), (0.5, 1.0), (0.05, 0.9)], False)
    ]),
    Hand(4, "open four", _open_four),
    Hand(4, "closed four", _closed_four),
    Hand(5, "five with its roof apart", _five),
    Hand(5, "angular five", _angular_five),
    Hand(6, "straight six", _straight_six),
    Hand(6, "angular six", lambda rng: [
        ([(0.7, 0.0), (0.1, 0.5), (0.15, 1.0), (0.9, 0.95), (0.85, 0.55), (0.12, 0.6)], rng.random() < 0.4)
    ]),
    Hand(7, "crossed seven", lambda rng: [(_seven(rng), False), _bar_of_seven(rng)]),
    Hand(7, "crossed and curled seven", lambda rng: [*_curled_seven(rng), _bar_of_seven(rng)]),
    Hand(7, "curled seven", _curled_seven),
    Hand(7, "seven with a hook at the left", lambda rng: [([(0.02, rng.uniform(0.15, 0.3)), *_seven(rng)], False)]),
    Hand(8, "eight of two circles", _two_circles),
    Hand(8, "angular eight", lambda rng: [
        ([(0.85, 0.1), (0.15, 0.1), (0.85, 0.9), (0.15, 0.95), (0.85, 0.1)], rng.random() < 0.5)
    ]),
    Hand(9, "nine with a hooked tail", _hooked_nine),
    Hand(9, "straight nine", _straight_nine),
)  # fmt: skip
"""Every way that is made."""
