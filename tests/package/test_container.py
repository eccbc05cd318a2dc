"""The container's files without a container: they can be read, and each command in them runs as written."""

import contextlib
import re
import shutil
import socket
import subprocess
import time
import urllib.request

import psutil
import pytest
import yaml

from mnist_core.cluster import SCHEDULER_PORT
from tests.package.conftest import PROJECT

pytestmark = pytest.mark.slow

COMPOSE = yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
PATIENCE = 600


def test_every_service_is_the_same_image_and_nothing_is_open_but_the_app():
    services = COMPOSE["services"]
    assert services.keys() == {"keys", "scheduler", "worker", "app"}
    assert {service["image"] for service in services.values()} == {"digit-studio"}
    assert [name for name, service in services.items() if "ports" in service] == ["app"]
    assert all(port.startswith("127.0.0.1:") for port in services["app"]["ports"])
    used = {volume.split(":")[0] for service in services.values() for volume in service.get("volumes", ())}
    assert used == COMPOSE["volumes"].keys()


def test_the_image_runs_as_nobody_special_is_checked_and_holds_no_clone():
    assert "USER studio" in DOCKERFILE and "HEALTHCHECK" in DOCKERFILE
    assert DOCKERFILE.index("USER studio") < DOCKERFILE.index("CMD [")
    assert not re.search(r"pip install[^\n]*(-e|--editable)", DOCKERFILE)
    final = DOCKERFILE.split("FROM ")[-1]
    assert all(
        source.startswith("constraints.txt") or "--from=build" in source for source in re.findall(r"COPY (.*)", final)
    )
    for name in re.findall(r"COPY (?!--from)(\S+) ", final):
        assert (PROJECT / name).exists()


@pytest.mark.skipif(not shutil.which("sh"), reason="the commands are a shell's")
def test_each_command_runs_as_written(installed, tmp_path):
    """Only what Docker gives is put in its place: the services' names, and the folder of their data."""
    for port in (8501, SCHEDULER_PORT):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                pytest.skip(f"port {port} is used here")
    data = tmp_path / "data"
    for folder in ("keys", "runs"):
        (data / folder).mkdir(parents=True)
    environment = {
        **installed.environment,
        **dict(re.findall(r"(DIGIT_STUDIO_\w+)=(\S+)", DOCKERFILE.replace("/data", str(data)))),
        **COMPOSE["services"]["app"]["environment"],
    }
    environment["DIGIT_STUDIO_SCHEDULER"] = environment["DIGIT_STUDIO_SCHEDULER"].replace("scheduler", "127.0.0.1", 1)

    def command(service):
        words = [word.replace("/data", str(data)) for word in COMPOSE["services"][service]["command"]]
        return [
            word.replace("tls://scheduler:", "tls://127.0.0.1:").replace("$(hostname -i)", "127.0.0.1")
            for word in words
        ]

    def said(name):
        return (tmp_path / f"{name}.log").read_text()

    for _ in range(2):  # a second start finds the keys there
        subprocess.run(command("keys"), env=environment, cwd=data, check=True)
    with contextlib.ExitStack() as running:

        def start(service):
            log = running.enter_context((tmp_path / f"{service}.log").open("w"))
            process = subprocess.Popen(command(service), env=environment, cwd=data, stdout=log, stderr=log)
            running.callback(end, process)

        def until(condition):
            limit = time.monotonic() + PATIENCE
            while not condition():
                assert time.monotonic() < limit, {
                    path.name: path.read_text()[-2000:] for path in tmp_path.glob("*.log")
                }
                time.sleep(0.2)

        start("scheduler")
        until(lambda: f"Scheduler at tls://127.0.0.1:{SCHEDULER_PORT}" in said("scheduler"))
        start("worker")
        until(lambda: "Register worker" in said("scheduler"))
        start("app")
        check = re.search(r'\["python", "-c", "(import urllib[^"]+)"\]', DOCKERFILE)
        assert check
        until(
            lambda: (
                subprocess.run([installed.bin / "python", "-c", check[1]], stderr=subprocess.DEVNULL).returncode == 0
            )
        )
        with urllib.request.urlopen("http://127.0.0.1:8501/healthz") as answer:
            assert answer.status == 200
        assert "Traceback" not in said("app") and "cannot be started" not in said("app")


def end(process: subprocess.Popen) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
    process.kill()
    process.wait()


def test_what_is_left_out_of_the_image_exists():
    lines = (PROJECT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {"saved_model/runs", ".git", ".venv"} <= set(lines)
    made_later = {".venv", ".*_cache", ".hypothesis", "**/__pycache__", "saved_model/runs"}
    assert all(list(PROJECT.glob(line)) for line in lines if line not in made_later)
