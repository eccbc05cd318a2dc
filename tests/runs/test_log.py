"""Reading a run's log."""

import json
import math

import pytest

from mnist_core.paths import LOG_FILE
from mnist_core.runs import log as log_module
from mnist_core.runs.store import RunStore

EPOCH = {"event": "epoch", "epoch": 1, "loss": 1, "accuracy": 0, "val_loss": 1, "val_accuracy": 0, "seconds": 1}


def test_events_come_back_and_a_torn_last_line_is_ignored(store, spec):
    """A power cut leaves half a line; the rest of the log is still good."""
    run = store.create(spec)
    for epoch in (1, 2):
        store.append_event(run, {**EPOCH, "epoch": epoch})
    whole = json.dumps({**EPOCH, "epoch": 3}) + "\n"
    with (run.folder / LOG_FILE).open("a") as log:
        log.write(whole[:24])
    assert [event["epoch"] for event in store.events(run)] == [1, 2]
    with (run.folder / LOG_FILE).open("a") as log:
        log.write(whole[24:])
    assert [event["epoch"] for event in store.events(run)] == [1, 2, 3]


def test_a_line_that_is_no_event_hides_no_other(store, spec):
    run = store.create(spec)
    (run.folder / LOG_FILE).write_text(f'{{"event": "started", "steps": 3}}\nnonsense\n[1]\n{json.dumps(EPOCH)}\n')
    assert [event["event"] for event in store.events(run)] == ["started", "epoch"]


def test_a_missing_log_is_empty(store, spec):
    assert store.events(store.create(spec)) == []


def test_a_log_that_became_shorter_is_read_anew(store, spec):
    run = store.create(spec)
    store.append_event(run, EPOCH)
    store.events(run)
    (run.folder / LOG_FILE).write_text('{"event": "started", "steps": 3}\n')
    assert [event["event"] for event in store.events(run)] == ["started"]


def test_a_run_that_diverges_leaves_a_log_that_every_reader_takes(tmp_path, spec):
    """NaN is no JSON; a page reads it as no number again."""
    store = RunStore(tmp_path)
    run = store.create(spec)
    store.append_event(run, {**EPOCH, "loss": float("nan"), "accuracy": 0.1})
    text = (run.folder / "metrics.jsonl").read_text()
    assert json.loads(text, parse_constant=lambda name: pytest.fail(name))["loss"] is None
    assert math.isnan(store.events(run)[0]["loss"]) and store.events(run)[0]["accuracy"] == 0.1


def test_a_long_log_is_thinned_and_keeps_its_shape(store, spec, monkeypatch):
    """Eight hours of training took 177 MB, and a look at it longer than the pause between two."""
    monkeypatch.setattr(log_module, "MAX_OFTEN", 100)
    run = store.create(spec)
    lines = [{"event": "started", "steps": 50}]
    for epoch in range(1, 101):
        lines += [{"event": "progress", "epoch": epoch, "step": step, "loss": 1, "accuracy": 0} for step in range(50)]
        lines.append({**EPOCH, "epoch": epoch})
    whole = [json.dumps(line) + "\n" for line in lines]
    for part in (whole[:2000], whole[2000:]):
        with (run.folder / LOG_FILE).open("a") as log:
            log.writelines(part)
        events = store.events(run)
    progress = [event for event in events if event["event"] == "progress"]
    assert 40 <= len(progress) <= 100 and (progress[0]["epoch"], progress[-1]["epoch"]) == (1, 100)
    assert [event["epoch"] for event in events if event["event"] == "epoch"] == list(range(1, 101))
    assert [event["epoch"] for event in progress] == sorted(event["epoch"] for event in progress)
