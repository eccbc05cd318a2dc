"""Several: what came of runs that differ in a few settings, side by side."""

import pandas as pd
import streamlit as st

from mnist_core.formatting import in_percent
from mnist_core.networks.fields import limits_of
from mnist_core.runs.run import Run
from mnist_core.runs.sweeps import Outcome, certainty, outcomes, sweeps, varied
from mnist_core.server.studio import get_studio
from mnist_core.training.spec import TrainingSpec
from pages.components.charts import sweep_chart
from pages.components.doors import keep_in_address, new_in_address, open_compare
from pages.components.downloads import as_csv
from pages.components.labels import local_time
from pages.components.waiting import POLL_SECONDS
from pages.components.widgets import pressed

MAX_NAMED = 10
"""Runs that are compared by their curves at once."""


def choose(found: dict[str, list[Run]]) -> list[Run]:
    """The menu of sweeps, the newest first."""
    if (opened := new_in_address("sweep", "several_opened")) in found:
        st.session_state.several_choice = opened
    if st.session_state.get("several_choice") not in found:
        st.session_state.several_choice = next(iter(found))
    chosen = st.selectbox(
        "Runs",
        list(found),
        key="several_choice",
        format_func=lambda tag: title(found[tag]) if tag in found else tag,
        help="What was started together on the Train page, the newest first.",
        width=520,
    )
    keep_in_address("sweep", chosen, "several_opened")
    return found[chosen]


def title(runs: list[Run]) -> str:
    """What a sweep is called: the name of its runs without their numbers."""
    name = runs[0].name.rpartition(" ")[0] or runs[0].name
    return f"{name} · {len(runs)} runs · {local_time(runs[0].created)}"


def panel(tag: str) -> None:
    """How far it is, the chart, the table, and how sure the best one is."""
    runs = sweeps(get_studio().store.listing().runs).get(tag, [])
    if not runs:
        st.rerun(scope="app")
    active = [run for run in runs if run.is_active]
    done = len(runs) - len(active)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(key="several_status"):
            st.markdown(f"**{done} of {len(runs)}** runs are over.")
        if active:
            st.button("Stop all", key="several_stop", icon=":material/stop:", on_click=stop_all, args=(active,))
    if active:
        st.progress(done / len(runs))
    names = varied(runs)
    found = outcomes(runs)
    if not any(outcome.accuracies for outcome in found):
        st.info("The first results appear here once a run has finished.", icon=":material/hourglass_empty:")
        return
    labels = [limits_of(TrainingSpec)[name].label for name in names]
    sweep_chart(found, labels, [bool(limits_of(TrainingSpec)[name].choices) for name in names])
    st.caption(in_words(found, is_over=not active))
    table(found, names)


def in_words(found: list[Outcome], *, is_over: bool) -> str:
    """Which is best, and how sure that is."""
    best, *others = [outcome for outcome in found if outcome.accuracies]
    settled = in_percent(best.mean or 0, 2)
    if not others:
        return f"The first result: {settled} of the validation images read right."
    sure = certainty(best, others[0])
    by = "over its seeds" if len(best.accuracies) > 1 else "from one run each, so another seed may turn it round"
    best_is = f"Best{'' if is_over else ' so far'}: {settled}"
    if sure is None or sure < 0.9:
        return f"{best_is}, but the second is so near that chance may have put it first ({by})."
    return f"{best_is}. One can be {in_percent(min(sure, 0.999), 0)} sure that it beats the second ({by})."


def table(found: list[Outcome], names: list[str]) -> None:
    """A row for each combination, the best first."""
    limits = limits_of(TrainingSpec)
    rows = {limits[name].label: [limits[name].title(outcome.values[i]) for outcome in found]
            for i, name in enumerate(names)}  # fmt: skip
    rows |= {
        "Validation": [
            "–" if outcome.mean is None else f"{in_percent(outcome.mean, 2)}{' ◀ best' if place == 0 else ''}"
            for place, outcome in enumerate(found)
        ],
        "Spread": ["–" if outcome.spread is None else f"± {100 * outcome.spread:.2f}" for outcome in found],
        "Test": [_mean_test(outcome) for outcome in found],
        "Runs": [f"{len(outcome.accuracies)} of {len(outcome.runs)}" for outcome in found],
    }
    with st.container(key="several_table"):
        st.table(rows, hide_index=True, border="horizontal")
    with st.container(horizontal=True):
        st.download_button(
            "Download as CSV",
            as_csv(pd.DataFrame(rows)),
            "several.csv",
            "text/csv",
            key="several_csv",
            on_click="ignore",
        )
        if pressed("Compare their curves", key="several_compare", icon=":material/stacked_line_chart:"):
            open_compare([outcome.runs[0].id for outcome in found[:MAX_NAMED]])
    st.caption("The best is chosen by validation; the test images, looked at once for each run, only confirm it.")


def _mean_test(outcome: Outcome) -> str:
    tested = [run.result["test_accuracy"] for run in outcome.runs if run.result.get("test_accuracy") is not None]
    return in_percent(sum(tested) / len(tested), 2) if tested else "–"


def stop_all(runs: list[Run]) -> None:
    """Takes those that wait out of the queue, then stops the one that trains."""
    for run in sorted(runs, key=lambda run: run.status == "running"):
        get_studio().queue.stop(run.id)


found = sweeps(get_studio().store.listing().runs)
if found:
    runs = choose(found)
    every = 2 * POLL_SECONDS if any(run.is_active for run in runs) else None
    st.fragment(panel, run_every=every)(runs[0].tag)
else:
    st.info(
        "Nothing yet. On the [Train](train) page, open *Try several*: it trains one network with several values of a "
        "setting, and shows here which does best, and how sure that is.",
        icon=":material/grid_on:",
    )
