"""Which runs answer a lesson."""

import dataclasses

from mnist_core.lessons.lesson import newest_runs
from mnist_core.lessons.reader import read_lessons

LESSONS, PROBLEMS = read_lessons()


def test_the_newest_run_of_each_experiment_is_found(store):
    lesson = LESSONS[0]
    first, second = lesson.experiments
    store.create(first.spec, tag=lesson.tag(first))
    newer = store.create(first.spec, tag=lesson.tag(first))
    store.create(second.spec)
    found = newest_runs(lesson, store.listing().runs)
    assert list(found) == [first.label] and found[first.label].created >= newer.created


def test_a_run_of_an_edited_experiment_counts_no_more(store):
    """A teacher who changes a lesson would see the figures of another experiment below its new text."""
    lesson = LESSONS[0]
    first = lesson.experiments[0]
    store.create(dataclasses.replace(first.spec, epochs=first.spec.epochs + 1), tag=lesson.tag(first))
    assert newest_runs(lesson, store.listing().runs) == {}
