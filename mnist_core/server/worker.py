"""What runs in a training process."""

import os
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import psutil
from distributed import WorkerPlugin, get_worker, rejoin, secede
from numpy.typing import NDArray

from mnist_core.networks.presets import DEFAULT_PRESET, PRESETS
from mnist_core.training.controls import Controls
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
_controls: dict[str, Controls] = defaultdict(lambda: Controls(make_way=secede, come_back=rejoin))
_waiting: dict[str, list[Snapshot]] = {}
_waiting_lock = threading.Lock()


def request_stop(run_id: str, in_a_hurry: bool = False) -> None:
    _stop_requested.add(run_id)
    if in_a_hurry:
        _in_a_hurry.add(run_id)


def request_order(run_id: str, order: str) -> None:
    """Asks a run for one of `controls.ORDERS`; a worker where it does not train keeps it, in case it comes."""
    _controls[run_id].order(order)


def request_change(run_id: str, setting: str, value: float) -> None:
    """Asks a run to learn with another value of a setting from here on."""
    _controls[run_id].change(setting, value)


def request_watch(run_id: str, pictures: NDArray[np.float32]) -> None:
    """Asks a run to read pictures on the way, float32 (N, 28, 28) in [0, 1]."""
    _controls[run_id].watch(pictures)


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
    watched: NDArray[np.float32] | None = None,
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

    controls = _controls[run_id]
    if watched is not None and controls.watched is None:
        controls.watch(watched)
    try:
        trained = train(
            TrainingSpec.from_json(spec),
            report=report,
            should_stop=lambda: run_id in _stop_requested or is_closing(),
            start_from=start_from,
            drawings=drawings,
            keep=keep,
            epochs_before=epochs_before,
            in_a_hurry=lambda: run_id in _in_a_hurry or is_closing(),
            controls=controls,
        )
    finally:
        _controls.pop(run_id, None)
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
