"""What every command prints and takes."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from mnist_core.errors import InvalidInput
from mnist_core.files import strict_json, write_atomically

READABLE = 0o644
"""A file that somebody asked for is like any other of theirs."""

NOT_GIVEN = argparse.SUPPRESS


def print_no_more() -> None:
    """Lets what is still printed vanish, now that nobody reads it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def add_json(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--json", action="store_true", help=f"print {what}")


def print_json(value: dict[str, Any]) -> None:
    print(strict_json(value), flush=True)


def write_file(target: Path, content: bytes) -> None:
    try:
        write_atomically(target, content, READABLE)
    except OSError as error:
        raise InvalidInput(f"{target} cannot be written ({error.strerror}).") from error
