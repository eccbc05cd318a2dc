"""Inking strokes with a brush, as a canvas does."""

import math
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_core import IMAGE_SHAPE
from mnist_core.drawing.preprocessing import Prepared, prepare
from mnist_core.drawing.strokes import CANVAS_SIZE, Drawing, Stroke, labels_of

MNIST_PEN = 0.1
"""The width of the pen that MNIST's digits seem to be written with, as a share of the digit's longer side."""

REDRAWN_SIZE = 200
"""Longer side of strokes that are inked again, in pixels: enough for smooth edges."""

BRUSH_SHARES = (0.04, 0.25)
"""Widths of brush that drawings are inked with for training, as shares of the drawing's longer side."""


def ink_enlarged(strokes: Sequence[Stroke]) -> NDArray[np.uint8]:
    """Strokes inked with MNIST's width of pen, whatever brush they were drawn with, uint8 of shape (size, size, 4)."""
    size = max(Drawing(tuple(strokes)).size, 1.0)
    enlarged = Drawing(tuple(stroke * (REDRAWN_SIZE / size) for stroke in strokes))
    return ink_cropped(enlarged, MNIST_PEN * REDRAWN_SIZE)


def prepare_strokes(
    strokes: Sequence[Stroke], brush: float | None = None, without: Collection[str] = (), size: int = CANVAS_SIZE
) -> Prepared:
    """Makes strokes ready for a network, as a drawing on the canvas is.

    Args:
        strokes: As in `Drawing`.
        brush: Width of the brush in pixels; by default they are inked again with MNIST's width of pen.
        without: Steps of `prepare` to leave out; see there.
        size: Longer side of the canvas that they are on.
    """
    if not strokes:
        return Prepared(None)
    if brush is not None:
        return prepare(ink(strokes, brush, size), without)
    return prepare(ink_again(strokes, in_place="crop" in without), without)


def ink_again(strokes: Sequence[Stroke], *, in_place: bool = False) -> NDArray[np.uint8]:
    """Strokes inked with MNIST's width of pen, uint8 of shape (H, W, 4).

    Args:
        strokes: As in `Drawing`; one at least.
        in_place: Whether on the whole canvas, where they were drawn, or cut out and enlarged.
    """
    if in_place:
        return ink(strokes, MNIST_PEN * max(Drawing(tuple(strokes)).size, 20.0))
    return ink_enlarged(strokes)


def ink(strokes: Sequence[Stroke], brush: float, size: int = CANVAS_SIZE) -> NDArray[np.uint8]:
    """Draws strokes as the canvas does, with round ends: black on white.

    Args:
        strokes: As in `Drawing`.
        brush: Width of the brush in pixels.
        size: Width and height of the picture; strokes are not scaled.

    Returns:
        uint8, shape (size, size, 4).
    """
    grey = Image.new("L", (size, size), 255)
    _draw(ImageDraw.Draw(grey), strokes, brush)
    return np.asarray(grey.convert("RGBA"))


def _draw(pen: ImageDraw.ImageDraw, strokes: Sequence[Stroke], brush: float) -> None:
    radius = max(brush, 1) / 2
    for stroke in strokes:
        points = [(float(x), float(y)) for x, y in stroke]
        if len(points) > 1:
            pen.line(points, fill=0, width=max(round(brush), 1), joint="curve")
        for x, y in points if brush > 3 else ():
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
        if len(points) == 1 and brush <= 3:
            pen.point(points, fill=0)


def ink_cropped(drawing: Drawing, brush: float) -> NDArray[np.uint8]:
    """A drawing inked on a canvas just large enough for it, uint8 of shape (size, size, 4).

    Nothing is lost by that, as the first step of reading is to cut the ink out.
    """
    points = np.concatenate(drawing.strokes)
    margin = brush / 2 + 3
    size = drawing.size + 2 * margin
    scale = min(1.0, 2 * CANVAS_SIZE / size)  # strokes far apart must not take the memory of a huge canvas
    corner = points.min(axis=0) - margin
    return ink([(stroke - corner) * scale for stroke in drawing.strokes], brush * scale, math.ceil(size * scale))


def mnist_pictures(
    drawings: Sequence[Drawing], shares: float | Sequence[float] | None = None, seed: int = 0
) -> NDArray[np.uint8]:
    """Drawings as pictures like MNIST's, inked as a canvas would and prepared as every drawing is.

    Args:
        drawings: The drawings.
        shares: The width of the brush as a share of the drawing's longer side, one for all or one for each; by default
            one for each at random, between the two `BRUSH_SHARES`.
        seed: Where that chance starts from.

    Returns:
        uint8, shape (N, 28, 28), 255 is full ink.
    """
    if shares is None:
        low, high = np.log(BRUSH_SHARES)
        shares = np.exp(np.random.default_rng(seed).uniform(low, high, len(drawings))).tolist()
    pictures = np.zeros((len(drawings), *IMAGE_SHAPE), np.uint8)
    for index, (drawing, share) in enumerate(zip(drawings, np.broadcast_to(shares, len(drawings)), strict=True)):
        pictures[index] = mnist_picture(drawing, share)
    return pictures


def mnist_picture(drawing: Drawing, share: float) -> NDArray[np.uint8]:
    """One drawing as a picture like MNIST's, uint8 (28, 28); the brush is this share of its longer side wide."""
    image = prepare(ink_cropped(drawing, max(share * max(drawing.size, 20.0), 2.0))).image
    return np.zeros(IMAGE_SHAPE, np.uint8) if image is None else np.round(image * 255).astype(np.uint8)


def ink_variants(drawings: Sequence[Drawing], times: int, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pictures, uint8 (times * N, 28, 28), and labels of drawings, each inked so many times with brushes at random."""
    pictures = [mnist_pictures(drawings, seed=seed + time) for time in range(times)]
    return np.concatenate(pictures), np.tile(labels_of(drawings), times)
