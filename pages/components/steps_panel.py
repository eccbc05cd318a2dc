"""The way from a drawing to what the network sees, each step a picture that can be switched off."""

from html import escape

import numpy as np
import streamlit as st
from PIL import Image

from mnist_core.drawing import STEPS, Prepared
from pages.components.answer import picture_url

SHOWN_SIZE = 112

STEP_HELP = {
    "ink": "Finds out which colour is paper and which is ink. Without it, dark is taken for ink as it is.",
    "crop": "Cuts the empty border away. Without it, the place and size on the canvas matter.",
    "box": "Makes the longer side 20 pixels, as MNIST did. Without it, the drawing fills all 28.",
    "mass": "Puts the centre of the ink's mass into the middle, as MNIST did. Without it, the middle of the drawing.",
}


def redraws() -> bool:
    """Whether strokes are redrawn with MNIST's width of pen."""
    return bool(st.session_state.get("draw_redraw", True))


def steps_left_out() -> set[str]:
    """The names of the steps that are switched off."""
    return {name for name in STEPS if not st.session_state.get(f"draw_step_{name}", True)}


def show_steps(prepared: Prepared) -> None:
    """Each step as a picture with a word of why, and a switch for each."""
    with st.container(horizontal=True, key="draw_steps"):
        st.toggle(
            "Redraw with MNIST's pen",
            value=True,
            key="draw_redraw",
            persist_state="session",
            help="Draws your strokes again with a pen as wide as MNIST's, whatever brush you used.",
        )
        for name, label in STEPS.items():
            st.toggle(label, value=True, key=f"draw_step_{name}", persist_state="session", help=STEP_HELP[name])
    if not prepared.steps:
        st.caption("Draw something, and each step will be shown here as a picture.")
        return
    figures = "".join(_figure(step.name, step.explanation, step.picture) for step in prepared.steps)
    st.html(f'<div class="steps">{figures}</div>')


def _figure(name: str, explanation: str, picture: np.ndarray) -> str:
    grey = Image.fromarray(np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8))
    if max(grey.size) > 2 * SHOWN_SIZE:
        grey.thumbnail((2 * SHOWN_SIZE, 2 * SHOWN_SIZE), Image.Resampling.BOX)
    source = picture_url(np.asarray(grey))
    return (
        f'<figure><img src="{source}" alt="{escape(name)}"><figcaption><b>{escape(name)}</b> '
        f"{escape(explanation)}</figcaption></figure>"
    )
