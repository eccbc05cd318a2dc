"""Curves of a run, drawn while it trains."""

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from mnist_core.progress import curve_points

CHART_HEIGHT = 210


def learning_curves(events: list[dict[str, Any]], epochs: int) -> None:
    """Loss and accuracy side by side, training and validation in each."""
    for column, metric in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        points = pd.DataFrame(curve_points(events, metric), columns=["epoch", "value", "curve"])
        column.altair_chart(
            _curves(points, metric, epochs),
            key=f"curves_{metric}",
            alt=f"{metric} by epoch, for training and for validation",
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
