"""Every chart of the pages: curves, a confusion matrix, results as bars, a reliability diagram."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from mnist_core.evaluation.calibration import Bin
from mnist_core.runs.progress import curve_points

CHART_HEIGHT = 210
RELIABILITY_SIDE = 230
CONFUSION_HEIGHT = 430
COMPARED_HEIGHT = 330
RUNS_LEGEND = alt.Legend(orient="bottom", direction="vertical", columns=1, title=None, labelLimit=300)
"""One run a row below the curves, where also a phone has room for a name."""
RUNS_LEGEND_ROW = 20


def learning_curves(events: list[dict[str, Any]], epochs: int) -> None:
    """Loss and accuracy side by side, training and validation in each."""
    for column, metric in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        points = pd.DataFrame(curve_points(events, metric), columns=["epoch", "value", "curve"])
        column.altair_chart(
            _curves(points, metric, epochs),
            key=f"curves_{metric}",
            alt=f"{metric} by epoch, for training and for validation",
        )


def reliability_diagram(bins: Sequence[Bin]) -> None:
    """How often a model is right, by how sure it says it is; beside the diagonal, where both are the same."""
    points = pd.DataFrame(
        [{"confidence": item.confidence, "right": item.accuracy, "answers": item.count} for item in bins]
    )
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(format="%", tickCount=5, labelFlush=False)
    dots = alt.Chart(points).mark_circle(opacity=0.9).encode(
        x=alt.X("confidence:Q", scale=scale, axis=axis, title="how sure it is"),
        y=alt.Y("right:Q", scale=scale, axis=axis, title="how often it is right"),
        size=alt.Size("answers:Q", scale=alt.Scale(range=[15, 400]), legend=None),
        tooltip=[alt.Tooltip("confidence:Q", format=".1%"), alt.Tooltip("right:Q", format=".1%"), "answers:Q"],
    )  # fmt: skip
    diagonal = alt.Chart(pd.DataFrame({"x": [0, 1], "y": [0, 1]})).mark_line(strokeDash=[4, 4], color="grey")
    st.altair_chart(
        (diagonal.encode(x="x:Q", y="y:Q") + dots).properties(
            width=RELIABILITY_SIDE + 60,  # beside the axis and its title
            height=RELIABILITY_SIDE,
            padding={"left": 5, "right": 20, "top": 10, "bottom": 5},  # room for 100% at both ends
        ),
        width="content",
        key="draw_reliability",
        alt="Reliability diagram: how often it is right, by how sure it is; the dashed line is perfect",
    )


def compared_curves(points: list[dict[str, Any]], names: Sequence[str], curve: str, metric: str) -> None:
    """One curve of each run, laid over each other.

    Args:
        points: As `curve_points` gives them, each with the name of its "run" besides.
        names: The runs' names in the order of the legend.
        curve: "training" or "validation".
        metric: "loss" or "accuracy".
    """
    chart = alt.Chart(pd.DataFrame(points)).encode(
        x=alt.X("epoch:Q", axis=alt.Axis(tickMinStep=1, format="d")),
        y=alt.Y("value:Q", title=f"{curve} {metric}", scale=alt.Scale(zero=False)),
        color=alt.Color("run:N", sort=list(names), legend=RUNS_LEGEND),
        tooltip=["run", alt.Tooltip("epoch:Q", format=".2f"), alt.Tooltip("value:Q", format=".4f")],
    )
    st.altair_chart(
        (chart.mark_line(point=curve == "validation")).properties(
            height=COMPARED_HEIGHT + RUNS_LEGEND_ROW * len(names)
        ),
        key="compare_chart",
        alt=f"{curve} {metric} by epoch of {len(names)} runs",
    )


def results_bars(labels: Sequence[str], accuracies: Sequence[float]) -> None:
    """The test accuracies of a few runs, each bar with its number."""
    chart = alt.Chart(pd.DataFrame({"run": labels, "test accuracy": accuracies}))
    bars = chart.mark_bar().encode(
        y=alt.Y("run:N", sort=list(labels), title=None),
        x=alt.X("test accuracy:Q", scale=alt.Scale(domain=[0, 1])),
        tooltip=["run", alt.Tooltip("test accuracy:Q", format=".2%")],
    )
    numbers = bars.mark_text(align="right", dx=-6, color="white").encode(text=alt.Text("test accuracy:Q", format=".2%"))
    st.altair_chart((bars + numbers).properties(height=42 * len(labels) + 40), alt="Test accuracy of each run")


def confusion_matrix(confusion: NDArray[np.int64], class_names: Sequence[str], key: str) -> tuple[int, int] | None:
    """The counts of true and predicted classes, of which one can be clicked.

    Args:
        confusion: int64, shape (10, 10): row the true class, column the predicted one.
        class_names: Ten names.
        key: The chart's key.

    Returns:
        The true and the predicted class of the cell that was clicked, or None.
    """
    names = list(class_names)
    cells = pd.DataFrame(
        [
            {"true": names[row], "predicted": names[column], "count": int(confusion[row, column])}
            for row in range(len(names))
            for column in range(len(names))
        ]
    )
    cell = alt.selection_point(name="cell", fields=["true", "predicted"])
    angle = 0 if names[0].isdigit() else -40
    base = alt.Chart(cells).encode(
        x=alt.X("predicted:N", sort=names, axis=alt.Axis(labelAngle=angle, labelOverlap=False)),
        y=alt.Y("true:N", sort=names),
        tooltip=["true", "predicted", "count"],
    )
    squares = base.mark_rect(cursor="pointer").encode(
        color=alt.Color("count:Q", scale=alt.Scale(type="symlog", scheme="blues"), legend=None)
    )
    counts = base.mark_text(fontSize=11).encode(
        text="count:Q", color=alt.condition("datum.count > 60", alt.value("white"), alt.value("#1b2430"))
    )
    chosen = st.altair_chart(
        (squares.add_params(cell) + counts).properties(height=CONFUSION_HEIGHT),
        key=key,
        on_select="rerun",
        alt="Confusion matrix: the true class by the predicted class, with counts",
    )
    picked = (chosen.get("selection") or {}).get("cell") or []
    return (names.index(picked[0]["true"]), names.index(picked[0]["predicted"])) if picked else None


def _curves(points: pd.DataFrame, metric: str, epochs: int) -> alt.LayerChart:
    curves = alt.Scale(domain=["training", "validation"])
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolStrokeWidth=2)
    base = alt.Chart(points).encode(
        x=alt.X("epoch:Q", title="epoch", scale=alt.Scale(domain=[0, epochs], nice=False), axis=_epoch_axis(epochs)),
        y=alt.Y("value:Q", title=metric, scale=alt.Scale(zero=metric == "loss")),
        color=alt.Color("curve:N", scale=curves, legend=legend),
        tooltip=["curve:N", alt.Tooltip("epoch:Q", format=".2f"), alt.Tooltip("value:Q", format=".4f", title=metric)],
    )
    lines = base.mark_line().encode(strokeDash=alt.StrokeDash("curve:N", scale=curves, legend=legend))
    dots = base.mark_point(filled=True, size=36).encode(
        opacity=alt.condition("datum.curve == 'validation'", alt.value(1), alt.value(0))
    )
    chart: alt.LayerChart = (lines + dots).properties(height=CHART_HEIGHT)
    return chart


def _epoch_axis(epochs: int) -> alt.Axis:
    return alt.Axis(tickMinStep=1, format="d", tickCount=min(epochs, 10))
