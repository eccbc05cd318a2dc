"""Which runs answer a lesson."""

import dataclasses

import pytest

from mnist_core.evaluation.findings import Finding, scale_of
from mnist_core.lessons.lesson import findings, runs_of
from mnist_core.lessons.reader import read_lessons

LESSONS, PROBLEMS = read_lessons()


def test_the_newest_run_of_each_experiment_is_found(store):
    lesson = LESSONS[0]
    first, second = lesson.experiments
    store.create(first.spec, tag=lesson.tag(first))
    newer = store.create(first.spec, tag=lesson.tag(first))
    store.create(second.spec)
    found = runs_of(lesson, store.listing().runs)
    assert {label: [run.id for run in runs] for label, runs in found.items()} == {first.label: [newer.id]}


def test_a_run_of_an_edited_experiment_counts_no_more(store):
    """A teacher who changes a lesson would see the figures of another experiment below its new text."""
    lesson = LESSONS[0]
    first = lesson.experiments[0]
    store.create(dataclasses.replace(first.spec, epochs=first.spec.epochs + 1), tag=lesson.tag(first))
    assert runs_of(lesson, store.listing().runs) == {}


def test_runs_with_other_chance_are_further_runs_of_the_same_experiment(store):
    lesson = LESSONS[0]
    first = lesson.experiments[0]
    for seed, accuracy in ((0, 0.8), (1, 0.9), (1, 0.86)):
        run = store.create(dataclasses.replace(first.spec, seed=seed), tag=lesson.tag(first))
        store.end(run, "finished", result={"test_accuracy": accuracy})
    runs = runs_of(lesson, store.listing().runs)
    [found] = findings(runs)
    assert [run.spec.seed for run in runs[first.label]] == [0, 1]
    assert found.accuracies == (0.8, 0.86) and found.mean == pytest.approx(0.83)
    assert found.spread == pytest.approx(0.0424, abs=1e-3)


@pytest.mark.parametrize(
    ("accuracies", "scale"),
    [((0.847, 0.865), (0.81, 0.88)), ((0.976,), (0.96, 0.99)), ((0.1, 0.99), (0, 1)), ((0.0,), (0, 0.01))],
)
def test_the_scale_shows_the_differences(accuracies, scale):
    assert scale_of([Finding(str(each), (each,)) for each in accuracies]) == pytest.approx(scale)
