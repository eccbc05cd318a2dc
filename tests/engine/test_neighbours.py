"""The map of neighbours, on few made-up rows: three clouds in seven directions."""

import numpy as np
import pytest

from mnist_core.engine import neighbours
from mnist_core.engine.neighbours import draw_neighbour_map

LABELS = np.repeat(np.arange(3, dtype=np.uint8), 60)
ROWS = (np.eye(3, 7)[LABELS] * 8 + np.random.default_rng(0).normal(size=(180, 7))).astype(np.float32)


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    monkeypatch.setattr(neighbours, "hidden_rows", lambda *_: (ROWS, LABELS, LABELS))


@pytest.mark.slow
def test_who_is_near_in_the_hidden_layer_is_near_on_the_map():
    told = []
    found = draw_neighbour_map(None, "mnist", told.append)
    assert found.points.shape == (180, 2) and np.abs(found.points).max() == pytest.approx(1)
    assert told == sorted(told) and told[0] > 0 and told[-1] < 1
    distances = np.square(found.points[:, None] - found.points).sum(axis=-1)
    nearest = np.argsort(distances, axis=1)[:, 1:6]
    assert (LABELS[nearest] == LABELS[:, None]).mean() > 0.98


@pytest.mark.slow
def test_another_picture_is_placed_amid_its_neighbours():
    found = draw_neighbour_map(None, "mnist", lambda _: None)
    place = np.array(found.place(np.eye(3, 7)[1].astype(np.float32) * 8))
    assert LABELS[np.square(found.points - place).sum(axis=1).argmin()] == 1
