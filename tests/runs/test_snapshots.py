"""Snapshots in a run's folder."""

import dataclasses

import pytest

from mnist_core.errors import InvalidInput
from mnist_core.paths import MODEL_FILE
from mnist_core.runs import recorder as recorder_module
from mnist_core.runs.models import find_model, find_run
from mnist_core.runs.recorder import RunRecorder
from mnist_core.runs.snapshots import delete_snapshots, kept_snapshots, kept_steps, snapshot_path, split_name
from mnist_core.runs.store import RunStore
from mnist_core.training.snapshots import Snapshot


@pytest.fixture
def recorder(store, spec):
    recorder = RunRecorder(store, spec)
    recorder.take({"event": "started", "steps": 100, "elapsed": 0.1})
    return recorder


def test_they_are_listed_by_their_steps_with_their_size(recorder):
    for step in (300, 0, 30):
        recorder.keep(Snapshot(step, 1, bytes(step + 1)))
    (recorder.run.folder / "snapshots" / "notes.txt").write_text("mine")
    assert kept_steps(recorder.run.folder) == [0, 30, 300]
    assert [kept.num_bytes for kept in kept_snapshots(recorder.run.folder)] == [1, 31, 301]


def test_each_is_a_model_of_its_own_by_its_name(store, recorder):
    recorder.keep(Snapshot(300, 3, b"weights"))
    recorder.finish("finished", b"model", {"epochs": 5})
    run = recorder.run
    moment = find_run(f"{run.id}@300", store)
    assert moment.model_path.read_bytes() == b"weights" and moment.name.endswith("at step 300")
    assert moment.result == {}  # nothing was measured then
    assert find_model(f"{run.id}@300", store) == moment.model_path
    assert find_run(run.id, store).model_path.read_bytes() == b"model"
    with pytest.raises(InvalidInput, match="no snapshot after 7 steps. It has those after 300 steps"):
        find_run(f"{run.id}@7", store)
    with pytest.raises(InvalidInput, match="It has none"):
        find_run("fc@7", store)
    assert "step" not in run.to_json()


@pytest.mark.parametrize("name", ["run@", "run@x", "run@-1", "run@1.5", "@", "run@" + "9" * 20])
def test_what_names_no_snapshot_gets_a_sentence(name):
    with pytest.raises(InvalidInput, match="names no snapshot"):
        split_name(name)


def test_a_run_that_was_cut_off_keeps_its_last_snapshot_to_draw_with_and_to_go_on_from(store, recorder):
    recorder.keep(Snapshot(0, 1, b"first"))
    recorder.keep(Snapshot(100, 1, b"second"))
    run = store.end(recorder.run, "interrupted")
    assert run.has_model and run.model_path == snapshot_path(run.folder, 100)
    onward = RunRecorder(store, dataclasses.replace(run.spec, continues=run.id))
    assert onward.start_from == b"second"


def test_a_whole_model_on_the_way_is_kept_with_its_epochs(store, recorder):
    recorder.keep(Snapshot(200, 2, b"whole", "whole"))
    assert recorder.run.is_active and (recorder.run.folder / MODEL_FILE).read_bytes() == b"whole"
    run = store.end(recorder.run, "failed", error="The process died.")
    assert run.has_model and run.result == {"epochs": 2}
    onward = RunRecorder(store, dataclasses.replace(run.spec, continues=run.id))
    assert onward.start_from == b"whole" and onward.epochs_before == 2


def test_a_run_that_diverged_keeps_what_was_sound(store, recorder):
    recorder.keep(Snapshot(10, 1, b"sound"))
    recorder.finish("failed", b"", {"epochs": 0}, "Training diverged.")
    assert recorder.run.status == "failed" and recorder.run.error == "Training diverged."
    assert not (recorder.run.folder / MODEL_FILE).exists() and kept_steps(recorder.run.folder) == [10]


def test_what_is_left_of_a_deleted_run_is_not_written_again(store, recorder):
    run = store.end(recorder.run, "stopped")
    store.delete(run.id)
    recorder.keep(Snapshot(10, 1, b"late"))
    assert not run.folder.exists()


def test_deleting_them_leaves_the_run(store, recorder):
    recorder.keep(Snapshot(10, 1, b"x"))
    recorder.finish("finished", b"model", {"epochs": 1})
    delete_snapshots(recorder.run.folder)
    assert kept_steps(recorder.run.folder) == [] and RunStore(store.root).get(recorder.run.id).has_model
    delete_snapshots(recorder.run.folder)


def test_a_full_disk_costs_snapshots_first_and_never_the_run(store, recorder, monkeypatch):
    recorder.keep(Snapshot(10, 1, b"x" * 100))
    save = recorder_module.keep_model

    def full_while_there_are_snapshots(run, content, store):
        if kept_steps(run.folder):
            raise OSError(28, "No space left on device")
        save(run, content, store)

    monkeypatch.setattr(recorder_module, "keep_model", full_while_there_are_snapshots)
    recorder.finish("finished", b"model", {"epochs": 1})
    assert recorder.run.status == "finished" and recorder.run.has_model and kept_steps(recorder.run.folder) == []


def test_a_snapshot_that_the_disk_refuses_costs_nothing_else(recorder, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recorder_module, "save_snapshot", refuse)
    recorder.keep(Snapshot(10, 1, b"x"))
    recorder.finish("finished", b"model", {"epochs": 1})
    assert recorder.run.status == "finished"
