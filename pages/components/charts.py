"""Every chart of the pages: curves, a confusion matrix, results as bars, a reliability diagram."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from mnist_core.evaluation.calibration import Bin
from mnist_core.runs.curves import METRICS, Curves

CURVES_HEIGHT = 340
READING_HEIGHT = 250
MAX_CLASSES = 5
"""Of so many classes the reading of a drawing is shown over time: those that were ever most probable."""
TRAINING, VALIDATION, GREY, BENEATH = "#1f5fbf", "#c2571a", "#8a94a3", "#5a8f69"
"""The colours of curves."""
CHANGED, MOMENT = "#8a5fbf", "#e0218a"
"""The colours of what was changed by hand, and of the moment that is looked at."""

SMALL_HEIGHT = 180
SMALL_CONFUSION_SIDE = 260

RELIABILITY_SIDE = 230
CONFUSION_HEIGHT = 430
COMPARED_HEIGHT = 400
RUNS_LEGEND = alt.Legend(orient="bottom", direction="vertical", columns=1, title=None, labelLimit=300)
"""One run a row below the curves, where also a phone has room for a name."""
RUNS_LEGEND_ROW = 20


def learning_curves(
    curves: Curves, metric: str, *, is_log: bool, beneath: Mapping[str, Curves], moment: float | None = None
) -> None:
    """Training and validation of a run, with the gap between them, and other runs laid under it.

    Args:
        curves: The run's.
        metric: A name in `METRICS`.
        is_log: Whether each step up the scale is ten times as much.
        beneath: Other runs by their names.
        moment: The epoch that is marked, or None.
    """
    lines = _curve_lines([("this run", curves), *beneath.items()], is_log=is_log)
    running = [{"epoch": epoch, "value": value} for epoch, value in curves.running if value > 0 or not is_log]
    rulers = [
        {"epoch": point.epoch, "training": point.training, "validation": point.validation} for point in curves.points
    ]
    x, y = _curve_axes(metric, [curves, *beneath.values()], is_log=is_log)
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolStrokeWidth=2)
    kinds = alt.Scale(domain=["training", "validation"])
    colours = alt.Scale(domain=["training", "validation"], range=[TRAINING, VALIDATION])
    number = ".2f" if metric == "mistakes" else ".4f"
    data = alt.Chart(pd.DataFrame(lines, columns=["epoch", "value", "curve", "run", "best"]))
    own = data.transform_filter("datum.run == 'this run'").encode(
        x=x,
        y=y,
        color=alt.Color("curve:N", scale=colours, legend=legend),
        strokeDash=alt.StrokeDash("curve:N", scale=kinds, legend=legend),
    )
    mean = alt.Chart(pd.DataFrame(running, columns=["epoch", "value"])).mark_line(strokeWidth=1, color=GREY)
    at_epochs = alt.Chart(pd.DataFrame(rulers, columns=["epoch", "training", "validation"])).encode(x=x)
    pointed = alt.selection_point(
        name="ruler", fields=["epoch"], nearest=True, on="pointermove", clear="pointerout", empty=False
    )
    layers = [
        at_epochs.mark_area(opacity=0.12, color=VALIDATION).encode(
            y=alt.Y("training:Q", scale=_curve_scale(is_log=is_log)), y2="validation:Q"
        ),
        data.transform_filter("datum.run != 'this run'")
        .mark_line(strokeWidth=1.5, opacity=0.55)
        .encode(x=x, y=y, detail="run:N", strokeDash=alt.StrokeDash("curve:N", scale=kinds), color=alt.value(BENEATH)),
        mean.encode(x=x, y=y),
        own.mark_line(strokeWidth=2.5),
        own.transform_filter("datum.curve == 'validation'").mark_point(filled=True, size=40),
        own.transform_filter("datum.curve == 'validation' && datum.best").mark_point(
            shape="triangle-down", size=130, filled=True, yOffset=-12, color=VALIDATION
        ),
        at_epochs.mark_rule(color=GREY, strokeWidth=8)
        .encode(
            opacity=alt.condition(pointed, alt.value(0.35), alt.value(0)),
            tooltip=[
                alt.Tooltip("epoch:Q", format="d"),
                alt.Tooltip("training:Q", format=number),
                alt.Tooltip("validation:Q", format=number),
            ],
        )
        .add_params(pointed),
    ]
    if curves.changes:
        changed = alt.Chart(pd.DataFrame(curves.changes, columns=["epoch", "what"])).encode(x=x, tooltip="what")
        layers += [
            changed.mark_rule(strokeDash=[2, 3], color=CHANGED, strokeWidth=1.5),
            changed.mark_text(angle=270, align="right", baseline="bottom", dx=-4, dy=-3, color=CHANGED).encode(
                y=alt.value(0), text="what"
            ),
        ]
    if moment is not None:
        layers.append(alt.Chart(pd.DataFrame({"epoch": [moment]})).mark_rule(color=MOMENT, strokeWidth=2).encode(x=x))
    st.altair_chart(
        alt.layer(*layers).properties(height=CURVES_HEIGHT),
        key="train_curves",
        alt=f"{METRICS[metric]} by epoch, for training and for validation; the table below has each value",
    )


def reading_over_time(
    found: NDArray[np.float32], steps: Sequence[int], class_names: Sequence[str], chosen: int, key: str
) -> None:
    """What a network made of one drawing at several moments of its training: a line for each class that mattered.

    Args:
        found: Probabilities at each moment, float32, shape (M, 10).
        steps: The moments, by the steps done until then.
        class_names: Ten names.
        chosen: The place of the moment that is marked.
        key: The chart's key.
    """
    mattered = sorted(found.max(axis=0).argsort()[::-1][:MAX_CLASSES])
    points = pd.DataFrame(
        [
            {"moment": place, "step": step, "class": class_names[label], "probability": float(found[place, label])}
            for place, step in enumerate(steps)
            for label in mattered
        ]
    )
    lines = alt.Chart(points).mark_line(point=len(steps) <= 40).encode(
        x=alt.X("moment:Q", title="moments, one after the other", axis=alt.Axis(labels=False, ticks=False)),
        y=alt.Y("probability:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5)),
        color=alt.Color(
            "class:N", legend=alt.Legend(orient="top", title=None), sort=[class_names[label] for label in mattered]
        ),
        tooltip=["step", "class", alt.Tooltip("probability:Q", format=".1%")],
    )  # fmt: skip
    mark = alt.Chart(pd.DataFrame({"moment": [chosen]})).mark_rule(color=GREY, strokeWidth=2).encode(x="moment:Q")
    st.altair_chart(
        (mark + lines).properties(height=READING_HEIGHT),
        key=key,
        alt="The probability of each class for your drawing, from before training to its end",
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


def compared_curves(curves: Mapping[str, Curves], colours: Mapping[str, str], metric: str, *, is_log: bool) -> None:
    """Training (dashed) and validation (solid) of several runs, each run in its own colour.

    Args:
        curves: Each run's, by its name, in the order of the legend.
        colours: Each run's colour, by its name.
        metric: A name in `METRICS`.
        is_log: Whether each step up the scale is ten times as much.
    """
    x, y = _curve_axes(metric, [*curves.values()], is_log=is_log)
    chart = alt.Chart(pd.DataFrame(_curve_lines(curves.items(), is_log=is_log))).encode(
        x=x,
        y=y,
        color=alt.Color(
            "run:N", scale=alt.Scale(domain=[*colours], range=[*colours.values()]), sort=None, legend=RUNS_LEGEND
        ),
        strokeDash=alt.StrokeDash(
            "curve:N",
            scale=alt.Scale(domain=["validation", "training"], range=[[1, 0], [5, 4]]),
            legend=alt.Legend(orient="top", title=None, symbolType="stroke", symbolStrokeColor=GREY),
        ),
        tooltip=["run", "curve", alt.Tooltip("epoch:Q", format="d"), alt.Tooltip("value:Q", format=".4f")],
    )
    st.altair_chart(
        chart.mark_line(point=True).properties(height=COMPARED_HEIGHT + RUNS_LEGEND_ROW * len(curves)),
        key="compare_chart",
        alt=f"{METRICS[metric]} by epoch of {len(curves)} runs, for training and for validation",
    )


def _curve_lines(curves: Iterable[tuple[str, Curves]], *, is_log: bool) -> list[dict[str, Any]]:
    """The points of runs, each with its run's name; those that no logarithmic scale has are left out of it."""
    return [
        {"epoch": point.epoch, "value": value, "curve": curve, "run": name, "best": point.epoch == each.best}
        for name, each in curves
        for point in each.points
        for curve, value in (("training", point.training), ("validation", point.validation))
        if value > 0 or not is_log
    ]


def _curve_axes(metric: str, curves: Sequence[Curves], *, is_log: bool) -> tuple[alt.X, alt.Y]:
    """Epochs and a metric: from where the first run began, on a scale that fits the values."""
    began = min(each.began for each in curves)
    ends = [point.epoch for each in curves for point in each.points[-1:]]
    ends += [epoch for each in curves for epoch, _ in each.running[-1:]]
    scale = alt.Scale(nice=False, domain=[began, max([began + 1, *ends])])
    epochs = alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, format="d"), scale=scale)
    return epochs, alt.Y("value:Q", title=METRICS[metric].lower(), scale=_curve_scale(is_log=is_log))


def _curve_scale(*, is_log: bool) -> alt.Scale:
    return alt.Scale(type="log") if is_log else alt.Scale(zero=False)


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


def small_lines(points: Sequence[Mapping[str, Any]], title: str, number: str, key: str, *, is_log: bool) -> None:
    """A few figures by epoch.

    Args:
        points: Each with "epoch", "value" and "line".
        title: What the values are.
        number: How they are written, in D3's words.
        key: The chart's key.
        is_log: Whether each step up the scale is ten times as much.
    """
    lines = list(dict.fromkeys(point["line"] for point in points))
    legend = alt.Legend(orient="right", title=None) if len(lines) > 1 else None
    shown = [point for point in points if point["value"] > 0 or not is_log]
    chart = alt.Chart(pd.DataFrame(shown, columns=["epoch", "value", "line"])).mark_line(point=True)
    st.altair_chart(
        chart.encode(
            x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, format="d"), scale=alt.Scale(nice=False)),
            y=alt.Y("value:Q", title=title, scale=_curve_scale(is_log=is_log), axis=alt.Axis(format=number)),
            color=alt.Color("line:N", sort=lines, legend=legend),
            tooltip=["epoch", "line", alt.Tooltip("value:Q", format=number)],
        ).properties(height=SMALL_HEIGHT),
        key=key,
        alt=f"{title} by epoch",
    )


def small_confusion(confusion: NDArray[np.int64], class_names: Sequence[str], key: str) -> None:
    """The mistakes of a confusion matrix, (10, 10): a row for each class, a column for what it was taken for."""
    names = list(class_names)
    mistakes = pd.DataFrame(
        [
            {"true": names[row], "read as": names[column], "count": int(confusion[row, column])}
            for row in range(len(names))
            for column in range(len(names))
            if row != column
        ]
    )
    angle = 0 if names[0].isdigit() else -40
    base = alt.Chart(mistakes).encode(
        x=alt.X("read as:N", sort=names, scale=alt.Scale(domain=names), axis=alt.Axis(labelAngle=angle)),
        y=alt.Y("true:N", sort=names, scale=alt.Scale(domain=names)),
        tooltip=["true", "read as", "count"],
    )
    cells = base.mark_rect().encode(color=alt.Color("count:Q", scale=alt.Scale(scheme="oranges"), legend=None))
    strongest = max(int(mistakes["count"].max()), 1)
    counts = base.transform_filter("datum.count > 0").mark_text(fontSize=10).encode(
        text="count:Q",
        color=alt.condition(f"datum.count > {0.6 * strongest}", alt.value("white"), alt.value("#1b2430")),
    )  # fmt: skip
    st.altair_chart(
        (cells + counts).properties(width=1.3 * SMALL_CONFUSION_SIDE, height=SMALL_CONFUSION_SIDE),
        width="content",
        key=key,
        alt="Mistakes: the true class by what it was taken for, with counts",
    )


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
