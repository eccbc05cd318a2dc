"""Number: several digits in rows, drawn or in a picture, each found and read."""

import numpy as np
import streamlit as st

from mnist_core.drawing.number import MAX_DIGITS
from mnist_core.server.frames import NUMBER
from pages.components.answer import show_hint
from pages.components.doors import drawing_in_address
from pages.components.drawing.canvas import Board
from pages.components.drawing.live import Reader
from pages.components.drawing.number_reading import show_reading_of_several
from pages.components.drawing.picture_input import PictureInput
from pages.components.model_menu import model_menu

BOARD = Board("number", 640, 220)
PICTURE = PictureInput("number", "numbers", several=True, width=320)
HINT = f"Write a number from left to right, such as 2048, or several in rows. Up to {MAX_DIGITS} digits are read."
MARGIN = 24
NO_INK = "Nothing stands out in this picture. Take another one, with dark ink on light paper."


@st.fragment
def draw_and_read() -> None:
    """The wide canvas and the numbers that are read on it; after a stroke only this runs again."""
    given = PICTURE.given()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=360):
            run = model_menu("number_model", dataset="mnist")
        if given is None:
            brush = st.slider(
                "Brush width", 4, 24, 10, 2, key="number_brush", persist_state="session", width=200,
                help="In pixels of the canvas, which is 640 wide.",
            )  # fmt: skip
        PICTURE.menu()
    if given is None:
        reader = Reader(run.id, hint=HINT, kind=NUMBER, redraws=False) if run else None
        pixels, strokes, about = BOARD.show(brush, reader=reader), BOARD.strokes(), BOARD.drawing_name()
    else:
        PICTURE.show()
        pixels, strokes, about = given, (), ""
    with st.container(key="number_answer"):
        if run and pixels is None:
            show_hint(HINT, about)
        elif run and pixels is not None:
            show_reading_of_several(run, pixels, strokes, HINT if given is None else NO_INK, about)


def open_from_address() -> None:
    """Takes the drawing in the address, once, as large as the canvas allows."""
    strokes = drawing_in_address("number_opened")
    if not strokes:
        return
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.array([BOARD.width, BOARD.height]) - 2 * MARGIN
    scale = min(1.5, *(room / np.maximum(high - low, 1)))
    BOARD.draw(tuple(((stroke - low) * scale + MARGIN).astype(np.float32) for stroke in strokes))
    st.session_state.number_given = None


open_from_address()
BOARD.keep()
draw_and_read()
