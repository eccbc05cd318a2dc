"""The maps of a process: worked out once, beside everything else, and kept."""

import time

import numpy as np
import pytest

from mnist_core.engine import landscape, maps, neighbours
from mnist_core.engine.maps import DRAWN, Maps
from tests.engine.test_neighbours import LABELS, ROWS


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_STUDIO_HOME", str(tmp_path))
    for module in (landscape, neighbours):
        monkeypatch.setattr(module, "hidden_rows", lambda *_: (ROWS, LABELS, LABELS))
    return tmp_path


def found_by(known, kind="map", identity=b"a network"):
    shares = []
    while isinstance(state := known.find(kind, None, identity, "mnist"), float):
        shares.append(state)
        time.sleep(0.01)
    return state, shares


def kept(home):
    return list((home / ".maps").glob("*.npz"))


@pytest.mark.parametrize("kind", DRAWN)
def test_it_is_worked_out_once_and_kept(home, kind):
    known = Maps()
    assert known.known(kind, b"a network", "mnist") is None
    found, _ = found_by(known, kind)
    assert known.known(kind, b"a network", "mnist") is found and known.known(kind, b"another", "mnist") is None
    assert kept(home)
    again, shares = found_by(Maps(), kind)
    assert shares == [] and type(again) is type(found)
    for name, value in vars(found).items():
        assert np.array_equal(getattr(again, name), value)
    assert again.place(ROWS[0]) == pytest.approx(found.place(ROWS[0]))


def test_a_damaged_file_is_worked_out_anew(home):
    found, _ = found_by(Maps())
    kept(home)[0].write_bytes(b"PK\x03\x04")
    again, shares = found_by(Maps())
    assert shares and again.points.shape == found.points.shape


def test_a_failure_is_said_and_the_next_question_begins_anew(monkeypatch):
    def fail(*_):
        raise MemoryError("too large")

    known = Maps()
    with monkeypatch.context() as patch, pytest.raises(MemoryError):
        patch.setattr(landscape, "hidden_rows", fail)
        found_by(known)
    found, _ = found_by(known)
    assert len(found.points) == 180


def test_only_so_many_are_kept(home, monkeypatch):
    monkeypatch.setattr(maps, "MAX_KEPT", 1)
    found, _ = found_by(Maps())
    for key in ("a", "b"):
        maps._keep(key, found)
    assert len(kept(home)) == 1
