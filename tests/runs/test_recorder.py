"""The life of a run, as the command line and the queue write it."""

import dataclasses
import shutil

import pytest

from mnist_core.errors import InvalidInput
from mnist_core.runs.recorder import RunRecorder

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
        RunRecorder(store, dataclasses.replace(spec, drawings="nowhere.jsonl"))
    with pytest.raises(InvalidInput, match="not known"):
        RunRecorder(store, dataclasses.replace(spec, continues="nobody"))
    assert store.listing().runs == ()


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

    monkeypatch.setattr(store, "save_model", refuse)
    recorder.finish("finished", b"model", {"test_accuracy": 0.9})
    assert store.get(recorder.run.id).status == "failed"
    assert "No space left" in recorder.run.error


def test_a_run_whose_folder_is_gone_stays_gone(store, spec):
    recorder = RunRecorder(store, spec)
    shutil.rmtree(recorder.run.folder)
    assert recorder.is_deleted
    recorder.finish("finished", b"model", {})
    recorder.end("interrupted")
    assert not recorder.run.folder.exists() and store.listing().runs == ()
