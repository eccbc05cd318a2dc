"""How the shipped models read pictures of digits: files of programs, photographs, scans.

    python -m benchmarks.photographs [PICTURES [MODEL]]

Digits of MNIST's test set are made into pictures of each kind of `tests/pictures.py`, read as a file that somebody
gives, and compared with what the same digits give without that way.
"""

import sys

import numpy as np

from mnist_core.datasets import load_dataset, scale
from mnist_core.drawing.image_files import read_picture
from mnist_core.drawing.photograph import as_drawing
from mnist_core.drawing.preprocessing import prepare
from mnist_core.engine.prediction import Predictor
from mnist_core.runs.models import find_model
from mnist_core.runs.store import RunStore
from tests.pictures import KINDS


def main(count: int = 100, model: str = "digits") -> None:
    predictor = Predictor(find_model(model, RunStore()))
    data = load_dataset("mnist")
    places = np.random.default_rng(7).choice(len(data.x_test), count, replace=False)
    digits, labels = data.x_test[places], data.y_test[places]
    direct = predictor.predict(scale(digits))
    print(f"{count} digits of MNIST's test set, read by {model}: right, refused, wrong and shown, in %")
    print(f"{'as they are':20s}{_shares(predictor, direct, labels)}")
    all_read, all_labels = [], []
    for name, make in KINDS.items():
        rng = np.random.default_rng(list(name.encode()))
        read = np.full((count, 10), 0.1, np.float32)
        for index, digit in enumerate(digits):
            image = prepare(as_drawing(read_picture(make(digit, rng)).pixels)).image
            if image is not None:
                read[index] = predictor.predict(image[None])[0]
        print(f"{name:20s}{_shares(predictor, read, labels)}", flush=True)
        all_read.append(read)
        all_labels.append(labels)
    print(f"{'all':20s}{_shares(predictor, np.concatenate(all_read), np.concatenate(all_labels))}")


def _shares(predictor: Predictor, read: np.ndarray, labels: np.ndarray) -> str:
    is_right = read.argmax(axis=1) == labels
    refused = ~predictor.accepts(read)
    return f"{is_right.mean():8.1%}{refused.mean():8.1%}{(~is_right & ~refused).mean():8.1%}"


if __name__ == "__main__":
    main(*(kind(value) for kind, value in zip((int, str), sys.argv[1:], strict=False)))
