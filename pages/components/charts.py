"""Charts: the curves of a run, drawn while it trains, and the reliability diagram of a model."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from mnist_core.evaluation.calibration import Bin
from mnist_core.runs.progress import curve_points

CHART_HEIGHT = 210
RELIABILITY_SIDE = 230


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
    return (lines + dots).properties(height=CHART_HEIGHT)


def _epoch_axis(epochs: int) -> alt.Axis:
    return alt.Axis(tickMinStep=1, format="d", tickCount=min(epochs, 10))
