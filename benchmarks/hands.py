"""How models read the hands of the world: slashed zeros, ones with flags and feet, crossed sevens.

    python -m benchmarks.hands [MODEL ...]

Made digits of every way to write them, by seeds that no training takes, inked with brushes of 4 to 25 % of their size.
A sheet of twelve of each is written to `benchmarks/out/hands.png`, to be looked at.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from mnist_core.datasets import scale
from mnist_core.drawing.inking import mnist_pictures
from mnist_core.engine.prediction import Predictor
from mnist_core.runs.models import find_model
from mnist_core.runs.store import RunStore
from mnist_core.training.hands import HANDS, make_drawing

COUNT, SHOWN = 200, 12
SEED = 2**40
SHEET = Path(__file__).parent / "out" / "hands.png"


def main(*names: str) -> None:
    store = RunStore()
    predictors = [Predictor(find_model(name, store)) for name in names or ("digits", "cnn")]
    print(f"{COUNT} of each, right and refused:", *names or ("digits", "cnn"))
    sheet, totals = [], []
    for number, hand in enumerate(HANDS):
        rng = np.random.default_rng(SEED + number)
        pictures = mnist_pictures([make_drawing(hand, rng) for _ in range(COUNT)], seed=SEED + number)
        sheet.append(np.concatenate(list(pictures[:SHOWN]), axis=1))
        row = []
        for predictor in predictors:
            read = predictor.predict(scale(pictures))
            row += [np.mean(read.argmax(axis=1) == hand.digit), np.mean(~predictor.accepts(read))]
        totals.append(row)
        print(f"{hand.name:32s}", "".join(f"{value:8.1%}" for value in row), flush=True)
    print(f"{'all':32s}", "".join(f"{value:8.1%}" for value in np.mean(totals, axis=0)))
    SHEET.parent.mkdir(exist_ok=True)
    Image.fromarray(np.concatenate(sheet)).save(SHEET)


if __name__ == "__main__":
    main(*sys.argv[1:])
