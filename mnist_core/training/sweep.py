"""Several runs at once that differ in a few settings: the whole grid of their values, or some drawn at random."""

import dataclasses
import itertools
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_core.errors import InvalidInput
from mnist_core.networks.fields import Limits, limits_of
from mnist_core.training.spec import TrainingSpec

MAX_AXES = 3
MAX_RUNS = 100
MAX_SEEDS = 10
MAX_DRAWS = 50

NOT_VARIED = ("dataset", "seed", "snapshots")
"""Settings that a sweep leaves alone: its accuracies would not be comparable, or nothing would be learned from it."""

RANGE = re.compile(r"\s*(\S+?)\s*(?:–|\.\.|\bto\b)\s*(\S+?)\s*")
"""From one number to another, as in "0.0001 – 0.1"."""


@dataclass(frozen=True)
class Between:
    """Values to draw at random.

    Attributes:
        low: The smallest.
        high: The largest.
        is_whole: Whether they are whole numbers.
    """

    low: float
    high: float
    is_whole: bool

    def draw(self, chance: np.random.Generator) -> float:
        """A value: each power of ten as likely as the next where all are above 0."""
        if self.low > 0:
            value = math.exp(chance.uniform(math.log(self.low), math.log(self.high)))
        else:
            value = chance.uniform(self.low, self.high)
        rounded = float(f"{value:.3g}")
        inside = min(max(rounded, self.low), self.high)
        return round(inside) if self.is_whole else inside

    def __str__(self) -> str:
        return f"{self.low:g} – {self.high:g}"


Values = tuple[Any, ...] | Between


@dataclass(frozen=True)
class Sweep:
    """Runs that differ in a few settings.

    Attributes:
        base: What they have in common.
        axes: Up to `MAX_AXES` settings, each with its values.
        num_seeds: How often each is repeated, with other chance.
        num_draws: How many combinations are drawn where values are drawn at random.
    """

    base: TrainingSpec
    axes: dict[str, Values]
    num_seeds: int = 1
    num_draws: int = 10

    def __post_init__(self) -> None:
        if not self.axes:
            raise InvalidInput("Choose a setting to vary, and give it two values or more.")
        if len(self.axes) > MAX_AXES:
            raise InvalidInput(f"At most {MAX_AXES} settings can be varied at once.")
        if not 1 <= self.num_seeds <= MAX_SEEDS or not 1 <= self.num_draws <= MAX_DRAWS:
            raise InvalidInput(f"Give 1 to {MAX_SEEDS} repetitions and 1 to {MAX_DRAWS} draws.")
        if len(self) > MAX_RUNS:
            raise InvalidInput(f"These are {len(self):,} runs. At most {MAX_RUNS} can be started at once.")

    @property
    def is_drawn(self) -> bool:
        """Whether its combinations are drawn at random."""
        return any(isinstance(values, Between) for values in self.axes.values())

    @property
    def num_combinations(self) -> int:
        """How many different settings are tried."""
        if self.is_drawn:
            return self.num_draws
        return math.prod(len(values) for values in self.axes.values() if not isinstance(values, Between))

    def __len__(self) -> int:
        return self.num_combinations * self.num_seeds

    def runs(self) -> list[TrainingSpec]:
        """All runs, each combination with all its seeds.

        Raises:
            InvalidInput: if a combination cannot be trained.
        """
        return [
            dataclasses.replace(self.base, **combination, seed=(self.base.seed + number) % 2**32)
            for combination in self._combinations()
            for number in range(self.num_seeds)
        ]

    def _combinations(self) -> list[dict[str, Any]]:
        if not self.is_drawn:
            listed = [values for values in self.axes.values() if not isinstance(values, Between)]
            return [dict(zip(self.axes, values, strict=True)) for values in itertools.product(*listed)]
        chance = np.random.default_rng(self.base.seed)
        return [
            {
                name: values.draw(chance) if isinstance(values, Between) else values[int(chance.integers(len(values)))]
                for name, values in self.axes.items()
            }
            for _ in range(self.num_draws)
        ]


def varied_settings(base: TrainingSpec) -> dict[str, Limits]:
    """The settings that runs like this one can differ in."""
    values = {field.name: getattr(base, field.name) for field in dataclasses.fields(base)}
    return {
        name: limits
        for name, limits in limits_of(TrainingSpec).items()
        if name not in NOT_VARIED and limits.applies(values)
    }


def read_values(setting: str, text: str) -> Values:
    """Reads the values of a number: some, as "0.1 0.01 0.001" or with commas between, or a range, as "0.0001 – 0.1".

    Raises:
        InvalidInput: if one of them cannot be used, or there are fewer than two.
    """
    limits = limits_of(TrainingSpec)[setting]
    if found := RANGE.fullmatch(text):
        low, high = (limits.check(_number(part)) for part in found.groups())
        if low >= high:
            raise InvalidInput(f"{limits.label}: the range ends before it begins. Give one such as 0.0001 – 0.1.")
        return Between(low, high, limits.whole)
    values = tuple(
        dict.fromkeys(limits.check(_number(part)) for part in re.split(r"[;\s]+|,\s+|,(?=\d*\.)", text) if part)
    )
    if len(values) < 2:
        raise InvalidInput(
            f"{limits.label}: give two values or more, such as 0.1 0.01, or a range, such as 0.001 – 0.1."
        )
    return values


def _number(text: str) -> str:
    return text.strip().rstrip(",;")
