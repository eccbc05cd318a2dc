"""Work done side by side."""

import numpy as np
import pytest

from mnist_core.engine.backend import tf
from mnist_core.engine.streams import for_each, split


@pytest.mark.parametrize(("num_rows", "num_parts", "sizes"), [(32, 4, [8] * 4), (5, 2, [3, 2]), (1, 4, [1])])
def test_a_batch_is_cut_into_parts_of_about_the_same_size(num_rows, num_parts, sizes):
    """An empty part would divide by nothing where its mean loss is taken."""
    parts = split(tf.range(num_rows), num_parts)
    assert [len(part) for part in parts] == sizes
    assert np.concatenate(parts).tolist() == list(range(num_rows))


@pytest.mark.parametrize("num_items", [0, 1, 7])
def test_what_is_done_side_by_side_comes_back_in_order(num_items):
    assert for_each(lambda item: item + 1, range(num_items)) == list(range(1, num_items + 1))
