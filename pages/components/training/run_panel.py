"""One run as it trains, and what came of it."""

import dataclasses
import re
from datetime import UTC, datetime
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.datasets import DATASETS
from mnist_core.errors import InvalidInput
from mnist_core.evaluation.figures import curves_figure
from mnist_core.formatting import in_full
from mnist_core.runs.curves import both_curves
from mnist_core.runs.models import early_end, in_script
from mnist_core.runs.progress import Progress, epoch_rows, measure_progress
from mnist_core.runs.recorder import save_again
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from mnist_core.training.spec import TrainingSpec
from pages.components.doors import open_draw, open_model
from pages.components.downloads import figure_buttons
from pages.components.labels import STATUS_ICONS, accuracy_text, duration, local_time
from pages.components.messages import attempt, escape_markdown, show_kept_problem, show_problem
from pages.components.networks.code_panel import code_panel
from pages.components.training.beside import beside_choice, show_beside
from pages.components.training.curves import curve_controls, show_curves
from pages.components.training.moments import PLAY_SECONDS, Moments, moments_panel, plays
from pages.components.training.slow_step_panel import slow_step_panel
from pages.components.training.training_form import fill_from
from pages.components.training.watched import choose_watched, newest_weights, show_watched
from pages.components.training.wheel import wheel
from pages.components.waiting import POLL_SECONDS
from pages.components.widgets import field_widget, pressed

MAX_EPOCH_ROWS = 50
PACES = ((2.5, POLL_SECONDS), (10, 1.5), (float("inf"), 3.0))
"""Until so many seconds of a run, a look at it every so many seconds."""


def run_panel(run_id: str) -> None:
    """Shows a run, and follows it for as long as it is active."""
    try:
        run = get_studio().store.get(run_id)
    except InvalidInput as error:
        st.info(escape_markdown(f"{error} Choose another one in the list below."), icon=":material/info:")
        return
    if run.is_active:
        with st.container():  # as a fragment is in one
            _active_panel(run)
    else:
        st.fragment(_ended_panel, run_every=PLAY_SECONDS if plays(run_id) else None)(run_id, run.status)


def _active_panel(run: Run) -> None:
    """A run that waits, trains or is paused.

    What people press is shown once; only figures are shown anew at each look, as a browser that draws takes time from
    the training beside it.
    """
    known = _state(run)
    heading, steering, curves, controls, figures = _places()
    with heading:
        _heading(run)
    with steering:
        wheel(run)
        st.caption("Stop ends it here and keeps what it has learned. You may leave this page: it trains on.")
    with curves:
        st.fragment(_live_curves, run_every=_pace(run))(run.id, known)
    if run.status == "queued":
        return
    with controls:
        curve_controls(run)
        choose_watched(run)
        beside_choice()
    with figures:
        st.fragment(_live_figures, run_every=_pace(run))(run.id)


def _places() -> list[DeltaGenerator]:
    """The parts of the panel, in the same places of the page while a run trains and when it is over.

    So each takes the place of the one before it, and nothing stands there twice for a moment. A fragment puts what it
    shows into a container, so what is shown without one goes into one too.
    """
    return [st.container() for _ in range(5)]


def _live_curves(run_id: str, known: tuple[Any, ...]) -> None:
    """How far it is, and its curves."""
    found = _look_at(run_id)
    if found is None:
        return
    run, events = found
    if _state(run) != known:
        st.rerun()
    progress = measure_progress(run.spec.epochs, events)
    _status(run, progress)
    st.progress(progress.fraction)
    if run.is_paused:
        slow_step_panel(run)
    if progress.epoch:
        show_curves(run, events)


def _live_figures(run_id: str) -> None:
    """What it reads by now, its weights, and its epochs."""
    found = _look_at(run_id)
    if found is None:
        return
    run, events = found
    show_watched(run, events)
    newest_weights(run)
    epochs = epoch_rows(events)
    if epochs:
        show_beside(run, events)
    with st.container(key="train_metrics"):
        _epoch_table(epochs)
    if not run.is_paused:
        slow_step_panel(run)


def _ended_panel(run_id: str, known_status: str) -> None:
    """What came of a run that is over, and what can be done with it."""
    found = _look_at(run_id)
    if found is None:
        return
    run, events = found
    if run.status != known_status:
        st.rerun()
    store = get_studio().store
    epochs, moments = epoch_rows(events), Moments.of(run, events)
    progress = measure_progress(run.spec.epochs, events)
    heading, steering, curves, controls, figures = _places()
    with heading:
        _heading(run)
    with steering:
        _next_steps(run)
        if store.unsaved_model(run.id):
            _offer_to_save(run)
    with curves, st.container():
        _status(run, progress)
        if run.error:
            show_problem(run.error)
        if progress.epoch:
            show_curves(run, events, moments)
    with controls:
        if progress.epoch:
            curve_controls(run)
        if epochs:
            beside_choice()
    with figures, st.container():
        if epochs:
            show_beside(run, events)
            with st.popover(
                "Download the curves",
                icon=":material/download:",
                key="train_figure",
                help="Loss and accuracy by epoch, as a figure.",
            ):
                figure_buttons(lambda: curves_figure(run.name, both_curves(events)), f"curves_{run.id}")
        with st.container(key="train_metrics"):
            _epoch_table(epochs)
        if moments:
            moments_panel(moments, events)
        slow_step_panel(run)
        if not run.is_imported:
            with st.expander("Keras code"):
                code_panel(run.spec, "train", in_script(run, store), early_end(run))


def _look_at(run_id: str) -> tuple[Run, list[dict[str, Any]]] | None:
    """The run and its events by now; None where it is gone, which is said."""
    store = get_studio().store
    try:
        run = store.get(run_id)
        return run, store.events(run)
    except InvalidInput as error:
        st.info(escape_markdown(str(error)), icon=":material/info:")
        return None


def _state(run: Run) -> tuple[Any, ...]:
    """What the rest of the page shows of a run too, or is bound to: it is shown anew where this changes."""
    return run.status, run.is_paused, _pace(run), run.spec.changes


def _pace(run: Run) -> float:
    """Seconds between two looks at an active run: more of them as it goes on."""
    if run.is_paused or run.started is None:
        return PACES[0][1]
    seconds = (datetime.now(UTC) - datetime.fromisoformat(run.started)).total_seconds()
    return next(pace for until, pace in PACES if seconds < until)


def _heading(run: Run) -> None:
    """What it is, and the button that ends it."""
    title, action = st.columns([4, 1], vertical_alignment="center")
    title.markdown(
        f"**{escape_markdown(run.name)}** · {DATASETS[run.spec.dataset].title} · batch {run.spec.batch_size} · "
        f"{run.spec.optimizer} {in_full(run.spec.learning_rate or 0)} · {local_time(run.created)}"
    )
    if run.is_active:
        action.button(
            "Stop",
            key="train_stop",
            icon=":material/stop:",
            on_click=get_studio().queue.stop,
            args=(run.id,),
            disabled=not get_studio().queue.owns(run.id),
            width="stretch",
        )


def _status(run: Run, progress: Progress) -> None:
    with st.container(key="train_status"):
        st.markdown(f"{STATUS_ICONS[run.status]} **{run.status}** · {_status_text(run, progress)}")


def _status_text(run: Run, progress: Progress) -> str:
    """The rest of the line that begins with the status word."""
    trained = f"{progress.epoch} of {progress.epochs}"
    if run.status == "queued":
        ahead = get_studio().queue.num_ahead(run.id)
        if ahead:
            return f"waits for {ahead} run{'s' if ahead > 1 else ''} before it, then starts by itself"
        return "the training process is getting ready"
    if run.is_paused:
        step = f"step {progress.step:,} of {progress.steps:,}" if progress.epoch else "before the first step"
        return f"paused in epoch {max(progress.epoch, 1)} of {progress.epochs} · {step}"
    if run.status == "running" and not progress.epoch:
        return "compiling the network for this computer; a network that was trained lately starts at once"
    if run.status == "running":
        left = "" if progress.seconds_left is None else f" · {duration(progress.seconds_left)} left"
        return f"epoch {trained} · step {progress.step:,} of {progress.steps:,}{left}"
    if run.is_imported:
        return f"brought in from a file · test accuracy {accuracy_text(run)}"
    if run.status == "finished":
        return (
            f"test accuracy {accuracy_text(run)} · {duration(run.result.get('seconds'))} of training{_compiling(run)}"
        )
    if run.status == "stopped" and run.has_model:
        tested = f" · test accuracy {accuracy_text(run)}" if "test_accuracy" in run.result else ""
        return f"in epoch {trained}; what it had learned until then is kept{tested}"
    if run.status == "stopped":
        return "before it began"
    if run.status == "interrupted":
        kept = "what it had learned until then is kept, and can be continued" if run.has_model else ""
        return f"the app was closed while it trained; {kept or 'start it again with the same settings'}"
    return f"in epoch {trained}" if progress.epoch else "before the first step"


def _compiling(run: Run) -> str:
    seconds = run.result.get("compile_seconds", 0)
    return f" after {seconds:.1f} s of compiling" if seconds >= 0.1 else ""


def _next_steps(run: Run) -> None:
    with st.container(horizontal=True):
        st.button(
            "Use its settings",
            key="train_again",
            icon=":material/replay:",
            on_click=_use_settings,
            args=(run,),
            help="Fills the form with what this run had, to change one thing. It begins with fresh weights.",
        )
        if not run.has_model:
            return
        if pressed(
            "Draw with it",
            key="train_draw",
            type="primary",
            icon=":material/draw:",
            help="Opens the canvas with this model.",
        ):
            open_draw(run.id)
        if pressed(
            "Look inside",
            key="train_inspect",
            icon=":material/schema:",
            help="Its layers, its summary, and downloads.",
        ):
            open_model(run.id)
        with st.popover(
            "Continue",
            icon=":material/fast_forward:",
            key="train_continue",
            help="Trains it for more epochs, as another run.",
        ):
            epochs = field_widget(TrainingSpec, "epochs", "continue_epochs")
            st.button(
                "Train further",
                key="continue_start",
                type="primary",
                on_click=attempt,
                args=("continue_problem", _continue, run),
                help="Starts it. This run stays as it is.",
            )
            show_kept_problem("continue_problem")
            st.caption(
                f"Another run begins with what {escape_markdown(run.name)} has learned, for {epochs} more epochs."
            )


def _offer_to_save(run: Run) -> None:
    """The model that a full disk refused is still in memory."""
    st.caption("Its model is kept in memory until the app is closed. Make room on the disk, then save it.")
    st.button(
        "Save the model",
        key="train_save_model",
        icon=":material/save:",
        on_click=attempt,
        args=("save_problem", save_again, run, get_studio().store),
        help="Tries once more to write it into the run's folder.",
    )
    show_kept_problem("save_problem")


def _use_settings(run: Run) -> None:
    """Fills the form with what this run had."""
    fill_from(run.spec.as_it_ends(0))
    st.toast(f"The settings of {escape_markdown(run.name)} are in the form now.", icon=":material/check:")
    st.rerun()


def _continue(run: Run) -> None:
    """Puts a run into the queue that starts from this one's model, and opens it."""
    spec = dataclasses.replace(run.spec.as_it_ends(), epochs=st.session_state.continue_epochs, continues=run.id)
    longer = get_studio().queue.submit(spec, name=continued_name(run.name))
    st.query_params["run"] = longer.id
    st.rerun()


def continued_name(name: str) -> str:
    """What the continuation of a run is called: "fc, continued", then "fc, continued 2"."""
    match = re.fullmatch(r"(.*), continued(?: (\d+))?", name)
    if not match:
        return f"{name[:48]}, continued"
    return f"{match[1][:44]}, continued {int(match[2] or 1) + 1}"


def _epoch_table(epochs: list[dict[str, Any]]) -> None:
    if not epochs:
        return
    shown = epochs[-MAX_EPOCH_ROWS:]
    with st.container(height=210 if len(shown) > 5 else "content", autoscroll=True, border=False):
        st.table(
            {
                "epoch": [row["epoch"] for row in shown],
                "loss": [f"{row.get('train_loss', row['loss']):.4f}" for row in shown],
                "accuracy": [f"{row.get('train_accuracy', row['accuracy']):.4f}" for row in shown],
                "val_loss": [f"{row['val_loss']:.4f}" for row in shown],
                "val_accuracy": [f"{row['val_accuracy']:.4f}" for row in shown],
                "seconds": [f"{row['seconds']:.1f}" for row in shown],
            },
            hide_index=True,
            border="horizontal",
        )
    if len(epochs) > len(shown):
        st.caption(f"The last {len(shown)} of {len(epochs)} epochs.")
