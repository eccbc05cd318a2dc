"""What else moves while a network learns, as much of it as the learner wants to see."""

from typing import Any

import streamlit as st

from mnist_core.datasets import DATASETS
from mnist_core.runs.beside import KINDS, class_points, confusion_at, figure_points, speed_points
from mnist_core.runs.run import Run
from pages.components.charts import small_confusion, small_lines

NORMS = {"gradient_norm": "gradient", "weight_norm": "weights"}


def beside_choice() -> None:
    """What is to be shown."""
    st.pills(
        "Also show",
        list(KINDS),
        selection_mode="multi",
        key="train_beside",
        format_func=KINDS.__getitem__,
        persist_state="session",
    )


def show_beside(run: Run, events: list[dict[str, Any]]) -> None:
    """Shows what was chosen; nothing is worked out for what was not."""
    chosen = st.session_state.get("train_beside") or []
    class_names = DATASETS[run.spec.dataset].class_names
    if "classes" in chosen:
        _lines("classes", class_points(events, class_names), "validation accuracy", "%")
    if "confusion" in chosen:
        confusion = confusion_at(events)
        if confusion is None:
            _none_yet("confusion")
        else:
            small_confusion(confusion, class_names, key="train_beside_confusion")
            st.caption("Validation pictures at the end of the last epoch; what is right is left out.")
    if "rate" in chosen:
        _lines("rate", figure_points(events, {"learning_rate": "learning rate"}), "learning rate", ".3~g")
    if "norms" in chosen:
        _lines("norms", figure_points(events, NORMS), "length", ".3~g", is_log=True)
        st.caption(
            "The length of the gradient (over 250 training pictures, at the end of each epoch) and of all weights, "
            "each taken as one long vector: a gradient that shrinks means that it settles."
        )
    if "speed" in chosen:
        _lines("speed", speed_points(events), "images a second", ",.0f")


def _lines(kind: str, points: list[dict[str, Any]], title: str, number: str, *, is_log: bool = False) -> None:
    if points:
        small_lines(points, title, number, key=f"train_beside_{kind}", is_log=is_log)
    else:
        _none_yet(kind)


def _none_yet(kind: str) -> None:
    st.caption(f"{KINDS[kind]}: here after the first epoch; runs of older versions do not say it.")
