"""Faults as they happen to people, each done for real to real processes and folders."""

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from mnist_core.errors import InvalidInput
from mnist_core.networks.presets import PRESETS
from mnist_core.paths import LOG_FILE, MODEL_FILE, RECORD_FILE, SHIPPED_MODELS
from mnist_core.runs.run import Run
from mnist_core.runs.snapshots import kept_steps, snapshot_path
from mnist_core.runs.store import RunStore
from mnist_core.server.engine_process import EngineProcess
from mnist_core.server.training_queue import TrainingQueue
from mnist_core.training.spec import TrainingSpec
from tests.browser.studio_server import free_port

PROJECT = Path(__file__).parents[2]
SHORT = TrainingSpec(PRESETS["softmax"], epochs=1)
LONG = TrainingSpec(PRESETS["fc"], epochs=5_000)
PATIENCE = 600.0
"""Seconds that a busy machine gets for what takes a few."""

TRAIN_FOR_EVER = f"""
import sys, time
from mnist_core.networks.presets import PRESETS
from mnist_core.server.studio import Studio
from mnist_core.training.spec import TrainingSpec
if __name__ == "__main__":
    import signal
    studio = Studio()
    studio.queue.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    print(studio.queue.submit(TrainingSpec(PRESETS["fc"], epochs={LONG.epochs})).id, flush=True)
    try:
        time.sleep(100_000)
    finally:
        studio.close()
"""
"""What a server does for its visitors, without the pages."""


@dataclass(frozen=True)
class Outcome:
    """What came of a fault.

    Attributes:
        kept: What was still there and whole.
        said: What people were told.
    """

    kept: str
    said: str


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for something.

    Raises:
        AssertionError: if it does not come.
    """
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def is_learning(store: RunStore, run: Run) -> bool:
    return any(event["event"] == "epoch" for event in store.events(run))


def ended(store: RunStore, run: Run) -> Run:
    until(lambda: not store.get(run.id).is_active, f"the end of {run.id}")
    return store.get(run.id)


def kept(store: RunStore, run: Run) -> Run:
    """A run that was ended from without, with its last snapshot to draw with and to go on from."""
    found, steps = store.get(run.id), kept_steps(run.folder)
    assert found.has_model and found.model_path == snapshot_path(run.folder, steps[-1])
    return found


def trained(queue: TrainingQueue) -> Run:
    """A short run, trained to its end."""
    run = ended(queue.store, queue.submit(SHORT))
    assert run.status == "finished" and run.has_model, run
    return run


@contextlib.contextmanager
def training(folder: Path, scheduler: str | None = None) -> Iterator[tuple[TrainingQueue, Run]]:
    """A queue in which one run has finished and a long one learns; no process stays behind it."""
    before = processes(os.getpid())
    queue = TrainingQueue(RunStore(folder / "runs"), scheduler=scheduler, niceness=0)
    queue.start()
    try:
        trained(queue)
        run = queue.submit(LONG)
        until(lambda: is_learning(queue.store, run), "the first epoch")
        yield queue, run
    finally:
        queue.close()
    if scheduler is None:  # else they are the cluster's
        until(
            lambda: not [child for child in processes(os.getpid()) if child not in before], "the end of every process"
        )


def processes(pid: int) -> list[psutil.Process]:
    """What a process has started, without what Python itself keeps beside it."""
    # Its own alone, and not those of another server that runs below it.
    is_this = pid == os.getpid()
    found = psutil.Process(pid).children(recursive=not is_this)
    return [child for child in found if "resource_tracker" not in _line(child)]


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return "resource_tracker"


def command(*arguments: str, home: Path, **options: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "DIGIT_STUDIO_HOME": str(home), **options}
    line = [sys.executable, "-m", "mnist_core", *arguments]
    return subprocess.run(line, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=PATIENCE)


def one_line(done: "subprocess.CompletedProcess[str]") -> str:
    """What a command that was refused said."""
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    [line] = done.stderr.strip().splitlines()
    return line


def kill_the_training_process(folder: Path) -> Outcome:
    before = processes(os.getpid())
    with training(folder) as (queue, run):
        started = [child for child in processes(os.getpid()) if child not in before]
        workers = [child for child in started if "spawn_main" in _line(child)]
        for worker in workers:
            worker.kill()
        failed = ended(queue.store, run)
        assert failed.status == "failed" and failed.error and kept(queue.store, failed)
        trained(queue)
        return Outcome("the run before, its record and log, and its last snapshot; the next run trained", failed.error)


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, dict[str, "subprocess.Popen[bytes]"], Callable[[str], None]]]:
    """A scheduler and a worker, as one starts them by hand; a function starts either anew."""
    keys, port = folder / "keys", free_port()
    os.environ["DIGIT_STUDIO_KEYS"] = str(keys)
    assert command("cluster", "init", home=folder, DIGIT_STUDIO_KEYS=str(keys)).returncode == 0
    address = f"tls://127.0.0.1:{port}"
    lines = {"scheduler": ("scheduler", "--host", "127.0.0.1", "--port", str(port)), "worker": ("worker", address)}
    running: dict[str, subprocess.Popen[bytes]] = {}

    def start(name: str) -> None:
        log = (folder / f"{name}.log").open("ab")
        line = [sys.executable, "-m", "mnist_core", *lines[name]]
        running[name] = subprocess.Popen(line, cwd=PROJECT, stdout=log, stderr=log)

    try:
        start("scheduler")
        until(lambda: b"Scheduler at" in (folder / "scheduler.log").read_bytes(), "the scheduler")
        start("worker")
        yield address, running, start
    finally:
        del os.environ["DIGIT_STUDIO_KEYS"]
        for process in running.values():
            for child in processes(process.pid) if process.poll() is None else ():
                child.kill()
            process.kill()
            process.wait()


def kill_the_nanny(folder: Path) -> Outcome:
    with cluster(folder) as (address, running, start), training(folder, address) as (queue, run):
        children = processes(running["worker"].pid)
        running["worker"].kill()
        running["worker"].wait()
        failed = ended(queue.store, run)
        assert failed.status == "failed" and failed.error and kept(queue.store, failed)
        until(lambda: not any(child.is_running() and child.status() != "zombie" for child in children), "no child")
        start("worker")
        trained(queue)
        said = "the run before; the run's last snapshot; the next run trained by the next worker"
        return Outcome(said, failed.error)


def kill_the_scheduler(folder: Path) -> Outcome:
    with cluster(folder) as (address, running, start), training(folder, address) as (queue, run):
        running["scheduler"].kill()
        running["scheduler"].wait()
        failed = ended(queue.store, run)
        until(lambda: bool(queue.problem), "the sentence")
        with contextlib.suppress(InvalidInput):
            queue.submit(SHORT)
            raise AssertionError("a run was taken that nobody could train")
        assert failed.status == "failed" and failed.error and queue.problem
        said = f"{failed.error} {queue.problem}"
        start("scheduler")
        until(lambda: queue.problem is None, "the scheduler again")
        trained(queue)
        return Outcome("the run before; the next run trained once the scheduler was back, by the same worker", said)


def kill_the_engine(folder: Path) -> Outcome:
    engine = EngineProcess()
    try:
        model, picture = SHIPPED_MODELS / "softmax" / MODEL_FILE, np.zeros((28, 28), np.float32)
        engine.predict(model, picture).result(PATIENCE)
        assert engine._executor
        [process] = engine._executor._processes.values()
        pending = [engine.predict(model, picture + i / 100) for i in range(1, 40)]
        process.kill()
        problems = [error for error in (work.exception(PATIENCE) for work in pending) if error]
        assert all(isinstance(error, InvalidInput) for error in problems)
        assert engine.predict(model, picture + 0.5).result(PATIENCE).probabilities.shape == (10,)
        said = str(problems[0]) if problems else "nothing: all was read"
        return Outcome("every model; the next drawing was read", said)
    finally:
        engine.close()


def _server(folder: Path, end: signal.Signals) -> tuple[RunStore, Run]:
    """A server in which a run has learned, ended by a signal; nothing of it stays behind."""
    script = folder / "server.py"
    script.write_text(TRAIN_FOR_EVER)
    home = folder / "runs"
    environment = {**os.environ, "DIGIT_STUDIO_HOME": str(home), "PYTHONPATH": str(PROJECT)}
    server = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment)
    assert server.stdout
    run = RunStore(home).get(server.stdout.readline().strip())
    store = RunStore(home)
    until(lambda: is_learning(store, run), "the first epoch")
    children = processes(server.pid)
    server.send_signal(end)
    server.wait(PATIENCE)
    until(lambda: not any(child.is_running() and child.status() != "zombie" for child in children), "no child")
    return store, run


def kill_the_server(folder: Path) -> Outcome:
    store, run = _server(folder, signal.SIGKILL)
    queue = TrainingQueue(store, niceness=0)
    queue.start()
    try:
        found = ended(store, run)
        assert found.status == "interrupted" and is_learning(store, run) and kept(store, run)
        further = queue.submit(dataclasses.replace(LONG, epochs=1, continues=run.id))
        assert ended(store, further).status == "finished"
    finally:
        queue.close()
    said = "the run's record, curves and last snapshot, from which the next server trained on"
    return Outcome(said, f"{found.status}")


def end_the_server(folder: Path) -> Outcome:
    store, run = _server(folder, signal.SIGTERM)
    found = store.get(run.id)
    assert found.status == "stopped" and found.has_model
    return Outcome("what the run had learned, as a model to draw with", found.status)


def use_a_port_twice(folder: Path) -> Outcome:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        return Outcome("all", one_line(command("serve", "--port", str(taken.getsockname()[1]), home=folder / "runs")))


def put_a_file_in_the_folders_place(folder: Path) -> Outcome:
    (folder / "runs").write_text("I am a file")
    said = one_line(command("train", "--preset", "softmax", "--epochs", "1", home=folder / "runs"))
    assert (folder / "runs").read_text() == "I am a file"
    return Outcome("the file", said)


def fill_the_disk(folder: Path) -> Outcome:
    """A disk of a megabyte, on which a model of half a megabyte has no room beside a file that fills it."""
    home = folder / "disk"
    home.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(home)], check=True, capture_output=True)
    try:
        (home / "ballast").write_bytes(bytes(900_000))
        queue = TrainingQueue(RunStore(home), niceness=0)
        queue.start()
        try:
            run = ended(queue.store, queue.submit(TrainingSpec(PRESETS["fc"], epochs=1)))
            assert run.status == "failed" and run.error and queue.store.unsaved_model(run.id)
            (home / "ballast").unlink()
            trained(queue)
        finally:
            queue.close()
        return Outcome("the model, in memory until there was room; the next run trained", run.error)
    finally:
        subprocess.run(["umount", "-l", str(home)], check=True)


def make_the_folder_read_only(folder: Path) -> Outcome:
    home = folder / "disk"
    home.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(home)], check=True, capture_output=True)
    try:
        store = RunStore(home)
        run = store.end(store.create(SHORT, name="before"), "stopped")
        subprocess.run(["mount", "-o", "remount,ro", str(home)], check=True)
        said = one_line(command("train", "--preset", "softmax", "--epochs", "1", home=home))
        assert [kept.name for kept in RunStore(home).listing().runs] == [run.name]
        return Outcome("every run, to look at", said)
    finally:
        subprocess.run(["umount", "-l", str(home)], check=True)


def damage_a_run(folder: Path) -> Outcome:
    store = RunStore(folder)
    good, bad = (store.end(store.create(SHORT, name=name), "stopped") for name in ("good", "bad"))
    for content in (b"", b"{", b'{"status": "finished"}', b"\xff\xfe", b"[" * 10_000):
        (bad.folder / RECORD_FILE).write_bytes(content)
        (good.folder / LOG_FILE).write_bytes(b'{"event": "epoch", "loss": "much"}\n{"event": "st')
        listing = RunStore(folder).listing()
        assert [run.name for run in listing.runs] == ["good"] and RunStore(folder).events(good) == []
        [said] = listing.unreadable.values()
    return Outcome("every other run", said)


@contextlib.contextmanager
def another_queue(folder: Path, queue: TrainingQueue, run: Run) -> Iterator[TrainingQueue]:
    """A second queue on the folder, which leaves a run of the first alone; in the end the first stops and keeps it."""
    other = TrainingQueue(RunStore(folder / "runs"), niceness=0)
    other.start()
    try:
        yield other
        time.sleep(4)  # it looks after runs that nobody trains every three seconds
        assert other.store.get(run.id).status == "running"
        queue.stop(run.id)
        stopped = ended(other.store, run)
        assert stopped.status == "stopped" and stopped.has_model
    finally:
        other.close()


def serve_one_folder_twice(folder: Path) -> Outcome:
    with training(folder) as (queue, run), another_queue(folder, queue, run) as other:
        trained(other)
    return Outcome("all runs of both, which both show; each trains its own", "nothing: both work")


@contextlib.contextmanager
def clock_set_back(seconds: float) -> Iterator[None]:
    """What the system then says to us of the time, and of when it and its processes began; its clock is everybody's."""

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Earlier":
            return cls.fromtimestamp(datetime.now(UTC).timestamp() - seconds, tz)

    with pytest.MonkeyPatch.context() as patch:
        booted, created = psutil.boot_time, psutil.Process.create_time
        patch.setattr(
            "mnist_core.runs.store.time", SimpleNamespace(**{**vars(time), "time": lambda: time.time() - seconds})
        )
        patch.setattr("mnist_core.runs.store.datetime", Earlier)
        patch.setattr(psutil, "boot_time", lambda: booted() - seconds)
        patch.setattr(psutil.Process, "create_time", lambda process: created(process) - seconds)
        yield


def set_the_clock_back(folder: Path) -> Outcome:
    with (
        training(folder) as (queue, run),
        clock_set_back(5 * 3600),
        another_queue(folder, queue, run) as other,
    ):
        later = trained(other)
        assert datetime.fromisoformat(later.created) < datetime.fromisoformat(run.created)
        assert [found.id for found in other.store.listing().runs][:2] == [later.id, run.id]
    return Outcome("the run that trains; the next one is the newest of the list all the same", "nothing: all works")


FAULTS: dict[str, Callable[[Path], Outcome]] = {
    "the training process is killed": kill_the_training_process,
    "a worker's nanny is killed": kill_the_nanny,
    "the scheduler is killed, and started again": kill_the_scheduler,
    "the process that reads drawings is killed": kill_the_engine,
    "the server is killed while it trains": kill_the_server,
    "the server is told to end while it trains": end_the_server,
    "the port is in use": use_a_port_twice,
    "a file lies in the folder's place": put_a_file_in_the_folders_place,
    "the disk is full": fill_the_disk,
    "the folder is read-only": make_the_folder_read_only,
    "a run's files are damaged": damage_a_run,
    "two servers have one folder": serve_one_folder_twice,
    "the clock is set back while a run trains": set_the_clock_back,
}
"""What may happen, by what one would say of it. Each raises AssertionError where something is lost."""
