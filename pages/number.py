"""Number: several digits in a row, each found, boxed and read."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.datasets import unscale
from mnist_core.drawing.number import MAX_DIGITS, find_pieces, images_of, number_text, read_digits
from mnist_core.runs.run import Run
from mnist_core.server.frames import NUMBER
from mnist_core.server.studio import get_studio
from pages.components.answer import percent, show_hint, show_number
from pages.components.drawing.boxes import boxed
from pages.components.drawing.canvas import Board
from pages.components.drawing.live import Reader
from pages.components.gallery import Tile, gallery
from pages.components.model_menu import model_menu
from pages.components.waiting import result_of

BOARD = Board("number", 640, 220)
HINT = f"Write a number from left to right, such as 2048. Up to {MAX_DIGITS} digits are read."


@st.fragment
def draw_and_read() -> None:
    """The wide canvas and the number that is read on it; after a stroke only this runs again."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=360):
            run = model_menu("number_model", dataset="mnist")
        brush = st.slider(
            "Brush width", 4, 24, 10, 2, key="number_brush", persist_state="session", width=200,
            help="In pixels of the canvas, which is 640 wide.",
        )  # fmt: skip
    reader = Reader(run.id, hint=HINT, kind=NUMBER, redraws=False) if run else None
    pixels = BOARD.show(brush, reader=reader)
    with st.container(key="number_answer"):
        if run:
            _answer(run, pixels)


def _answer(run: Run, pixels: NDArray[np.uint8] | None) -> None:
    pieces = find_pieces(pixels, BOARD.strokes()) if pixels is not None else []
    if pixels is None or not pieces:
        show_hint(HINT, BOARD.drawing_name())
        return
    asked = get_studio().engine.predict_each(run.model_path, images_of(pieces))
    found = result_of(asked, "The model is loading. Your number will be read in a moment.", show_hint)
    if found is None:
        return
    digits = read_digits(pieces, found.probabilities, found.is_digit)
    number = number_text(digits)
    show_number(number, BOARD.drawing_name())
    st.image(
        boxed(pixels, digits),
        width="content",
        alt=f"Your number, each digit boxed: {number}",
        caption="Each digit in its box, orange where it is unsure; below, what the network saw",
    )
    gallery(
        [Tile(unscale(item.image), f"{item.digit}: {percent(item.confidence)}") for item in digits],
        size=56,
    )
    if len(pieces) == MAX_DIGITS:
        st.caption(f"The first {MAX_DIGITS} are read; what is to the right of them is not.")
    if "?" in number:
        st.caption("A ? stands where the model thinks that it is no digit.")


BOARD.keep()
draw_and_read()
