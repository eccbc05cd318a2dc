"""Buttons that give a figure as a file."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from matplotlib.figure import Figure

from mnist_core.evaluation.figures import FORMATS, render

FIGURE_HELP = {
    "png": "The figure as pixels, for slides and documents.",
    "svg": "The figure as lines, sharp at any size.",
}


def figure_buttons(draw: Callable[[], Figure], name: str) -> None:
    """A button for each format; the figure is drawn when one is pressed.

    Args:
        draw: Draws the figure.
        name: The file's name, without its ending.
    """
    with st.container(horizontal=True):
        for kind, mime in FORMATS.items():
            st.download_button(
                f"Figure as {kind.upper()}",
                partial(_drawn, draw, kind),
                f"{name}.{kind}",
                mime,
                key=f"figure_{name}_{kind}",
                on_click="ignore",
                help=FIGURE_HELP[kind],
            )


def _drawn(draw: Callable[[], Figure], kind: str) -> bytes:
    return render(draw(), kind)
