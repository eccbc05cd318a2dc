import numpy as np
import pytest

from mnist_core.evaluation.metrics import evaluate


def test_figures_of_three_pictures_by_hand():
    probabilities = np.full((3, 10), 0.05, np.float32)
    for row, guess in enumerate((4, 4, 9)):
        probabilities[row, guess] = 0.55
    found = evaluate(probabilities, np.array([4, 9, 9]))
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.loss == pytest.approx(-(2 * np.log(0.55) + np.log(0.05)) / 3, rel=1e-6)
    assert found.confusion[4, 4] == 1 and found.confusion[9, 4] == 1 and found.confusion.sum() == 3


def test_a_probability_of_zero_is_a_large_loss_but_a_finite_one():
    probabilities = np.zeros((1, 10), np.float32)
    assert np.isfinite(evaluate(probabilities, np.array([3])).loss)
