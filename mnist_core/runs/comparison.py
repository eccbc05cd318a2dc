"""What differs between runs."""

import zlib
from collections.abc import Sequence

from mnist_core.networks.fields import limits_of
from mnist_core.runs.run import Run
from mnist_core.training.spec import TrainingSpec

COLOURS = (
    "#1f5fbf", "#c2571a", "#2e8b57", "#8e44ad", "#b8860b", "#d1495b", "#117a8b", "#7a5c3e", "#5d6d7e", "#c71585",
)  # fmt: skip
"""What curves of different runs are told apart by, on white and on black."""


def colours_of(runs: Sequence[Run]) -> list[str]:
    """A colour for each run: always the same one, unless another run beside it already has it."""
    taken: list[str] = []
    for run in runs:
        first = (run.number or zlib.crc32(run.id.encode())) % len(COLOURS)
        turned = (*COLOURS[first:], *COLOURS[:first])
        taken.append(next((colour for colour in turned if colour not in taken), turned[0]))
    return taken


def unique_names(runs: Sequence[Run]) -> dict[str, str]:
    """A name for each run that no other of them has, by its id: its own, or with its place behind it."""
    names = [run.name for run in runs]
    return {run.id: run.name if names.count(run.name) == 1 else f"{run.name} ({i})" for i, run in enumerate(runs, 1)}


def differences(runs: Sequence[Run]) -> dict[str, list[str]]:
    """The settings in which runs differ.

    Args:
        runs: Two or more runs.

    Returns:
        For each setting that is not the same in all of them, its name as people read it and each run's value.
    """
    rows: dict[str, list[str]] = {
        "Network": [run.spec.model.name for run in runs],
        "Layers": [run.spec.model.shape_line() for run in runs],
    }
    for field, limits in limits_of(TrainingSpec).items():
        rows[limits.label] = [limits.title(getattr(run.spec, field)) for run in runs]
    return {name: values for name, values in rows.items() if len(set(values)) > 1}
