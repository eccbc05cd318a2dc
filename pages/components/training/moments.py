"""The moments of a run: how the network, as it was then, reads the drawing that is on the canvas now."""

import dataclasses
import functools
import time
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.datasets import DATASETS
from mnist_core.runs.beside import confusion_at
from mnist_core.runs.curves import epochs_before
from mnist_core.runs.progress import num_steps, steps_by_epoch
from mnist_core.runs.run import Run
from mnist_core.runs.snapshots import MARK, KeptSnapshot, delete_snapshots, kept_snapshots, snapshot_path
from mnist_core.server.studio import get_studio
from mnist_core.training.spec import TrainingSpec
from pages.components.answer import show_bars
from pages.components.charts import reading_over_time, small_confusion
from pages.components.doors import open_draw, open_inside, open_model
from pages.components.messages import attempt, show_kept_problem
from pages.components.training.watched import own_drawing, weights_picture
from pages.components.waiting import result_of
from pages.components.widgets import field_widget, pressed

PLAY_SECONDS = 0.7
"""How long each moment stands while they are played."""


@dataclasses.dataclass(frozen=True)
class Moments:
    """The moments of a run whose weights are kept.

    Attributes:
        run: The run.
        kept: The snapshots, by their steps.
        ends: How many steps were done at the end of each epoch, and which epoch it is.
        steps_in_epoch: Of its first epoch.
    """

    run: Run
    kept: tuple[KeptSnapshot, ...]
    ends: dict[int, int]
    steps_in_epoch: int

    @classmethod
    def of(cls, run: Run, events: list[dict[str, Any]]) -> "Moments":
        """The moments of a run with these events."""
        return cls(run, tuple(kept_snapshots(run.folder)), steps_by_epoch(events), num_steps(events))

    @functools.cached_property
    def steps(self) -> tuple[int, ...]:
        """The steps of the run that were done at each, ascending."""
        return tuple(snapshot.step for snapshot in self.kept)

    @property
    def key(self) -> str:
        """The key of their slider."""
        return f"train_moment_{self.run.id}"

    @property
    def chosen(self) -> int:
        """The moment that the slider stands at: at first the last one."""
        step = st.session_state.get(self.key)
        return step if step in self.steps else self.steps[-1]

    def title(self, step: int) -> str:
        """What a moment is called."""
        if step == 0:
            return "before training"
        return f"epoch {self.ends[step]}" if step in self.ends else f"step {step:,}"

    def epoch(self, step: int) -> float:
        """Where a moment lies, in epochs from the run's beginning."""
        ends = {0: 0, **self.ends}
        before = max(end for end in ends if end <= step)
        if before == step or not self.steps_in_epoch:
            return float(ends[before])
        after = min((end for end in ends if end > step), default=before + self.steps_in_epoch)
        return ends[before] + (step - before) / (after - before)


def marked_epoch(moments: Moments, events: list[dict[str, Any]]) -> float | None:
    """Where the moment that is looked at stands in the curves; None where none was chosen."""
    if moments.key not in st.session_state or not moments.steps:
        return None
    return epochs_before(events) + moments.epoch(moments.chosen)


def moments_panel(moments: Moments, events: list[dict[str, Any]]) -> None:
    """Shows the moments whose weights were kept, and what can be done with each.

    Args:
        moments: Those of a run that has ended.
        events: Its events.
    """
    run = moments.run
    if not moments.steps:
        return
    with st.expander(f"Time machine: {len(moments.steps)} moments of its training", expanded=True, key="train_moments"):
        step = _slider(moments)
        reading, weights = st.columns([3, 2])
        with reading:
            _reading(moments, step)
        with weights:
            weights_picture(run, step)
            confusion = confusion_at(events, moments.ends[step]) if step in moments.ends else None
            if confusion is not None:
                small_confusion(confusion, DATASETS[run.spec.dataset].class_names, key="train_moment_confusion")
                st.caption(f"Mistakes in the validation pictures, {moments.title(step)}.")
        _doors(moments, step)


def plays(run_id: str) -> bool:
    """Whether the moments of a run are being played; then the page has to look again every `PLAY_SECONDS`."""
    return _playing(run_id) in st.session_state


def _playing(run_id: str) -> str:
    """Where the session remembers since when the moment stands that is played."""
    return f"train_moments_playing_{run_id}"


def _slider(moments: Moments) -> int:
    """The slider through the moments, and the button that goes through them by itself."""
    state = st.session_state
    is_playing = plays(moments.run.id)
    if is_playing:
        _play_on(moments)
    if state.get(moments.key) not in moments.steps:
        state[moments.key] = moments.chosen
    with st.container(horizontal=True, vertical_alignment="bottom", key="train_moment"):
        label, icon = ("Stop", "stop") if is_playing else ("Play", "play_arrow")
        if pressed(label, key="train_moments_play", icon=f":material/{icon}:"):
            _play_or_stop(moments)
        step: int = st.select_slider("Moment", moments.steps, key=moments.key, format_func=moments.title)
    return step


def _play_or_stop(moments: Moments) -> None:
    """Begins to go through the moments, from the first where it stands at the last; or stops."""
    state, playing = st.session_state, _playing(moments.run.id)
    if state.pop(playing, None) is None:
        if moments.chosen == moments.steps[-1]:
            state[moments.key] = moments.steps[0]
        state[playing] = time.monotonic()
    st.rerun()


def _play_on(moments: Moments) -> None:
    """Goes to the next moment where this one has stood for its time; stops at the last one."""
    state, playing = st.session_state, _playing(moments.run.id)
    if time.monotonic() - state[playing] < PLAY_SECONDS / 2:
        return
    place = moments.steps.index(moments.chosen)
    if place + 1 < len(moments.steps):
        state[moments.key] = moments.steps[place + 1]
        state[playing] = time.monotonic()
    else:
        del state[playing]
        st.rerun()


def _reading(moments: Moments, step: int) -> None:
    """What the network read in the drawing at each moment, and at the one that is chosen."""
    image = own_drawing()
    if image is None:
        st.caption(
            "Draw a digit on the [Draw](/) page first, then come back: here you will see how the network would have "
            "read it at every moment of its training."
        )
        return
    class_names = DATASETS[moments.run.spec.dataset].class_names
    paths = [snapshot_path(moments.run.folder, each) for each in moments.steps]
    found = result_of(get_studio().engine.predict_at_moments(paths, image), "Reading your drawing at each moment…")
    if found is None:
        return
    answer, place = int(found[-1].argmax()), moments.steps.index(step)
    show_bars(class_names, found[place])
    reading_over_time(found, moments.steps, class_names, place, key="train_reading")
    st.caption(_in_words(found, moments, class_names[answer], answer))


def _in_words(found: np.ndarray, moments: Moments, name: str, answer: int) -> str:
    """When the last answer was first given, and since when it has stayed."""
    right = found.argmax(axis=1) == answer
    first = int(right.argmax())
    since = len(right) - int((~right[::-1]).argmax()) if not right.all() else 0
    sentence = f"It first read a {name} here: {moments.title(moments.steps[first])}."
    if since == first:
        return sentence
    return f"{sentence} It has stayed with it since {moments.title(moments.steps[since])}."


def _doors(moments: Moments, step: int) -> None:
    """Where one can go with the network of a moment."""
    run, model = moments.run, f"{moments.run.id}{MARK}{step}"
    megabytes = sum(snapshot.num_bytes for snapshot in moments.kept) / 1e6
    with st.container(horizontal=True):
        if pressed("Draw with it", key="train_moment_draw", help="Opens the canvas with the network of that moment."):
            open_draw(model)
        if pressed("See inside", key="train_moment_inside", help="Opens its layers as they were then."):
            open_inside(model)
        if pressed("Export", key="train_moment_export", help="Its summary, and files for other programs."):
            open_model(model)
        with st.popover("Continue from here", key="train_moment_continue"):
            field_widget(TrainingSpec, "epochs", "moment_epochs")
            st.button(
                "Train further",
                key="train_moment_start",
                type="primary",
                on_click=attempt,
                args=("moments_problem", _continue, moments, step),
            )
            st.caption("Another run begins with these weights; its optimizer starts afresh.")
        st.button(
            f"Delete these moments ({megabytes:.1f} MB)",
            key="train_moments_delete",
            on_click=attempt,
            args=("moments_problem", delete_snapshots, run.folder),
            help="Makes room on the disk. The run, its curves and its model stay.",
        )
    show_kept_problem("moments_problem")


def _continue(moments: Moments, step: int) -> None:
    """Puts a run into the queue that starts from the weights of a moment, and opens it."""
    run = moments.run
    spec = dataclasses.replace(
        run.spec.as_it_ends(step), epochs=st.session_state.moment_epochs, continues=f"{run.id}{MARK}{step}"
    )
    name = f"{run.name[:30]}, from {moments.title(step)}"
    st.query_params["run"] = get_studio().queue.submit(spec, name=name).id
    st.rerun()
