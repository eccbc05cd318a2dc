"""Training runs, one after the other, in a process of their own. The only module that knows Dask."""

import logging
import os
import threading
import uuid
from concurrent.futures import CancelledError
from typing import Any

import dask
from distributed import Client, KilledWorker, LocalCluster

from mnist_core.errors import InvalidInput
from mnist_core.runs.models import drawings_file, keep_model, starting_model
from mnist_core.runs.run import Run
from mnist_core.runs.store import RunStore
from mnist_core.server.interrupts import without_interrupts
from mnist_core.server.worker import WarmWorker, request_stop, train_in_worker
from mnist_core.training.spec import TrainingSpec

logger = logging.getLogger(__name__)

MAX_WORKERS = 64

PROCESS_DIED = (
    "The training process ended unexpectedly: it was stopped from outside, or the computer ran out of memory. "
    "Nothing else is affected. Start the run again; if it happens again, try a smaller network."
)
CANNOT_START = "The training processes cannot be started, so nothing can be trained until the app is started again"
SCHEDULER_LOST = "The connection to the training processes was lost. Start the app again, then the run."

CONFIG = {
    # A worker that dies takes its run with it at once, instead of taking further workers down with the same run.
    "distributed.scheduler.allowed-failures": 0,
    # The scheduler keeps old events for late subscribers; the run's own log is the place to read them.
    "distributed.admin.low-level-log-length": 100,
    "distributed.worker.memory.terminate": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.target": False,
    # No status pages: a free port of this machine is opened for them all the same, and answers nothing.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # A long step in TensorFlow holds the interpreter; that is no reason to warn or to give a worker up.
    "distributed.admin.tick.limit": "1h",
    "distributed.scheduler.worker-ttl": None,
}


class TrainingQueue:
    """Runs training in worker processes and writes what they report into the runs' folders.

    Attributes:
        problem: Why nothing can be trained, in a sentence, or None.

    Args:
        store: Where runs are kept. This process is the only one that writes there; workers keep no state.
        scheduler: Address of a Dask scheduler; by default `DIGIT_STUDIO_SCHEDULER`, or else an embedded cluster.
        num_workers: Processes of the embedded cluster; by default `DIGIT_STUDIO_WORKERS`, or else 1.
    """

    def __init__(self, store: RunStore, scheduler: str | None = None, num_workers: int | None = None) -> None:
        self.store = store
        self._scheduler = scheduler or os.environ.get("DIGIT_STUDIO_SCHEDULER")
        self._num_workers = num_workers or _workers_from_environment()
        self._topic = f"digit-studio-{uuid.uuid4()}"
        self._lock = threading.RLock()
        self._runs: dict[str, Run] = {}
        self._files: dict[str, tuple[bytes | None, bytes | None]] = {}
        self._futures: dict[str, Any] = {}
        self._client: Client | None = None
        self.problem: str | None = None
        self._cluster: LocalCluster | None = None

    def start(self) -> None:
        """Starts the worker processes and marks runs that an earlier process left unfinished.

        Returns once a run can be submitted; the workers go on importing TensorFlow by themselves.
        """
        self.store.mark_interrupted()
        client = None
        try:
            with without_interrupts():
                client = self._connect()
            client.register_plugin(WarmWorker())
            client.subscribe_topic(self._topic, self._on_event)
        except Exception as error:  # also what a worker raised, such as that it cannot import this project
            self.problem = f"{CANNOT_START} ({self._scheduler or 'on this machine'}: {_first_line(error)})."
            logger.error(self.problem)
            with self._lock:
                for run in list(self._runs.values()):
                    self._end(run, "failed", error=self.problem)
            for part in (client, self._cluster):
                if part:
                    part.close()
            return
        with self._lock:
            self._client = client
            for run in list(self._runs.values()):
                self._send(run)

    def _connect(self) -> Client:
        with dask.config.set(CONFIG):
            if not self._scheduler:
                self._cluster = LocalCluster(
                    n_workers=self._num_workers,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",
                    security=True,
                    silence_logs=logging.ERROR,
                )
            return Client(self._cluster or self._scheduler, set_as_default=False)

    def close(self) -> None:
        """Ends the worker processes. Runs that were under way are marked interrupted."""
        with self._lock:
            client, self._client = self._client, None
            for run in list(self._runs.values()):
                self._end(run, "interrupted")
        if client:
            client.close()
        if self._cluster:
            self._cluster.close()

    def submit(self, spec: TrainingSpec, name: str | None = None, tag: str = "") -> Run:
        """Puts a run into the queue.

        Raises:
            InvalidInput: if it cannot be trained or saved, or the run that it continues has left no model.
        """
        if self.problem:
            raise InvalidInput(self.problem)
        spec.model.check()
        start_from = starting_model(spec, self.store)
        drawings = drawings_file(spec, self.store)
        run = self.store.create(spec, name=name, tag=tag)
        with self._lock:
            self._runs[run.id] = run
            self._files[run.id] = (start_from, drawings)
            if self._client:  # else `start` sends it
                self._send(run)
        return run

    def stop(self, run_id: str) -> None:
        """Ends a run: one that trains keeps what it has learned, one that waits is taken out of the queue."""
        waiting = None
        with self._lock:
            run, client = self._runs.get(run_id), self._client
            if run and run.status == "queued":
                waiting = self._futures.get(run_id)
                self._end(run, "stopped")
        # Never under the lock: Dask answers in its own thread, which may be waiting for the lock to hand over an event.
        if waiting:
            waiting.cancel()
        if run and client:
            # Asked of the waiting run too: its turn may have come between the click and now.
            client.run(request_stop, run_id, on_error="ignore")

    def num_ahead(self, run_id: str) -> int:
        """How many runs come before this one."""
        with self._lock:
            for run in list(self._runs.values()):
                if not run.folder.is_dir():
                    self._drop(run)
            waiting = list(self._runs)
            return waiting.index(run_id) if run_id in self._runs else 0

    def owns(self, run_id: str) -> bool:
        """Whether this queue is in charge of a run that waits or trains."""
        with self._lock:
            return run_id in self._runs

    def _send(self, run: Run) -> None:
        assert self._client
        future = self._client.submit(
            train_in_worker,
            run.id,
            run.spec.to_json(),
            self._topic,
            *self._files.get(run.id, (None, None)),
            key=f"{run.id}-{uuid.uuid4()}",
            retries=0,
        )
        self._futures[run.id] = future
        future.add_done_callback(lambda done: self._on_done(run.id, done))

    def _on_event(self, stamped: tuple[float, dict[str, Any]]) -> None:
        """Takes an event that a worker sent. Runs in Dask's own thread, so nothing may escape it."""
        event = dict(stamped[1])
        run_id = event.pop("run")
        with self._lock:
            run = self._runs.get(run_id)
            if not run:
                return
            if not run.folder.is_dir():
                self._drop(run)
                return
            if event["event"] == "started":
                run = self._runs[run_id] = self.store.begin(run)
            try:
                self.store.append_event(run, event)
            except OSError as error:
                logger.warning("An event of the run %s could not be saved: %s", run_id, error)

    def _on_done(self, run_id: str, future: Any) -> None:
        """Takes the end of a run, whatever it was."""
        # Before the lock is taken: the model comes through Dask's own thread, which may be waiting for the lock to hand
        # over an event of another run.
        outcome, error = None, None
        try:
            outcome = future.result()
        except (Exception, CancelledError) as raised:
            error = raised
        with self._lock:
            run = self._runs.get(run_id)
            if not run or self._futures.get(run_id) != future:
                return
            if outcome is not None:
                self._keep(run, **outcome)
            elif isinstance(error, KilledWorker):
                if run.status == "queued":  # it only waited at the worker that died with another run
                    self._send(run)
                    return
                self._end(run, "failed", error=PROCESS_DIED)
            elif isinstance(error, CancelledError):
                self._end(run, "failed", error=SCHEDULER_LOST)
            elif isinstance(error, InvalidInput):
                self._end(run, "failed", error=str(error))
            else:
                assert error
                logger.error("The run %s failed", run_id, exc_info=error)
                self._end(run, "failed", error=f"Training failed: {_first_line(error)}")

    def _keep(self, run: Run, status: str, keras_file: bytes, result: dict[str, Any]) -> None:
        try:
            keep_model(run, keras_file, self.store)
        except OSError as error:
            if run.folder.is_dir():
                self._end(run, "failed", error=f"The trained model could not be saved ({error.strerror}).")
            else:
                self._forget(run)
            return
        self._end(run, status, result=result)

    def _end(self, run: Run, status: str, **changes: Any) -> None:
        """Writes the end of a run into its log and its record, and forgets it."""
        self._forget(run)
        self.store.end(run, status, **changes)

    def _drop(self, run: Run) -> None:
        """Gives up a run whose folder was deleted, so that it does not keep the others waiting."""
        client, future = self._client, self._futures.get(run.id)
        self._forget(run)

        def give_up() -> None:
            if future and run.status == "queued":
                future.cancel()
            if client:
                client.run(request_stop, run.id, on_error="ignore")

        # In a thread, as this may be Dask's own, which must not wait for itself, and the lock is held.
        threading.Thread(target=give_up, daemon=True).start()

    def _forget(self, run: Run) -> None:
        self._runs.pop(run.id, None)
        self._futures.pop(run.id, None)
        self._files.pop(run.id, None)


def _workers_from_environment() -> int:
    value = os.environ.get("DIGIT_STUDIO_WORKERS", "1")
    if value.isdecimal() and 1 <= int(value) <= MAX_WORKERS:
        return int(value)
    logger.warning("DIGIT_STUDIO_WORKERS is %r; a number from 1 to %d was expected, so 1 is taken.", value, MAX_WORKERS)
    return 1


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
