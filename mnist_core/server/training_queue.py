"""Training runs, one after the other, in a process of their own."""

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import dask
import numpy as np
from distributed import Client, KilledWorker, LocalCluster
from numpy.typing import NDArray

from mnist_core.cluster import CONFIG, NO_STATUS_PAGES, security_for
from mnist_core.errors import InvalidInput, TensorFlowMissing
from mnist_core.runs.readings import as_text
from mnist_core.runs.recorder import RunRecorder
from mnist_core.runs.run import Run
from mnist_core.runs.store import RunStore
from mnist_core.server.interrupts import without_interrupts
from mnist_core.server.worker import (
    SNAPSHOT,
    WORKER_NICENESS,
    WarmWorker,
    request_change,
    request_order,
    request_stop,
    request_watch,
    take_snapshots,
    train_in_worker,
)
from mnist_core.training.spec import TrainingSpec, check_change

logger = logging.getLogger(__name__)

MAX_WORKERS = 64
WATCH_SECONDS = 3.0
CLOSING_SECONDS = 6.0
"""How long the end of a server waits for what a run has learned."""

PROCESS_DIED = (
    "The training process ended unexpectedly: it was stopped from outside, or the computer ran out of memory. "
    "Nothing else is affected. Start the run again; if it happens again, try a smaller network."
)
CANNOT_START = "The training processes cannot be started, so nothing can be trained until the app is started again"
SCHEDULER_LOST = "The connection to the training processes was lost. Start the run again once they are back."
SCHEDULER_GONE = "The scheduler does not answer, so nothing can be trained. It is tried again every few seconds"
RECONNECT_SECONDS = 3.0
"""How long a scheduler that went is waited for at each try."""


@dataclass
class _Job:
    """A run that waits or trains.

    Attributes:
        recorder: What writes its folder.
        future: Its result, once it was sent to a worker.
        watched: The pictures that it reads on the way, float32 (N, 28, 28), or None.
    """

    recorder: RunRecorder
    future: Any = None
    watched: NDArray[np.float32] | None = None

    @property
    def run(self) -> Run:
        return self.recorder.run


class TrainingQueue:
    """Runs training in worker processes and writes what they report into the runs' folders.

    Attributes:
        problem: Why nothing can be trained, in a sentence, or None.

    Args:
        store: Where runs are kept. This process is the only one that writes there; workers keep no state.
        scheduler: Address of a Dask scheduler; by default `DIGIT_STUDIO_SCHEDULER`, or else an embedded cluster.
        num_workers: Processes of the embedded cluster; by default `DIGIT_STUDIO_WORKERS`, or else 1.
        niceness: How far they step back behind other programs, in Unix's terms.
    """

    def __init__(
        self,
        store: RunStore,
        scheduler: str | None = None,
        num_workers: int | None = None,
        niceness: int = WORKER_NICENESS,
    ) -> None:
        self.store = store
        self._niceness = niceness
        self._scheduler = scheduler or os.environ.get("DIGIT_STUDIO_SCHEDULER")
        self._num_workers = num_workers or _workers_from_environment()
        self._topic = f"digit-studio-{uuid.uuid4()}"
        self._lock = threading.RLock()
        self._jobs: dict[str, _Job] = {}
        self._client: Client | None = None
        self.problem: str | None = None
        self._closing = threading.Event()
        self._fetching = ThreadPoolExecutor(1, "snapshots")
        self._has_started = False
        self._cluster: LocalCluster | None = None

    def start(self) -> None:
        """Starts the worker processes and marks runs that an earlier process left unfinished.

        Returns once a run can be submitted; the workers go on importing TensorFlow by themselves.
        """
        self._mark_interrupted()
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            self._begin()
        except Exception as error:  # also what a worker raised, such as that it cannot import this project
            self.problem = f"{SCHEDULER_GONE if self._scheduler else CANNOT_START}. {_reason(error, self._scheduler)}"
            logger.error(self.problem)
            with self._lock:
                for job in list(self._jobs.values()):
                    self._end(job, "failed", error=self.problem)
            if self._cluster:
                self._cluster.close()
        self._has_started = True

    def _begin(self) -> None:
        """Connects to the training processes and sends what waits.

        Raises:
            Exception: whatever keeps it from that; there is no connection then.
        """
        with without_interrupts():
            client = self._connect()
        try:
            client.register_plugin(WarmWorker(self._niceness))
            client.subscribe_topic(self._topic, self._on_event)
        except Exception:
            client.close()
            raise
        with self._lock:
            self._client, self.problem = client, None
            for job in list(self._jobs.values()):
                self._send(job)

    def _reconnect(self) -> None:
        """Connects again to a scheduler that went, or was not there."""
        client = self._client
        if not self._scheduler or not self._has_started or (client and client.status == "running"):
            return
        with self._lock:
            self._client, self.problem = None, f"{SCHEDULER_GONE}: {self._scheduler}."
            for job in self._jobs.values():
                job.future = None  # what waits is sent again; what the old connection still says of it is not heard
        if client:
            client.close(timeout=RECONNECT_SECONDS)
        self._begin()

    def _watch(self) -> None:
        """Looks after runs that nobody trains any more, of this server or of another on the same folder."""
        while not self._closing.wait(WATCH_SECONDS):
            self._mark_interrupted()
            try:
                self._reconnect()
            except Exception as error:  # it is tried again
                logger.info("The scheduler does not answer: %s", error)

    def _mark_interrupted(self) -> None:
        if self._jobs:
            self.store.give_sign_of_life()
        try:
            self.store.mark_interrupted()
        except Exception as error:  # whatever a folder holds, this goes on
            logger.warning("Runs could not be looked after: %s", error)

    def _connect(self) -> Client:
        with dask.config.set(CONFIG):
            if self._scheduler:
                patience = {"timeout": RECONNECT_SECONDS} if self._has_started else {}
                return Client(self._scheduler, security=security_for(self._scheduler), set_as_default=False, **patience)
            self._cluster = LocalCluster(
                n_workers=self._num_workers,
                threads_per_worker=1,
                dashboard_address=NO_STATUS_PAGES,
                worker_dashboard_address=NO_STATUS_PAGES,
                security=True,
                silence_logs=logging.ERROR,
            )
            return Client(self._cluster, set_as_default=False)

    @property
    def num_processes(self) -> int:
        """How many runs train side by side."""
        client = self._client
        return max(len(client.scheduler_info(n_workers=-1)["workers"]), 1) if client else self._num_workers

    @property
    def is_connected(self) -> bool:
        """Whether runs are sent to training processes by now."""
        return self._client is not None

    def close(self) -> None:
        """Ends the worker processes. A run that trains keeps what it has learned, one that waits is interrupted."""
        self._closing.set()
        with self._lock:
            training = [run_id for run_id, job in self._jobs.items() if job.run.status == "running"]
        for run_id in training:
            self.stop(run_id, in_a_hurry=True)
        end = time.monotonic() + CLOSING_SECONDS
        while any(self.owns(run_id) for run_id in training) and time.monotonic() < end:
            time.sleep(0.05)
        with self._lock:
            client, self._client = self._client, None
            for job in list(self._jobs.values()):
                self._end(job, "interrupted")
        if client:
            client.close()
        if self._cluster:
            self._cluster.close()

    def submit(
        self, spec: TrainingSpec, name: str | None = None, tag: str = "", watched: NDArray[np.float32] | None = None
    ) -> Run:
        """Puts a run into the queue.

        Args:
            spec: What to train.
            name: What to call it; by default the network's name.
            tag: See `Run.tag`.
            watched: Pictures that it reads on the way; see `watch`.

        Raises:
            InvalidInput: if it cannot be trained or saved, or the run that it continues has left no model.
        """
        if self.problem:
            raise InvalidInput(self.problem)
        job = _Job(RunRecorder(self.store, spec, name=name, tag=tag), watched=watched)
        with self._lock:
            self._jobs[job.run.id] = job
            if watched is not None:
                self._say_watched(job, watched)
            if self._client:  # else `start` sends it
                self._send(job)
        return job.run

    def stop(self, run_id: str, *, in_a_hurry: bool = False) -> None:
        """Ends a run: one that trains keeps what it has learned, one that waits is taken out of the queue.

        Args:
            run_id: Which one.
            in_a_hurry: Whether there is no time to test what it has learned.
        """
        waiting = None
        with self._lock:
            job, client = self._jobs.get(run_id), self._client
            if job and job.run.status == "queued":
                waiting = job.future
                self._end(job, "stopped")
        # Never under the lock: Dask answers in its own thread, which may be waiting for the lock to hand over an event.
        if waiting:
            waiting.cancel()
        if job and client:
            # Asked of the waiting run too: its turn may have come between the click and now.
            client.run(request_stop, run_id, in_a_hurry, on_error="ignore")

    def order(self, run_id: str, order: str) -> None:
        """Asks a run that trains or waits to pause, or to go on; see `controls.ORDERS`."""
        self._tell(run_id, request_order, order)

    def change(self, run_id: str, setting: str, value: float | str) -> None:
        """Asks a run to learn with another value of a setting: the learning rate at once, others from the next epoch.

        Raises:
            InvalidInput: if it cannot have this value.
        """
        with self._lock:
            job = self._jobs.get(run_id)
        if job:
            self._tell(run_id, request_change, setting, check_change(job.run.spec, setting, value))

    def watch(self, run_id: str, pictures: NDArray[np.float32]) -> None:
        """Has a run read pictures on the way, at each report, in place of those that it was given before.

        Args:
            run_id: Which run.
            pictures: float32 (N, 28, 28) in [0, 1], at most `controls.NUM_WATCHED`; none with N = 0.
        """
        with self._lock:
            job = self._jobs.get(run_id)
            if job:
                job.watched = pictures
                self._say_watched(job, pictures)
        self._tell(run_id, request_watch, pictures)

    def _say_watched(self, job: _Job, pictures: NDArray[np.float32]) -> None:
        """Writes into the log which pictures the readings after it are of."""
        job.recorder.take({"event": "watching", "pictures": [as_text(picture) for picture in pictures]})

    def _tell(self, run_id: str, request: Callable[..., None], *values: Any) -> None:
        """Asks something of a run, wherever it trains. Never under the lock; see `stop`."""
        with self._lock:
            job, client = self._jobs.get(run_id), self._client
        if job and client:
            client.run(request, run_id, *values, on_error="ignore")

    def num_ahead(self, run_id: str) -> int:
        """How many runs come before this one."""
        with self._lock:
            for job in list(self._jobs.values()):
                if job.recorder.is_deleted:
                    self._drop(job)
            waiting = [name for name, job in self._jobs.items() if name == run_id or not job.run.is_paused]
            return waiting.index(run_id) if run_id in self._jobs else 0

    def owns(self, run_id: str) -> bool:
        """Whether this queue is in charge of a run that waits or trains."""
        with self._lock:
            return run_id in self._jobs

    def _send(self, job: _Job) -> None:
        assert self._client
        run = job.run
        job.future = self._client.submit(
            train_in_worker,
            run.id,
            run.spec.to_json(),
            self._topic,
            job.recorder.start_from,
            job.recorder.drawings,
            job.recorder.epochs_before,
            job.watched,
            key=f"{run.id}-{uuid.uuid4()}",
            retries=0,
        )
        job.future.add_done_callback(lambda done: self._on_done(run.id, done))

    def _on_event(self, stamped: tuple[float, dict[str, Any]]) -> None:
        """Takes an event that a worker sent. Runs in Dask's own thread, so nothing may escape it."""
        event = dict(stamped[1])
        run_id = event.pop("run")
        with self._lock:
            job = self._jobs.get(run_id)
            if not job:
                return
            if job.recorder.is_deleted:
                self._drop(job)
            elif event["event"] == SNAPSHOT:
                self._fetching.submit(self._fetch_snapshots, job)
            else:
                job.recorder.take(event)

    def _fetch_snapshots(self, job: _Job) -> None:
        """Takes the snapshots of a run that wait at its worker. Never under the lock, and not in Dask's own thread."""
        client = self._client
        if not client:
            return
        try:
            found = client.run(take_snapshots, job.run.id, on_error="ignore")
        except Exception as error:  # a worker or a scheduler that goes; they cost the snapshots, not the run
            logger.warning("Snapshots of the run %s could not be fetched: %s", job.run.id, error)
            return
        for snapshots in found.values():
            for snapshot in snapshots if isinstance(snapshots, list) else ():
                with self._lock:
                    job.recorder.keep(snapshot)

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
            job = self._jobs.get(run_id)
        if job and job.future == future and outcome is not None:
            self._fetching.submit(self._fetch_snapshots, job).result()  # behind those that are fetched already
        with self._lock:
            job = self._jobs.get(run_id)
            if not job or job.future != future:
                return
            if outcome is not None:
                self._forget(job)
                job.recorder.finish(**outcome)
            elif isinstance(error, KilledWorker) and job.run.status == "queued":
                self._send(job)  # it only waited at the worker that died with another run
            elif isinstance(error, CancelledError) and job.run.status == "queued" and self._scheduler:
                job.future = None  # it only waited at a scheduler that went, and is sent again
            else:
                assert error
                self._end(job, "failed", error=_failure(run_id, error))

    def _end(self, job: _Job, status: str, **changes: Any) -> None:
        """Writes the end of a run into its log and its record, and forgets it."""
        self._forget(job)
        job.recorder.end(status, **changes)

    def _drop(self, job: _Job) -> None:
        """Gives up a run whose folder was deleted, so that it does not keep the others waiting."""
        client, run = self._client, job.run
        self._forget(job)

        def give_up() -> None:
            if job.future and run.status == "queued":
                job.future.cancel()
            if client:
                client.run(request_stop, run.id, on_error="ignore")

        # In a thread, as this may be Dask's own, which must not wait for itself, and the lock is held.
        threading.Thread(target=give_up, daemon=True).start()

    def _forget(self, job: _Job) -> None:
        self._jobs.pop(job.run.id, None)


def _failure(run_id: str, error: BaseException) -> str:
    """Why a run failed, in a sentence."""
    if isinstance(error, KilledWorker):
        return PROCESS_DIED
    if isinstance(error, CancelledError):
        return SCHEDULER_LOST
    if isinstance(error, InvalidInput):
        return str(error)
    if isinstance(error, ImportError):
        return str(TensorFlowMissing.because(error))
    logger.error("The run %s failed", run_id, exc_info=error)
    return f"Training failed: {_first_line(error)}"


def _workers_from_environment() -> int:
    value = os.environ.get("DIGIT_STUDIO_WORKERS", "1")
    if value.isdecimal() and 1 <= int(value) <= MAX_WORKERS:
        return int(value)
    logger.warning("DIGIT_STUDIO_WORKERS is %r; a number from 1 to %d was expected, so 1 is taken.", value, MAX_WORKERS)
    return 1


def _reason(error: Exception, scheduler: str | None) -> str:
    """Why there is no connection to training processes, in a sentence."""
    if isinstance(error, InvalidInput):
        return str(error)
    return f"{scheduler or 'On this machine'}: {_first_line(error)}."


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__
