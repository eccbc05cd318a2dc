"""What else moves while a network learns, epoch by epoch, as its run's events say it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core import NUM_CLASSES
from mnist_core.runs.curves import epochs_before, thinned
from mnist_core.runs.progress import epoch_rows

Point = dict[str, Any]
"""A point of a chart: "epoch", "value", and the "line" that it is of."""

KINDS = {
    "classes": "Each class",
    "confusion": "Confusion matrix",
    "rate": "Learning rate",
    "norms": "Gradient and weights",
    "speed": "Images a second",
}
"""What can be shown beside the curves, with the names people read."""


def confusion_at(events: list[dict[str, Any]], epoch: int | None = None) -> NDArray[np.int64] | None:
    """How often each class was read as which, among the validation pictures.

    Args:
        events: The run's events so far, oldest first.
        epoch: At the end of which epoch of the run, from 1; by default the last one.

    Returns:
        int64 (10, 10): a row for each class, a column for each answer; None where the log does not say it.
    """
    for row in reversed(epoch_rows(events)):
        if epoch in (None, row["epoch"]):
            return _confusion(row)
    return None


def class_points(events: list[dict[str, Any]], class_names: tuple[str, ...]) -> list[Point]:
    """The validation accuracy of each class by epoch."""
    points = []
    for epoch, row in _rows(events):
        confusion = _confusion(row)
        if confusion is not None:
            right = confusion.diagonal() / np.maximum(confusion.sum(axis=1), 1)
            points += [
                {"epoch": epoch, "value": float(value), "line": name}
                for name, value in zip(class_names, right, strict=True)
            ]
    return points


def figure_points(events: list[dict[str, Any]], names: dict[str, str]) -> list[Point]:
    """Figures of the epochs, each a line.

    Args:
        events: The run's events so far, oldest first.
        names: The figures of the "epoch" events, with the names of their lines.
    """
    return [
        {"epoch": epoch, "value": float(row[name]), "line": line}
        for epoch, row in _rows(events)
        for name, line in names.items()
        if _is_number(row.get(name))
    ]


def speed_points(events: list[dict[str, Any]]) -> list[Point]:
    """Training images a second by epoch."""
    images = next((event.get("num_train") for event in events if event["event"] == "started"), None)
    if not _is_number(images):
        return []
    return [
        {"epoch": epoch, "value": images / row["seconds"], "line": "images a second"}
        for epoch, row in _rows(events)
        if row["seconds"]
    ]


def _rows(events: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    before = epochs_before(events)
    return [(before + row["epoch"], row) for row in thinned(epoch_rows(events))]


def _confusion(row: dict[str, Any]) -> NDArray[np.int64] | None:
    try:
        found = np.array(row["confusion"], np.int64)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None  # a log of before, or no matrix
    return found if found.shape == (NUM_CLASSES, NUM_CLASSES) and (found >= 0).all() else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
