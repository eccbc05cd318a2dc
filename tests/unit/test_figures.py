import numpy as np
import pytest

from mnist_core.datasets import DATASETS, load_dataset
from mnist_core.evaluation.figures import (
    FORMATS,
    confusion_figure,
    curves_figure,
    predictions_figure,
    render,
    results_figure,
)
from mnist_core.evaluation.metrics import choose_examples, class_scores, confident_mistakes, confused, evaluate
from mnist_core.networks.presets import PRESETS
from mnist_core.runs.comparison import differences
from mnist_core.runs.models import shipped_models
from mnist_core.runs.progress import both_curves
from mnist_core.runs.store import RunStore
from mnist_core.training.spec import TrainingSpec

STARTS = {"png": b"\x89PNG", "svg": b"<?xml"}


@pytest.fixture
def guesses():
    """Probabilities for 200 test pictures, some of them wrong."""
    random = np.random.default_rng(0)
    labels = load_dataset("mnist").y_test[:200]
    probabilities = random.random((200, 10)).astype(np.float32)
    probabilities[np.arange(200), labels] += 0.5
    return probabilities / probabilities.sum(axis=1, keepdims=True), labels


@pytest.mark.parametrize("format", FORMATS)
def test_each_figure_is_drawn_in_each_format(guesses, format):
    probabilities, labels = guesses
    names = DATASETS["mnist"].class_names
    run = shipped_models()[0]
    figures = [
        curves_figure("Curves", both_curves(RunStore(run.folder.parent).events(run))),
        confusion_figure("Matrix", evaluate(probabilities, labels), names),
        predictions_figure(load_dataset("mnist").x_test[:15], labels[:15], probabilities[:15], names),
        results_figure("Lesson", ["a", "b"], [0.9, 0.95]),
    ]
    for figure in figures:
        assert render(figure, format).startswith(STARTS[format])


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


def test_only_what_differs_is_listed(store):
    runs = [store.create(TrainingSpec(PRESETS["fc"], epochs=epochs, batch_size=64)) for epochs in (1, 5)]
    assert differences(runs) == {"Epochs": ["1", "5"]}
    runs.append(store.create(TrainingSpec(PRESETS["cnn"], epochs=1, batch_size=64)))
    assert list(differences(runs)) == ["Network", "Layers", "Epochs"]
