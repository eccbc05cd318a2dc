"""What the layers of one or two networks make of a drawing, while it is drawn; the drawing itself is live.js's."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.scripted import component

_VIEW = component("inside/view", html='<div class="inside-place"></div>')

PANELS = {
    "how": "How it came about",
    "why": "Why this answer",
    "weights": "Weights",
    "map": "Map of test pictures",
}
CHOOSE = "Click any value above, a pixel of a map or a neuron, to see the sum behind it."


@dataclass(frozen=True)
class ShownNetwork:
    """A network to look into.

    Attributes:
        model: A run's id, or "preset:" or "own:" with the name of an architecture.
        label: What people read above it.
        is_fresh: Whether with the weights that it began with.
    """

    model: str
    label: str
    is_fresh: bool = False


def show_inside(
    board: str,
    networks: Sequence[ShownNetwork],
    class_names: Sequence[str],
    hint: str,
    picture: NDArray[np.uint8] | None = None,
) -> None:
    """Shows the columns of networks for what is drawn on a canvas, and below them what is asked about them.

    Args:
        board: The canvas's name.
        networks: One or two.
        class_names: What their classes are called.
        hint: What to do while nothing is drawn.
        picture: A picture instead of the drawing, uint8 (28, 28), or None.
    """
    order = st.session_state.get("inside_order", "as they stand")
    data = {
        "name": board,
        "networks": [{"model": item.model, "label": item.label, "fresh": item.is_fresh} for item in networks],
        "classNames": list(class_names),
        "words": {"hint": hint, "choose": CHOOSE},
        "picture": None if picture is None else base64.b64encode(picture.tobytes()).decode(),
        "order": "brightest" if order == "brightest first" else "index",
    }
    with st.container(key="inside_layers"):
        _VIEW(key=f"{board}_inside_columns", data={**data, "part": "columns"})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        panel = st.segmented_control(
            "More about it",
            list(PANELS),
            default="how",
            required=True,
            key="inside_panel",
            format_func=PANELS.__getitem__,
            persist_state="session",
        )
        st.segmented_control(
            "Order of the maps",
            ["as they stand", "brightest first"],
            default="as they stand",
            required=True,
            key="inside_order",
            persist_state="session",
        )
    with st.container(key="inside_detail"):
        _VIEW(key=f"{board}_inside_panel", data={**data, "part": "panel", "panel": panel})
