"""What people want of a run while it trains: to pause it, to go on by a step or an epoch, to change how it learns."""

import dataclasses
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.formatting import in_full

ORDERS = ("pause", "go_on", "step", "slow_step", "epoch")
"""To pause at once; to go on; to go on for one step, the same in all its detail, or to the end of the epoch."""

ONE_STEP = ("step", "slow_step")

AT_ONCE = ("learning_rate",)
FROM_THE_NEXT_EPOCH = ("momentum", "batch_size")
CHANGEABLE = (*AT_ONCE, *FROM_THE_NEXT_EPOCH)
"""The settings that can be changed while a run trains."""

NUM_WATCHED = 10
"""So many pictures are read on the way at most."""

HOLDING_SECONDS = 60.0
"""A run that pauses for longer makes way for others."""


@dataclass(frozen=True)
class Change:
    """A setting that was changed while a run trained.

    Attributes:
        setting: A name in `CHANGEABLE`.
        before: What it was.
        after: What it is since.
        epoch: In this epoch of the run, from 1.
        step: After so many of its steps.
        steps_done: After so many steps of the run.
    """

    setting: str
    before: float
    after: float
    epoch: int
    step: int
    steps_done: int

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Change":
        """What an event "changed" says."""
        return cls(**{field.name: event[field.name] for field in dataclasses.fields(cls)})

    @property
    def in_words(self) -> str:
        """Such as "learning rate 0.001 → 0.01"."""
        return f"{self.setting.replace('_', ' ')} {in_full(self.before)} → {in_full(self.after)}"


class Controls:
    """The wheel of one run: people turn it in one thread, and the training asks in another.

    Args:
        make_way: Called by the training where it has paused for `HOLDING_SECONDS`, to let another run train.
        come_back: Called before it goes on after that; it may wait for its turn.
    """

    def __init__(
        self, make_way: Callable[[], object] = lambda: None, come_back: Callable[[], object] = lambda: None
    ) -> None:
        self.make_way, self.come_back = make_way, come_back
        self._condition = threading.Condition()
        self._order = "go_on"
        self._is_done = False
        self._changes: dict[str, float] = {}
        self._watched: NDArray[np.float32] | None = None

    def order(self, order: str) -> None:
        """Asks for one of `ORDERS`, in place of what was asked before."""
        with self._condition:
            self._order, self._is_done = order, order == "pause"
            self._condition.notify_all()

    def change(self, setting: str, value: float) -> None:
        """Asks for another value of a setting in `CHANGEABLE`, which its run has checked."""
        with self._condition:
            self._changes[setting] = value
            self._condition.notify_all()

    def watch(self, pictures: NDArray[np.float32]) -> None:
        """Asks for pictures to be read on the way, (N, 28, 28) in [0, 1], at most `NUM_WATCHED`; none with N = 0."""
        with self._condition:
            self._watched = pictures

    @property
    def is_halted(self) -> bool:
        """Whether it is to pause wherever it is, also while it measures."""
        return self._order == "pause"

    @property
    def is_at_rest(self) -> bool:
        """Whether no step is to be done: it was paused, or has done what it was to do."""
        return self._is_done

    @property
    def is_stepping(self) -> bool:
        """Whether just one step is to be done."""
        return self._order in ONE_STEP and not self._is_done

    @property
    def wants_detail(self) -> bool:
        """Whether the next step is to be shown in all its detail."""
        return self._order == "slow_step" and not self._is_done

    def step_done(self) -> None:
        """To be told after each group of steps."""
        with self._condition:
            self._is_done = self._is_done or self._order in ONE_STEP

    def epoch_done(self) -> None:
        """To be told after each epoch, once it is measured."""
        with self._condition:
            self._is_done = self._is_done or self._order == "epoch"

    def wait(self, seconds: float) -> None:
        """Waits until something is asked for, or so long."""
        with self._condition:
            if self._is_done and not self._changes:
                self._condition.wait(seconds)

    def take_changes(self, settings: tuple[str, ...]) -> dict[str, float]:
        """The changes of these settings that were asked for and not taken yet."""
        with self._condition:
            return {name: self._changes.pop(name) for name in settings if name in self._changes}

    @property
    def watched(self) -> NDArray[np.float32] | None:
        """The pictures that are to be read on the way, float32 (N, 28, 28); None where nobody has asked."""
        return self._watched
