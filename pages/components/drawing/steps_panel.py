"""The way from a drawing to what the network sees, each step a picture that can be switched off."""

from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from mnist_core.drawing.preprocessing import STEPS, Prepared, Step, find_ink
from pages.components.answer import picture_url
from pages.components.drawing.canvas import DRAW_BOARD

REDRAW = "draw_redraw"
SHOWN_SIZE = 112
CROSS_SCALE = 8
"""How many times a picture with a marked point is enlarged, for the cross to be thin."""


def redraws() -> bool:
    """Whether strokes are inked again with MNIST's width of pen."""
    return _is_on(REDRAW)


def steps_left_out() -> set[str]:
    """The names of the steps that are switched off."""
    return {name for name in STEPS if not _is_on(f"draw_step_{name}")}


def all_steps_button() -> None:
    """Leaves no step out any more."""
    st.button("Switch all steps on", key="draw_all_steps", icon=":material/restart_alt:", on_click=_switch_all_on)


def _switch_all_on() -> None:
    # New switches, which begin as on. The old ones set to on would be set back: the browser may have sent what it still
    # shows of them, with something else that happened at the same moment, and that would be taken for a click.
    st.session_state.draw_switches = _generation() + 1


def _generation() -> int:
    """Which set of switches is shown."""
    return int(st.session_state.get("draw_switches", 0))


def _is_on(name: str) -> bool:
    return bool(st.session_state.get(f"{name}_{_generation()}", True))


def _switch(name: str, title: str, help: str) -> None:
    with st.container(key=name, width="content"):
        st.toggle(title, value=True, key=f"{name}_{_generation()}", persist_state="session", help=help)


def show_steps(prepared: Prepared, canvas: NDArray[np.uint8] | None) -> None:
    """Each step as a picture with a word of why, and a switch for each.

    Args:
        prepared: The drawing with its steps.
        canvas: What was drawn, uint8 (H, W, 4), inked again before the first step or not; None for a picture.
    """
    with st.container(horizontal=True, key="draw_steps"):
        if canvas is not None:
            _switch(
                REDRAW,
                "Redraw with MNIST's pen",
                "Draws your strokes again with a pen as wide as MNIST's, whatever brush you used.",
            )
        for step in STEPS.values():
            _switch(f"draw_step_{step.name}", step.title, step.help)
    if not prepared.steps:
        st.caption("Draw something, and each step will be shown here as a picture.")
        return
    steps = list(prepared.steps)
    again = DRAW_BOARD.inked_again() if canvas is not None and redraws() else None
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
