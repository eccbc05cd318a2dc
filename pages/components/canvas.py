"""The canvas to draw a digit on, with a brush, undo and clear."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit_drawable_canvas import CanvasResult, st_canvas

from mnist_core.errors import InvalidInput
from mnist_core.pen import CANVAS_SIZE, MNIST_PEN, Drawing, Stroke, ink, redrawn, strokes_of_canvas

PAPER = "#ffffff"
INK = "#101418"
BRUSHES = (6, 40)
DEFAULT_BRUSH = 20


def keep_drawing() -> None:
    """Puts the last drawing back on the canvas; called once whenever the whole page runs.

    The component forgets its strokes when another page has been open; the session does not.
    """
    state = st.session_state
    if state.get("draw_strokes") and "draw_board" not in state:
        _put_on_canvas(state.draw_strokes)


def digit_canvas() -> NDArray[np.uint8] | None:
    """Shows the canvas with its buttons.

    Returns:
        What is drawn, uint8 of shape (280, 280, 4), or None before the first stroke.
    """
    state = st.session_state
    with st.container(key="draw_canvas"):
        result = st_canvas(
            stroke_width=state.get("draw_brush", DEFAULT_BRUSH),
            stroke_color=INK,
            background_color=PAPER,
            width=CANVAS_SIZE,
            height=CANVAS_SIZE,
            initial_drawing=state.get("draw_on_canvas"),
            return_image_data=True,
            key="draw_board",
        )
    _take(result)
    with st.container(horizontal=True, key="draw_buttons"):
        st.button(
            "Undo",
            icon=":material/undo:",
            key="draw_undo",
            disabled=not state.get("draw_strokes"),
            on_click=_undo,
        )
        st.button(
            "Clear",
            icon=":material/delete:",
            key="draw_clear",
            disabled=not state.get("draw_strokes"),
            on_click=_put_on_canvas,
            args=([],),
        )
    return state.get("draw_pixels")


def canvas_strokes() -> tuple[Stroke, ...]:
    """What is drawn on the canvas, as strokes; none where there is nothing, or more than a drawing can hold."""
    try:
        return strokes_of_canvas({"objects": st.session_state.get("draw_strokes") or []})[0]
    except InvalidInput:
        return ()


def drawn_strokes(*, in_place: bool = False) -> NDArray[np.uint8] | None:
    """What is drawn, inked again with MNIST's width of pen, uint8 (H, W, 4), or None where there are no strokes.

    Args:
        in_place: Whether on the whole canvas, where it was drawn, or cut out.
    """
    strokes = canvas_strokes()
    if not strokes:
        return None
    if in_place:
        return ink(strokes, MNIST_PEN * max(Drawing(strokes).size, 20.0))
    return redrawn(strokes)


def start_anew() -> None:
    """Clears the canvas."""
    _put_on_canvas([])


def brush_slider() -> None:
    """The width of the brush, for strokes still to come."""
    st.slider(
        "Brush width",
        *BRUSHES,
        value=DEFAULT_BRUSH,
        step=2,
        key="draw_brush",
        persist_state="session",
        help="In pixels of the canvas, which is 280 wide. MNIST's digits were written with a pen of about 20.",
    )


def _take(result: CanvasResult) -> None:
    """Remembers what the canvas sent, unless it is still what was there before the last replacement."""
    state = st.session_state
    png = result.image_bytes
    if png is None or png == state.get("draw_replaced") or png == state.get("draw_png"):
        return
    state.draw_png, state.draw_replaced = png, None
    state.draw_pixels = result.image_data
    state.draw_revision_of_strokes = hash(png)
    state.draw_strokes = (result.json_data or {}).get("objects", [])


def _undo() -> None:
    _put_on_canvas(st.session_state.get("draw_strokes", [])[:-1])


def _put_on_canvas(strokes: list[dict[str, Any]]) -> None:
    """Replaces what is drawn. The number makes each replacement a new one, even by the same strokes."""
    state = st.session_state
    state.draw_revision = state.get("draw_revision", 0) + 1
    state.draw_on_canvas = {"objects": strokes, "revision": state.draw_revision}
    state.draw_strokes = strokes
    state.draw_replaced, state.draw_png = state.get("draw_png"), None
    if not strokes:
        state.draw_pixels = None
