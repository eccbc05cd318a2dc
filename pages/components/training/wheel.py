"""Hands on the wheel of a run: pause it, let it go on by a step or an epoch, change how it learns."""

import streamlit as st

from mnist_core.formatting import in_full
from mnist_core.networks.fields import limits_of
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from mnist_core.training.controls import AT_ONCE, CHANGEABLE
from mnist_core.training.options import OPTIMIZERS
from mnist_core.training.spec import TrainingSpec
from pages.components.messages import attempt, show_kept_problem
from pages.components.widgets import field_widget, widget_value

BUTTONS = {
    "pause": ("Pause", "pause"),
    "go_on": ("Go on", "play_arrow"),
    "step": ("One step", "skip_next"),
    "epoch": ("One epoch", "fast_forward"),
    "slow_step": ("One step, slowly", "slow_motion_video"),
}
"""What each order is called, and its icon."""


def wheel(run: Run) -> None:
    """The buttons of a run that trains or is paused."""
    can_steer = get_studio().queue.owns(run.id)
    with st.container(horizontal=True, key="train_wheel"):
        if run.is_paused:
            for order in ("go_on", "step", "epoch", "slow_step"):
                _button(run, order, can_steer)
        else:
            _button(run, "pause", can_steer)
        with st.popover("Change", icon=":material/tune:", key="train_change", disabled=not can_steer):
            _changes(run)
    if run.spec.changes:
        last = run.spec.changes[-1]
        st.caption(
            f"Changed on the way, last in epoch {last.epoch}: {last.in_words}. The Keras code below does the same."
        )


def _button(run: Run, order: str, can_steer: bool) -> None:
    label, icon = BUTTONS[order]
    # No tool tip: with one, the page holds two of each, for mouse and for finger.
    st.button(
        label,
        key=f"train_{order}",
        icon=f":material/{icon}:",
        type="primary" if order == "go_on" else "secondary",
        on_click=get_studio().queue.order,
        args=(run.id, order),
        disabled=not can_steer,
    )


def _changes(run: Run) -> None:
    """What can be changed while it trains, each with what it is now."""
    now = run.spec.as_it_ends()
    for setting in CHANGEABLE:
        if setting == "momentum" and not OPTIMIZERS[run.spec.optimizer].takes_momentum:
            continue
        limits, value = limits_of(TrainingSpec)[setting], getattr(now, setting)
        key = f"change_{setting}_{run.id}"
        st.session_state.setdefault(key, widget_value(limits, value))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            field_widget(TrainingSpec, setting, key)
            st.button(
                "Set", key=f"set_{setting}_{run.id}", on_click=attempt, args=("change_problem", _set, run.id, setting)
            )
        when = "from the next step on" if setting in AT_ONCE else "from the next epoch on"
        st.caption(f"{_asked(run, setting, value)}Another value is used {when}.")
    show_kept_problem("change_problem")
    if now.schedule == "cosine":
        st.caption("The schedule goes on from the new rate, as far as it has come.")


def _asked(run: Run, setting: str, value: float) -> str:
    """What a setting is now, and what was asked for and comes later."""
    asked = str(st.session_state.get(f"asked_{setting}_{run.id}", ""))
    is_coming = asked and asked != in_full(value) and asked != str(value)
    return f"Now {in_full(value)}{f', {asked} is asked for' if is_coming else ''}. "


def _set(run_id: str, setting: str) -> None:
    value = st.session_state[f"change_{setting}_{run_id}"]
    get_studio().queue.change(run_id, setting, value)
    # Kept, as nothing may be shown in a callback of a part of the page.
    st.session_state[f"asked_{setting}_{run_id}"] = value
