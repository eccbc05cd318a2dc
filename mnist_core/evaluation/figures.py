"""Figures that people download, drawn by Matplotlib."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mnist_core.evaluation.findings import Finding, scale_of
from mnist_core.evaluation.metrics import Evaluation
from mnist_core.formatting import in_percent

RIGHT, WRONG, OTHER = "#1f5fbf", "#b3261e", "#b8c0ca"
FORMATS = {"png": "image/png", "svg": "image/svg+xml"}


def render(figure: Figure, format: str) -> bytes:
    """A figure as the content of a file.

    Args:
        figure: The figure.
        format: "png" or "svg".
    """
    content = io.BytesIO()
    figure.savefig(content, format=format, dpi=160, bbox_inches="tight")
    return content.getvalue()


def as_written(text: str) -> str:
    """A text that people chose, in which Matplotlib finds no formula."""
    return text.replace("$", r"\$")


CURVE_STYLES: dict[str, dict[str, Any]] = {
    "training": {"linestyle": "-", "color": "C0"},
    "validation": {"linestyle": "--", "marker": "o", "markersize": 4, "color": "C1"},
}


def curves_figure(title: str, curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> Figure:
    """Loss and accuracy of a run, training and validation in each, and what else there is as thin grey lines.

    Args:
        title: What stands above.
        curves: The points of each metric, "loss" and "accuracy", as dicts with "epoch", "value" and "curve".
    """
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    figure.suptitle(as_written(title))
    for axes, metric in zip(figure.subplots(1, 2), curves, strict=True):
        for curve in dict.fromkeys(point["curve"] for point in curves[metric]):
            chosen = [point for point in curves[metric] if point["curve"] == curve]
            style = CURVE_STYLES.get(curve, {"color": "silver", "linewidth": 0.8})
            axes.plot([p["epoch"] for p in chosen], [p["value"] for p in chosen], label=curve, **style)
        axes.set(xlabel="epoch", ylabel=metric)
        axes.legend()
    return figure


def confusion_figure(title: str, found: Evaluation, class_names: Sequence[str]) -> Figure:
    """A confusion matrix with its counts."""
    figure = Figure(figsize=(8, 7), layout="constrained")
    axes = figure.subplots()
    shares = found.confusion / np.maximum(found.confusion.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    ticks = range(len(class_names))
    axes.set_xticks(ticks, class_names, rotation=45, ha="right")
    axes.set_yticks(ticks, class_names)
    axes.set(title=as_written(title), xlabel="predicted", ylabel="true")
    for row in ticks:
        for column in ticks:
            count = found.confusion[row, column]
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=8)
    return figure


def predictions_figure(
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    probabilities: NDArray[np.float32],
    class_names: Sequence[str],
) -> Figure:
    """Pictures with predicted name, percentage and true name, each with its ten bars: blue right, red wrong.

    Args:
        images: uint8, shape (N, 28, 28), at most 15.
        labels: int64, shape (N,).
        probabilities: float32, shape (N, 10).
        class_names: Ten names.
    """
    columns = 3
    rows = max(-(-len(images) // columns), 1)
    figure = Figure(figsize=(4 * columns, 2.1 * rows), layout="constrained")
    grid = figure.subplots(rows, 2 * columns, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for index, (image, label, values) in enumerate(zip(images, labels, probabilities, strict=True)):
        picture, bars = grid[index // columns, 2 * (index % columns) : 2 * (index % columns) + 2]
        guess = int(values.argmax())
        colour = RIGHT if guess == label else WRONG
        picture.imshow(image, cmap="binary")
        text = f"{class_names[guess]} {in_percent(values[guess])} ({class_names[label]})"
        picture.text(14, 31, text, ha="center", va="top", color=colour, fontsize=9)
        colours = [OTHER] * len(class_names)
        colours[guess], colours[label] = WRONG, RIGHT
        bars.bar(range(len(class_names)), values, color=colours)
        bars.set_axis_on()
        bars.set(ylim=(0, 1), xticks=range(len(class_names)), yticks=[])
        bars.tick_params(labelsize=7)
    return figure


def results_figure(title: str, found: Sequence[Finding]) -> Figure:
    """Mean test accuracies as bars on a scale that shows their differences, with a dot for each run."""
    figure = Figure(figsize=(8, 0.6 * len(found) + 1.2), layout="constrained")
    axes = figure.subplots()
    low, high = scale_of(found)
    axes.barh(range(len(found)), [item.mean - low for item in found], left=low, color=RIGHT)
    for place, item in enumerate(found):
        axes.plot(item.accuracies, [place] * len(item.accuracies), "o", color="#101418", markersize=4)
        axes.text(high + (high - low) / 100, place, in_percent(item.mean, 2), va="center")
    axes.set_yticks(range(len(found)), [as_written(item.label) for item in found])
    axes.invert_yaxis()
    axes.set(title=as_written(title), xlabel="test accuracy", xlim=(low, high))
    return figure
