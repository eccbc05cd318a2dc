"""What a run's events say of how it learns, as curves and as a sentence."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mnist_core.formatting import in_percent
from mnist_core.runs.progress import epoch_rows, num_steps
from mnist_core.training.controls import Change

MAX_CURVE_POINTS = 200
"""As many points as a curve needs on a screen; a longer log is thinned out."""

METRICS = {"mistakes": "Mistakes in 100", "loss": "Loss"}
"""What curves can show, with the names people read; both are better where they are lower."""

HEADROOM = 1.15
"""How far above the highest point of a finished epoch a scale goes; what began higher is cut."""

RUNNING = "mean over the epoch so far"

FIRST_HEADROOM = 3.0
"""The same while there are few epochs, and the way to them is most of what there is to see."""

PATIENCE = 3
"""After so many epochs in one direction it is said in words."""


@dataclass(frozen=True)
class EpochPoint:
    """A network at the end of an epoch.

    Attributes:
        epoch: Counted from where its first run began, if it continues others.
        training: Measured on pictures that it learns from; of older runs the mean over the epoch.
        validation: Measured on those that it does not learn from.
    """

    epoch: float
    training: float
    validation: float


@dataclass(frozen=True)
class Curves:
    """The curves of a run.

    Attributes:
        began: The epochs that the runs before it were trained, where it continues any.
        points: One for each finished epoch, or as many as a screen shows, ascending.
        running: The mean over an epoch's pictures so far, (epoch, value), as it was reported on the way.
        best: The epoch whose validation is lowest, or None before the first is finished.
        changes: What was set otherwise on the way, in words, and where: (epoch, words).
        num_cut: So many points of the beginning are too high for the scale of the others, and left out.
    """

    began: float
    points: tuple[EpochPoint, ...]
    running: tuple[tuple[float, float], ...]
    best: float | None
    changes: tuple[tuple[float, str], ...]
    num_cut: int


def curves_of(events: list[dict[str, Any]], metric: str) -> Curves:
    """The curves of a run.

    Args:
        events: The run's events so far, oldest first.
        metric: A name in `METRICS`.
    """
    steps, before = num_steps(events) or 1, epochs_before(events)
    points, running, changes = _epoch_points(events, metric), [], []
    for event in events:
        if event["event"] == "progress":
            running.append((before + epoch_at(event, steps), _value(event, metric)))
        elif event["event"] == "epoch":
            running.append((float(before + event["epoch"]), _value(event, metric)))
        elif event["event"] == "changed":
            changes.append((before + epoch_at(event, steps), Change.of(event).in_words))
    best = min(points, key=lambda point: point.validation).epoch if points else None
    shown = thinned(points)
    headroom = HEADROOM if len(points) >= PATIENCE else FIRST_HEADROOM
    highest = headroom * max((max(point.training, point.validation) for point in points), default=float("inf"))
    kept = [item for item in running if item[1] <= highest]
    return Curves(float(before), tuple(shown), tuple(thinned(kept)), best, tuple(changes), len(running) - len(kept))


def _epoch_points(events: list[dict[str, Any]], metric: str) -> list[EpochPoint]:
    """A point for each finished epoch."""
    before = epochs_before(events)
    return [
        EpochPoint(
            float(before + row["epoch"]),
            _value(row, metric, "train_", _value(row, metric)),
            _value(row, metric, "val_"),
        )
        for row in epoch_rows(events)
    ]


def epoch_at(event: dict[str, Any], steps: int) -> float:
    """Where an event lies that tells an epoch and a step in it, in epochs from the run's beginning.

    Args:
        event: The event.
        steps: Steps in an epoch, where the event does not say it.
    """
    return float(event["epoch"] - 1 + event["step"] / (event.get("steps") or steps))


def epochs_before(events: list[dict[str, Any]]) -> int:
    """How many epochs the runs that this one continues were trained, as it was said at its start."""
    return next((event.get("epochs_before", 0) for event in events if event["event"] == "started"), 0)


def in_words(events: list[dict[str, Any]]) -> str:
    """What the curves show, in a sentence; "" where they do not show it clearly."""
    rows, points = epoch_rows(events), _epoch_points(events, "loss")
    if len(points) <= PATIENCE:
        return ""
    best = min(range(len(points)), key=lambda place: points[place].validation)
    since = len(points) - 1 - best
    now, then = points[-1], points[best]
    if since >= PATIENCE and now.training < then.training:
        return (
            f"Since epoch {then.epoch:g} training still improves (loss {_change(then.training, now.training)}) and "
            f"validation does not ({_change(then.validation, now.validation)}): "
            "it begins to learn the training pictures by heart."
        )
    if since >= PATIENCE:
        return f"Neither training nor validation has improved since epoch {then.epoch:g}."
    accuracies = [row["val_accuracy"] for row in rows[-PATIENCE - 1 :]]
    if all(later > earlier for earlier, later in itertools.pairwise(accuracies)):
        gained = in_percent(accuracies[-1] - accuracies[0], 1)
        return f"Validation has improved in each of the last {PATIENCE} epochs, by {gained} in all: more may help."
    return ""


def _change(before: float, after: float) -> str:
    return f"{before:.3f} → {after:.3f}"


def curve_points(events: list[dict[str, Any]], metric: str) -> list[dict[str, Any]]:
    """The points of a training and a validation curve, for a figure.

    Args:
        events: The run's events so far, oldest first.
        metric: "loss" or "accuracy".

    Returns:
        At most about `MAX_CURVE_POINTS` points for each curve, as dicts: "epoch" (a fraction within an epoch), "value",
        and "curve", which is "training", "validation", or `RUNNING`, the mean over the epoch so far.
    """
    steps, before = num_steps(events) or 1, epochs_before(events)
    running, training, validation = [], [], []
    for event in events:
        if event["event"] == "progress":
            running.append((before + epoch_at(event, steps), event[metric]))
        elif event["event"] == "epoch":
            running.append((before + event["epoch"], event[metric]))
            training.append((before + event["epoch"], event.get(f"train_{metric}", event[metric])))
            validation.append((before + event["epoch"], event[f"val_{metric}"]))
    return [
        {"epoch": epoch, "value": value, "curve": curve}
        for curve, points in ((RUNNING, running), ("training", training), ("validation", validation))
        for epoch, value in thinned(points)
    ]


def both_curves(events: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The points of `curve_points` for loss and for accuracy, by metric."""
    return {metric: curve_points(events, metric) for metric in ("loss", "accuracy")}


def _value(event: dict[str, Any], metric: str, prefix: str = "", otherwise: float | None = None) -> float:
    """A figure of an event, as a metric that is better where it is lower."""
    name = f"{prefix}loss" if metric == "loss" else f"{prefix}accuracy"
    if otherwise is not None and name not in event:
        return otherwise
    value = float(event[name])
    return value if metric == "loss" else 100 * (1 - value)


def thinned(points: Sequence[Any]) -> list[Any]:
    stride = -(-len(points) // MAX_CURVE_POINTS) if points else 1
    kept = [*points[::stride]]
    return kept if not points or kept[-1] is points[-1] else [*kept, points[-1]]
