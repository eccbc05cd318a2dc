"""At which steps weights are kept."""

import itertools

import pytest

from mnist_core.training.snapshots import MAX_SNAPSHOTS, snapshot_steps


def test_few_epochs_are_all_kept_with_the_first_steps_of_the_first():
    assert snapshot_steps(1688, 3) == (0, 1, 3, 10, 30, 100, 300, 1000, 1688, 3376, 5064)


@pytest.mark.parametrize(("steps", "epochs"), [(1, 1), (1, 10_000), (6, 5), (1688, 31), (1688, 32), (54_000, 10_000)])
def test_there_are_never_more_than_forty_and_the_last_is_the_end(steps, epochs):
    found = snapshot_steps(steps, epochs)
    assert len(found) <= MAX_SNAPSHOTS and len(found) >= min(MAX_SNAPSHOTS, epochs)
    assert found[0] == 0 and found[-1] == steps * epochs
    assert list(found) == sorted(set(found))


def test_of_many_epochs_more_of_the_first_are_kept():
    ends = [step // 100 for step in snapshot_steps(100, 1000) if step >= 100]
    gaps = [after - before for before, after in itertools.pairwise(ends)]
    assert gaps[0] == 1 and gaps[-1] > 100 and gaps == sorted(gaps)
