"""The snapshots in a run's folder: files of weights, each named by the steps that were done."""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_core.errors import InvalidInput
from mnist_core.files import make_private_folder, write_atomically
from mnist_core.paths import SNAPSHOT_ENDING, SNAPSHOTS_FOLDER, STEP_FILE
from mnist_core.training.slow_step import SlowStep, read_step

MARK = "@"
"""Between a model's name and the step of a snapshot: `20261128-101500-fc-1a2b3c@300`."""


@dataclass(frozen=True)
class KeptSnapshot:
    """A snapshot that is there.

    Attributes:
        step: Steps done since the run began.
        num_bytes: What it takes on the disk.
    """

    step: int
    num_bytes: int


def snapshot_path(folder: Path, step: int) -> Path:
    """Where the snapshot after so many steps lies, whether there is one or not."""
    return folder / SNAPSHOTS_FOLDER / f"{step}{SNAPSHOT_ENDING}"


def kept_snapshots(folder: Path) -> list[KeptSnapshot]:
    """The snapshots of the run in a folder, by their steps."""
    found = []
    with contextlib.suppress(OSError):
        for path in (folder / SNAPSHOTS_FOLDER).iterdir():
            if path.suffix == SNAPSHOT_ENDING and path.stem.isdecimal():
                found.append(KeptSnapshot(int(path.stem), path.stat().st_size))
    return sorted(found, key=lambda snapshot: snapshot.step)


def kept_steps(folder: Path) -> list[int]:
    """Their steps, ascending."""
    return [snapshot.step for snapshot in kept_snapshots(folder)]


def save_snapshot(folder: Path, step: int, content: bytes) -> None:
    """Writes a snapshot.

    Raises:
        OSError: if it cannot be written.
    """
    path = snapshot_path(folder, step)
    make_private_folder(path.parent)
    write_atomically(path, content)


def save_step(folder: Path, content: bytes) -> None:
    """Writes what happened in one step, in place of the step that was written before.

    Raises:
        OSError: if it cannot be written.
    """
    write_atomically(folder / STEP_FILE, content)


def kept_step(folder: Path) -> SlowStep | None:
    """The step of the run in a folder that was done slowly last; None where there is none that can be read."""
    with contextlib.suppress(OSError, InvalidInput):
        return read_step((folder / STEP_FILE).read_bytes())
    return None


def first_weights(path: Path) -> NDArray[np.float32] | None:
    """The weights of the first layer that has any, as they are in a snapshot's file; nothing in it is unpickled.

    Returns:
        float32: (pixels, neurons) of a dense layer, (height, width, channels, filters) of a convolution; None where
        the file cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            return np.asarray(archive["0"], np.float32)
    except Exception:  # a damaged archive makes the readers of zip and of arrays raise nearly anything
        return None


def delete_snapshots(folder: Path) -> None:
    """Deletes all snapshots of a run; the run stays.

    Raises:
        InvalidInput: if they cannot be deleted.
    """
    try:
        if (folder / SNAPSHOTS_FOLDER).exists():
            shutil.rmtree(folder / SNAPSHOTS_FOLDER)
    except OSError as error:
        raise InvalidInput(f"The snapshots cannot be deleted ({error.strerror}).") from error


def split_name(name: str) -> tuple[str, int | None]:
    """A model's name and the step of the snapshot that is meant: "x@300" is ("x", 300), and "x" is ("x", None).

    Raises:
        InvalidInput: if what stands behind the mark is no whole number.
    """
    run, mark, step = name.rpartition(MARK)
    if not mark:
        return name, None
    if not step.isdecimal() or len(step) > 15:
        raise InvalidInput(f"Model: {name[:80]!r} names no snapshot. Behind the {MARK} stands a number of steps.")
    return run, int(step)
