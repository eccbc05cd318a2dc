"""A number with each digit in its box."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_core.drawing.number import ReadDigit
from pages.components.drawing.canvas import PAPER

CERTAIN_COLOUR, DOUBTFUL_COLOUR = (24, 95, 200), (200, 75, 10)
LABELLED_HEIGHT, LABEL_SIZE = 20, 14
"""From which height of a box, in pixels, what is read stands above it, and how large."""

DOUBTFUL = 0.8
"""A digit of less confidence is marked as doubtful."""


def boxed(pixels: NDArray[np.uint8], digits: Sequence[ReadDigit], words: Sequence[str]) -> Image.Image:
    """What was written, with a box around each digit and what is read above it, cut to the rows of the digits.

    Args:
        pixels: The canvas or a picture, uint8, shape (H, W, 4).
        digits: One or more.
        words: What is read in each.
    """
    ink = Image.fromarray(pixels).convert("RGBA")
    picture = Image.alpha_composite(Image.new("RGBA", ink.size, PAPER), ink).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for item, word in zip(digits, words, strict=True):
        box, colour = item.box, CERTAIN_COLOUR if item.confidence >= DOUBTFUL else DOUBTFUL_COLOUR
        pen.rectangle((box.left - 4, box.top - 4, box.right + 3, box.bottom + 3), outline=colour, width=2)
        if box.height >= LABELLED_HEIGHT:
            pen.text((box.left - 2, box.top - 5), word, colour, anchor="ls", font_size=LABEL_SIZE)
    top, bottom = min(item.box.top for item in digits) - 22, max(item.box.bottom for item in digits) + 8
    return picture.crop((0, max(top, 0), picture.width, min(bottom, picture.height)))
