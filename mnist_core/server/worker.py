"""What runs in a training process."""

import os
import threading
from collections.abc import Callable
from typing import Any

import psutil
from distributed import WorkerPlugin, get_worker

from mnist_core.networks.presets import DEFAULT_PRESET, PRESETS
from mnist_core.training.snapshots import Snapshot
from mnist_core.training.spec import TrainingSpec

WORKER_NICENESS = 10
"""How far a training process steps back behind the pages, in Unix's terms: 0 is equal, 19 is furthest."""

MAX_WAITING_BYTES = 200_000_000
"""Snapshots that nobody has fetched; older ones give way."""

SNAPSHOT = "snapshot"
"""The event that says that a snapshot waits at the worker; it stands in no log."""

_stop_requested: set[str] = set()
_in_a_hurry: set[str] = set()
_waiting: dict[str, list[Snapshot]] = {}
_waiting_lock = threading.Lock()


def request_stop(run_id: str, in_a_hurry: bool = False) -> None:
    _stop_requested.add(run_id)
    if in_a_hurry:
        _in_a_hurry.add(run_id)


def take_snapshots(run_id: str) -> list[Snapshot]:
    """The snapshots of a run that were made since they were last asked for."""
    with _waiting_lock:
        return _waiting.pop(run_id, [])


def _keep(run_id: str, snapshot: Snapshot) -> None:
    with _waiting_lock:
        waiting = _waiting.setdefault(run_id, [])
        waiting.append(snapshot)
        while len(waiting) > 1 and sum(len(item.content) for item in waiting) > MAX_WAITING_BYTES:
            waiting.pop(0)


def train_in_worker(
    run_id: str,
    spec: dict[str, Any],
    topic: str,
    start_from: bytes | None,
    drawings: bytes | None,
    epochs_before: int,
) -> dict[str, Any]:
    from mnist_core.engine.training import train

    worker = get_worker()
    log_event: Callable[[str, Any], None] = worker.log_event

    def report(event: dict[str, Any]) -> None:
        log_event(topic, {"run": run_id, **event})

    def keep(snapshot: Snapshot) -> None:
        _keep(run_id, snapshot)
        report({"event": SNAPSHOT})

    def is_closing() -> bool:  # a process that ends, as where its scheduler went, waits for what it is at
        return str(worker.status.name).startswith("clos")

    trained = train(
        TrainingSpec.from_json(spec),
        report=report,
        should_stop=lambda: run_id in _stop_requested or is_closing(),
        start_from=start_from,
        drawings=drawings,
        keep=keep,
        epochs_before=epochs_before,
        in_a_hurry=lambda: run_id in _in_a_hurry or is_closing(),
    )
    return {name: getattr(trained, name) for name in ("status", "keras_file", "result", "error")}


class WarmWorker(WorkerPlugin):
    """Makes a worker polite, and lets it import TensorFlow and compile the first network before anybody asks.

    Args:
        niceness: How far it steps back.
    """

    name = "warm-worker"

    def __init__(self, niceness: int = WORKER_NICENESS) -> None:
        self.niceness = niceness

    def setup(self, worker: Any) -> None:
        _step_back(self.niceness)
        threading.Thread(target=_warm_up, daemon=True).start()


def _step_back(niceness: int) -> None:
    """Lets the pages' processes go first."""
    if hasattr(os, "nice"):
        os.nice(niceness)  # of this thread, and so of every thread that is started from here on
    elif niceness and hasattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS"):
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)


def _warm_up() -> None:
    from mnist_core.engine.training import warm_up

    warm_up(TrainingSpec(PRESETS[DEFAULT_PRESET]))
