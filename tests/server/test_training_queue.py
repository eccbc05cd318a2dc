"""The queue with its real worker process."""

import dataclasses
import os
import time

import numpy as np
import pytest
from distributed import get_worker

from mnist_core.cluster import CONFIG
from mnist_core.errors import InvalidInput
from mnist_core.networks.layers import Dense
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.spec import ModelSpec
from mnist_core.runs.run import ACTIVE
from mnist_core.runs.snapshots import kept_step, kept_steps, snapshot_path
from mnist_core.runs.store import RunStore
from mnist_core.server.training_queue import PROCESS_DIED, TrainingQueue
from mnist_core.server.worker import WORKER_NICENESS
from mnist_core.training.controls import HOLDING_SECONDS
from mnist_core.training.spec import TrainingSpec

pytestmark = pytest.mark.slow

LONG = TrainingSpec(PRESETS["fc"], epochs=5000)
PATIENCE = 600
"""Seconds: on a busy machine a process needs minutes to import TensorFlow.

For the same reason training does not step back here.
"""


@pytest.fixture(scope="module")
def queue(tmp_path_factory):
    """One queue for all tests here: its worker is kept warm, as in the app."""
    queue = TrainingQueue(RunStore(tmp_path_factory.mktemp("runs")), niceness=0)
    queue.start()
    yield queue
    queue.close()


def wait_for(queue, run, *statuses):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = queue.store.get(run.id)
        if found.status in statuses:
            return found
        if not found.is_active:
            break
        time.sleep(0.02)
    raise AssertionError(f"{run.id} is {found.status}, not {statuses}: {found.error}")


def wait_until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def names(queue, run):
    return [event["event"] for event in queue.store.events(run)]


def test_a_run_leaves_record_log_and_model(queue, spec):
    run = wait_for(queue, queue.submit(spec, name="quick"), "finished")
    events = names(queue, run)
    assert events[0] == "started" and events[-1] == "finished" and "epoch" in events
    assert run.has_model and 0.5 < run.result["test_accuracy"] < 1
    assert run.created <= run.started <= run.ended


def test_a_second_run_waits_its_turn_and_a_stop_keeps_the_model(queue, spec):
    first, second = queue.submit(LONG), queue.submit(spec)
    wait_for(queue, first, "running")
    assert queue.store.get(second.id).status == "queued" and queue.num_ahead(second.id) == 1
    queue.stop(first.id)
    stopped = wait_for(queue, first, "stopped")
    assert stopped.has_model and names(queue, stopped)[-1] == "stopped"
    assert wait_for(queue, second, "finished").has_model


def test_a_waiting_run_can_be_stopped(queue, spec):
    first, second = queue.submit(LONG), queue.submit(spec)
    wait_for(queue, first, "running")
    queue.stop(second.id)
    assert not wait_for(queue, second, "stopped").has_model
    queue.stop(first.id)
    wait_for(queue, first, "stopped")


def test_a_killed_process_fails_its_run_and_no_other(queue, spec):
    """Dask gives a task three more workers to kill, and takes tasks that only waited beside it for killers too."""
    doomed, waiting = queue.submit(LONG), queue.submit(spec)
    wait_for(queue, doomed, "running")
    wait_until(lambda: len(kept_steps(doomed.folder)) > 3)
    nanny = next(iter(queue._cluster.workers.values()))
    nanny.process.process.kill()
    failed = wait_for(queue, doomed, "failed")
    assert failed.error == PROCESS_DIED and names(queue, failed)[-1] == "failed"
    assert wait_for(queue, waiting, "finished").has_model
    assert failed.has_model and failed.model_path == snapshot_path(failed.folder, kept_steps(failed.folder)[-1])
    further = queue.submit(dataclasses.replace(LONG, epochs=1, continues=failed.id))
    assert wait_for(queue, further, "finished").result["test_accuracy"] > 0.8


def test_a_run_is_paused_goes_on_by_a_step_and_is_changed(queue):
    run = queue.submit(LONG, watched=np.zeros((1, 28, 28), np.float32))
    wait_for(queue, run, "running")
    queue.order(run.id, "pause")
    wait_until(lambda: queue.store.get(run.id).is_paused and "reading" in names(queue, run))
    before = names(queue, run)
    assert "watching" in before and "resumed" not in before
    queue.order(run.id, "slow_step")
    wait_until(lambda: kept_step(run.folder) is not None)
    assert names(queue, run).count("progress") <= before.count("progress") + 1
    queue.change(run.id, "learning_rate", "0.02")
    wait_until(lambda: queue.store.get(run.id).spec.changes)
    [change] = queue.store.get(run.id).spec.changes
    assert (change.setting, change.before, change.after) == ("learning_rate", 0.001, 0.02)
    for setting, value in (("learning_rate", "fast"), ("momentum", 0.9), ("seed", 1)):
        with pytest.raises(InvalidInput):
            queue.change(run.id, setting, value)
    queue.order(run.id, "go_on")
    wait_until(lambda: not queue.store.get(run.id).is_paused)
    queue.stop(run.id)
    assert not wait_for(queue, run, "stopped").is_paused


def test_a_run_that_pauses_for_long_lets_others_go_first(queue, spec):
    queue._client.run(hold_for, 0.0)
    paused = queue.submit(LONG)
    wait_for(queue, paused, "running")
    queue.order(paused.id, "pause")
    wait_until(lambda: queue.store.get(paused.id).is_paused)
    other = queue.submit(spec)
    assert queue.num_ahead(other.id) == 0
    assert wait_for(queue, other, "finished").has_model
    queue.order(paused.id, "epoch")
    wait_until(lambda: "epoch" in names(queue, paused) and queue.store.get(paused.id).is_paused)
    queue._client.run(hold_for, HOLDING_SECONDS)
    queue.stop(paused.id)
    assert wait_for(queue, paused, "stopped").result["test_accuracy"] > 0.8


def hold_for(seconds):
    """How long runs of a worker pause before they make way."""
    from mnist_core.engine import training

    training.HOLDING_SECONDS = seconds


def test_an_architecture_that_cannot_be_built_is_refused_at_once(queue):
    with pytest.raises(InvalidInput, match="Flatten"):
        queue.submit(TrainingSpec(ModelSpec("broken", (Dense(10, "softmax"),))))


def test_a_full_disk_fails_the_run_with_a_sentence_and_keeps_the_queue(queue, spec, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(RunStore, "save_model", refuse)
        failed = wait_for(queue, queue.submit(spec), "failed")
    assert "could not be saved (No space left on device)" in failed.error
    wait_for(queue, queue.submit(spec), "finished")


def test_a_folder_deleted_in_mid_training_stays_deleted(queue, spec, tmp_path):
    run = queue.submit(LONG)
    wait_for(queue, run, "running")
    run.folder.rename(tmp_path / "gone")  # at one stroke: file by file, the running training adds what was just removed
    # Nobody can stop it any more, as no page shows it; it must not keep the next one waiting for thousands of epochs.
    wait_for(queue, queue.submit(spec), "finished")
    assert not run.folder.exists()


@pytest.mark.skipif(not hasattr(os, "nice"), reason="Unix's own")
def test_training_steps_back_behind_the_pages(tmp_path):
    """Whatever this process's own niceness is: a whole test run may have been started with `nice`."""
    queue = TrainingQueue(RunStore(tmp_path))
    queue.start()
    assert set(queue._client.run(os.nice, 0).values()) == {min(os.nice(0) + WORKER_NICENESS, 19)}
    queue.close()


def test_runs_are_interrupted_when_the_app_closes_and_queued_ones_wait_for_the_start(tmp_path, spec):
    queue = TrainingQueue(RunStore(tmp_path), niceness=0)
    early = queue.submit(spec)
    assert queue.store.get(early.id).status == "queued"
    queue.start()
    wait_for(queue, early, "finished")
    running, waiting = queue.submit(LONG), queue.submit(spec)
    wait_for(queue, running, "running")
    queue.close()
    stopped, interrupted = (queue.store.get(run.id) for run in (running, waiting))
    assert (stopped.status, stopped.has_model, interrupted.status) == ("stopped", True, "interrupted")
    assert ACTIVE == ("queued", "running")


def test_a_run_that_nobody_trains_any_more_is_interrupted_while_the_server_runs(queue, spec):
    """One without an owner ended the queue's thread; one of a machine that is gone stood there for ever."""
    for owner in ({}, {"host": "gone", "pid": 1}):
        run = queue.store.update(queue.store.begin(queue.store.create(spec)), owner=owner)
        assert wait_for(queue, run, "interrupted").owner == {"interface": "page"}
    assert wait_for(queue, queue.submit(spec), "finished").has_model


def test_a_scheduler_that_is_not_there_is_said_in_a_sentence(tmp_path, spec, monkeypatch):
    """Without it, every run would wait for ever and nobody would know why."""
    monkeypatch.setitem(CONFIG, "distributed.comm.timeouts.connect", "1s")
    queue = TrainingQueue(RunStore(tmp_path), scheduler="tcp://127.0.0.1:9", niceness=0)
    early = queue.submit(spec)
    queue.start()
    assert "tried again" in queue.problem
    assert queue.store.get(early.id).status == "failed"
    with pytest.raises(InvalidInput, match="tried again"):
        queue.submit(spec)
    queue.close()


def flood(run_id, spec, topic, start_from, drawings, epochs_before, watched):
    """Stands for training: many events, and a large model at the end."""
    for step in range(300):
        get_worker().log_event(topic, {"run": run_id, "event": "progress", "epoch": 1, "step": step})
    return {"status": "stopped", "keras_file": bytes(5_000_000), "result": {}}


def test_runs_that_end_while_others_report_do_not_block_the_queue(tmp_path, spec, monkeypatch):
    """The end of a run was fetched under the lock that the events of another waited for, both in Dask's threads."""
    monkeypatch.setattr("mnist_core.server.training_queue.train_in_worker", flood)
    queue = TrainingQueue(RunStore(tmp_path), num_workers=2, niceness=0)
    queue.start()
    try:
        for run in [queue.submit(spec) for _ in range(8)]:
            wait_for(queue, run, "stopped")
    finally:
        queue.close()


def test_a_worker_that_cannot_do_its_part_is_a_problem_and_no_endless_wait(tmp_path, spec, monkeypatch):
    """A worker without this project made the start end in silence, and runs wait for ever."""

    def refuse(*_):
        raise Exception("No module named 'mnist_core'")

    monkeypatch.setattr("distributed.Client.register_plugin", refuse)
    queue = TrainingQueue(RunStore(tmp_path), niceness=0)
    run = queue.submit(spec)
    queue.start()
    assert "No module named" in queue.problem and queue.store.get(run.id).status == "failed"
    queue.close()
