"""How numbers are read: strings of digits by one writer, with gaps and touching, and pages of several rows.

    python -m benchmarks.numbers DRAWINGS [MODEL]

Strings of two to six digits are put together from the drawings of one writer each (a drawings file, such as UCI's pen
digits), with gaps of -4 to 40 pixels and brushes of 6 to 24, and read with their strokes and from the picture alone.
Pages are made of MNIST's test digits: rows that climb a little, as a drawing and as a photograph in uneven light.
"""

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_core.datasets import load_dataset
from mnist_core.drawing.drawings_file import read_labelled
from mnist_core.drawing.image_files import read_picture
from mnist_core.drawing.inking import ink
from mnist_core.drawing.number import find_pieces, images_of, number_text, read_digits
from mnist_core.drawing.photograph import as_drawing
from mnist_core.drawing.strokes import Drawing, Stroke
from mnist_core.engine.prediction import Predictor
from mnist_core.runs.models import find_model
from mnist_core.runs.store import RunStore
from tests.pictures import encoded, photographed

HEIGHT = 110
STRINGS, PAGES = 120, 12
GAPS = {"touching": (-4, 3), "with a gap": (4, 40)}
SHAPES = ((1, 5), (3, 6), (8, 6), (12, 10))
"""Rows and columns of the pages."""


def main(drawings: str, model: str = "digits") -> None:
    predictor = Predictor(find_model(model, RunStore()))
    by_writer: dict[str, list[Drawing]] = defaultdict(list)
    for drawing in read_labelled(Path(drawings).read_bytes()):
        by_writer[drawing.writer].append(drawing)
    writers = sorted(by_writer)
    print(f"{STRINGS} strings of 2 to 6 digits by {len(writers)} writers, read right by {model}: with strokes, without")
    for name, gaps in GAPS.items():
        rng = np.random.default_rng(3)
        right = np.zeros(2)
        for _ in range(STRINGS):
            own = by_writer[writers[rng.integers(len(writers))]]
            strokes, width, number = _string([own[i] for i in rng.integers(0, len(own), rng.integers(2, 7))], gaps, rng)
            picture = ink(strokes, float(rng.uniform(6, 24)), width)[: HEIGHT + 80]
            right += [_read(predictor, picture, strokes) == number, _read(predictor, picture, ()) == number]
        print(f"{name:16s}", "".join(f"{value:8.1%}" for value in right / STRINGS), flush=True)
    print(f"{PAGES} pages each of MNIST's test digits: rows found, rows right as a drawing, as a photograph")
    for num_rows, num_columns in SHAPES:
        rng = np.random.default_rng(5)
        found, right, rows = 0.0, np.zeros(2), 0
        for _ in range(PAGES):
            page, wanted = _page(num_rows, num_columns, rng)
            rows += num_rows
            drawn = encoded(np.round(255 * (1 - page)).astype(np.uint8))
            down, across = np.mgrid[0 : page.shape[0], 0 : page.shape[1]].astype(np.float32)
            light = 220 * (0.7 + 0.3 * across / page.shape[1]) * (1 - 0.2 * down / page.shape[0])
            for place, content in enumerate((drawn, photographed(light * (1 - 0.75 * page), rng))):
                pixels = as_drawing(read_picture(content).pixels, several=True)
                read = _read(predictor, pixels, ()).split("\n")
                found += len(read) == num_rows
                right[place] += sum(a == b for a, b in zip(read, wanted, strict=False)) * (len(read) == num_rows)
        print(
            f"{num_rows} × {num_columns:3d}     {found / PAGES / 2:8.1%}",
            "".join(f"{value:8.1%}" for value in right / rows),
        )


def _read(predictor: Predictor, pixels: NDArray[np.uint8], strokes: tuple[Stroke, ...]) -> str:
    pieces = find_pieces(pixels, strokes)
    if not pieces:
        return ""
    probabilities = predictor.predict(images_of(pieces))
    return number_text(read_digits(pieces, probabilities, predictor.accepts(probabilities)))


def _string(
    drawings: list[Drawing], gaps: tuple[int, int], rng: np.random.Generator
) -> tuple[tuple[Stroke, ...], int, str]:
    """Digits side by side on one line: their strokes, the width of the canvas, and the number."""
    strokes: list[Stroke] = []
    x = 40.0
    for drawing in drawings:
        points = np.concatenate(drawing.strokes)
        low, high = points.min(axis=0), points.max(axis=0)
        share = HEIGHT / max(float(high[1] - low[1]), float(high[0] - low[0]), 1.0)
        strokes += [((stroke - low) * share + [x, 40]).astype(np.float32) for stroke in drawing.strokes]
        x += float(high[0] - low[0]) * share + rng.uniform(*gaps)
    return tuple(strokes), round(x + 60), "".join(str(drawing.label) for drawing in drawings)


def _page(num_rows: int, num_columns: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], list[str]]:
    """Ink, (H, W) in [0, 1], and what each row says."""
    data, side = load_dataset("mnist"), 60
    page = np.zeros((num_rows * 96 + 80, num_columns * 75 + 140), np.float32)
    rows = []
    for row in range(num_rows):
        x, slope, number = int(rng.integers(20, 60)), rng.normal(0, 0.03), ""
        for _ in range(rng.integers(max(1, num_columns - 3), num_columns + 1)):
            place = int(rng.integers(len(data.x_test)))
            inked = _cut(data.x_test[place])
            share = side / 20 * rng.uniform(0.85, 1.1)
            size = (max(round(inked.shape[1] * share), 1), max(round(inked.shape[0] * share), 1))
            grey = np.asarray(Image.fromarray(inked).resize(size, Image.Resampling.BICUBIC), np.float32) / 255
            lines = 1 / (1 + np.exp(-(grey - 0.6) * 12))
            top = round(min(max(30 + row * 96 + slope * x + rng.normal(0, 3), 0), page.shape[0] - size[1]))
            if x + size[0] >= page.shape[1]:
                break
            spot = page[top : top + size[1], x : x + size[0]]
            spot[:] = np.maximum(spot, np.where(lines < 0.05, 0, lines))
            number += str(data.y_test[place])
            x += size[0] + int(rng.integers(6, 26))
        rows.append(number)
    return page, rows


def _cut(digit: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, columns = np.flatnonzero(digit.max(axis=1) > 60), np.flatnonzero(digit.max(axis=0) > 60)
    return digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


if __name__ == "__main__":
    main(*sys.argv[1:])
