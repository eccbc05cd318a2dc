"""The moments of a run: how the network, as it was then, reads the drawing that is on the canvas now."""

import numpy as np
import streamlit as st

from mnist_core.datasets import DATASETS
from mnist_core.drawing.inking import prepare_strokes
from mnist_core.runs.run import Run
from mnist_core.runs.snapshots import MARK, delete_snapshots, kept_snapshots, snapshot_path
from mnist_core.server.studio import get_studio
from pages.components.answer import show_bars
from pages.components.charts import reading_over_time
from pages.components.doors import open_draw, open_inside
from pages.components.drawing.canvas import DRAW_BOARD
from pages.components.messages import attempt, show_kept_problem
from pages.components.waiting import result_of
from pages.components.widgets import pressed


def moments_panel(run: Run, steps_in_epoch: int) -> None:
    """Shows the moments whose weights were kept, and what can be done with each.

    Args:
        run: A run that has ended.
        steps_in_epoch: Steps in one of its epochs.
    """
    kept = kept_snapshots(run.folder)
    if not kept:
        return
    megabytes = sum(snapshot.num_bytes for snapshot in kept) / 1e6
    with st.expander(f"Time machine: {len(kept)} moments of its training", key="train_moments"):
        steps = [snapshot.step for snapshot in kept]
        step = st.select_slider(
            "Moment",
            steps,
            value=steps[-1],
            key=f"train_moment_{run.id}",
            format_func=lambda step: _title(step, steps_in_epoch),
            help="The network as it was after so many steps. Everything below is about that moment.",
        )
        _reading(run, steps, step, steps_in_epoch)
        with st.container(horizontal=True):
            if pressed(
                "Draw with it", key="train_moment_draw", help="Opens the canvas with the network of that moment."
            ):
                open_draw(f"{run.id}{MARK}{step}")
            if pressed("See inside", key="train_moment_inside", help="Opens its layers as they were then."):
                open_inside(f"{run.id}{MARK}{step}")
            st.button(
                f"Delete these moments ({megabytes:.1f} MB)",
                key="train_moments_delete",
                on_click=attempt,
                args=("moments_problem", delete_snapshots, run.folder),
                help="Makes room on the disk. The run, its curves and its model stay.",
            )
        show_kept_problem("moments_problem")


def _title(step: int, steps_in_epoch: int) -> str:
    if step == 0:
        return "before training"
    if steps_in_epoch and step % steps_in_epoch == 0:
        return f"epoch {step // steps_in_epoch}"
    return f"step {step:,}"


def _reading(run: Run, steps: list[int], step: int, steps_in_epoch: int) -> None:
    """What the network read in the drawing at each moment, and at the one that is chosen."""
    image = prepare_strokes(DRAW_BOARD.strokes()).image
    if image is None:
        st.caption(
            "Draw a digit on the [Draw](/) page first, then come back: here you will see how the network would have "
            "read it at every moment of its training."
        )
        return
    class_names = DATASETS[run.spec.dataset].class_names
    paths = [snapshot_path(run.folder, each) for each in steps]
    found = result_of(get_studio().engine.predict_at_moments(paths, image), "Reading your drawing at each moment…")
    if found is None:
        return
    chart, bars = st.columns([3, 2])
    answer = int(found[-1].argmax())
    with chart:
        reading_over_time(found, steps, class_names, steps.index(step))
        st.caption(_in_words(found, steps, class_names[answer], answer, steps_in_epoch))
    with bars:
        show_bars(class_names, found[steps.index(step)])


def _in_words(found: np.ndarray, steps: list[int], name: str, answer: int, steps_in_epoch: int) -> str:
    """When the last answer was first given, and since when it has stayed."""
    right = found.argmax(axis=1) == answer
    first = int(right.argmax())
    since = len(right) - int((~right[::-1]).argmax()) if not right.all() else 0
    sentence = f"It first read a {name} here: {_title(steps[first], steps_in_epoch)}."
    if since == first:
        return sentence
    return f"{sentence} It has stayed with it since {_title(steps[since], steps_in_epoch)}."
