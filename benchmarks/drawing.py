"""What each step of reading a drawing is worth: `python -m benchmarks.drawing [--drawings FILE]`.

Two tables. The first needs nothing: 1,000 MNIST test images, drawn up to a canvas of 280×280, whole and small in a
corner, read with all steps and as most demos do, by shrinking the whole canvas. The second takes a drawings file by
people whom no model has learned from: model × what is done to the drawing × width of brush × size on the canvas.
"""

import argparse
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_core.datasets import load_dataset, scale
from mnist_core.drawing.drawings_file import read_drawings
from mnist_core.drawing.inking import ink, ink_enlarged
from mnist_core.drawing.preprocessing import STEPS, prepare
from mnist_core.drawing.strokes import CANVAS_SIZE, Drawing, labelled, labels_of
from mnist_core.engine.prediction import Predictor
from mnist_core.runs.models import shipped_models

NUM_IMAGES = 1000
SIZES = {"small": 60, "as drawn": None, "large": 220}
"""Longer side of the drawing on the canvas, in pixels."""
BRUSHES = (0.05, 0.1, 0.17, 0.25)
"""Width of the brush, as a share of the drawing's longer side."""

Canvas = NDArray[np.uint8]
Image28 = NDArray[np.float32]


def on_canvas(image: NDArray[np.uint8], size: int = CANVAS_SIZE, left: int = 0, top: int = 0) -> Canvas:
    """An MNIST image as dark ink on a white canvas: uint8, (280, 280, 4)."""
    canvas = np.full((CANVAS_SIZE, CANVAS_SIZE, 4), 255, np.uint8)
    enlarged = Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)
    canvas[top : top + size, left : left + size, :3] = 255 - np.asarray(enlarged)[..., None]
    return canvas


def shrink_all(canvas: Canvas) -> Image28:
    """What most demos do: the whole canvas in grey, shrunk to 28×28."""
    grey = Image.fromarray(canvas).convert("L").resize((28, 28), Image.Resampling.BILINEAR)
    return 1 - scale(np.asarray(grey))


def prepared(canvas: Canvas, without: Sequence[str] = ()) -> Image28:
    """What this project does, with some of its steps left out."""
    image = prepare(canvas, without).image
    return np.zeros((28, 28), np.float32) if image is None else image


def digit_models() -> dict[str, Predictor]:
    """The shipped models that read digits."""
    return {run.id: Predictor(run.model_path) for run in shipped_models() if run.spec.dataset == "mnist"}


def show(ways: dict[str, Image28], labels: NDArray[np.int64], models: dict[str, Predictor], width: int) -> None:
    """A row for each way of preparing, a column for each model: the share read right."""
    for name, pictures in ways.items():
        shares = [(predictor.predict(pictures).argmax(1) == labels).mean() for predictor in models.values()]
        print(f"{name:<{width}}" + "".join(f"{share:>10.1%}" for share in shares), flush=True)


def show_mnist(models: dict[str, Predictor]) -> None:
    """MNIST's own test digits, drawn up."""
    dataset = load_dataset("mnist")
    images, labels = dataset.x_test[:NUM_IMAGES], dataset.y_test[:NUM_IMAGES]
    whole = [on_canvas(image) for image in images]
    corner = [on_canvas(image, size=110, left=8, top=160) for image in images]
    ways = {
        "original pixels": scale(images),
        "whole canvas, prepared": np.stack([prepared(canvas) for canvas in whole]),
        "whole canvas, shrunk": np.stack([shrink_all(canvas) for canvas in whole]),
        "small in a corner, prepared": np.stack([prepared(canvas) for canvas in corner]),
        "small in a corner, shrunk": np.stack([shrink_all(canvas) for canvas in corner]),
    }
    print(f"\n{NUM_IMAGES} MNIST test images, share read right")
    print(" " * 30 + "".join(f"{name:>10}" for name in models))
    show(ways, labels, models, 30)


def placed(drawing: Drawing, size: float | None, random: np.random.Generator) -> Drawing:
    """A drawing scaled to a size, at a place on the canvas at random; as it was drawn without a size."""
    if size is None:
        return drawing
    factor = size / max(drawing.size, 1.0)
    strokes = [stroke * factor for stroke in drawing.strokes]
    low, high = (getattr(np.concatenate(strokes), end)(axis=0) for end in ("min", "max"))
    room = np.maximum(CANVAS_SIZE - 20 - (high - low), 0)
    shift = 10 + random.uniform(0, 1, 2) * room - low
    return Drawing(tuple((stroke + shift).astype(np.float32) for stroke in strokes), drawing.label, drawing.writer)


def show_drawings(file: str, models: dict[str, Predictor]) -> None:
    """Drawings by people, at several sizes and widths of brush."""
    drawings = labelled(read_drawings(file))
    labels = labels_of(drawings)
    people = len({drawing.writer for drawing in drawings})
    ways: list[tuple[str, Callable[[Canvas, Drawing], Image28]]] = [
        ("all steps", lambda canvas, drawing: prepared(canvas)),
        ("all, ink_enlarged by strokes", lambda canvas, drawing: prepared(ink_enlarged(drawing.strokes))),
        ("whole canvas shrunk", lambda canvas, drawing: shrink_all(canvas)),
        *((f"without: {STEPS[step].title.lower()}", _leaving_out(step)) for step in STEPS if step != "ink"),
    ]
    print(f"\n{len(drawings):,} drawings by {people} people, share read right")
    print(" " * 60 + "".join(f"{name:>10}" for name in models))
    for size_name, size in SIZES.items():
        for brush in BRUSHES:
            rng = np.random.default_rng(0)
            put = [placed(drawing, size, rng) for drawing in drawings]
            canvases = [ink(drawing.strokes, brush * max(drawing.size, 20.0)) for drawing in put]
            for name, way in ways:
                pictures = np.stack([way(canvas, drawing) for canvas, drawing in zip(canvases, put, strict=True)])
                show({f"{size_name}, brush {brush:.0%}, {name}": pictures}, labels, models, 60)


def _leaving_out(step: str) -> Callable[[Canvas, Drawing], Image28]:
    return lambda canvas, drawing: prepared(canvas, (step,))


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drawings", help="a drawings file by people whom no model has learned from")
    options = parser.parse_args()
    models = digit_models()
    show_mnist(models)
    if options.drawings:
        show_drawings(options.drawings, models)


if __name__ == "__main__":
    main()
