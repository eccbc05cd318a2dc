"""Draw: a canvas, and beside it what a trained network makes of the drawing."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_core import IMAGE_SHAPE
from mnist_core.datasets import DATASETS, unscale
from mnist_core.drawing.inking import ink_again, prepare_strokes
from mnist_core.drawing.preprocessing import Prepared, prepare
from mnist_core.runs.run import Run
from mnist_core.server.questions import Answer
from mnist_core.server.studio import get_studio
from pages.components.answer import png_of, show_bars, show_found, show_hint, show_seen
from pages.components.dialogs import Dialog
from pages.components.doors import drawing_in_address, keep_in_address, new_in_address
from pages.components.drawing.canvas import DRAW_BOARD, brush_slider
from pages.components.drawing.confidence import show_confidence
from pages.components.drawing.feedback import ask_whether_right
from pages.components.drawing.live import NO_INK, Reader, drawing_hint
from pages.components.drawing.model_answers import show_model_answers
from pages.components.drawing.nearest import show_nearest
from pages.components.drawing.picture_input import PictureInput
from pages.components.drawing.several_digits import offer_number
from pages.components.drawing.steps_panel import all_steps_button, redraws, show_steps, steps_left_out
from pages.components.inside.view import ShownNetwork, show_inside
from pages.components.labels import model_label
from pages.components.model_menu import model_menu
from pages.components.share import drawing_in_link, page_link, share_link
from pages.components.waiting import result_of

NOTHING = np.zeros(IMAGE_SHAPE, np.float32)
PICTURE = PictureInput("draw", "one digit")

PANELS = {
    "steps": "How it was read",
    "models": "Other models",
    "alike": "Nearest training images",
    "confidence": "How sure is it?",
    "inside": "Inside",
}


@st.fragment
def draw_and_answer() -> None:
    """The whole screen; after a stroke only this runs again."""
    with st.container(key="draw_layout"):
        pad, result, controls = (st.container(key=f"draw_{part}") for part in ("pad", "result", "controls"))
    given = PICTURE.given()
    with controls:
        if given is None:
            brush_slider()
        run = model_menu("draw_model")
        with st.container(horizontal=True):
            PICTURE.menu()
            st.button(
                "Share",
                icon=":material/share:",
                key="draw_share",
                disabled=not run,
                on_click=SHARE.open,
                help="A link to what you see here.",
            )
    with pad:
        if given is None:
            drawing = DRAW_BOARD.show(about=st.query_params.get("drawing", ""), reader=reader_of(run) if run else None)
        else:
            drawing = given
            PICTURE.show()
    if not run:
        return
    SHARE.show()
    prepared = read(drawing, is_canvas=given is None)
    with result:
        answered = answer(run, prepared, is_picture=given is not None)
        if answered and drawing is not None and run.spec.dataset == "mnist":
            offer_number(run, drawing, DRAW_BOARD.strokes() if given is None else ())
    panels(run, prepared, answered, drawing if given is None else None)


def reader_of(run: Run) -> Reader:
    """The model, as the browser asks it while the pen is down."""
    names = DATASETS[run.spec.dataset].class_names
    return Reader(run.id, names, drawing_hint(run.spec.dataset), redraws=redraws(), without=frozenset(steps_left_out()))


def read(drawing: NDArray[np.uint8] | None, *, is_canvas: bool) -> Prepared:
    """The drawing as a network wants it: with MNIST's width of pen where the strokes are known."""
    if drawing is None:
        return Prepared(None)
    left_out = steps_left_out()
    if is_canvas and redraws() and (strokes := DRAW_BOARD.strokes()):
        return prepare_strokes(strokes, without=left_out)
    return prepare(drawing, without=left_out)


def answer(run: Run, prepared: Prepared, *, is_picture: bool) -> Answer | None:
    """The answer to a drawing, or what to do or wait for where there is none yet."""
    class_names = DATASETS[run.spec.dataset].class_names
    with st.container(key="draw_answer"):
        found = ask(run, prepared.image, class_names, is_picture=is_picture)
    with st.container(key="draw_probabilities"):
        show_bars(class_names, found.probabilities if found else None)
    with st.container(key="draw_seen"):
        all_steps = not steps_left_out() and (is_picture or redraws())
        show_seen(prepared.image, "" if is_picture else DRAW_BOARD.drawing_name(), all_steps=all_steps)
        if not all_steps:
            all_steps_button()
    if found and run.spec.dataset == "mnist":
        ask_whether_right(found.label if found.is_digit else None)
    return found


def ask(
    run: Run, picture: NDArray[np.float32] | None, class_names: Sequence[str], *, is_picture: bool
) -> Answer | None:
    """Asks the model and says what it answers; None where it has not answered yet, or has not been asked."""
    engine = get_studio().engine
    if picture is None:
        engine.predict(run.model_path, NOTHING)  # loads the model before the first stroke
        if is_picture or DRAW_BOARD.strokes():
            show_hint(NO_INK, DRAW_BOARD.drawing_name())
        else:
            show_hint(drawing_hint(run.spec.dataset), DRAW_BOARD.drawing_name())
        return None
    asked = engine.predict(run.model_path, picture)
    found = result_of(asked, "The model is loading. Your drawing will be read in a moment.", show_hint)
    if found is None:
        return None
    show_found(found, class_names, "" if is_picture else DRAW_BOARD.drawing_name())
    return found


def share() -> None:
    """A link to what is shown: the model, the panel below, and the drawing."""
    shown = {name: st.session_state.get(f"draw_{name}") for name in ("model", "panel")}
    strokes = DRAW_BOARD.strokes() if PICTURE.given() is None else ()
    shown["drawing"] = drawing_in_link(strokes, "the model alone")
    st.caption("This link shows others the same model and drawing:" if strokes else "This link opens this model:")
    seen = prepare_strokes(strokes).image
    if seen is not None:
        with st.container(horizontal=True):
            for title, picture, name in (
                ("Drawing as PNG", ink_again(strokes, in_place=True)[..., 0], "drawing"),
                ("28×28 as PNG", unscale(seen), "28x28"),
            ):
                st.download_button(
                    title, png_of(picture), f"{name}.png", "image/png", key=f"draw_png_{name}", on_click="ignore"
                )
    share_link(page_link(shown))


SHARE = Dialog("draw_sharing", "Share", share)


def open_from_address() -> None:
    """Takes the drawing and the panel in the address, once."""
    if (panel := new_in_address("panel", "draw_panel_opened")) in PANELS:
        st.session_state.draw_panel = panel
    if strokes := drawing_in_address("draw_opened"):
        DRAW_BOARD.draw(strokes)


def panels(run: Run, prepared: Prepared, answered: Answer | None, canvas: NDArray[np.uint8] | None) -> None:
    """What else there is to know about the drawing, one thing at a time; the canvas is None for a picture."""
    shown = st.segmented_control(
        "More about it",
        list(PANELS),
        key="draw_panel",
        format_func=PANELS.__getitem__,
        persist_state="session",
        help="The steps from your drawing to what the network saw; other models; training pictures; its confidence.",
    )
    keep_in_address("panel", shown or "", "draw_panel_opened")
    if shown == "inside":
        dataset, picture = run.spec.dataset, None
        names = DATASETS[dataset].class_names
        if canvas is None and prepared.image is not None:  # a picture, not a drawing
            picture = unscale(prepared.image)
        network = ShownNetwork(run.id, model_label(run))
        show_inside(DRAW_BOARD.name, [network], names, drawing_hint(dataset), picture)
    elif shown == "confidence":
        show_confidence(run)
    elif shown == "steps":
        show_steps(prepared, canvas)
    elif shown and prepared.image is None:
        st.caption("Draw something first.")
    elif shown == "models" and prepared.image is not None:
        show_model_answers(prepared.image, run, answered)
    elif shown == "alike" and prepared.image is not None:
        show_nearest(run.spec.dataset, run.id, prepared.image, answered)


DRAW_BOARD.keep()
open_from_address()
draw_and_answer()
