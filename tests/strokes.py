"""Digits and letters as strokes, for tests and benchmarks that draw."""

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.drawing.strokes import Drawing

Stroke = list[tuple[int, int]]

DRAWINGS: dict[str, list[Stroke]] = {
    "0": [[(140, 60), (95, 95), (85, 160), (115, 212), (165, 212), (198, 160), (188, 95), (140, 60)]],
    "1": [[(140, 60), (140, 220)]],
    "3": [[(90, 70), (170, 66), (190, 95), (135, 135), (195, 170), (175, 212), (90, 215)]],
    "7": [[(80, 70), (200, 70), (130, 220)]],
}
"""Digits as strokes on the 280×280 canvas."""

LETTERS: dict[str, list[Stroke]] = {
    "A": [[(0, 100), (35, 0), (70, 100)], [(15, 62), (56, 62)]],
    "E": [[(60, 0), (5, 0), (5, 100), (62, 100)], [(5, 48), (50, 48)]],
    "F": [[(60, 0), (5, 0), (5, 100)], [(5, 48), (50, 48)]],
    "H": [[(5, 0), (5, 100)], [(60, 0), (60, 100)], [(5, 50), (60, 50)]],
    "K": [[(5, 0), (5, 100)], [(60, 0), (6, 52), (62, 100)]],
    "M": [[(0, 100), (8, 0), (42, 62), (75, 0), (84, 100)]],
    "N": [[(5, 100), (5, 0), (62, 100), (62, 0)]],
    "R": [[(5, 100), (5, 0), (45, 5), (52, 25), (44, 46), (5, 50)], [(25, 50), (62, 100)]],
    "T": [[(0, 0), (72, 0)], [(36, 0), (36, 100)]],
    "V": [[(0, 0), (35, 100), (70, 0)]],
    "W": [[(0, 0), (20, 100), (45, 35), (70, 100), (90, 0)]],
    "X": [[(0, 0), (65, 100)], [(65, 0), (0, 100)]],
    "P": [[(5, 100), (5, 0), (45, 5), (52, 25), (44, 46), (5, 50)]],
    "a": [[(55, 20), (25, 15), (5, 50), (20, 90), (50, 75), (55, 20), (58, 80), (75, 95)]],
    "d": [[(55, 50), (28, 42), (8, 68), (22, 96), (50, 84), (55, 0), (56, 98)]],
    "h": [[(5, 0), (5, 100)], [(5, 60), (25, 40), (45, 55), (46, 100)]],
    "k": [[(5, 0), (5, 100)], [(45, 40), (6, 68), (48, 100)]],
    "m": [[(0, 100), (0, 20), (20, 10), (32, 30), (33, 100)], [(33, 35), (52, 12), (66, 32), (67, 100)]],
    "n": [[(0, 100), (0, 20), (25, 10), (42, 30), (44, 100)]],
    "r": [[(0, 100), (0, 10)], [(0, 45), (18, 15), (40, 12)]],
    "u": [[(0, 10), (3, 70), (20, 95), (45, 80), (50, 10), (54, 98)]],
    "w": [[(0, 20), (15, 95), (35, 40), (55, 95), (70, 20)]],
    "x": [[(0, 20), (55, 100)], [(55, 20), (0, 100)]],
    "p": [[(5, 10), (5, 140)], [(5, 30), (35, 12), (52, 42), (35, 76), (5, 66)]],
}
"""Letters in a box about 70 wide and 100 high, as quick pens write them."""

DIGITS_IN_A_ROW: dict[str, list[Stroke]] = {
    "2": [[(0, 25), (10, 5), (40, 0), (60, 20), (50, 45), (0, 100), (65, 100)]],
    "0": [[(30, 0), (8, 20), (0, 50), (8, 80), (30, 100), (52, 80), (60, 50), (52, 20), (30, 0)]],
    "4": [[(40, 0), (0, 60), (65, 60)], [(45, 25), (45, 100)]],
    "5": [[(8, 5), (5, 45), (35, 38), (58, 60), (50, 90), (20, 100), (0, 90)], [(8, 5), (60, 3)]],
    "7": [[(0, 0), (65, 0), (20, 100)]],
    "8": [[(30, 48), (8, 25), (28, 0), (52, 22), (30, 48), (5, 75), (30, 100), (56, 76), (30, 48)]],
    "3": [[(5, 10), (30, 0), (55, 15), (45, 40), (20, 47), (50, 55), (60, 80), (30, 100), (0, 88)]],
}
"""Digits 65 wide and 100 high, to be set side by side."""

LETTERS_IN_A_ROW: dict[str, list[Stroke]] = {
    "A": [[(0, 100), (35, 0)], [(35, 0), (70, 100)], [(14, 62), (56, 62)]],
    "X": [[(0, 0), (60, 100)], [(60, 0), (0, 100)]],
}
"""Letters of the same size whose strokes could be taken for digits."""


def digits_by(writers: int) -> list[Drawing]:
    """Drawings of each digit by as many people, no two the same."""
    rng = np.random.default_rng(0)
    missing = {
        "6": [[(50, 0), (10, 60), (30, 100), (60, 75), (15, 65)]],
        "9": [[(55, 30), (10, 30), (50, 5), (45, 100)]],
    }

    def by_hand(stroke: Stroke) -> NDArray[np.float32]:
        return (np.array(stroke) + rng.normal(60, 3, (len(stroke), 2))).astype(np.float32)

    return [
        Drawing(tuple(by_hand(stroke) for stroke in strokes), int(digit), f"writer {writer}")
        for writer in range(writers)
        for digit, strokes in {**DIGITS_IN_A_ROW, **DRAWINGS, **missing}.items()
    ]


def canvas_json(strokes: list[Stroke], width: float = 20) -> dict[str, Any]:
    """What the canvas component gives: quadratic curves through the middles of what the mouse sent."""
    paths = []
    for stroke in strokes:
        path: list[list[Any]] = [["M", *stroke[0]]]
        for before, after in itertools.pairwise(stroke):
            path.append(["Q", *before, (before[0] + after[0]) / 2, (before[1] + after[1]) / 2])
        path.append(["L", *stroke[-1]])
        paths.append({"type": "path", "path": path, "strokeWidth": width, "stroke": "#101418"})
    return {"version": "4.4.0", "objects": paths}
