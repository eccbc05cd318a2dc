"""What runs in a training process."""

import os
import threading
from collections.abc import Callable
from typing import Any

import psutil
from distributed import WorkerPlugin, get_worker

from mnist_core.networks.presets import DEFAULT_PRESET, PRESETS
from mnist_core.training.spec import TrainingSpec

WORKER_NICENESS = 10
"""How far a training process steps back behind the pages, in Unix's terms: 0 is equal, 19 is furthest."""

_stop_requested: set[str] = set()


def request_stop(run_id: str) -> None:
    _stop_requested.add(run_id)


def train_in_worker(
    run_id: str, spec: dict[str, Any], topic: str, start_from: bytes | None, drawings: bytes | None
) -> dict[str, Any]:
    from mnist_core.engine.training import train

    worker = get_worker()
    log_event: Callable[[str, Any], None] = worker.log_event
    trained = train(
        TrainingSpec.from_json(spec),
        report=lambda event: log_event(topic, {"run": run_id, **event}),
        # A process that ends, as where its scheduler went, waits for what it is at.
        should_stop=lambda: run_id in _stop_requested or worker.status.name.startswith("clos"),
        start_from=start_from,
        drawings=drawings,
    )
    return {"status": trained.status, "keras_file": trained.keras_file, "result": trained.result}


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
