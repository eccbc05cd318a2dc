"""Pictures that are no digits."""

import numpy as np
import pytest

from mnist_core.training.non_digits import KINDS, make_non_digits


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_of_non_digit_is_a_picture_with_ink(kind):
    rng = np.random.default_rng(1)
    for _ in range(20):
        picture = kind(rng)
        assert picture.shape == (28, 28) and picture.dtype == np.uint8 and picture.max() > 100


def test_non_digits_are_the_same_by_the_same_seed():
    assert (make_non_digits(22, 5) == make_non_digits(22, 5)).all()
    assert (make_non_digits(22, 5) != make_non_digits(22, 6)).any()
