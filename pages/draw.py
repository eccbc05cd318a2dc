"""Draw: a canvas, and beside it what a trained network makes of the drawing."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core.datasets import DATASETS
from mnist_core.drawing.preprocessing import Prepared, prepare
from mnist_core.errors import InvalidInput
from mnist_core.evaluation.calibration import is_refused, read_calibration
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.answer import show_answer, show_bars, show_hint, show_refusal, show_seen
from pages.components.drawing.alike import show_alike
from pages.components.drawing.canvas import DRAW_BOARD, brush_slider
from pages.components.drawing.confidence import show_confidence
from pages.components.drawing.feedback import ask_whether_right
from pages.components.drawing.opinions import show_opinions
from pages.components.drawing.picture_input import given_picture, picture_menu, show_given
from pages.components.drawing.steps_panel import redraws, show_steps, steps_left_out, switch_all_on
from pages.components.messages import show_problem
from pages.components.model_menu import model_menu
from pages.components.waiting import rerun_when_done

# How long an answer is waited for before the page says that the model is loading.
PATIENCE_SECONDS = 0.5

NOTHING = np.zeros((28, 28), np.float32)

PANELS = {
    "steps": "How it was read",
    "models": "Other models",
    "alike": "Alike in training",
    "confidence": "How sure is it?",
}


@st.fragment
def draw_and_answer() -> None:
    """The whole screen; after a stroke only this runs again."""
    with st.container(key="draw_layout"):
        pad, result, controls = (st.container(key=f"draw_{part}") for part in ("pad", "result", "controls"))
    given = given_picture()
    with controls:
        if given is None:
            brush_slider()
        run = model_menu("draw_model")
        picture_menu()
    with pad:
        if given is None:
            drawing = DRAW_BOARD.show()
        else:
            drawing = given
            show_given(given)
    if not run:
        return
    prepared = read(drawing, is_canvas=given is None)
    with result:
        answered = answer(run, prepared, is_picture=given is not None)
    panels(run, prepared, answered, drawing if given is None else None)


def read(drawing: NDArray[np.uint8] | None, *, is_canvas: bool) -> Prepared:
    """The drawing as a network wants it: with MNIST's width of pen where the strokes are known."""
    if drawing is None:
        return Prepared(None)
    left_out = steps_left_out()
    if is_canvas and redraws() and (redrawn := DRAW_BOARD.redrawn(in_place="crop" in left_out)) is not None:
        drawing = redrawn
    return prepare(drawing, without=left_out)


def answer(run: Run, prepared: Prepared, *, is_picture: bool) -> NDArray[np.float32] | None:
    """The answer to a drawing, or what to do or wait for where there is none yet.

    Returns:
        The ten probabilities, or None where there is no answer.
    """
    class_names = DATASETS[run.spec.dataset].class_names
    picture = prepared.image
    probabilities = None
    no_digit = False

    with st.container(key="draw_answer"):
        if picture is None:
            get_studio().engine.predict(run.model_path, NOTHING)  # loads the model before the first stroke
            if is_picture or DRAW_BOARD.strokes():
                show_hint("There is no ink to be seen here: it has one colour all over.")
            else:
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
                no_digit = is_refused(read_calibration(run.folder), probabilities[winner])
                show = show_refusal if no_digit else show_answer
                show(class_names[winner], float(probabilities[winner]))
    with st.container(key="draw_probabilities"):
        show_bars(class_names, probabilities)
    with st.container(key="draw_seen"):
        is_whole = not steps_left_out() and (is_picture or redraws())
        show_seen(picture, all_steps=is_whole)
        if not is_whole:
            st.button(
                "Switch all steps on", key="draw_all_steps", icon=":material/restart_alt:", on_click=switch_all_on
            )
    if probabilities is not None and run.spec.dataset == "mnist":
        ask_whether_right(None if no_digit else int(probabilities.argmax()))
    return probabilities


def panels(
    run: Run, prepared: Prepared, answered: NDArray[np.float32] | None, canvas: NDArray[np.uint8] | None
) -> None:
    """What else there is to know about the drawing, one thing at a time; the canvas is None for a picture."""
    shown = st.segmented_control(
        "More about it",
        list(PANELS),
        key="draw_panel",
        format_func=PANELS.__getitem__,
        persist_state="session",
        help="The steps from your drawing to what the network saw; other models; training pictures; its confidence.",
    )
    if shown == "confidence":
        show_confidence(run)
    elif shown == "steps":
        show_steps(prepared, canvas)
    elif shown and prepared.image is None:
        st.caption("Draw something first.")
    elif shown == "models" and prepared.image is not None:
        show_opinions(prepared.image, run, answered)
    elif shown == "alike" and prepared.image is not None:
        show_alike(run.spec.dataset, prepared.image, answered)


DRAW_BOARD.keep()
draw_and_answer()
