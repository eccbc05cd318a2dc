"""Writing files so that a reader never sees half of one, and JSON that every reader takes."""

import base64
import contextlib
import io
import json
import math
import os
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from mnist_core.errors import InvalidInput

REPLACE_TRIES = 20
REPLACE_PAUSE = 0.05
"""Seconds between two tries."""


PRIVATE = 0o600
"""Files that only their owner may read and write, in Unix's terms."""
PRIVATE_FOLDER = 0o700

LOCK_FILE = ".lock"
LOCK_SECONDS = 10.0
"""How long a folder that another process writes is waited for."""


def make_private_folder(folder: Path) -> None:
    """Makes a folder, and those above it that are missing, which only their owner may look into.

    Raises:
        OSError: if it cannot be made.
    """
    missing = [folder, *folder.parents]
    for place in reversed(missing[: next(i for i, place in enumerate(missing) if place.exists())]):
        place.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    folder.mkdir(exist_ok=True)  # says so where a file lies in its place


class FolderLock:
    """Lets one thread of one process at a time write into a folder; each holder of it asks in the same way.

    It may be entered again by the thread that holds it. Where the folder cannot be written at all nobody is kept out,
    and writing says why itself.

    Args:
        folder: The folder; the file that is locked lies in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        self._depth = 0

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        """Holds it for a `with` block.

        Raises:
            InvalidInput: if another process has held it for `LOCK_SECONDS`.
        """
        with self._lock, self._held_file() if not self._depth else contextlib.nullcontext():
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1

    @contextlib.contextmanager
    def _held_file(self) -> Iterator[None]:
        lock = FileLock(self.folder / LOCK_FILE, timeout=LOCK_SECONDS, mode=PRIVATE, preserve_lock_file=True)
        try:
            lock.acquire()
        except Timeout:
            raise InvalidInput(f"Another program is busy with {self.folder}. Try again in a moment.") from None
        except OSError:
            yield
            return
        try:
            yield
        finally:
            lock.release()


def strict_json(value: Any, indent: int | None = None) -> str:
    """A value as JSON; numbers that JSON has no word for, as where training diverges, become null."""
    return json.dumps(_finite(value), indent=indent, allow_nan=False)


def npz_content(arrays: Mapping[str, Any], *, compress: bool = True) -> bytes:
    """Arrays by their names as the content of a NumPy archive, which `np.load` reads."""
    archive = io.BytesIO()
    (np.savez_compressed if compress else np.savez)(archive, **arrays)
    return archive.getvalue()


MAX_DEPTH = 32
"""How deep lists and objects lie in each other in a file of ours; a few levels do."""


def read_json(content: str | bytes) -> Any:
    """Reads JSON that was written by us, or says that it was not.

    Raises:
        ValueError: if it is no JSON, lies deeper than `MAX_DEPTH`, or holds what no file of ours does: NaN, infinity,
            or half a character, which no page could show.
    """
    try:
        value = json.loads(content, parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError("it is nested too deep")
        lists = (item.values() if isinstance(item, dict) else item for item in level if isinstance(item, dict | list))
        level = [inner for items in lists for inner in items]
    return value


def pack_text(text: str) -> str:
    """A text as another that fits into a link: short, and of letters, digits, hyphens and underscores alone."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpack_text(packed: str, most: int) -> bytes:
    """Reads what `pack_text` gives, as UTF-8.

    Args:
        packed: The text from a link.
        most: How many bytes it may hold.

    Raises:
        ValueError: if it is something else, was cut off, or holds more.
    """
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), most)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if unpacker.unconsumed_tail or not unpacker.eof:
        raise ValueError("it was cut off, or holds too much")
    return content


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_atomically(path: Path, content: bytes, mode: int = PRIVATE) -> None:
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
