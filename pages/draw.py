"""Draw: a canvas, and beside it what a trained network makes of the drawing."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.datasets import DATASETS
from mnist_core.drawing import prepare
from mnist_core.errors import InvalidInput
from mnist_core.runs import Run
from mnist_core.studio import get_studio
from pages.components.answer import show_answer, show_bars, show_hint, show_seen
from pages.components.canvas import brush_slider, digit_canvas, keep_drawing
from pages.components.messages import show_problem
from pages.components.model_menu import model_menu
from pages.components.waiting import rerun_when_done

# How long an answer is waited for before the page says that the model is loading.
PATIENCE_SECONDS = 0.5

NOTHING = np.zeros((28, 28), np.float32)


@st.fragment
def draw_and_answer() -> None:
    """The whole screen; after a stroke only this runs again."""
    with st.container(key="draw_layout"):
        pad, result, controls = (st.container(key=f"draw_{part}") for part in ("pad", "result", "controls"))
    with controls:
        brush_slider()
        run = model_menu("draw_model")
    with pad:
        drawing = digit_canvas()
    with result:
        if run:
            answer(run, drawing)


def answer(run: Run, drawing: NDArray[np.uint8] | None) -> None:
    """The answer to a drawing, or what to do or wait for where there is none yet."""
    class_names = DATASETS[run.spec.dataset].class_names
    prepared = prepare(drawing) if drawing is not None else None
    picture = prepared.image if prepared else None
    probabilities = None

    with st.container(key="draw_answer"):
        if picture is None:
            get_studio().engine.predict(run.model_path, NOTHING)  # loads the model before the first stroke
            show_hint(
                "Draw a digit on the white square." if run.spec.dataset == "mnist" else "Draw a piece of clothing."
            )
        else:
            prediction = get_studio().engine.predict(run.model_path, picture)
            try:
                probabilities = prediction.result(timeout=PATIENCE_SECONDS)
            except TimeoutError:
                show_hint("The model is loading. Your drawing will be read in a moment.")
                rerun_when_done(prediction)
            except InvalidInput as error:
                show_problem(error)
            else:
                winner = int(probabilities.argmax())
                show_answer(class_names[winner], float(probabilities[winner]))
    with st.container(key="draw_probabilities"):
        show_bars(class_names, probabilities)
    with st.container(key="draw_seen"):
        show_seen(picture)


keep_drawing()
draw_and_answer()
