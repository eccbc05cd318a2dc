"""The map of neighbours, on few made-up rows: three clouds in seven directions."""

import time

import numpy as np
import pytest

from mnist_core.engine import neighbours
from mnist_core.engine.neighbours import NeighbourMaps, draw_neighbour_map

LABELS = np.repeat(np.arange(3, dtype=np.uint8), 60)
ROWS = (np.eye(3, 7)[LABELS] * 8 + np.random.default_rng(0).normal(size=(180, 7))).astype(np.float32)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_STUDIO_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def few_rows(monkeypatch, home):
    monkeypatch.setattr(neighbours, "hidden_rows", lambda *_: (ROWS, LABELS, LABELS))


def found_by(maps, identity=b"a network"):
    shares = []
    while isinstance(state := maps.find(None, identity, "mnist"), float):
        shares.append(state)
        time.sleep(0.01)
    return state, shares


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


def test_it_is_worked_out_once_and_kept(home):
    maps = NeighbourMaps()
    assert maps.known(b"a network", "mnist") is None
    found, _ = found_by(maps)
    assert maps.known(b"a network", "mnist") is found and maps.known(b"another", "mnist") is None
    deadline = time.monotonic() + 60
    while not list((home / ".maps").glob("*.npz")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    again, shares = found_by(NeighbourMaps())
    assert shares == [] and np.array_equal(again.points, found.points)


def test_a_damaged_file_is_worked_out_anew(home):
    found, _ = found_by(NeighbourMaps())
    while not (kept := list((home / ".maps").glob("*.npz"))):
        time.sleep(0.05)
    kept[0].write_bytes(b"PK\x03\x04")
    again, shares = found_by(NeighbourMaps())
    assert shares and again.points.shape == found.points.shape


def test_a_failure_is_said_and_the_next_question_begins_anew(monkeypatch):
    def fail(*_):
        raise MemoryError("too large")

    maps = NeighbourMaps()
    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(neighbours, "hidden_rows", fail)
        found_by(maps)
    found, _ = found_by(maps)
    assert len(found.points) == 180


def test_only_so_many_are_kept(home, monkeypatch):
    monkeypatch.setattr(neighbours, "MAX_KEPT", 1)
    found, _ = found_by(NeighbourMaps())
    for key in ("a", "b"):
        neighbours._keep(key, found)
    assert len(list((home / ".maps").glob("*.npz"))) == 1
