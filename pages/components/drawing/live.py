"""Live answers: what a model says of a drawing while the pen is down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from mnist_core.drawing.strokes import Stroke
from mnist_core.server.frames import DIGIT
from pages.components.answer import NOT_SEEN, REJECTION, SEEN, SEEN_IN_PART
from pages.components.scripted import component

_LIVE = component("live")

NO_INK = "There is no ink to be seen here: it has one colour all over."


@dataclass(frozen=True)
class Reader:
    """Who reads a canvas while it is drawn on, and what is said where there is nothing to read.

    Attributes:
        model: The model's id, or None where only others on the page want to know of what is drawn.
        class_names: What its classes are called.
        hint: What to do, while nothing is drawn.
        kind: `DIGIT`, or `NUMBER` for several in a row.
        redraws: Whether strokes are inked again with MNIST's width of pen.
        without: Steps of preparing that are left out.
    """

    model: str | None
    class_names: Sequence[str] = tuple("0123456789")
    hint: str = ""
    kind: str = DIGIT
    redraws: bool = True
    without: frozenset[str] = field(default_factory=frozenset)


def drawing_hint(dataset: str) -> str:
    """What to do while nothing is drawn for a model of this dataset."""
    return "Draw a digit on the white square." if dataset == "mnist" else "Draw a piece of clothing."


def drawing_name(strokes: Sequence[Stroke]) -> str:
    """What answers say which drawing they are about: how many strokes, and how many points."""
    return f"{len(strokes)}:{sum(map(len, strokes))}"


def follow_pen(
    board: str,
    reader: Reader,
    strokes: Sequence[Stroke],
    revision: int,
    brush: float,
    size: tuple[int, int],
    erase: Callable[[int, int], None],
) -> None:
    """Has the browser ask for answers by itself while the pen is down, and show them where the server shows its own.

    Args:
        board: The canvas's name.
        reader: Who answers.
        strokes: What is drawn, as far as the server knows.
        revision: Another number each time the server has put another drawing on the canvas.
        brush: Its width in pixels, for strokes to come.
        size: Width and height of the canvas in pixels.
        erase: Called when a stroke is taken away, with its place and the number of strokes it is one of.
    """
    key = f"{board}_live"

    def take_erased() -> None:
        asked: Any = getattr(st.session_state[key], "erase", None)
        if isinstance(asked, dict) and all(type(asked.get(name)) is int for name in ("index", "of")):
            erase(asked["index"], asked["of"])

    _LIVE(
        key=key,
        data={
            "board": board,
            "reader": reader.model
            and {
                "model": reader.model,
                "kind": reader.kind,
                "without": sorted(reader.without),
                "brush": None if reader.redraws else brush,
                "width": size[0],
                "height": size[1],
            },
            "classNames": list(reader.class_names),
            "words": {
                "hint": reader.hint,
                "noInk": NO_INK,
                "rejection": REJECTION,
                "seen": SEEN if reader.redraws and not reader.without else SEEN_IN_PART,
                "notSeen": NOT_SEEN,
            },
            "brush": brush,
            "drawing": drawing_name(strokes),
            "revision": revision,
            "strokes": [stroke.tolist() for stroke in strokes],
        },
        on_erase_change=take_erased,
        height=0,
    )
