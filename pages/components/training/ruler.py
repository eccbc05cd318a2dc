"""A ruler for curves that a finger or a key moves, where a tool tip needs a pointer."""

from collections.abc import Mapping

from mnist_core.runs.curves import Curves
from pages.components.scripted import component

_RULER = component("ruler", html='<div class="ruler"></div>')


def ruler(run_id: str, curves: Curves, metric: str, beneath: Mapping[str, Curves]) -> None:
    """A slider from epoch to epoch with all values there; nothing before the second epoch.

    Args:
        run_id: The run, by its id; another one's ruler begins at its newest epoch.
        curves: The run's.
        metric: A name in `METRICS`.
        beneath: Other runs by their names, whose validation is said where they were trained for so long.
    """
    if len(curves.points) < 2:
        return
    epochs = [point.epoch for point in curves.points]
    lines = [
        {"name": "training", "values": [point.training for point in curves.points]},
        {"name": "validation", "values": [point.validation for point in curves.points]},
    ]
    for name, other in beneath.items():
        known = {point.epoch: point.validation for point in other.points}
        lines.append({"name": name, "values": [known.get(epoch) for epoch in epochs]})
    digits = 2 if metric == "mistakes" else 4
    _RULER(key="train_ruler", data={"run": run_id, "epochs": epochs, "lines": lines, "digits": digits})
