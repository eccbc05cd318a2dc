"""The way from a drawing to what the network sees, each step a picture that can be switched off."""

from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from mnist_core.drawing.preprocessing import STEPS, Prepared, Step, find_ink
from pages.components.answer import picture_url
from pages.components.drawing.canvas import DRAW_BOARD

SHOWN_SIZE = 112
CROSS_SCALE = 8
"""How many times a picture with a marked point is enlarged, for the cross to be thin."""


def redraws() -> bool:
    """Whether strokes are redrawn with MNIST's width of pen."""
    return bool(st.session_state.get("draw_redraw", True))


def steps_left_out() -> set[str]:
    """The names of the steps that are switched off."""
    return {name for name in STEPS if not st.session_state.get(f"draw_step_{name}", True)}


def switch_all_on() -> None:
    """Leaves no step out any more."""
    st.session_state.draw_redraw = True
    for name in STEPS:
        st.session_state[f"draw_step_{name}"] = True


def show_steps(prepared: Prepared, canvas: NDArray[np.uint8] | None) -> None:
    """Each step as a picture with a word of why, and a switch for each.

    Args:
        prepared: The drawing with its steps.
        canvas: What was drawn, uint8 (H, W, 4), which may have been redrawn before the first step; None for a picture.
    """
    with st.container(horizontal=True, key="draw_steps"):
        if canvas is not None:
            st.toggle(
                "Redraw with MNIST's pen",
                value=True,
                key="draw_redraw",
                persist_state="session",
                help="Draws your strokes again with a pen as wide as MNIST's, whatever brush you used.",
            )
        for step in STEPS.values():
            st.toggle(step.title, value=True, key=f"draw_step_{step.name}", persist_state="session", help=step.help)
    if not prepared.steps:
        st.caption("Draw something, and each step will be shown here as a picture.")
        return
    steps = list(prepared.steps)
    again = DRAW_BOARD.redrawn(in_place=True) if canvas is not None and redraws() else None
    if canvas is not None and again is not None:
        # The road itself takes the strokes cut out and enlarged, where nothing of the first step could be seen.
        first = Step("ink", f"Drawn again with MNIST's pen. {steps[0].explanation}", _ink_of(again))
        steps[0:1] = [Step("drawn", "Your strokes, with your brush.", _ink_of(canvas)), first]
    figures = "".join(_figure(step) for step in steps)
    st.html(f'<div class="steps">{figures}</div>')


def _ink_of(rgba: NDArray[np.uint8]) -> NDArray[np.float32]:
    ink = find_ink(rgba)
    return np.zeros(rgba.shape[:2], np.float32) if ink is None else ink


def _with_cross(picture: NDArray[np.float32], point: tuple[float, float]) -> NDArray[np.float32]:
    """A small picture enlarged, with a grey cross of thin lines through a point of it, (row, column)."""
    enlarged = np.kron(picture, np.ones((CROSS_SCALE, CROSS_SCALE), np.float32))
    for axis, place in enumerate(point):
        line = min(round((place + 0.5) * CROSS_SCALE), enlarged.shape[axis] - 1)
        across = enlarged[line] if axis == 0 else enlarged[:, line]
        across[:] = np.where(across > 0.5, 0.25, 0.75)
    return enlarged


def _figure(step: Step) -> str:
    picture = _with_cross(step.picture, step.point) if step.point else step.picture
    grey = Image.fromarray(np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8))
    if max(grey.size) > 2 * SHOWN_SIZE:
        grey.thumbnail((2 * SHOWN_SIZE, 2 * SHOWN_SIZE), Image.Resampling.BOX)
    source = picture_url(np.asarray(grey))
    return (
        f'<figure><img src="{source}" alt="{escape(step.name)}"><figcaption><b>{escape(step.name)}</b> '
        f"{escape(step.explanation)}</figcaption></figure>"
    )
