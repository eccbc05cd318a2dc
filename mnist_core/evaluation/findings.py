"""What came of experiments that were run once, or several times with other chance."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What came of an experiment.

    Attributes:
        label: What tells it from the others.
        accuracies: Test accuracy of each run that has finished, 0 to 1; one at least.
    """

    label: str
    accuracies: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Their mean."""
        return statistics.fmean(self.accuracies)

    @property
    def spread(self) -> float | None:
        """Their standard deviation; None of one run alone."""
        return statistics.stdev(self.accuracies) if len(self.accuracies) > 1 else None


def scale_of(found: Sequence[Finding]) -> tuple[float, float]:
    """From where to where a scale goes on which their differences are seen, in whole hundredths within 0 to 1."""
    accuracies = [accuracy for item in found for accuracy in item.accuracies]
    low, high = min(accuracies), max(accuracies)
    below = math.floor(100 * (2 * low - high) - 1) / 100
    return max(below, 0.0), min(math.ceil(100 * high + 1) / 100, 1.0)
