"""Figures of a model by hand."""

import numpy as np
import pytest

from mnist_core.evaluation.metrics import choose_examples, class_scores, confident_mistakes, confused, evaluate


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


def test_scores_by_hand():
    confusion = np.zeros((10, 10), np.int64)
    confusion[3, 3], confusion[3, 5], confusion[5, 5] = 6, 2, 4
    three, five = class_scores(confusion)[3], class_scores(confusion)[5]
    assert (three.precision, three.recall, three.count) == (1.0, 0.75, 8)
    assert (five.precision, five.recall) == (pytest.approx(4 / 6), 1.0)
    assert class_scores(confusion)[0].precision == 0


def test_the_surest_mistakes_are_mistakes_in_order(guesses):
    probabilities, labels = guesses
    places = confident_mistakes(probabilities, labels, 10)
    assert (probabilities[places].argmax(1) != labels[places]).all()
    assert (np.diff(probabilities[places].max(1)) <= 0).all()


def test_the_pictures_behind_every_cell_add_up(guesses):
    probabilities, labels = guesses
    confusion = evaluate(probabilities, labels).confusion
    for truth in range(10):
        for guess in range(10):
            assert len(confused(probabilities, labels, truth, guess)) == confusion[truth, guess]


def test_examples_keep_to_what_was_asked(guesses):
    probabilities, labels = guesses
    places = choose_examples(probabilities, labels, 15, 1, only_class=7, only_mistakes=True)
    assert (labels[places] == 7).all() and (probabilities[places].argmax(1) != 7).all()
    some = choose_examples(probabilities, labels, 15, 1)
    assert len(set(some.tolist())) == 15
    assert some.tolist() == choose_examples(probabilities, labels, 15, 1).tolist()
    assert some.tolist() != choose_examples(probabilities, labels, 15, 2).tolist()
