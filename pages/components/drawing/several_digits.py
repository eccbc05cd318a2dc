"""Draw reads one digit; where several were written, it says so and leads to Number with them."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.drawing.strokes import Stroke
from mnist_core.errors import InvalidInput
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.doors import open_number
from pages.components.waiting import PATIENCE_SECONDS

LEAST_WIDTH = 0.75
"""Strokes narrower than this share of their height are one digit."""

SURE = 0.8
"""Each of several digits is read with this probability at least, or they are parts of one."""

MAX_PIECES = 30


def offer_number(run: Run, pixels: NDArray[np.uint8], strokes: Sequence[Stroke]) -> None:
    """A sentence and a button where the ink falls into pieces of which each is a digit by itself.

    Args:
        run: The model.
        pixels: What is drawn or was given, uint8, shape (H, W, 4).
        strokes: What it was drawn with; none where it is a picture.
    """
    if strokes:
        width, height = np.ptp(np.concatenate(list(strokes)), axis=0)
        if len(strokes) < 2 or width < LEAST_WIDTH * height:
            return
    from mnist_core.drawing.number import find_pieces, images_of, read_digits  # brings SciPy

    pieces = find_pieces(pixels, strokes)
    if not 2 <= len(pieces) <= MAX_PIECES:
        return
    asked = get_studio().engine.predict_each(run.model_path, images_of(pieces))
    try:
        found = asked.result(timeout=PATIENCE_SECONDS)
    except (TimeoutError, InvalidInput):  # a hint that would come late is left out
        return
    digits = read_digits(pieces, found.probabilities, found.is_digit)
    if not all(item.is_digit and item.confidence >= SURE for item in digits):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="draw_several"):
        st.caption(f"This looks like {len(digits)} digits. One is read here; Number reads them all.")
        if st.button("Read it as a number", key="draw_to_number", icon=":material/pin:"):
            open_number(strokes, None if strokes else pixels)
