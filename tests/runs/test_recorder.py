"""The life of a run, as the command line and the queue write it."""

import dataclasses
import shutil

import numpy as np
import pytest

from mnist_core.drawing.drawings_file import drawings_content
from mnist_core.drawing.strokes import Drawing
from mnist_core.errors import InvalidInput
from mnist_core.runs.recorder import RunRecorder, save_again

STARTED = {"event": "started", "epochs": 1, "steps": 10}


def test_a_run_from_its_beginning_to_its_end(store, spec):
    recorder = RunRecorder(store, spec, name="mine", tag="lesson/one")
    assert store.get(recorder.run.id).status == "queued" and recorder.start_from is recorder.drawings is None
    recorder.take(STARTED)
    assert store.get(recorder.run.id).status == "running"
    recorder.finish("finished", b"model", {"test_accuracy": 0.9, "test_loss": 0.3, "epochs": 1, "seconds": 2.0})
    run = store.get(recorder.run.id)
    assert (run.status, run.name, run.tag, run.model_path.read_bytes()) == ("finished", "mine", "lesson/one", b"model")
    assert [event["event"] for event in store.events(run)] == ["started", "finished"]


def test_what_cannot_be_trained_leaves_no_run(store, spec):
    """A folder of a run that never was would stand in the list for good."""
    with pytest.raises(InvalidInput, match="cannot be read"):
        RunRecorder(store, dataclasses.replace(spec, drawings="nowhere.jsonl"), by_path=True)
    with pytest.raises(InvalidInput, match="no set is kept"):
        RunRecorder(store, dataclasses.replace(spec, drawings="nowhere.jsonl"))
    with pytest.raises(InvalidInput, match="not known"):
        RunRecorder(store, dataclasses.replace(spec, continues="nobody"))
    assert store.listing().runs == ()


def test_a_page_names_no_file_of_the_server(store, spec, tmp_path):
    """The menu took whatever a browser sent: a file's first line came back in the message, or it was learned from."""
    outside = tmp_path / "outside.jsonl"
    outside.write_bytes(drawings_content([Drawing((np.zeros((2, 2), np.float32),), 3)]))
    for name in (str(outside), "../outside", "/etc/passwd", "outside.jsonl"):
        with pytest.raises(InvalidInput, match="no set is kept"):
            RunRecorder(store, dataclasses.replace(spec, drawings=name))
    assert RunRecorder(store, dataclasses.replace(spec, drawings=str(outside)), by_path=True).drawings


def test_a_disk_that_refuses_an_event_costs_the_event_alone(store, spec, monkeypatch):
    recorder = RunRecorder(store, spec)
    recorder.take(STARTED)

    def refuse(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(store, "append_event", refuse)
        recorder.take({"event": "progress", "epoch": 1, "step": 1})
    recorder.end("stopped", result={"epochs": 0})
    assert [event["event"] for event in store.events(recorder.run)] == ["started", "stopped"]


def test_a_model_that_cannot_be_saved_fails_the_run_with_a_sentence(store, spec, monkeypatch):
    recorder = RunRecorder(store, spec)
    recorder.take(STARTED)

    def refuse(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(store, "save_model", refuse)
        recorder.finish("finished", b"model", {"test_accuracy": 0.9})
        assert store.get(recorder.run.id).status == "failed"
        assert "No space left" in recorder.run.error
        with pytest.raises(InvalidInput, match="still cannot be saved"):
            save_again(recorder.run, store)
    # Nothing that was learned is lost: it is saved once there is room.
    saved = save_again(store.get(recorder.run.id), store)
    assert (saved.status, saved.error, saved.model_path.read_bytes()) == ("finished", None, b"model")
    assert store.unsaved_model(saved.id) is None
    with pytest.raises(InvalidInput, match="no longer in memory"):
        save_again(saved, store)


def test_a_run_whose_folder_is_gone_stays_gone(store, spec):
    recorder = RunRecorder(store, spec)
    shutil.rmtree(recorder.run.folder)
    assert recorder.is_deleted
    recorder.finish("finished", b"model", {})
    recorder.end("interrupted")
    assert not recorder.run.folder.exists() and store.listing().runs == ()
