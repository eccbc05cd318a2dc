"""A lesson: a question, and the runs that answer it."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from mnist_core.evaluation.findings import Finding
from mnist_core.lessons.answer import Answer
from mnist_core.runs.run import Run
from mnist_core.training.spec import TrainingSpec


@dataclass(frozen=True)
class Experiment:
    """One run of a lesson.

    Attributes:
        label: What tells it from the others.
        spec: What is trained.
        notes: What the course notes reported for it, or "".
    """

    label: str
    spec: TrainingSpec
    notes: str


@dataclass(frozen=True)
class Lesson:
    """A question, and the experiments that answer it.

    Attributes:
        id: Name of its file, without the ending.
        title: A few words.
        text: What it is about, in Markdown.
        question: What to predict.
        choices: The predictions on offer.
        explanation: What there is to learn, shown with the results.
        experiments: The runs.
        answer: How their figures choose among the predictions; None where people judge for themselves.
    """

    id: str
    title: str
    text: str
    question: str
    choices: tuple[str, ...]
    explanation: str
    experiments: tuple[Experiment, ...]
    answer: Answer | None = None

    def tag(self, experiment: Experiment) -> str:
        """What the runs of an experiment are marked with."""
        return f"{self.id}/{experiment.label}"


def runs_of(lesson: Lesson, runs: Sequence[Run]) -> dict[str, list[Run]]:
    """The runs of each experiment that has any, by its label: the newest of each seed, as they were started.

    A run counts only where it trained what the experiment says now: a lesson's file can be edited.

    Args:
        lesson: The lesson.
        runs: All runs, newest first.
    """
    by_tag: dict[str, list[Run]] = {}
    for run in runs:
        if run.tag:
            by_tag.setdefault(run.tag, []).append(run)
    found = {}
    for experiment in lesson.experiments:
        newest: dict[int | None, Run] = {}
        for run in by_tag.get(lesson.tag(experiment), ()):
            if trains_the_same(run.spec, experiment.spec):
                newest.setdefault(run.spec.seed, run)
        if newest:
            found[experiment.label] = [*newest.values()][::-1]
    return found


def trains_the_same(one: TrainingSpec, other: TrainingSpec) -> bool:
    """Whether two runs train the same layers in the same way, but for chance, whatever their network is called."""
    return (
        one.model.layers == other.model.layers and dataclasses.replace(one, model=other.model, seed=other.seed) == other
    )


def findings(runs: dict[str, list[Run]]) -> list[Finding]:
    """What came of each experiment that has a finished run."""
    tested = {
        label: tuple(float(run.result["test_accuracy"]) for run in same if "test_accuracy" in run.result)
        for label, same in runs.items()
    }
    return [Finding(label, accuracies) for label, accuracies in tested.items() if accuracies]
