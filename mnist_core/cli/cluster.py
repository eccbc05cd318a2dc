"""`cluster`, `scheduler` and `worker`: training on other machines."""

import argparse
from pathlib import Path
from typing import Any

from mnist_core.cluster import SCHEDULER_PORT, run_scheduler, run_worker, write_keys
from mnist_core.errors import InvalidInput
from mnist_core.paths import keys_folder

KEYS_HELP = "the folder of the cluster's keys (default: DIGIT_STUDIO_KEYS, or the user's data folder)"


def add_cluster(commands: Any) -> None:
    """Adds the command `cluster` to the parser's."""
    parser = commands.add_parser("cluster", help="make the keys with which machines train together")
    parser.set_defaults(command=_cluster)
    parser.add_argument("action", choices=["init"], help="init: write new keys, to be copied to each machine")
    parser.add_argument("--keys", type=Path, help=KEYS_HELP)


def add_scheduler(commands: Any) -> None:
    """Adds the command `scheduler` to the parser's."""
    parser = commands.add_parser("scheduler", help="run the scheduler that shares runs out among training processes")
    parser.set_defaults(command=_scheduler)
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on, and no other (default: %(default)s)"
    )
    parser.add_argument("--port", type=int, default=SCHEDULER_PORT, help="the port (default: %(default)s)")
    parser.add_argument("--keys", type=Path, help=KEYS_HELP)


def add_worker(commands: Any) -> None:
    """Adds the command `worker` to the parser's."""
    parser = commands.add_parser("worker", help="run a training process for a scheduler")
    parser.set_defaults(command=_worker)
    parser.add_argument("address", help="the scheduler's, as it prints it, such as tls://10.0.0.5:8786")
    parser.add_argument("--host", help="the address to listen on (default: this machine's in the scheduler's network)")
    parser.add_argument("--keys", type=Path, help=KEYS_HELP)


def _cluster(options: argparse.Namespace) -> None:
    folder = options.keys or keys_folder()
    write_keys(folder)
    print(f"The keys are in {folder}. Copy this folder to each machine of the cluster, and let nobody else have it.")


def _scheduler(options: argparse.Namespace) -> None:
    if not 0 <= options.port <= 65535:
        raise InvalidInput(f"Port: {options.port} is out of range. Give a number from 0 to 65535.")
    run_scheduler(options.host, options.port, options.keys or keys_folder())


def _worker(options: argparse.Namespace) -> None:
    run_worker(options.address, options.host, options.keys or keys_folder())
