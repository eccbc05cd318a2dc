"""Pictures that a network reads while it learns: your own drawing, or test pictures; and its weights taking shape."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from mnist_core.datasets import DATASETS, scale
from mnist_core.drawing.inking import prepare_strokes
from mnist_core.evaluation.pictures import one_of_each
from mnist_core.evaluation.weight_pictures import weight_pictures
from mnist_core.formatting import in_percent
from mnist_core.runs.readings import Readings, readings_of
from mnist_core.runs.run import Run
from mnist_core.runs.snapshots import first_weights, kept_steps, snapshot_path
from mnist_core.server.studio import get_studio
from pages.components.answer import show_bars, show_picture
from pages.components.charts import reading_over_time
from pages.components.drawing.canvas import DRAW_BOARD
from pages.components.gallery import Tile, gallery

MAX_SHOWN_MOMENTS = 120
"""So many moments of a reading are drawn at most; the others lie between them."""

SHEET_WIDTH = 420
NUM_COLOURS = 64
"""Colours of a picture of weights; fewer of them make it smaller on its way."""


def own_drawing() -> NDArray[np.float32] | None:
    """The drawing on the canvas of the Draw page as a network sees it, (28, 28) in [0, 1]; None where there is none."""
    return prepare_strokes(DRAW_BOARD.strokes()).image


def first_watched(dataset: str) -> NDArray[np.float32]:
    """What a new run reads on the way: the drawing on the canvas, or else a test picture of each class."""
    drawing = own_drawing()
    return scale(one_of_each(dataset)) if drawing is None else drawing[None]


def show_watched(run: Run, events: list[dict[str, Any]]) -> None:
    """Shows how a run that trains reads its pictures by now."""
    readings = readings_of(events)
    with st.container(key="train_own_drawing"):
        if readings is not None and len(readings.steps):
            st.markdown("**What it reads by now**")
            _show(readings, DATASETS[run.spec.dataset].class_names)


def _show(readings: Readings, class_names: tuple[str, ...]) -> None:
    found = readings.probabilities
    if len(readings.pictures) > 1:
        answers = found[-1].argmax(axis=1)
        tiles = [
            Tile(picture, f"{class_names[answer]} · {in_percent(float(row.max()), 0)}")
            for picture, answer, row in zip(readings.pictures, answers, found[-1], strict=True)
        ]
        gallery(tiles, size=52)
        st.caption(f"After {readings.steps[-1]:,} steps.")
        return
    own = found[:, 0]
    answer = int(own[-1].argmax())
    bars, chart = st.columns([2, 3])
    with bars:
        show_bars(class_names, own[-1])
    with chart:
        places = np.unique(np.linspace(0, len(own) - 1, MAX_SHOWN_MOMENTS).round().astype(int))
        steps = [readings.steps[place] for place in places]
        reading_over_time(own[places], steps, class_names, len(places) - 1, key="train_strip")
    first = readings.steps[int((own.argmax(axis=1) == answer).argmax())]
    st.caption(f"After {readings.steps[-1]:,} steps. It first saw a {class_names[answer]} at step {first:,}.")


def choose_watched(run: Run) -> None:
    """Lets a run that trains read other pictures."""
    queue = get_studio().queue
    drawing = own_drawing()
    with st.container(horizontal=True, vertical_alignment="center", key="train_watch"):
        st.caption("Read on the way:", width="content")
        for name, label, pictures in (
            ("drawing", "My drawing", drawing[None] if drawing is not None else None),
            ("tests", "Ten test pictures", scale(one_of_each(run.spec.dataset))),
            ("nothing", "Nothing", np.zeros((0, 28, 28), np.float32)),
        ):
            st.button(
                label,
                key=f"train_watch_{name}",
                type="tertiary",
                on_click=queue.watch,
                args=(run.id, pictures),
                disabled=pictures is None or not queue.owns(run.id),
            )
    if drawing is None:
        st.caption("Draw a digit on the [Draw](/) page, and you can see here how this network learns to read it.")


def newest_weights(run: Run) -> None:
    """The first layer's weights as they are in the newest snapshot, where there is one."""
    if steps := kept_steps(run.folder):
        weights_picture(run, steps[-1])


def weights_picture(run: Run, step: int) -> None:
    """The first layer's weights as they are in the snapshot after so many steps."""
    sheet = _sheet(str(run.folder), step)
    if sheet is None:
        return
    title = f"Weights of the first layer after {step:,} steps"
    caption = f"{title}: orange where ink speaks for a neuron, blue against."
    show_picture(sheet, SHEET_WIDTH, f"{title}, a square for each neuron", caption)


@st.cache_data(max_entries=200, show_spinner=False)
def _sheet(folder: str, step: int) -> bytes | None:
    """The picture as a PNG file, or None where these are no weights of pixels."""
    weights = first_weights(snapshot_path(Path(folder), step))
    sheet = None if weights is None else weight_pictures(weights)
    if sheet is None:
        return None
    content = io.BytesIO()
    Image.fromarray(sheet).quantize(NUM_COLOURS, dither=Image.Dither.NONE).save(content, "PNG", optimize=True)
    return content.getvalue()
