"""Number: several digits in a row, each found, boxed and read."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_core.drawing.number import MAX_DIGITS, Box, choose_reading, find_pieces
from mnist_core.errors import InvalidInput
from mnist_core.evaluation.calibration import is_refused, read_calibration
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.answer import percent, show_hint
from pages.components.drawing.canvas import PAPER, Board
from pages.components.gallery import Tile, gallery
from pages.components.messages import show_problem
from pages.components.model_menu import model_menu
from pages.components.waiting import rerun_when_done

BOARD = Board("number", 640, 220)
BOX_COLOURS = ((24, 95, 200), (200, 75, 10))


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
    pixels = BOARD.show(brush)
    with st.container(key="number_answer"):
        if run:
            _answer(run, pixels)


def _answer(run: Run, pixels: NDArray[np.uint8] | None) -> None:
    pieces = find_pieces(pixels, BOARD.strokes()) if pixels is not None else []
    if pixels is None or not pieces:
        show_hint(f"Write a number from left to right, such as 2048. Up to {MAX_DIGITS} digits are read.")
        return
    readings = [reading for piece in pieces for reading in piece.readings]
    pictures = np.stack([_image(prepared.image) for reading in readings for _, prepared in reading])
    asked = get_studio().engine.predict_each(run.model_path, pictures)
    try:
        probabilities = asked.result(timeout=1.0)
    except TimeoutError:
        show_hint("The model is loading. Your number will be read in a moment.")
        rerun_when_done(asked)
        return
    except InvalidInput as error:
        show_problem(error)
        return
    calibration = read_calibration(run.folder)
    digits: list[tuple[Box, int, float, NDArray[np.float32]]] = []
    place = 0
    for piece in pieces:
        found = []
        for reading in piece.readings:
            found.append(probabilities[place : place + len(reading)])
            place += len(reading)
        chosen = choose_reading([values.max(axis=1).tolist() for values in found])
        for (box, prepared), values in zip(piece.readings[chosen], found[chosen], strict=True):
            digits.append((box, int(values.argmax()), float(values.max()), _image(prepared.image)))
    number = "".join("?" if is_refused(calibration, sure) else str(digit) for _, digit, sure, _ in digits)
    st.html(f'<p class="answer" role="status"><span class="digit">{number}</span></p>')
    st.image(
        _boxed(pixels, digits),
        width="content",
        caption="Each digit in its box, orange where it is unsure; below, what the network saw",
    )
    gallery(
        [Tile(np.round(image * 255).astype(np.uint8), f"{digit}: {percent(sure)}") for _, digit, sure, image in digits],
        size=56,
    )
    if len(pieces) == MAX_DIGITS:
        st.caption(f"The first {MAX_DIGITS} are read; what is to the right of them is not.")
    if "?" in number:
        st.caption("A ? stands where the model thinks that it is no digit.")


def _image(image: NDArray[np.float32] | None) -> NDArray[np.float32]:
    return np.zeros((28, 28), np.float32) if image is None else image


def _boxed(pixels: NDArray[np.uint8], digits: list[tuple[Box, int, float, NDArray[np.float32]]]) -> Image.Image:
    picture = Image.fromarray(pixels).convert("RGBA")
    paper = Image.new("RGBA", picture.size, PAPER)
    boxed = Image.alpha_composite(paper, picture).convert("RGB")
    pen = ImageDraw.Draw(boxed)
    for box, _, sure, _ in digits:
        colour = BOX_COLOURS[sure < 0.8]
        pen.rectangle((box.left - 4, box.top - 4, box.right + 3, box.bottom + 3), outline=colour, width=2)
    top, bottom = min(box.top for box, *_ in digits) - 8, max(box.bottom for box, *_ in digits) + 8
    return boxed.crop((0, max(top, 0), boxed.width, min(bottom, boxed.height)))


BOARD.keep()
draw_and_read()
