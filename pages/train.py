"""Train: choose a network, start it, and watch it learn."""

import time

import streamlit as st

from mnist_core.errors import InvalidInput
from mnist_core.runs.training_time import estimate_epoch, measured_epoch
from mnist_core.server.studio import get_studio
from mnist_core.training.cautions import cautions
from mnist_core.training.spec import TrainingSpec
from pages.components.doors import in_address, keep_in_address
from pages.components.drawing.canvas import DRAW_BOARD
from pages.components.labels import rough_duration
from pages.components.messages import escape_markdown, show_problem
from pages.components.networks.layers_table import layers_table
from pages.components.training.run_panel import run_panel
from pages.components.training.runs_list import runs_list
from pages.components.training.sweep_form import sweep_form
from pages.components.training.training_form import training_form
from pages.components.training.watched import first_watched
from pages.components.waiting import rerun_when_done
from pages.components.widgets import pressed

IMPATIENCE_SECONDS = 1.5
"""A second press within so many seconds of the last is the same one."""


def start(spec: TrainingSpec, name: str) -> None:
    """Puts a run into the queue and opens it; once, where an impatient person presses again at once."""
    state, now = st.session_state, time.monotonic()
    last_spec, last_name, pressed = state.get("train_pressed", (None, None, 0.0))
    state.train_pressed = spec, name, now
    if (spec, name) == (last_spec, last_name) and now - pressed < IMPATIENCE_SECONDS:
        return
    try:
        run = get_studio().queue.submit(spec, name=name or None, watched=first_watched(spec.dataset))
    except InvalidInput as error:
        show_problem(error)
    else:
        st.query_params["run"] = run.id


def shown_run() -> str | None:
    """The run in the address, or else the one that is training, the first that waits, or the newest there is.

    The address keeps it, so that its end is seen here too. None where a network was brought to be trained, by the
    address, and no run is named.
    """
    shown = in_address("run")
    if not shown and in_address("network"):
        return None
    if not shown:
        runs = get_studio().store.listing().runs
        active = [run for run in runs if run.is_active]
        if not runs:
            return None
        shown = active[-1].id if active else runs[0].id
    keep_in_address("run", shown, "train_run_shown")
    return shown


def say_how_long(spec: TrainingSpec) -> None:
    """What an epoch will take, before it is started: as it was in an earlier run, or estimated."""
    with st.container(key="train_estimate"):
        seconds = measured_epoch(spec, get_studio().store.listing().runs)
        if seconds is not None:
            st.caption(f"An epoch took {rough_duration(seconds)} the last time.")
            return
        measured = get_studio().engine.speed()
        if measured.done() and measured.exception():
            return  # TensorFlow is missing, which is said above
        if measured.done():
            num_drawings = get_studio().drawings.num_labelled(spec.drawings)
            seconds = estimate_epoch(spec, measured.result(), num_drawings)
            st.caption(f"An epoch will take {rough_duration(seconds)} on this computer.")
        else:
            st.caption("Measuring how long an epoch will take on this computer…")
            rerun_when_done(measured)


with st.container(key="train_layout"):
    form, layers, panel = (st.container(key=f"train_{part}") for part in ("form", "layers", "panel"))

with form:
    spec, name = training_form()
    if problem := get_studio().queue.problem or get_studio().store.write_problem():
        st.warning(escape_markdown(problem), icon=":material/warning:")
    # No tool tips on this button and on Stop: with one, the page holds two of each, for mouse and for finger.
    cannot_train = spec is None or get_studio().engine.problem is not None
    wanted = pressed("Train", key="train_start", type="primary", icon=":material/play_arrow:", disabled=cannot_train)
    if spec:
        say_how_long(spec)
        for sentence in cautions(spec):
            st.warning(sentence, icon=":material/warning:")
    st.caption("Each press trains a new network from fresh weights; runs wait for each other.")
    if wanted and spec:
        start(spec, name)
    if spec and not cannot_train:
        sweep_form(spec)
if spec:
    with layers:
        st.markdown(f"{spec.model.shape_line()} · **{spec.model.num_params:,}** parameters")
        layers_table(spec.model)

with panel:
    if run_id := shown_run():
        run_panel(run_id)
    else:
        st.info(
            "Choose a network on the left and press **Train**. Its loss and accuracy appear here while it learns, "
            "and it goes on learning if you open another page or close the browser.",
            icon=":material/model_training:",
        )

runs_list()
DRAW_BOARD.remember()
