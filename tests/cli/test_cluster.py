"""The commands `cluster`, `scheduler` and `worker`: a real scheduler and worker, and who is turned away."""

import contextlib
import os
import re
import subprocess
import sys
import time

import psutil
import pytest
from distributed import Client, Security

from mnist_core.cli.main import main
from mnist_core.cluster import is_this_machine, read_keys, security_for, write_keys
from mnist_core.errors import InvalidInput
from mnist_core.runs.store import RunStore
from mnist_core.server.training_queue import PROCESS_DIED, TrainingQueue
from mnist_core.training.spec import TrainingSpec
from tests.cli.commands import PROJECT

PATIENCE = 600


@contextlib.contextmanager
def started(*arguments, keys):
    """A command that runs on, and the address that it prints."""
    environment = {**os.environ, "DIGIT_STUDIO_KEYS": str(keys), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "mnist_core", *arguments]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout
            for line in process.stdout:
                if found := re.search(r"(?:Scheduler|Training process) at (tls://\S+)", line):
                    yield process, found[1]
                    break
        finally:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster") / "keys"
    write_keys(folder)
    return folder


@pytest.fixture(scope="module")
def scheduler(keys):
    with started("scheduler", "--port", "0", keys=keys) as (process, address):
        yield process, address


def until(condition):
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


def addresses(process):
    """Where a process and its children listen."""
    everyone = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    connections = [one for each in everyone for one in each.net_connections("inet")]
    return {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}


def test_keys_are_for_their_owner_alone_and_never_overwritten(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("DIGIT_STUDIO_KEYS", str(tmp_path / "keys"))
    assert main(["cluster", "init"]) == 0 and "Copy this folder" in capsys.readouterr().out
    written = {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
    if os.name != "nt":
        assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
        assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert main(["cluster", "init"]) == 2 and "holds a key already" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in (tmp_path / "keys").iterdir()} == written


@pytest.mark.slow
def test_a_run_is_trained_over_tls_and_a_killed_worker_is_said(scheduler, keys, tmp_path, monkeypatch, spec):
    """A scheduler started bare began a killed worker's run again from the first epoch, without a word."""
    monkeypatch.setenv("DIGIT_STUDIO_KEYS", str(keys))
    process, address = scheduler
    queue = TrainingQueue(RunStore(tmp_path), scheduler=address, niceness=0)

    def ended(run):
        return until(lambda: (found := queue.store.get(run.id)) and not found.is_active and found)

    with contextlib.closing(queue), started("worker", address, keys=keys) as (worker, _):
        assert addresses(process) | addresses(worker) == {"127.0.0.1"}
        queue.start()
        assert queue.problem is None
        assert ended(queue.submit(spec)).status == "finished"
        long = queue.submit(TrainingSpec(spec.model, epochs=10_000, batch_size=8))
        until(lambda: queue.store.get(long.id).status == "running")
        for child in psutil.Process(worker.pid).children():
            child.kill()
        failed = ended(long)
        assert failed.status == "failed" and failed.error == PROCESS_DIED
        assert ended(queue.submit(spec)).status == "finished"


@pytest.mark.slow
def test_who_has_no_key_or_another_is_turned_away(scheduler, tmp_path):
    """Whoever may talk to a scheduler runs commands as the one who started it."""
    _, address = scheduler
    write_keys(tmp_path / "other")
    plain = address.replace("tls://", "tcp://")
    for url, security in ((address, read_keys(tmp_path / "other")), (plain, None), (address, Security())):
        with pytest.raises((OSError, TimeoutError, RuntimeError, ValueError, TypeError)):
            Client(url, security=security, timeout="3s", set_as_default=False)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("tcp://192.0.2.7:8786", "would let everybody in its network run commands"),
        ("tcp://0.0.0.0:8786", "would let everybody"),
        ("192.0.2.7:8786", "no scheduler's address"),
        ("tls://192.0.2.7:8786", "There are no keys"),
    ],
)
def test_another_machine_is_reached_with_keys_alone(address, sentence, tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_STUDIO_KEYS", str(tmp_path))
    with pytest.raises(InvalidInput, match=sentence):
        security_for(address)


def test_within_this_machine_no_key_is_needed():
    assert security_for("tcp://127.0.0.1:8786") is None and security_for("tcp://localhost:8786") is None
    assert is_this_machine("::1") and not is_this_machine("192.0.2.7") and not is_this_machine("no.such.host.invalid")


@pytest.mark.parametrize(
    "arguments",
    [
        ["scheduler"],
        ["worker", "tls://127.0.0.1:8786"],
        ["worker", "tcp://127.0.0.1:8786"],
        ["worker", "nonsense"],
        ["scheduler", "--port", "70000"],
    ],
)
def test_what_cannot_work_is_one_line(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DIGIT_STUDIO_KEYS", str(tmp_path))
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
