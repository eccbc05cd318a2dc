"""The form that starts several runs at once, which differ in a few settings of the form above it."""

from typing import Any

import streamlit as st

from mnist_core.errors import InvalidInput
from mnist_core.networks.fields import Limits, limits_of
from mnist_core.runs.sweeps import new_tag
from mnist_core.runs.training_time import estimate_epoch, measured_epoch
from mnist_core.server.studio import get_studio
from mnist_core.training.spec import TrainingSpec
from mnist_core.training.sweep import MAX_AXES, MAX_DRAWS, MAX_SEEDS, Sweep, Values, read_values, varied_settings
from pages.components.doors import open_sweep
from pages.components.labels import rough_duration
from pages.components.messages import escape_markdown, show_problem
from pages.components.widgets import pressed

FIRST_SETTING = "learning_rate"
"""What the first row of the form begins with."""

EXAMPLES = {
    "learning_rate": "0.0001 0.001 0.01",
    "batch_size": "16 64 256",
    "epochs": "2 5 10",
    "momentum": "0 0.5 0.9",
}


def sweep_form(base: TrainingSpec) -> None:
    """Asks for the settings to vary and their values, says what that comes to, and starts it.

    Args:
        base: What the runs have in common, as the form above describes it.
    """
    with st.expander("Try several", icon=":material/grid_on:", key="train_several"):
        st.caption(
            "Several runs of the network above, which differ only in what you choose here: the whole grid of values, "
            "or a range, such as 0.0001 – 0.1, from which they are drawn."
        )
        try:
            sweep = _sweep(base)
            _say_what_it_is(sweep)
        except InvalidInput as error:
            show_problem(error)
            return
        names = ", ".join(limits_of(TrainingSpec)[name].label.lower() for name in sweep.axes)
        if pressed(f"Start {len(sweep)} runs", key="sweep_start", icon=":material/play_arrow:"):
            _start(sweep, f"{base.model.name} by {names}")


def _sweep(base: TrainingSpec) -> Sweep:
    """What the form describes.

    Raises:
        InvalidInput: if it cannot be started.
    """
    settings = varied_settings(base)
    axes: dict[str, Values] = {}
    for row in range(MAX_AXES):
        left = {name: limits for name, limits in settings.items() if name not in axes}
        found = _row(row, left)
        if found is None:
            break
        axes[found[0]] = found[1]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seeds = st.number_input(
            "Repeat with so many seeds",
            1,
            MAX_SEEDS,
            1,
            key="sweep_seeds",
            help="Chance alone makes runs differ. Three or more show by how much, and how sure the best one is.",
            width=210,
        )
        draws = 10
        sweep_is_drawn = any(not isinstance(values, tuple) for values in axes.values())
        if sweep_is_drawn:
            draws = st.number_input("Draw so many", 1, MAX_DRAWS, 10, key="sweep_draws", width=150)
    return Sweep(base, axes, int(seeds), int(draws))


def _row(row: int, settings: dict[str, Limits]) -> tuple[str, Values] | None:
    """One setting and its values; None where the row is left empty."""
    options = [None, *settings]
    first = FIRST_SETTING if row == 0 and FIRST_SETTING in settings else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Vary" if row == 0 else "and",
            options,
            index=options.index(first),
            key=f"sweep_setting_{row}",
            format_func=lambda name: settings[name].label if name in settings else "nothing more",
            width=190,
        )
        if name is None:
            return None
        limits = settings[name]
        if limits.choices:
            chosen: list[Any] = st.multiselect(
                "Values", list(limits.choices), list(limits.choices)[:2], key=f"sweep_choices_{row}_{name}",
                format_func=limits.title,
            )  # fmt: skip
            if len(chosen) < 2:
                raise InvalidInput(f"{limits.label}: choose two values or more.")
            return name, tuple(chosen)
        text = st.text_input(
            "Values",
            EXAMPLES.get(name, ""),
            key=f"sweep_values_{row}_{name}",
            max_chars=200,
            help="Numbers with spaces between them, or a range such as 0.0001 – 0.1.",
        )
        return name, read_values(name, text)


def _say_what_it_is(sweep: Sweep) -> None:
    """The grid and about how long it takes, before it is started."""
    axes = " × ".join(
        f"{limits_of(TrainingSpec)[name].label.lower()} ({len(values) if isinstance(values, tuple) else values})"
        for name, values in sweep.axes.items()
    )
    combinations = f"{sweep.num_combinations} {'draws of ' if sweep.is_drawn else 'combinations: '}{axes}"
    seeds = f", each with {sweep.num_seeds} seeds" if sweep.num_seeds > 1 else ""
    seconds = _seconds(sweep)
    time = f", {rough_duration(seconds)} in all" if seconds is not None else ""
    st.markdown(f"**{len(sweep)} runs** · {combinations}{seeds}{escape_markdown(time)}")


def _seconds(sweep: Sweep) -> float | None:
    """About how long all runs take; None before the speed of this computer is known."""
    studio = get_studio()
    measured = studio.engine.speed()
    speed = measured.result() if measured.done() and not measured.exception() else None
    earlier = studio.store.listing().runs
    seconds = 0.0
    for spec in sweep.runs():
        epoch = measured_epoch(spec, earlier)
        if epoch is None:
            if speed is None:
                return None
            epoch = estimate_epoch(spec, speed, studio.drawings.num_labelled(spec.drawings))
        seconds += epoch * spec.epochs
    return seconds / studio.queue.num_processes


def _start(sweep: Sweep, name: str) -> None:
    """Puts all runs into the queue and opens what comes of them."""
    tag = new_tag()
    for number, spec in enumerate(sweep.runs(), 1):
        get_studio().queue.submit(spec, name=f"{name[:50]} {number}", tag=tag)
    open_sweep(tag)
