"""Training processes on other machines: Dask's settings, the keys that let a machine in, and its two programs.

Whoever may talk to a Dask scheduler or worker may have it run any command. So they listen where they are told and
nowhere else, and to other machines they talk only over TLS, with a key that each of them holds.
"""

import asyncio
import ipaddress
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mnist_core.errors import InvalidInput
from mnist_core.files import write_atomically
from mnist_core.paths import keys_folder

if TYPE_CHECKING:
    from distributed import Security

CERTIFICATE_FILE = "certificate.pem"
KEY_FILE = "key.pem"
RETRY_SECONDS = 2.0
"""Between two looks whether a scheduler that went is back."""

SCHEDULER_PORT = 8786
NO_STATUS_PAGES = "127.0.0.1:0"
"""Dask opens a port for status pages in any case: one of this machine's, which answers nothing."""

CONFIG = {
    # A worker that dies takes its run with it at once, instead of taking further workers down with the same run.
    "distributed.scheduler.allowed-failures": 0,
    # The scheduler keeps old events for late subscribers; the run's own log is the place to read them.
    "distributed.admin.low-level-log-length": 100,
    "distributed.worker.memory.terminate": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.target": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # A long step in TensorFlow holds the interpreter; that is no reason to warn or to give a worker up.
    "distributed.admin.tick.limit": "1h",
    "distributed.scheduler.worker-ttl": None,
}
"""Dask's settings, for the cluster inside the app and for schedulers and workers started by hand alike."""


def write_keys(folder: Path) -> None:
    """Makes the key that schedulers, workers and the app of one cluster share, good for a year.

    Raises:
        InvalidInput: if the folder holds a key already, or cannot be written.
    """
    from distributed import Security

    if (folder / KEY_FILE).exists():
        raise InvalidInput(f"{folder} holds a key already. Delete it first if no machine needs it any more.")
    made = Security.temporary()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        write_atomically(folder / CERTIFICATE_FILE, made.tls_ca_file.encode())
        write_atomically(folder / KEY_FILE, made.tls_client_key.encode())
    except OSError as error:
        raise InvalidInput(f"The keys cannot be written into {folder} ({error.strerror}).") from error


def read_keys(folder: Path) -> "Security":
    """The keys in a folder, for Dask: everything is encrypted, and whoever does not hold them is turned away.

    Raises:
        InvalidInput: if there are none.
    """
    from distributed import Security

    certificate, key = folder / CERTIFICATE_FILE, folder / KEY_FILE
    if not (certificate.is_file() and key.is_file()):
        raise InvalidInput(
            f"There are no keys in {folder}. Make them with `digit-studio cluster init` on one machine, and copy the "
            "folder to the others."
        )
    roles = {f"tls_{role}_{kind}": str(path) for role in ("client", "scheduler", "worker")
             for kind, path in (("cert", certificate), ("key", key))}  # fmt: skip
    return Security(tls_ca_file=str(certificate), require_encryption=True, **roles)


def security_for(address: str) -> "Security | None":
    """What a connection to a scheduler needs: keys for another machine, nothing within this one.

    Args:
        address: As in `DIGIT_STUDIO_SCHEDULER`, such as "tls://10.0.0.5:8786".

    Raises:
        InvalidInput: if the address is none, leads to another machine without encryption, or needs keys that are not
            there.
    """
    parts = urlsplit(address)
    if parts.scheme == "tls" and parts.hostname:
        return read_keys(keys_folder())
    if parts.scheme != "tcp" or not parts.hostname:
        raise InvalidInput(f"{address!r} is no scheduler's address. Give one such as tls://10.0.0.5:{SCHEDULER_PORT}.")
    if not is_this_machine(parts.hostname):
        raise InvalidInput(
            f"{address} is another machine, and tcp:// would let everybody in its network run commands there. Start "
            "the scheduler with `digit-studio scheduler`, which uses tls://."
        )
    return None


def is_this_machine(host: str) -> bool:
    """Whether a host name or address never leaves this machine."""
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
        return bool(found) and all(ipaddress.ip_address(str(address).split("%")[0]).is_loopback for address in found)
    except (OSError, ValueError):
        return False


def run_scheduler(host: str, port: int, keys: Path) -> None:
    """Runs a scheduler until it is interrupted.

    Args:
        host: The address that it listens on, and no other.
        port: The port there; 0 takes a free one.
        keys: The folder of its keys.

    Raises:
        InvalidInput: if there are no keys, or it cannot listen there.
    """
    from distributed import Scheduler

    options = {"host": host, "port": port, "protocol": "tls", "security": read_keys(keys)}
    _run(lambda: Scheduler(**options, dashboard=False, dashboard_address=NO_STATUS_PAGES), "Scheduler at")


def run_worker(scheduler: str, host: str | None, keys: Path) -> None:
    """Runs a training process for a scheduler until it is interrupted; one that dies is started anew.

    A scheduler that goes is waited for.

    Args:
        scheduler: The scheduler's address, "tls://…".
        host: The address that it listens on, and no other; by default the one that leads to the scheduler.
        keys: The folder of its keys.

    Raises:
        InvalidInput: if the address or the keys are wrong, or the scheduler does not answer.
    """
    from distributed import Nanny

    parts = urlsplit(scheduler)
    if parts.scheme != "tls" or not parts.hostname or not parts.port:
        raise InvalidInput(
            f"{scheduler!r} is no scheduler's address. Give what it prints, such as tls://10.0.0.5:8786."
        )
    listen = host or _address_towards(parts.hostname, parts.port)
    options: dict[str, Any] = {"nthreads": 1, "host": listen, "protocol": "tls", "security": read_keys(keys)}
    has_begun = False
    while True:
        try:
            _run(lambda: Nanny(scheduler, **options, dashboard_address=NO_STATUS_PAGES), "Training process at")
        except InvalidInput:
            if not has_begun:
                raise
        else:
            has_begun = True
            print("The scheduler went. This process trains for it again once it is back; Ctrl-C ends it.", flush=True)
        time.sleep(RETRY_SECONDS)


def _address_towards(host: str, port: int) -> str:
    """This machine's own address in the network of another."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind, protocol) as probe:  # sends nothing
            probe.connect(address)
            return str(probe.getsockname()[0])
    except OSError as error:
        raise InvalidInput(f"{host} cannot be reached ({error.strerror}).") from None


def _run(make: Any, what: str) -> None:
    """Runs a server of Dask's until it ends."""
    import dask

    async def until_it_ends() -> None:
        async with make() as server:
            print(f"{what} {server.address}", flush=True)
            await server.finished()

    with dask.config.set({**CONFIG, "distributed.comm.timeouts.connect": "10s"}):
        try:
            asyncio.run(until_it_ends())
        except (OSError, RuntimeError) as error:
            raise InvalidInput(f"It cannot be started: {str(error).strip().partition(chr(10))[0]}") from error
