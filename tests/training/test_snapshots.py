"""At which steps weights are kept."""

import itertools

import pytest

from mnist_core.training.snapshots import MAX_SNAPSHOTS, SnapshotPlan, plan_snapshots


def test_few_epochs_are_all_kept_with_the_first_steps_of_the_first():
    assert plan_snapshots(1688, 3) == SnapshotPlan((0, 1, 3, 10, 30, 100, 300, 1000), (1, 2, 3))


@pytest.mark.parametrize(("steps", "epochs"), [(1, 1), (1, 10_000), (6, 5), (1688, 31), (1688, 32), (54_000, 10_000)])
def test_there_are_never_more_than_forty_and_the_last_is_the_end(steps, epochs):
    found = plan_snapshots(steps, epochs)
    assert min(MAX_SNAPSHOTS, epochs) <= len(found.steps) + len(found.epochs) <= MAX_SNAPSHOTS
    assert found.steps[0] == 0 and found.steps[-1] < steps and found.epochs[-1] == epochs
    assert list(found.steps) == sorted(set(found.steps)) and list(found.epochs) == sorted(set(found.epochs))


def test_of_many_epochs_more_of_the_first_are_kept():
    ends = plan_snapshots(100, 1000).epochs
    gaps = [after - before for before, after in itertools.pairwise(ends)]
    assert gaps[0] == 1 and gaps[-1] > 100 and gaps == sorted(gaps)
