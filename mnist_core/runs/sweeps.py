"""What came of several runs that differ in a few settings."""

import statistics
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import stats

from mnist_core import NUM_TEST_IMAGES, NUM_TRAIN_IMAGES
from mnist_core.networks.fields import limits_of
from mnist_core.runs.run import Run
from mnist_core.training.spec import TrainingSpec

TAG = "sweep:"
"""How the tag begins that the runs of a sweep have in common."""


@dataclass(frozen=True)
class Outcome:
    """What came of one combination of settings.

    Attributes:
        values: Of the settings that differ, in the order of `varied`.
        runs: Its runs, which differ in their chance alone.
        accuracies: Validation accuracy of those that have finished.
    """

    values: tuple[Any, ...]
    runs: tuple[Run, ...]
    accuracies: tuple[float, ...]

    @property
    def mean(self) -> float | None:
        """Mean validation accuracy; None before a run has finished."""
        return statistics.fmean(self.accuracies) if self.accuracies else None

    @property
    def spread(self) -> float | None:
        """Standard deviation over the seeds; None of one run alone."""
        return statistics.stdev(self.accuracies) if len(self.accuracies) > 1 else None


def new_tag() -> str:
    """A tag for the runs of a new sweep."""
    return f"{TAG}{uuid.uuid4().hex[:8]}"


def sweeps(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """The runs of each sweep, by its tag, the newest sweep first and its runs as they were started."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        if run.tag.startswith(TAG):
            found.setdefault(run.tag, []).insert(0, run)
    return found


def varied(runs: Sequence[Run]) -> list[str]:
    """The settings in which runs differ, but for their chance."""
    names = [name for name in limits_of(TrainingSpec) if name != "seed"]
    return [name for name in names if len({getattr(run.spec, name) for run in runs}) > 1]


def outcomes(runs: Sequence[Run]) -> list[Outcome]:
    """What came of each combination, the best first and those without a finished run last."""
    names = varied(runs)
    grouped: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        grouped.setdefault(tuple(getattr(run.spec, name) for name in names), []).append(run)
    found = [
        Outcome(
            values,
            tuple(same),
            tuple(float(run.result["val_accuracy"]) for run in same if run.result.get("val_accuracy") is not None),
        )
        for values, same in grouped.items()
    ]
    return sorted(found, key=lambda outcome: -1.0 if outcome.mean is None else outcome.mean, reverse=True)


def certainty(best: Outcome, other: Outcome) -> float | None:
    """How sure one can be that the best is better than another, 0.5 to 1; None before both have finished.

    From several seeds each by Welch's t-test; of one run each by the chance of so many validation pictures alone,
    which leaves out that another seed would give another network.
    """
    if best.mean is None or other.mean is None:
        return None
    if min(len(best.accuracies), len(other.accuracies)) > 1:
        if best.spread == other.spread == 0:
            return 0.5 if best.mean == other.mean else 1.0
        test = stats.ttest_ind(best.accuracies, other.accuracies, equal_var=False, alternative="greater")
        return float(1 - test.pvalue)
    share = best.runs[0].spec.validation_split
    num_pictures = round(share * NUM_TRAIN_IMAGES) or NUM_TEST_IMAGES
    variance = sum(mean * (1 - mean) / num_pictures for mean in (best.mean, other.mean))
    if not variance:
        return 0.5 if best.mean == other.mean else 1.0
    return float(stats.norm.cdf((best.mean - other.mean) / variance**0.5))
