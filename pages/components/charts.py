"""Every chart of the pages: curves, a confusion matrix, results as bars, a reliability diagram."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from mnist_core.evaluation.calibration import Bin
from mnist_core.evaluation.findings import Finding, scale_of
from mnist_core.runs.curves import METRICS, Curves
from mnist_core.runs.sweeps import Outcome

CURVES_HEIGHT = 340
READING_HEIGHT = 250
OWN = "this run"
MAX_CLASSES = 5
"""Of so many classes the reading of a drawing is shown over time: those that were ever most probable."""
TRAINING, VALIDATION, GREY, BENEATH = "#1f5fbf", "#c2571a", "#8a94a3", "#5a8f69"
"""The colours of curves."""
CHANGED, MOMENT = "#8a5fbf", "#e0218a"
"""The colours of what was changed by hand, and of the moment that is looked at."""

SMALL_HEIGHT = 180
SMALL_CONFUSION_SIDE, SMALL_CONFUSION_WIDTH = 260, 400

RELIABILITY_SIDE = 230
CONFUSION_HEIGHT = 430
COMPARED_HEIGHT = 400
LOG_RATIO = 20
"""Values of a setting that are further apart than this stand on a logarithmic axis."""
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
    rows: list[dict[str, Any]] = [
        {"kind": "line" if line["run"] == OWN else "beneath", **line}
        for line in _curve_lines([(OWN, curves), *beneath.items()], is_log=is_log)
    ]
    rows += [
        {"kind": "mean", "epoch": epoch, "value": value} for epoch, value in curves.running if value > 0 or not is_log
    ]
    rows += [
        {"kind": "epoch", "epoch": point.epoch, "training": point.training, "validation": point.validation}
        for point in curves.points
    ]
    rows += [{"kind": "changed", "epoch": epoch, "what": what} for epoch, what in curves.changes]
    rows += [{"kind": "moment", "epoch": moment}] if moment is not None else []
    rows += [{"kind": "extent", "epoch": epoch} for epoch in _extent([curves, *beneath.values()])]
    columns = ["kind", "epoch", "value", "curve", "run", "best", "training", "validation", "what"]
    st.vega_lite_chart(
        pd.DataFrame(rows, columns=columns).astype({"best": "boolean"}),
        _curves_spec(metric, is_log=is_log),
        key="train_curves",
        alt=f"{METRICS[metric]} by epoch, for training and for validation; the table below has each value",
    )


@functools.cache
def _curves_spec(metric: str, *, is_log: bool) -> dict[str, Any]:
    """How the curves of a run look. It is the same whatever the data, so that a browser draws new points into it."""
    x = alt.X(
        "epoch:Q",
        title="epoch",
        axis=alt.Axis(tickMinStep=1, format="d"),
        scale=alt.Scale(nice=False, zero=False),
    )
    y = alt.Y("value:Q", title=METRICS[metric].lower(), scale=_curve_scale(is_log=is_log))
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolStrokeWidth=2)
    kinds = alt.Scale(domain=["training", "validation"])
    colours = alt.Scale(domain=["training", "validation"], range=[TRAINING, VALIDATION])
    number = ".2f" if metric == "mistakes" else ".4f"
    own = _rows("line").encode(
        x=x,
        y=y,
        color=alt.Color("curve:N", scale=colours, legend=legend),
        strokeDash=alt.StrokeDash("curve:N", scale=kinds, legend=legend),
    )
    at_epochs, changed = _rows("epoch").encode(x=x), _rows("changed").encode(x=x, tooltip="what:N")
    pointed = alt.selection_point(
        name="ruler", fields=["epoch"], nearest=True, on="pointermove", clear="pointerout", empty=False
    )
    return _spec(
        _rows("extent").mark_point(opacity=0).encode(x=x),
        at_epochs.mark_area(opacity=0.12, color=VALIDATION).encode(
            y=alt.Y("training:Q", scale=_curve_scale(is_log=is_log)), y2="validation:Q"
        ),
        _rows("beneath")
        .mark_line(strokeWidth=1.5, opacity=0.55)
        .encode(x=x, y=y, detail="run:N", strokeDash=alt.StrokeDash("curve:N", scale=kinds), color=alt.value(BENEATH)),
        _rows("mean").mark_line(strokeWidth=1, color=GREY).encode(x=x, y=y),
        own.mark_line(strokeWidth=2.5),
        own.mark_point(filled=True, size=40, strokeDash=[1, 0]),
        own.transform_filter("datum.curve == 'validation' && datum.best").mark_point(
            shape="triangle-down", size=130, filled=True, yOffset=-12, color=VALIDATION
        ),
        changed.mark_rule(strokeDash=[2, 3], color=CHANGED, strokeWidth=1.5),
        changed.mark_text(angle=270, align="right", baseline="bottom", dx=-4, dy=-3, color=CHANGED).encode(
            y=alt.value(0), text="what:N"
        ),
        _rows("moment").mark_rule(color=MOMENT, strokeWidth=2).encode(x=x),
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
        height=CURVES_HEIGHT,
    )


def _rows(kind: str) -> alt.Chart:
    """The rows of one kind among all that a chart is given."""
    return alt.Chart().transform_filter(f"datum.kind == '{kind}'")


def _spec(*layers: alt.Chart, height: int) -> dict[str, Any]:
    """Layers as Vega-Lite, without data."""
    spec: dict[str, Any] = alt.layer(*layers).properties(height=height).to_dict(validate=False)
    return {name: value for name, value in spec.items() if name != "config"}


def _extent(curves: Sequence[Curves]) -> tuple[float, float]:
    """From where the first of some runs began to the last epoch that any has come to, at least one epoch."""
    began = min(each.began for each in curves)
    ends = [point.epoch for each in curves for point in each.points[-1:]]
    ends += [epoch for each in curves for epoch, _ in each.running[-1:]]
    return began, max([began + 1, *ends])


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
    rows: list[dict[str, Any]] = [
        {
            "kind": "line",
            "moment": place,
            "step": step,
            "class": class_names[label],
            "probability": float(found[place, label]),
        }
        for place, step in enumerate(steps)
        for label in mattered
    ]
    rows.append({"kind": "moment", "moment": chosen})
    st.vega_lite_chart(
        pd.DataFrame(rows),
        _reading_spec(),
        key=key,
        alt="The probability of each class for your drawing, from before training to its end",
    )


@functools.cache
def _reading_spec() -> dict[str, Any]:
    """How the reading of a drawing over time looks, whatever the data."""
    x = alt.X("moment:Q", title="moments, one after the other", axis=alt.Axis(labels=False, ticks=False))
    lines = _rows("line").encode(
        x=x,
        y=alt.Y("probability:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5)),
        color=alt.Color("class:N", legend=alt.Legend(orient="top", title=None)),
        tooltip=["step:Q", "class:N", alt.Tooltip("probability:Q", format=".1%")],
    )
    mark = _rows("moment").mark_rule(color=GREY, strokeWidth=2).encode(x=x)
    return _spec(mark, lines.mark_line(point=alt.OverlayMarkDef(size=15)), height=READING_HEIGHT)


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
    scale = alt.Scale(nice=False, domain=list(_extent([*curves.values()])))
    chart = alt.Chart(pd.DataFrame(_curve_lines(curves.items(), is_log=is_log))).encode(
        x=alt.X("epoch:Q", title="epoch", axis=alt.Axis(tickMinStep=1, format="d"), scale=scale),
        y=alt.Y("value:Q", title=METRICS[metric].lower(), scale=_curve_scale(is_log=is_log)),
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


def _curve_scale(*, is_log: bool) -> alt.Scale:
    return alt.Scale(type="log") if is_log else alt.Scale(zero=False)


def sweep_chart(found: Sequence[Outcome], labels: Sequence[str], are_words: Sequence[bool]) -> None:
    """What came of combinations of settings: one setting as points, a second as colours, three as parallel lines.

    Args:
        found: The combinations.
        labels: The names of the settings that differ.
        are_words: For each, whether its values are words and no numbers.
    """
    finished = [outcome for outcome in found if outcome.mean is not None]
    if len(labels) > 2:
        _parallel_lines(finished, labels, are_words)
        return
    names = [*labels, "validation accuracy"]
    points = pd.DataFrame(
        [
            dict(zip(names, (*map(_plain, outcome.values), accuracy), strict=True))
            for outcome in finished
            for accuracy in outcome.accuracies
        ],
        columns=names,
    )
    x_label = labels[0] if labels else "all"
    if not labels:
        points[x_label] = "all"
    is_word = not labels or are_words[0]
    x = alt.X(f"{x_label}:N", title=x_label) if is_word else alt.X(
        f"{x_label}:Q", title=x_label, scale=_setting_scale(points[x_label])
    )  # fmt: skip
    colour = alt.Color(f"{labels[1]}:N", legend=alt.Legend(orient="top")) if len(labels) > 1 else alt.value(TRAINING)
    base = alt.Chart(points).encode(x=x, color=colour)
    y = alt.Y("validation accuracy:Q", scale=alt.Scale(zero=False), axis=alt.Axis(format=".1%"))
    means = base.mark_line(point=alt.OverlayMarkDef(size=70)).encode(
        y=alt.Y("mean(validation accuracy):Q", scale=alt.Scale(zero=False), title="validation accuracy"),
    )
    single = base.mark_point(opacity=0.6).encode(
        y=y, tooltip=[*labels, alt.Tooltip("validation accuracy:Q", format=".2%")]
    )
    bars = base.mark_errorbar(extent="stdev").encode(y=y)
    layers = [single, means, bars] if any(len(outcome.accuracies) > 1 for outcome in finished) else [single, means]
    st.altair_chart(
        alt.layer(*layers).properties(height=COMPARED_HEIGHT),
        key="several_chart",
        alt=f"Validation accuracy by {' and '.join(labels)}; the table below has each value",
    )


def _parallel_lines(found: Sequence[Outcome], labels: Sequence[str], are_words: Sequence[bool]) -> None:
    """Each combination as a line through an axis for each setting, coloured by its accuracy."""
    rows = []
    for place, (label, is_word) in enumerate(zip(labels, are_words, strict=True)):
        values = [outcome.values[place] for outcome in found]
        numbers = [sorted(set(map(str, values))).index(str(value)) for value in values] if is_word else values
        heights = np.array(numbers, float)
        if not is_word and _is_wide(heights):
            heights = np.log(heights)
        heights = (heights - heights.min()) / max(heights.max() - heights.min(), 1e-12)
        rows += [
            {"line": line, "setting": label, "height": height, "value": str(_plain(value)), "accuracy": outcome.mean}
            for line, (outcome, value, height) in enumerate(zip(found, values, heights, strict=True))
        ]
    base = alt.Chart(pd.DataFrame(rows)).encode(
        x=alt.X(
            "setting:N",
            sort=list(labels),
            title=None,
            axis=alt.Axis(labelAngle=0, labelLimit=200),
            scale=alt.Scale(padding=0.3),
        ),
        y=alt.Y("height:Q", axis=None),
        detail="line:N",
    )  # fmt: skip
    lines = base.mark_line(strokeWidth=2.5, point=True).encode(
        color=alt.Color(
            "accuracy:Q",
            scale=alt.Scale(scheme="viridis"),
            legend=alt.Legend(format=".1%", title="validation", orient="right"),
        ),
        tooltip=["setting", "value", alt.Tooltip("accuracy:Q", format=".2%")],
    )
    texts = base.mark_text(align="left", dx=8, color=GREY).encode(text="value")
    st.altair_chart(
        (lines + texts).properties(height=COMPARED_HEIGHT),
        key="several_chart",
        alt=f"Each combination of {', '.join(labels)} as a line; the table below has each value",
    )


def _setting_scale(values: pd.Series) -> alt.Scale:
    """Logarithmic where the values span powers of ten."""
    return _curve_scale(is_log=_is_wide(values))


def _is_wide(values: Any) -> bool:
    """Whether numbers span powers of ten."""
    return bool(values.min() > 0 and values.max() / values.min() > LOG_RATIO)


def _plain(value: Any) -> Any:
    """A setting's value as a chart takes it: a number, or a word."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def results_bars(found: Sequence[Finding]) -> None:
    """Mean test accuracies as bars on a scale that shows their differences, with a dot for each of several runs."""
    labels = [item.label for item in found]
    low, high = scale_of(found)
    y = alt.Y("label:N", sort=labels, title=None, axis=alt.Axis(labelLimit=260))
    scale = alt.Scale(domain=[low, high], zero=False, nice=False)
    title = f"test accuracy; the scale begins at {low:.0%}" if low else "test accuracy"
    x = alt.X("accuracy:Q", scale=scale, axis=alt.Axis(format="%", tickCount=6), title=title)
    means = [{"label": item.label, "accuracy": item.mean, "low": low} for item in found]
    runs = [{"label": item.label, "accuracy": each} for item in found for each in item.accuracies]
    value = alt.Tooltip("accuracy:Q", format=".2%")
    mean = alt.Chart(pd.DataFrame(means)).encode(y=y, x=x, tooltip=["label", value])
    bars = mean.mark_bar(color=TRAINING).encode(x2="low:Q")
    numbers = mean.mark_text(align="left", dx=5, color="white", fontWeight="bold").encode(
        x=alt.X("low:Q", scale=scale), text=alt.Text("accuracy:Q", format=".2%")
    )
    dots = alt.Chart(pd.DataFrame(runs)).mark_circle(size=45, color=VALIDATION, opacity=1).encode(
        y=y, x=x, tooltip=["label", value]
    )  # fmt: skip
    is_repeated = any(item.spread is not None for item in found)
    st.altair_chart(
        alt.layer(bars, numbers, *([dots] if is_repeated else [])).properties(height=42 * len(labels) + 40),
        alt="Test accuracy of each experiment",
    )


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
        x=alt.X(
            "read as:N", sort=names, scale=alt.Scale(domain=names), axis=alt.Axis(labelAngle=angle, labelOverlap=False)
        ),
        y=alt.Y("true:N", sort=names, scale=alt.Scale(domain=names), axis=alt.Axis(labelOverlap=False)),
        tooltip=["true", "read as", "count"],
    )
    cells = base.mark_rect().encode(color=alt.Color("count:Q", scale=alt.Scale(scheme="oranges"), legend=None))
    strongest = max(int(mistakes["count"].max()), 1)
    counts = base.transform_filter("datum.count > 0").mark_text(fontSize=10).encode(
        text="count:Q",
        color=alt.condition(f"datum.count > {0.6 * strongest}", alt.value("white"), alt.value("#1b2430")),
    )  # fmt: skip
    st.altair_chart(
        (cells + counts).properties(height=SMALL_CONFUSION_SIDE),
        width=SMALL_CONFUSION_WIDTH,
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
