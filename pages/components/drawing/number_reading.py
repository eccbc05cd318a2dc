"""What is read in several digits, and the ways to put it right by hand."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.datasets import unscale
from mnist_core.drawing.cutting import halves
from mnist_core.drawing.number import (
    MAX_DIGITS,
    Piece,
    ReadDigit,
    cut_out,
    find_pieces,
    images_of,
    number_rows,
    read_digits,
)
from mnist_core.drawing.preprocessing import find_ink
from mnist_core.drawing.rows import Box, around
from mnist_core.drawing.strokes import Stroke
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.answer import percent, png_of, show_hint, show_number, show_picture
from pages.components.drawing.boxes import boxed
from pages.components.gallery import Tile, gallery
from pages.components.waiting import result_of

STATE = "number_corrected"
MAX_SHOWN = 60
"""So many digits are shown singly; of more, the boxes in the picture and the text."""


@dataclass
class Corrections:
    """What a person has put right in one drawing or picture.

    Attributes:
        of: Which picture it is about.
        boxes: Where the digits are; None where it is left to the program.
        typed: What stands in a box, whatever was read in it.
        found: What the program itself takes for digits, once it has looked for them.
    """

    of: int
    boxes: list[Box] | None = None
    typed: dict[Box, str] = field(default_factory=dict)
    found: list[Piece] | None = None

    def pieces(self, pixels: NDArray[np.uint8], strokes: Sequence[Stroke]) -> list[Piece]:
        """The digits as they are boxed by now."""
        if self.boxes is not None:
            return cut_out(pixels, self.boxes)
        if self.found is None:
            self.found = find_pieces(pixels, strokes)
        return self.found


def show_reading_of_several(
    run: Run, pixels: NDArray[np.uint8], strokes: Sequence[Stroke], hint: str, about: str
) -> None:
    """The numbers that a model reads, the boxes, each digit, and what can be put right.

    Args:
        run: The model.
        pixels: What is drawn or was given, uint8, shape (H, W, 4).
        strokes: What it was drawn with; none where it is a picture.
        hint: What is said where there is no ink.
        about: Which drawing the answer is about, for the browser.
    """
    corrected = _corrections(pixels)
    pieces = corrected.pieces(pixels, strokes)
    if not pieces:
        show_hint(hint, about)
        if corrected.boxes is not None:
            _start_over_button()
        return
    asked = get_studio().engine.predict_each(run.model_path, images_of(pieces))
    found = result_of(asked, "The model is loading. Your number will be read in a moment.", show_hint)
    if found is None:
        return
    digits = read_digits(pieces, found.probabilities, found.is_digit)
    words = [corrected.typed.get(item.box, item.word) for item in digits]
    rows = number_rows(digits, words)
    show_number("\n".join(rows), about)
    picture = np.asarray(boxed(pixels, digits, words))
    show_picture(
        png_of(picture),
        width=picture.shape[1],
        alt=f"What is written, each digit boxed: {', '.join(rows)}",
        caption="Each digit in its box, orange where it is unsure; below, what the network saw",
    )
    if len(digits) <= MAX_SHOWN:
        said = [
            word if item.box in corrected.typed else f"{item.digit}: {percent(item.confidence)}"
            for item, word in zip(digits, words, strict=True)
        ]
        gallery([Tile(unscale(item.image), caption) for item, caption in zip(digits, said, strict=True)], size=56)
    if len(pieces) == MAX_DIGITS:
        st.caption(f"The first {MAX_DIGITS} are read; what follows them is not.")
    if "?" in words:
        st.caption("A ? stands where the model thinks that it is no digit.")
    with st.expander("Put it right, copy or save it", key="number_correct"):
        _correct(pixels, digits, words)
        st.code("\n".join(rows), language=None)
        st.download_button(
            "Save as CSV",
            _csv(digits, words),
            "numbers.csv",
            "text/csv",
            key="number_csv",
            icon=":material/download:",
            on_click="ignore",
            help="A line for each row: its number, and how sure the least certain digit is.",
        )


def _corrections(pixels: NDArray[np.uint8]) -> Corrections:
    """What was put right in this picture; another picture begins anew."""
    of = hash((pixels.shape, pixels.tobytes()))
    corrected = st.session_state.get(STATE)
    if not isinstance(corrected, Corrections) or corrected.of != of:
        corrected = st.session_state[STATE] = Corrections(of)
    return corrected


def _correct(pixels: NDArray[np.uint8], digits: list[ReadDigit], words: list[str]) -> None:
    """Join, split, remove, retype."""
    places = list(range(len(digits)))
    chosen = st.pills(
        "Which digit?",
        places,
        format_func=lambda place: f"{place + 1}: {words[place]}",
        key=f"number_which_{len(digits)}",
        help="They are counted row by row, from left to right.",
    )
    chosen = chosen if chosen in places else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input("It is", max_chars=1, key="number_is", width=80, disabled=chosen is None)
        boxes = [item.box for item in digits]
        has_next = chosen is not None and chosen + 1 < len(digits) and digits[chosen + 1].row == digits[chosen].row
        for word, icon, key, is_possible, does in (
            ("Set", "check", "number_set", chosen is not None and bool(typed), _retype),
            ("Join with the next", "merge", "number_join", has_next, _join),
            ("Split", "call_split", "number_split", chosen is not None and len(boxes) < MAX_DIGITS, _split),
            ("Remove", "delete", "number_remove", chosen is not None, _remove),
        ):
            st.button(
                word,
                icon=f":material/{icon}:",
                key=key,
                disabled=not is_possible,
                on_click=does,
                args=(pixels, boxes, chosen),
            )
        _start_over_button()


def _start_over_button() -> None:
    corrected = st.session_state[STATE]
    st.button(
        "Start over",
        icon=":material/restart_alt:",
        key="number_start_over",
        disabled=corrected.boxes is None and not corrected.typed,
        on_click=_start_over,
        help="Puts away all that you have put right here.",
    )


def _retype(pixels: NDArray[np.uint8], boxes: list[Box], place: int) -> None:
    typed = str(st.session_state.get("number_is", "")).strip()[:1]
    if typed:
        st.session_state[STATE].typed[boxes[place]] = typed
        st.session_state.number_is = ""


def _join(pixels: NDArray[np.uint8], boxes: list[Box], place: int) -> None:
    st.session_state[STATE].boxes = [*boxes[:place], around(boxes[place : place + 2]), *boxes[place + 2 :]]


def _split(pixels: NDArray[np.uint8], boxes: list[Box], place: int) -> None:
    st.session_state[STATE].boxes = [*boxes[:place], *halves(find_ink(pixels), boxes[place]), *boxes[place + 1 :]]


def _remove(pixels: NDArray[np.uint8], boxes: list[Box], place: int) -> None:
    st.session_state[STATE].boxes = boxes[:place] + boxes[place + 1 :]


def _start_over() -> None:
    st.session_state[STATE] = Corrections(st.session_state[STATE].of)


def _csv(digits: list[ReadDigit], words: list[str]) -> str:
    content = io.StringIO()
    table = csv.writer(content)
    table.writerow(["row", "number", "least_certain"])
    for row, number in enumerate(number_rows(digits, words)):
        least = min(item.confidence for item in digits if item.row == row)
        table.writerow([row + 1, number, f"{least:.4f}"])
    return content.getvalue()
