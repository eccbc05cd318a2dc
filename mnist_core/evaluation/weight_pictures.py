"""The weights of a first layer as pictures: what each of its neurons or filters looks for."""

import numpy as np
from numpy.typing import NDArray

from mnist_core import IMAGE_SHAPE

MAX_PICTURES = 40
COLUMNS = 10
SIDE = 28
"""Pixels of each picture's side; a filter of a convolution is enlarged to about that."""

GAP = 2
POSITIVE, NEGATIVE = np.array([194, 87, 26]), np.array([31, 95, 191])
"""Colours of the strongest weights; 0 is white between them."""


def weight_pictures(weights: NDArray[np.float32]) -> NDArray[np.uint8] | None:
    """The first weights of a network, each neuron or filter as a square, in rows of ten.

    Orange says that ink there speaks for it, blue against it; each square has its own scale.

    Args:
        weights: float32: (784, neurons) of a dense layer on pixels, or (height, width, 1, filters) of a convolution.

    Returns:
        uint8 (height, width, 3); None where the weights are not those of pixels.
    """
    if weights.ndim == 2 and len(weights) == IMAGE_SHAPE[0] * IMAGE_SHAPE[1]:
        squares = weights.T.reshape(-1, *IMAGE_SHAPE)
    elif weights.ndim == 4 and weights.shape[2] == 1:
        squares = weights[:, :, 0].transpose(2, 0, 1)
    else:
        return None
    squares = squares[:MAX_PICTURES]
    enlarged = max(1, SIDE // squares.shape[1])
    coloured = [_coloured(square).repeat(enlarged, axis=0).repeat(enlarged, axis=1) for square in squares]
    height, width = coloured[0].shape[:2]
    num_rows, num_columns = -(-len(coloured) // COLUMNS), min(COLUMNS, len(coloured))
    sheet = np.full((num_rows * (height + GAP), num_columns * (width + GAP), 3), 128, np.uint8)
    for place, picture in enumerate(coloured):
        top, left = place // COLUMNS * (height + GAP), place % COLUMNS * (width + GAP)
        sheet[top : top + height, left : left + width] = picture
    return sheet[:-GAP, :-GAP]


def _coloured(square: NDArray[np.float32]) -> NDArray[np.uint8]:
    """A square of numbers in colours, (H, W, 3)."""
    strength = (square / max(float(np.abs(square).max()), 1e-12))[..., None]
    colour = np.where(strength > 0, POSITIVE, NEGATIVE)
    mixed: NDArray[np.uint8] = np.round(255 + np.abs(strength) * (colour - 255)).astype(np.uint8)
    return mixed
