"""One run as it trains, and what came of it."""

import streamlit as st

from mnist_core.datasets import DATASETS
from mnist_core.errors import InvalidInput
from mnist_core.progress import Progress, epoch_rows, measure_progress
from mnist_core.runs import Run
from mnist_core.studio import get_studio
from pages.components.charts import learning_curves
from pages.components.labels import STATUS_ICONS, accuracy, duration, local_time

POLL_SECONDS = 0.5
MAX_EPOCH_ROWS = 200


def run_panel(run_id: str) -> None:
    """Shows a run, and follows it for as long as it is active."""
    try:
        run = get_studio().store.get(run_id)
    except InvalidInput as error:
        st.info(f"{error} Choose another one in the list below.", icon=":material/info:")
        return
    st.fragment(_panel, run_every=POLL_SECONDS if run.is_active else None)(run_id, was_active=run.is_active)


def _panel(run_id: str, was_active: bool) -> None:
    store = get_studio().store
    try:
        run = store.get(run_id)
        events = store.events(run)
    except InvalidInput as error:
        st.info(str(error), icon=":material/info:")
        return
    if was_active and not run.is_active:
        st.rerun()  # the list below changes with it, and there is nothing to follow any more
    progress = measure_progress(run.spec.epochs, events)

    title, action = st.columns([4, 1], vertical_alignment="center")
    title.markdown(
        f"**{_escape(run.name)}** · {DATASETS[run.spec.dataset].title} · batch {run.spec.batch_size} · "
        f"{run.spec.optimizer} {run.spec.learning_rate:g} · {local_time(run.created)}"
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
    if run.error:
        st.error(run.error, icon=":material/error:")
    _next_steps(run)
    if progress.epoch:
        learning_curves(events, run.spec.epochs)
    with st.container(key="train_metrics"):
        _epoch_table(epoch_rows(events))


def _status_text(run: Run, progress: Progress) -> str:
    """The rest of the line that begins with the status word."""
    trained = f"{progress.epoch} of {progress.epochs}"
    if run.status == "queued":
        ahead = get_studio().queue.num_ahead(run.id)
        if ahead:
            return f"waits for {ahead} run{'s' if ahead > 1 else ''} before it, then starts by itself"
        return "the training process is getting ready"
    if run.status == "running" and not progress.epoch:
        return "preparing the network; the first steps come in a moment"
    if run.status == "running":
        left = "" if progress.seconds_left is None else f" · {duration(progress.seconds_left)} left"
        return f"epoch {trained} · step {progress.step:,} of {progress.steps:,}{left}"
    if run.status == "finished":
        return f"test accuracy {accuracy(run)} · {duration(run.result.get('seconds'))} of training"
    if run.status == "stopped" and run.has_model:
        return f"in epoch {trained}; what it had learned until then is kept"
    if run.status == "stopped":
        return "before it began"
    if run.status == "interrupted":
        return "the app was closed while it trained. Start it again with the same settings"
    return f"in epoch {trained}" if progress.epoch else "before the first step"


def _next_steps(run: Run) -> None:
    if run.is_active or not run.has_model:
        return
    with st.container(horizontal=True):
        if st.button("Draw with it", key="train_draw", type="primary", icon=":material/draw:"):
            st.switch_page("draw.py", query_params={"model": run.id})
        if st.button("Look inside", key="train_inspect", icon=":material/schema:"):
            st.switch_page("model.py", query_params={"model": run.id})


def _epoch_table(epochs: list[dict]) -> None:
    if not epochs:
        return
    shown = epochs[-MAX_EPOCH_ROWS:]
    with st.container(height=210 if len(shown) > 5 else "content", autoscroll=True, border=False):
        st.table(
            {
                "epoch": [row["epoch"] for row in shown],
                "loss": [f"{row['loss']:.4f}" for row in shown],
                "accuracy": [f"{row['accuracy']:.4f}" for row in shown],
                "val_loss": [f"{row['val_loss']:.4f}" for row in shown],
                "val_accuracy": [f"{row['val_accuracy']:.4f}" for row in shown],
                "seconds": [f"{row['seconds']:.1f}" for row in shown],
            },
            hide_index=True,
            border="horizontal",
        )
    if len(epochs) > len(shown):
        st.caption(f"The last {len(shown)} of {len(epochs)} epochs.")


def _escape(text: str) -> str:
    """A name that people chose, with nothing in it that Markdown would take as an order."""
    return "".join(f"\\{character}" if character in "\\`*_{}[]()#+-.!|<>~$:" else character for character in text)
