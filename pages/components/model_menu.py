"""The menu of trained models, which follows the visitor from page to page and stands in the address."""

import contextlib
from collections.abc import Sequence

import streamlit as st

from mnist_core.errors import InvalidInput
from mnist_core.runs.models import find_run, trained_models
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.doors import in_address, keep_in_address
from pages.components.labels import model_label

MAX_LISTED = 200
"""Models that a menu offers; older ones are a click away in the list of runs."""


def model_menu(key: str, label: str = "Model", dataset: str | None = None) -> Run | None:
    """A menu of the models that ship, then the visitor's own runs, newest first.

    The choice is kept in the address as `?model=…`, so that a link or a reload opens the same one.

    Args:
        key: The widget's key.
        label: What stands above the menu.
        dataset: The only dataset whose models are offered; by default those of all.

    Returns:
        The chosen run, or None where there is no trained model at all.
    """
    models = listed_models(in_address("model"), st.session_state.get(key))
    models = {run_id: run for run_id, run in models.items() if dataset in (None, run.spec.dataset)}
    if not models:
        st.info("There is no trained model yet. Train one on the Train page.")
        return None
    follow_address(key, list(models), default=next(iter(models)))
    chosen = st.selectbox(
        label,
        list(models),
        key=key,
        format_func=lambda run_id: model_label(models[run_id]) if run_id in models else str(run_id),
        help="Models that come with Digit Studio first, then your own runs, newest first.",
    )
    keep_in_address("model", chosen, f"{key}_last")
    return models[chosen]


def listed_models(*wanted: str | None) -> dict[str, Run]:
    """The trained models that a menu offers: the newest, and any older one that is wanted by its id."""
    store = get_studio().store
    models = {run.id: run for run in trained_models(store, MAX_LISTED)}
    for run_id in wanted:
        if run_id and run_id not in models:
            with contextlib.suppress(InvalidInput):
                models[run_id] = find_run(run_id, store)
    return models


def runs_menu(label: str, key: str, runs: dict[str, Run], first: Sequence[str], help: str) -> list[Run]:
    """A menu of which any number of runs can be chosen; those that are gone are left out.

    Args:
        label: What stands above the menu.
        key: The widget's key.
        runs: What it offers, by id.
        first: The ids that are chosen to begin with.
        help: One or two plain sentences.
    """
    state = st.session_state
    state.setdefault(key, list(first))
    state[key] = [run_id for run_id in state[key] if run_id in runs]
    chosen = st.multiselect(
        label,
        list(runs),
        key=key,
        format_func=lambda run_id: model_label(runs[run_id]) if run_id in runs else run_id,
        persist_state="session",
        help=help,
    )
    return [runs[run_id] for run_id in chosen]


def follow_address(key: str, options: Sequence[str], default: str) -> None:
    """Sets a menu to what the address names as `?model=…`, or else to what it was last; called before the menu.

    Args:
        key: The menu's key.
        options: What it offers.
        default: What to take where neither is known, or what was chosen is gone, which is then said.
    """
    state = st.session_state
    address, last = in_address("model"), state.get(f"{key}_last")
    wanted = address if address and address != last else state.get(key, last)
    if wanted is not None and wanted not in options:
        st.warning("The model that was chosen is not there any more, or is for other pictures. Another one is shown.")
        wanted = None
    state[key] = wanted or default
