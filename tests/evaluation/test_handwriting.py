"""How well models read one person's drawings, by hand."""

import numpy as np
import pytest

from mnist_core.drawing.inking import mnist_pictures
from mnist_core.drawing.store import is_held_out
from mnist_core.drawing.strokes import Drawing
from mnist_core.evaluation.handwriting import Handwriting, confusions, reading_score


def drawing(index, label):
    return Drawing((np.array([[100 + index, 60], [140, 200 - index]], np.float32),), label)


DRAWINGS = [drawing(index, None if index % 5 == 4 else index % 3) for index in range(40)]
KNOWN = Handwriting.of(DRAWINGS, mnist_pictures(DRAWINGS, 0.1))


def says(labels):
    return np.eye(10, dtype=np.float32)[labels]


def test_only_drawings_with_a_label_are_measured_on():
    labelled = [item for item in DRAWINGS if item.label is not None]
    assert KNOWN.labels.tolist() == [item.label for item in labelled]
    assert KNOWN.is_held_out.tolist() == [is_held_out(item) for item in labelled]
    assert KNOWN.images.shape == (len(labelled), 28, 28) and KNOWN.images.max() <= 1
    assert 0 < len(KNOWN.held_out().labels) < len(labelled) and KNOWN.held_out().is_held_out.all()


def test_a_tuned_model_is_measured_on_what_it_has_not_learned_from():
    """One that knows by heart what it was tuned on would look perfect."""
    learned = np.where(KNOWN.is_held_out, (KNOWN.labels + 1) % 3, KNOWN.labels)
    everything = reading_score(says(learned), KNOWN, only_held_out=False)
    honest = reading_score(says(learned), KNOWN, only_held_out=True)
    assert everything.errors == honest.errors == honest.count == int(KNOWN.is_held_out.sum())
    assert honest.accuracy == 0 and everything.accuracy == pytest.approx(1 - honest.count / len(KNOWN.labels))


def test_nothing_to_read_has_no_accuracy():
    nothing = Handwriting(KNOWN.images[:0], KNOWN.labels[:0], KNOWN.is_held_out[:0])
    assert reading_score(says([]).reshape(0, 10), nothing, only_held_out=False).accuracy is None


def test_the_most_frequent_confusion_comes_first():
    called = KNOWN.labels.copy()
    zeros, ones = np.flatnonzero(called == 0), np.flatnonzero(called == 1)
    called[zeros[:3]], called[ones[0]] = 8, 7
    assert confusions(says(called), KNOWN) == [(0, 8, 3), (1, 7, 1)]
