"""One step of training in all its detail, as it comes from a file."""

import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.errors import InvalidInput

MAX_SHOWN_PICTURES = 32
MAX_SHOWN_WEIGHTS = 200_000
"""Of each variable so many of the first numbers."""

AVERAGES = {"mean": ("_momentums", "_m"), "square": ("_velocities", "_u"), "velocity": ("momentums",)}
"""What optimizers remember of each weight, by what they call it: the running averages of gradients and of their
squares (in Adamax the largest), and of plain momentum the last correction."""


@dataclass(frozen=True)
class WeightStep:
    """What became of one weight in a step.

    Attributes:
        before: What it was.
        gradient: How the loss changes with it.
        after: What it is since.
        averages: What the optimizer remembered of it before and after, by a name in `AVERAGES`.
    """

    before: float
    gradient: float
    after: float
    averages: dict[str, tuple[float, float]]


@dataclass(frozen=True)
class SlowStep:
    """What happened in one step.

    Attributes:
        pictures: The first of the batch as the network took them, uint8 (N, 28, 28).
        labels: What they show, (N,).
        probabilities: What it gave while it learned, float32 (N, 10).
        probabilities_after: What it gives once it has learned.
        num_pictures: In the whole batch.
        optimizer: Keras's name.
        constants: The optimizer's, such as "beta_1".
        learning_rate: In this step.
        steps_before: Steps that the optimizer had done.
        variables: The name and the shape of each variable that is learned.
    """

    pictures: NDArray[np.uint8]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    probabilities_after: NDArray[np.float32]
    num_pictures: int
    optimizer: str
    constants: dict[str, float]
    learning_rate: float
    steps_before: int
    variables: list[tuple[str, tuple[int, ...]]]
    _columns: dict[str, NDArray[np.float32]]

    def column(self, variable: int, name: str) -> NDArray[np.float32]:
        """The "weight", "gradient" or "after" of the first weights of a variable, flat."""
        return self._columns[f"{variable}_{name}"]

    def weight(self, variable: int, place: int) -> WeightStep:
        """What became of one weight.

        Args:
            variable: The place of its variable in `variables`.
            place: Its place in the flattened variable.
        """

        def value(name: str) -> float:
            return float(self.column(variable, name)[place])

        averages = {
            name: (value(name), value(f"{name}_after")) for name in AVERAGES if f"{variable}_{name}" in self._columns
        }
        return WeightStep(value("weight"), value("gradient"), value("after"), averages)


def read_step(content: bytes) -> SlowStep:
    """Reads the file of a step. Nothing in it is unpickled.

    Raises:
        InvalidInput: if it is none, or damaged.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            about: dict[str, Any] = json.loads(archive["about"].tobytes())
            shown = ("pictures", "labels", "probabilities", "probabilities_after")
            columns = {name: archive[name] for name in archive.files if name[0].isdigit()}
            return SlowStep(
                **{name: archive[name] for name in shown},
                **{name: about[name] for name in ("num_pictures", "optimizer", "constants")},
                learning_rate=float(about["learning_rate"]),
                steps_before=int(about["steps_before"]),
                variables=[(item["name"], tuple(item["shape"])) for item in about["variables"]],
                _columns=columns,
            )
    except Exception as error:  # a damaged archive makes the readers of zip and of arrays raise nearly anything
        raise InvalidInput("This is not the file of a step, or it is damaged.") from error
