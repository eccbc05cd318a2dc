"""The curves of a run, what they show in words, and how they are to be shown."""

import itertools
from collections.abc import Iterable
from typing import Any

import streamlit as st

from mnist_core.runs.comparison import unique_names
from mnist_core.runs.curves import METRICS, curves_of, in_words
from mnist_core.runs.models import parent_run
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.charts import learning_curves
from pages.components.messages import escape_markdown
from pages.components.training.moments import Moments, marked_epoch
from pages.components.training.ruler import ruler

MAX_BENEATH = 50
"""So many of the newest runs can be laid under another."""


def show_curves(run: Run, events: list[dict[str, Any]], moments: Moments | None = None) -> None:
    """The curves as `curve_controls` stand, which come after them."""
    state, store = st.session_state, get_studio().store
    metric = state.get("train_metric")
    metric = metric if metric in METRICS else "mistakes"  # a browser may say anything
    curves = curves_of(events, metric)
    beneath = {name: curves_of(store.events(other), metric) for name, other in _chosen_beneath(run).items()}
    moment = marked_epoch(moments, events) if moments else None
    learning_curves(curves, metric, is_log=bool(state.get("train_log")), beneath=beneath, moment=moment)
    ruler(run.id, curves, metric, beneath)
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
    st.caption(" ".join(notes))


def curve_controls(run: Run) -> None:
    """What the curves are of, their scale, and the runs that are laid under them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Curves",
            list(METRICS),
            default="mistakes",
            required=True,
            key="train_metric",
            format_func=METRICS.__getitem__,
            label_visibility="collapsed",
            persist_state="session",
        )
        st.toggle(
            "log scale",
            key="train_log",
            help="Each step up is ten times as much, so that small differences near 0 are seen as well.",
            persist_state="session",
        )
        others = _others(run)
        if not others:
            return
        names = unique_names([*others.values()])
        st.multiselect(
            "Lay under it",
            list(others),
            default=_beneath_at_first(run),
            key=_beneath_key(run),
            format_func=lambda run_id: names[run_id],
            label_visibility="collapsed",
            placeholder="Lay other runs under it",
            width="stretch",
        )


def _beneath_key(run: Run) -> str:
    return f"train_beneath_{run.id}"


def _beneath_at_first(run: Run) -> list[str]:
    """The run that it continues."""
    parent = parent_run(run, get_studio().store)
    return [parent.id] if parent else []


def _others(run: Run) -> dict[str, Run]:
    """The runs that can be laid under it, by id; the one that it continues first."""
    store = get_studio().store
    alike: Iterable[Run] = (
        other
        for other in store.listing().runs
        if other.id != run.id and other.spec.dataset == run.spec.dataset and not other.is_imported
    )
    others = {other.id: other for other in itertools.islice(alike, MAX_BENEATH)}
    parent = parent_run(run, store)
    return {parent.id: parent, **others} if parent else others


def _chosen_beneath(run: Run) -> dict[str, Run]:
    """Those that are laid under it, by names of which no two are the same."""
    chosen = st.session_state.get(_beneath_key(run))
    chosen = _beneath_at_first(run) if chosen is None else chosen
    if not chosen:
        return {}
    others = _others(run)
    names = unique_names([*others.values()])
    return {names[run_id]: others[run_id] for run_id in chosen if run_id in others}
