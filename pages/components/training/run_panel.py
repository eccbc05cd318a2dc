"""One run as it trains, and what came of it."""

import dataclasses
import itertools
import re
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from mnist_core.datasets import DATASETS
from mnist_core.errors import InvalidInput
from mnist_core.evaluation.figures import curves_figure
from mnist_core.formatting import in_full
from mnist_core.runs.comparison import unique_names
from mnist_core.runs.curves import METRICS, both_curves, curves_of, in_words
from mnist_core.runs.models import early_end, in_script, parent_run
from mnist_core.runs.progress import Progress, epoch_rows, measure_progress
from mnist_core.runs.recorder import save_again
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from mnist_core.training.spec import TrainingSpec
from pages.components.charts import learning_curves
from pages.components.doors import open_draw, open_model
from pages.components.downloads import figure_buttons
from pages.components.labels import STATUS_ICONS, accuracy_text, duration, local_time
from pages.components.messages import attempt, escape_markdown, show_kept_problem, show_problem
from pages.components.networks.code_panel import code_panel
from pages.components.training.beside import beside_panel
from pages.components.training.moments import PLAY_SECONDS, Moments, marked_epoch, moments_panel, plays
from pages.components.training.ruler import ruler
from pages.components.training.slow_step_panel import slow_step_panel
from pages.components.training.training_form import fill_from
from pages.components.training.watched import newest_weights, watched_panel
from pages.components.training.wheel import wheel
from pages.components.waiting import POLL_SECONDS
from pages.components.widgets import field_widget, pressed

MAX_EPOCH_ROWS = 200
PACES = ((3, POLL_SECONDS), (10, 1.0), (30, 2.0), (float("inf"), 3.0))
"""Until so many seconds of a run, a look at it every so many seconds."""

MAX_BENEATH = 50
"""So many of the newest runs can be laid under another."""


def run_panel(run_id: str) -> None:
    """Shows a run, and follows it for as long as it is active."""
    try:
        run = get_studio().store.get(run_id)
    except InvalidInput as error:
        st.info(escape_markdown(f"{error} Choose another one in the list below."), icon=":material/info:")
        return
    # A fragment in either case: the same elements stay in their places when a run ends.
    every = PLAY_SECONDS if plays(run_id) else _pace(run)
    st.fragment(_panel, run_every=every)(run_id, _state(run))


def _state(run: Run) -> tuple[str, bool, float | None]:
    """What the rest of the page shows of a run too, or is bound to: it is shown anew where this changes."""
    return run.status, run.is_paused, _pace(run)


def _pace(run: Run) -> float | None:
    """Seconds between two looks at a run: more of them as it goes on, as a browser that draws takes time from the
    training beside it. None of a run that is over.
    """
    if not run.is_active:
        return None
    if run.is_paused or run.started is None:
        return PACES[0][1]
    seconds = (datetime.now(UTC) - datetime.fromisoformat(run.started)).total_seconds()
    return next(pace for until, pace in PACES if seconds < until)


def _panel(run_id: str, known: tuple[str, bool, float | None]) -> None:
    """What it is, how far it is, what can be done with it, and its figures."""
    store = get_studio().store
    try:
        run = store.get(run_id)
        events = store.events(run)
    except InvalidInput as error:
        st.info(escape_markdown(str(error)), icon=":material/info:")
        return
    if _state(run) != known:
        st.rerun()
    progress, epochs = measure_progress(run.spec.epochs, events), epoch_rows(events)
    moments = None if run.is_active else Moments.of(run, events)

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
    with st.container(key="train_status"):
        st.markdown(f"{STATUS_ICONS[run.status]} **{run.status}** · {_status_text(run, progress)}")
    if run.is_active:
        st.progress(progress.fraction)
        wheel(run)
        st.caption("Stop ends it here and keeps what it has learned. You may leave this page: it trains on.")
    if run.error:
        show_problem(run.error)
    if store.unsaved_model(run.id):
        _offer_to_save(run)
    _next_steps(run)

    if run.is_paused:
        slow_step_panel(run)
    if progress.epoch:
        _curves(run, events, moments)
    if run.is_active:
        watched_panel(run, events)
        newest_weights(run)
    if epochs:
        beside_panel(run, events)
    if not run.is_active and epochs:
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
    if not run.is_paused:
        slow_step_panel(run)
    if not run.is_active and not run.is_imported:
        with st.expander("Keras code"):
            code_panel(run.spec, "train", in_script(run, store), early_end(run))


def _curves(run: Run, events: list[dict[str, Any]], moments: Moments | None) -> None:
    """The curves, what they show in words, and how they are to be shown."""
    store = get_studio().store
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric = st.segmented_control(
            "Curves",
            list(METRICS),
            default="mistakes",
            required=True,
            key="train_metric",
            format_func=METRICS.__getitem__,
            label_visibility="collapsed",
            persist_state="session",
        )
        is_log = st.toggle(
            "log scale",
            key="train_log",
            help="Each step up is ten times as much, so that small differences near 0 are seen as well.",
            persist_state="session",
        )
        beneath = _runs_beneath(run)
    metric = metric if metric in METRICS else "mistakes"  # a browser may say anything
    curves = curves_of(events, metric)
    other_curves = {name: curves_of(store.events(other), metric) for name, other in beneath.items()}
    moment = marked_epoch(moments, events) if moments else None
    learning_curves(curves, metric, is_log=is_log, beneath=other_curves, moment=moment)
    ruler(run.id, curves, metric, other_curves)
    if said := in_words(events):
        with st.container(key="train_said"):
            st.info(said, icon=":material/insights:")
    notes = ["Grey: the mean over the epoch so far."]
    if curves.best is not None:
        notes.insert(0, f"▼ best validation: epoch {curves.best:g}.")
    if curves.num_cut:
        notes.append("The first steps are higher than this scale shows.")
    if beneath:
        notes.append(f"Green: {', '.join(map(escape_markdown, beneath))}.")
    if curves.changes:
        notes.append("Dashed, violet: changed by hand.")
    notes.append("Ctrl and the wheel zoom in, a double click shows all again.")
    st.caption(" ".join(notes))


def _runs_beneath(run: Run) -> dict[str, Run]:
    """Runs to be laid under the curves, by names of which no two are the same; at first the one that it continues."""
    store = get_studio().store
    others = {
        other.id: other
        for other in store.listing().runs
        if other.id != run.id and other.spec.dataset == run.spec.dataset and not other.is_imported
    }
    others = dict(itertools.islice(others.items(), MAX_BENEATH))
    parent = parent_run(run, store)
    if parent:
        others = {parent.id: parent, **others}
    if not others:
        return {}
    names = unique_names([*others.values()])
    chosen = st.multiselect(
        "Lay under it",
        list(others),
        default=[parent.id] if parent else [],
        key=f"train_beneath_{run.id}",
        format_func=lambda run_id: names[run_id],
        label_visibility="collapsed",
        placeholder="Lay other runs under it",
        width="stretch",
    )
    return {names[run_id]: others[run_id] for run_id in chosen}


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
    if run.is_active:
        return
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
