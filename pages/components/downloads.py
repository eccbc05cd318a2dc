"""What pages give to take away: figures and tables as files."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st
from matplotlib.figure import Figure

from mnist_core.evaluation.figures import FORMATS, render

FIGURE_HELP = {
    "png": "The figure as pixels, for slides and documents.",
    "svg": "The figure as lines, sharp at any size.",
}


FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def as_csv(table: pd.DataFrame, *, index: bool = True) -> str:
    """A table of texts as CSV, in which no spreadsheet finds a formula: what would be one begins with an apostrophe.

    Args:
        table: Texts in every cell.
        index: Whether its index is the first column.
    """
    plain = table.map(_no_formula).rename(columns=_no_formula)
    return str((plain.rename(index=_no_formula) if index else plain).to_csv(index=index))


def _no_formula(text: object) -> str:
    return f"'{text}" if str(text).startswith(FORMULA_BEGINNINGS) else str(text)


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
