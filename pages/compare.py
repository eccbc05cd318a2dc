"""Compare: the curves of several runs laid over each other, with what differs between them."""

import pandas as pd
import streamlit as st

from mnist_core.runs.comparison import colours_of, differences, unique_names
from mnist_core.runs.curves import METRICS, curves_of
from mnist_core.runs.models import shipped_models
from mnist_core.runs.run import Run
from mnist_core.server.studio import get_studio
from pages.components.charts import compared_curves
from pages.components.doors import keep_in_address, new_in_address
from pages.components.downloads import as_csv
from pages.components.labels import accuracy_text, duration
from pages.components.messages import escape_markdown
from pages.components.model_menu import MAX_LISTED, runs_menu
from pages.components.waiting import POLL_SECONDS


def chosen_runs() -> list[Run]:
    """The menu of runs: the user's own, newest first, then those that ship."""
    if opened := new_in_address("runs", "compare_opened"):
        st.session_state.compare_runs = opened.split(",")
    wanted = set(st.session_state.get("compare_runs", ()))
    own = get_studio().store.listing().runs
    older = (run for run in own[MAX_LISTED:] if run.id in wanted)
    runs = {run.id: run for run in (*own[:MAX_LISTED], *older, *shipped_models())}
    chosen = runs_menu("Runs", "compare_runs", runs, list(runs)[:3], "As many as you like; finished or still training.")
    keep_in_address("runs", ",".join(run.id for run in chosen), "compare_opened")
    return chosen


def show_curves(runs: list[Run]) -> None:
    """One chart with two lines for each run."""
    if (opened := new_in_address("figure", "compare_figure_opened")) in METRICS:
        st.session_state.compare_metric = opened
    with st.container(horizontal=True, vertical_alignment="bottom"):
        metric = st.segmented_control(
            "Figure",
            list(METRICS),
            default=None if "compare_metric" in st.session_state else "mistakes",
            key="compare_metric",
            required=True,
            format_func=METRICS.__getitem__,
            help="The pictures of a hundred that are misread, or the figure that training makes small.",
        )
        is_log = st.toggle("log scale", key="compare_log", help="Each step up is ten times as much.")
    if metric:
        keep_in_address("figure", metric, "compare_figure_opened")
        every = POLL_SECONDS if any(run.is_active for run in runs) else None
        st.fragment(_curves, run_every=every)(runs, metric, is_log)


def _curves(runs: list[Run], metric: str, is_log: bool) -> None:
    store, names = get_studio().store, unique_names(runs)
    curves = {names[run.id]: curves_of(store.events(run), metric) for run in runs}
    without = [name for name, each in curves.items() if not each.points]
    shown = {name: each for name, each in curves.items() if each.points}
    if shown:
        colours = {names[run.id]: colour for run, colour in zip(runs, colours_of(runs), strict=True)}
        compared_curves(shown, {name: colours[name] for name in shown}, metric, is_log=is_log)
        st.caption("Solid: validation, on pictures that the network does not learn from. Dashed: training.")
    if without:
        st.info(f"No finished epoch yet: {', '.join(map(escape_markdown, without))}.")


def show_table(runs: list[Run]) -> None:
    """What differs, then what came of it."""
    names = unique_names(runs)
    rows = {
        **(differences(runs) if len(runs) > 1 else {}),
        "Parameters": [f"{run.spec.model.num_params:,}" for run in runs],
        "Epochs done": [str(run.result.get("epochs", "–")) for run in runs],
        "Time": [duration(run.result.get("seconds")) for run in runs],
        "Test accuracy": [accuracy_text(run) for run in runs],
    }
    table = pd.DataFrame(rows, index=[names[run.id] for run in runs]).T
    with st.container(key="compare_table"):
        st.table(table.map(escape_markdown).rename(columns=escape_markdown))
    st.download_button(
        "Table as CSV",
        as_csv(table),
        "comparison.csv",
        "text/csv",
        key="compare_csv",
        on_click="ignore",
        help="The table above, for a spreadsheet.",
    )


runs = chosen_runs()
if runs:
    curves, table = st.columns([3, 2], gap="medium")
    with curves:
        show_curves(runs)
    with table:
        show_table(runs)
else:
    st.info("Choose two or more runs to see their curves in one chart.", icon=":material/stacked_line_chart:")
