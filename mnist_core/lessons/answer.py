"""Which of a lesson's predictions came true, told by the figures of its runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mnist_core.evaluation.findings import Finding


def _change(means: Sequence[float]) -> float:
    return 100 * (means[-1] - means[0])


def _avoided(means: Sequence[float]) -> float:
    return (means[-1] - means[0]) / max(1 - means[0], 1e-9)


def _last_step(means: Sequence[float]) -> float:
    return (means[-1] - means[-2]) / max(max(means) - means[0], 1e-9)


FIGURES: dict[str, Callable[[Sequence[float]], float]] = {
    "change": _change,
    "avoided": _avoided,
    "last_step": _last_step,
}
"""What a number of a lesson is: by how many points test accuracy changes from the first experiment to the last; which
share of the first one's mistakes the last one avoids; which share of the whole gain the last step brings."""

PLACES = ("best", "worst")
"""Or which experiment is first or last in test accuracy."""


@dataclass(frozen=True)
class Answer:
    """How a lesson's figures choose among its predictions.

    Attributes:
        choices: The predictions on offer.
        figure: A name in `FIGURES` or `PLACES`.
        bounds: For a number: where one choice ends and the next begins, ascending or descending.
        margin: For a place: where the nearest two are not so many points apart, the last choice is right, which must
            then be one more than there are experiments.
        usual: The choice that comes true as a rule.
    """

    choices: tuple[str, ...]
    figure: str
    bounds: tuple[float, ...]
    margin: float
    usual: str

    def of(self, found: Sequence[Finding]) -> str:
        """The choice that came true.

        Args:
            found: What came of all experiments, in their order.
        """
        means = [item.mean for item in found]
        if self.figure in PLACES:
            order = sorted(range(len(means)), key=means.__getitem__, reverse=self.figure == "best")
            is_tie = 100 * abs(means[order[0]] - means[order[1]]) < self.margin
            return self.choices[-1] if is_tie else self.choices[order[0]]
        value = FIGURES[self.figure](means)
        is_rising = list(self.bounds) == sorted(self.bounds)
        return self.choices[sum(value >= bound if is_rising else value < bound for bound in self.bounds)]
