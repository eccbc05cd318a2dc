"""How well test digits are read after being drawn up to a canvas: `python -m benchmarks.drawing_accuracy`.

1,000 MNIST test images, enlarged to 280×280, go through `prepare` and each shipped digit model. Beside it, in the same
run: the original 28×28 pixels, the same drawings small in a corner, and what most demos do, which is to shrink the
whole canvas.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_core.datasets import load_dataset, scale
from mnist_core.drawing import prepare
from mnist_core.engine.prediction import Predictor
from mnist_core.models import shipped_models

NUM_IMAGES = 1000
CANVAS = 280

Canvas = NDArray[np.uint8]


def on_canvas(image: NDArray[np.uint8], size: int = CANVAS, left: int = 0, top: int = 0) -> Canvas:
    """An MNIST image as dark ink on a white canvas: uint8, (280, 280, 4)."""
    canvas = np.full((CANVAS, CANVAS, 4), 255, np.uint8)
    enlarged = Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)
    canvas[top : top + size, left : left + size, :3] = 255 - np.asarray(enlarged)[..., None]
    return canvas


def shrink_all(canvas: Canvas) -> NDArray[np.float32]:
    """What most demos do: the whole canvas in grey, shrunk to 28×28."""
    grey = Image.fromarray(canvas).convert("L").resize((28, 28), Image.Resampling.BILINEAR)
    return 1 - scale(np.asarray(grey))


def prepared(canvas: Canvas) -> NDArray[np.float32]:
    """What this project does."""
    image = prepare(canvas).image
    return np.zeros((28, 28), np.float32) if image is None else image


def main() -> None:
    """Prints a table of models and ways."""
    dataset = load_dataset("mnist")
    images, labels = dataset.x_test[:NUM_IMAGES], dataset.y_test[:NUM_IMAGES]
    whole = [on_canvas(image) for image in images]
    corner = [on_canvas(image, size=110, left=8, top=160) for image in images]

    ways: dict[str, NDArray[np.float32]] = {"original pixels": scale(images)}
    cases: list[tuple[str, list[Canvas], Callable[[Canvas], NDArray[np.float32]]]] = [
        ("canvas, prepare", whole, prepared),
        ("canvas, shrunk whole", whole, shrink_all),
        ("corner, prepare", corner, prepared),
        ("corner, shrunk whole", corner, shrink_all),
    ]
    for name, canvases, way in cases:
        ways[name] = np.stack([way(canvas) for canvas in canvases])

    print(f"{NUM_IMAGES} MNIST test images, share read right")
    print(f"{'model':<12}" + "".join(f"{name:>22}" for name in ways))
    for run in shipped_models():
        if run.spec.dataset != "mnist":
            continue
        predictor = Predictor(run.model_path)
        shares = [(predictor.predict(pictures).argmax(1) == labels).mean() for pictures in ways.values()]
        print(f"{run.id:<12}" + "".join(f"{share:22.1%}" for share in shares))


if __name__ == "__main__":
    main()
