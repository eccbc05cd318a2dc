"""At which steps of a run its weights are kept."""

import itertools
from dataclasses import dataclass

import numpy as np

MAX_SNAPSHOTS = 40

FIRST_STEPS = (0, 1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000)
"""Where most happens: before training, and then ever more seldom, as long as the first epoch lasts."""


@dataclass(frozen=True)
class Snapshot:
    """The weights at one moment of a run.

    Attributes:
        step: Steps done since the run began.
        epoch: The epoch under way, or the one that has just ended.
        content: A snapshot's file; of a whole model the content of a `.keras` file with the optimizer's state; of a
            step its file.
        kind: "weights"; "whole" where the run can be continued from it as if it had never ended; or "step", what
            happened in the step that has just been done.
    """

    step: int
    epoch: int
    content: bytes
    kind: str = "weights"


@dataclass(frozen=True)
class SnapshotPlan:
    """When the weights of a run are kept, at most `MAX_SNAPSHOTS` times.

    Attributes:
        steps: After these steps of the first epoch, ascending.
        epochs: After these epochs, ascending.
    """

    steps: tuple[int, ...] = ()
    epochs: tuple[int, ...] = ()


def plan_snapshots(steps: int, epochs: int) -> SnapshotPlan:
    """When the weights of a run are kept.

    Args:
        steps: Steps in an epoch.
        epochs: How many epochs there will be. Where not the end of each can be kept, more of the first are.
    """
    first = [step for step in FIRST_STEPS if step < steps]
    room = MAX_SNAPSHOTS - len(first)
    ends = [*range(1, epochs + 1)]
    if epochs > room:
        ends = sorted({round(end) for end in np.geomspace(1, epochs, room)})
        free = (end for end in itertools.count(1) if end not in ends)
        ends = sorted([*ends, *itertools.islice(free, room - len(ends))])
    return SnapshotPlan(tuple(first), tuple(ends))
