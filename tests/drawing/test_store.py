"""Drawings that people keep."""

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mnist_core.drawing import store as module
from mnist_core.drawing.archives import as_npz, read_set
from mnist_core.drawing.drawings_file import drawings_content
from mnist_core.drawing.store import DrawingsStore, for_training, is_held_out
from mnist_core.drawing.strokes import Drawing
from mnist_core.errors import InvalidInput


def drawing(label, seed=0):
    points = np.random.default_rng(seed).uniform(20, 260, (12, 2)).astype(np.float32).round(1)
    return Drawing((points,), label, "ada")


MANY = [drawing(i % 10, i) for i in range(40)]


@pytest.mark.parametrize("name", ["Ada", "O'Brien", "हिन्दी", "தமிழ்", "李雷", "Zoë-Ann", "3b"])
def test_a_name_may_be_of_any_writing(tmp_path, name):
    store = DrawingsStore(tmp_path)
    store.add(name, drawing(1))
    assert store.names() == [name] and len(store.read(name)) == 1


def test_drawings_are_added_read_again_and_deleted(tmp_path):
    store = DrawingsStore(tmp_path)
    store.add("Ada", drawing(1, 1))
    store.add("Ada", drawing(2, 2))
    assert [item.label for item in DrawingsStore(tmp_path).read("Ada")] == [1, 2]
    assert store.names() == ["Ada"] and store.read("Bob") == []
    store.write("Ada", [])
    assert store.names() == []


@pytest.mark.parametrize(
    "name", ["", "  ", "../up", "a/b", "a\\b", ".hidden", "x" * 41, "a\nb", "a\u202eb", "end.", "con"]
)
def test_a_name_that_is_no_file_name_is_refused(tmp_path, name):
    with pytest.raises(InvalidInput, match="cannot be used"):
        DrawingsStore(tmp_path).add(name, drawing(1))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_a_sentence_and_loses_nothing(tmp_path, monkeypatch):
    store = DrawingsStore(tmp_path)
    store.add("Ada", drawing(1))

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mnist_core.drawing.store.write_atomically", refuse)
    with pytest.raises(InvalidInput, match="No space left"):
        store.add("Ada", drawing(2, 5))
    assert len(store.read("Ada")) == 1


def test_the_same_drawing_is_kept_once_and_replaced_wherever_it_stands(tmp_path):
    """A set that was loaded in twice counted twice; a correction on an old list lost what was drawn meanwhile."""
    store = DrawingsStore(tmp_path)
    assert store.add("Ada", drawing(1), drawing(2, 5)) == 2
    assert store.add("Ada", drawing(1), drawing(3, 6)) == 1
    store.replace("Ada", drawing(2, 5), drawing(8, 5))
    store.replace("Ada", drawing(1), None)
    assert [item.label for item in store.read("Ada")] == [8, 3]
    with pytest.raises(InvalidInput, match="no longer kept"):
        store.replace("Ada", drawing(1), None)
    assert store.free_name("Ada") == "Ada 2" and store.free_name("Bob") == "Bob"


def test_a_correction_moves_no_drawing_between_training_and_what_is_held_back():
    assert [is_held_out(drawing(1, i)) for i in range(50)] == [is_held_out(drawing(2, i)) for i in range(50)]


def test_too_few_drawings_are_refused_with_how_many_are_missing():
    with pytest.raises(InvalidInput, match="Draw 15 more"):
        for_training(MANY[:5])
    with pytest.raises(InvalidInput, match="only 1 different"):
        for_training([drawing(3, i) for i in range(30)])


@pytest.mark.slow
def test_one_in_four_is_held_back_and_always_the_same_one():
    many = [drawing(i % 10, i) for i in range(400)]
    kept = for_training(many)
    assert 0.65 < len(kept) / len(many) < 0.85
    assert not any(is_held_out(item) for item in kept)
    assert [is_held_out(item) for item in read_set(as_npz(many), "x")] == [is_held_out(item) for item in many]


def test_deleting_takes_the_copy_to_train_on_with_it(tmp_path):
    store = DrawingsStore(tmp_path)
    kept = [drawing(i % 10, i) for i in range(60)]
    store.add("Ada", *kept)
    part = store.write_training_part("Ada")
    learned = store.read(part)[0]
    store.replace("Ada", learned, None)
    assert len(store.read("Ada")) == 59 and all(repr(item) != repr(learned) for item in store.read(part))
    store.delete("Ada")
    assert store.names() == [] and not list(store.folder.glob("*.jsonl"))


def test_a_damaged_set_can_be_deleted(tmp_path):
    store = DrawingsStore(tmp_path)
    store.add("Ada", drawing(1))
    store.path("Ada").write_bytes(b"\xff")
    with pytest.raises(InvalidInput):
        store.read("Ada")
    assert store.holds("Ada")
    store.delete("Ada")
    assert not store.holds("Ada")


def test_what_could_not_be_read_again_is_not_written(tmp_path, monkeypatch):
    store = DrawingsStore(tmp_path)
    store.add("Ada", drawing(1))
    monkeypatch.setattr(module, "MAX_SET_BYTES", 1000)
    with pytest.raises(InvalidInput, match="at most"):
        store.add("Ada", *(drawing(1, i) for i in range(100)))
    assert len(store.read("Ada")) == 1


def test_a_set_too_many_is_refused_and_takes_no_others_place(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_SETS", 2)
    store = DrawingsStore(tmp_path)
    content = drawings_content([drawing(1)])
    assert [store.add_file(content, "a.jsonl") for _ in range(2)] == ["a", "a 2"]
    with pytest.raises(InvalidInput, match="all there is room for"):
        store.add_file(content, "a.jsonl")
    assert store.names() == ["a", "a 2"]


def _add(root, first):
    for number in range(first, first + 20):
        DrawingsStore(root).add("Ada", drawing(number % 10, number))


def test_two_servers_on_one_folder_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_add, args=(tmp_path, first)) for first in (0, 100, 200)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(DrawingsStore(tmp_path).read("Ada")) == 60


def test_uploads_at_the_same_moment_are_all_kept(tmp_path):
    store = DrawingsStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda i: store.add_file(drawings_content([drawing(1, i)]), "same.jsonl"), range(8)))
    assert len(set(names)) == 8 == len(store.names())


@pytest.mark.skipif(os.name == "nt", reason="Unix's rights")
def test_drawings_are_for_their_owner_alone(tmp_path):
    store = DrawingsStore(tmp_path / "home")
    store.add("Ada", drawing(1))
    assert store.path("Ada").stat().st_mode & 0o777 == 0o600
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "home", store.folder)} == {0o700}
