"""Deleted things come back for a month, unless room is needed."""

import errno
import json

import pytest

from mnist_core import recycle_bin
from mnist_core.drawing.store import DrawingsStore
from mnist_core.drawing.strokes import Drawing
from mnist_core.errors import InvalidInput
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.spec import ModelSpec
from mnist_core.networks.store import ArchitectureStore
from mnist_core.recycle_bin import NOTE_FILE, RecycleBin
from mnist_core.training.spec import TrainingSpec
from tests.strokes import digits_by


@pytest.fixture
def bin(tmp_path):
    return RecycleBin(tmp_path)


def put(bin, name="a", kind="run"):
    (bin.root / name).mkdir()
    (bin.root / name / "file").write_text(name)
    return bin.put(kind, name, bin.root / name)


def test_a_run_comes_back_whole(store):
    run = store.end(store.create(TrainingSpec(PRESETS["fc"]), name="mine"), "stopped")
    store.append_event(run, {"event": "note"})
    assert store.delete(run.id) == []
    assert not store.listing().runs and not run.folder.exists()
    [item] = store.bin.items("run")
    assert (item.title, item.kind) == ("mine", "run")
    assert store.restore(item.id) == run
    assert store.listing().runs == (run,) and store.events(run)[-1] == {"event": "note"}
    assert not store.bin.items("run")


def test_what_is_deleted_for_good_is_not_in_the_bin(store):
    run = store.end(store.create(TrainingSpec(PRESETS["fc"])), "stopped")
    store.delete(run.id, for_good=True)
    assert not store.bin.items("run")


def test_a_network_and_a_set_and_a_drawing_come_back(tmp_path):
    networks = ArchitectureStore(tmp_path)
    networks.save(ModelSpec("mine", PRESETS["fc"].layers))
    networks.delete("mine")
    assert not networks.all()
    networks.bin.restore(networks.bin.items("network")[0].id)
    assert list(networks.all()) == ["mine"]

    sets = DrawingsStore(tmp_path)
    drawings = digits_by(25)
    sets.add("Ada", *drawings)
    sets.write_training_part("Ada")
    sets.replace("Ada", drawings[3], None)
    sets.delete("Ada")
    assert not sets.names()
    sets.add("Ada", Drawing(drawings[0].strokes, 9, "Ada"))
    whole, single = sets.deleted("Ada")
    sets.restore(whole.id)
    sets.restore(single.id)
    assert len(sets.read("Ada")) == len(drawings)
    assert not sets.deleted("Ada") and not sets.deleted("Mia")


def test_deleting_a_set_for_good_takes_it_out_of_the_bin_too(tmp_path):
    sets = DrawingsStore(tmp_path)
    drawings = digits_by(25)
    sets.add("Ada", *drawings)
    sets.replace("Ada", drawings[3], None)
    sets.delete("Ada", for_good=True)
    assert not sets.names() and not sets.deleted("Ada")
    assert not [path for path in tmp_path.rglob("*.jsonl")]


def test_what_is_older_than_a_month_goes(bin):
    put(bin)
    [item] = bin.items("run")
    note = bin.folder / item.id / NOTE_FILE
    note.write_text(json.dumps({**json.loads(note.read_text()), "deleted": "2020-01-01T00:00:00+00:00"}))
    assert not bin.items("run") and not note.exists()


def test_another_one_in_its_place_is_not_overwritten(bin):
    put(bin)
    (bin.root / "a").mkdir()
    [item] = bin.items("run")
    with pytest.raises(InvalidInput, match="another one of this name"):
        bin.restore(item.id)
    assert bin.items("run") == [item]


def test_a_full_disk_empties_the_oldest_and_says_so(bin, monkeypatch):
    put(bin, "oldest")
    put(bin, "old")
    real, room = recycle_bin.write_atomically, iter([False, True])

    def write(path, content, *more):
        if not next(room, True):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(path, content, *more)

    monkeypatch.setattr(recycle_bin, "write_atomically", write)
    assert put(bin, "new") == ["oldest"]
    assert [item.title for item in bin.items("run")] == ["new", "old"]


def test_a_disk_without_any_room_deletes_for_good_and_says_so(bin, monkeypatch):
    def write(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(recycle_bin, "write_atomically", write)
    assert put(bin) == ["a"]
    assert not (bin.root / "a").exists() and not bin.items("run")


@pytest.mark.parametrize("place", ["../outside", "/etc/passwd", 7])
def test_a_note_that_leads_elsewhere_is_not_followed(bin, place):
    put(bin)
    [item] = bin.items("run")
    note = bin.folder / item.id / NOTE_FILE
    note.write_text(json.dumps({**json.loads(note.read_text()), "place": place}))
    assert not bin.items("run")
    for item_id in (item.id, "..", "../..", "", ".lock"):
        with pytest.raises(InvalidInput, match="not in the bin"):
            bin.restore(item_id)
