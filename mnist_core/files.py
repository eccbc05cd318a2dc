"""Writing files so that a reader never sees half of one, and JSON that every reader takes."""

import json
import math
import os
import tempfile
import time
from pathlib import Path
from typing import Any

REPLACE_TRIES = 20
REPLACE_PAUSE = 0.05
"""Seconds between two tries."""


def strict_json(value: Any, indent: int | None = None) -> str:
    """A value as JSON; numbers that JSON has no word for, as where training diverges, become null."""
    return json.dumps(_finite(value), indent=indent, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Writes a file beside its place and moves it there, so that either the old or the new one is seen.

    Args:
        path: The file.
        content: What it will hold.
        mode: Who may read and write it, in Unix's terms.

    Raises:
        OSError: if it cannot be written; the old file, if any, is untouched.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        _replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _replace(temporary: str, path: Path) -> None:
    """Moves a file into its place; again where Windows refuses it, as it does while somebody reads the old one."""
    for _ in range(REPLACE_TRIES - 1):
        try:
            os.replace(temporary, path)
            return
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(REPLACE_PAUSE)
    os.replace(temporary, path)


def modified(path: Path) -> int:
    """When a file was last changed, in nanoseconds, so that no old answer is given for a new file; 0 without it."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
