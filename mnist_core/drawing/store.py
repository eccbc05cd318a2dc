"""Drawings files that are kept with the runs: what people draw and what they load in."""

import itertools
import re
import threading
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_core import IMAGE_SHAPE
from mnist_core.drawing.archives import read_set
from mnist_core.drawing.drawings_file import MAX_DRAWINGS_IN_SET, drawings_content, read_drawings
from mnist_core.drawing.inking import MNIST_PEN, mnist_pictures
from mnist_core.drawing.strokes import Drawing, labelled, labels_of
from mnist_core.errors import InvalidInput
from mnist_core.files import write_atomically
from mnist_core.paths import DRAWINGS_FOLDER

ENDING = ".jsonl"

MAX_SETS = 500

HELD_OUT = 4
"""One drawing in so many is kept out of training, to see what it has brought."""
MIN_DRAWINGS = 20
MIN_DIGITS = 5
MIN_HELD_OUT = 3


class DrawingsStore:
    """Sets of drawings by name, each one file in a folder.

    Args:
        root: The folder of runs; the sets lie in a folder below it.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / DRAWINGS_FOLDER
        self._lock = threading.RLock()
        self._read: dict[str, tuple[int, list[Drawing]]] = {}
        self._pictures: dict[str, tuple[int, list[int], NDArray[np.uint8]]] = {}

    def names(self) -> list[str]:
        """The names of all sets."""
        return sorted(path.stem for path in self.folder.glob(f"*{ENDING}"))[:MAX_SETS]

    def path(self, name: str) -> Path:
        """The file of a set.

        Raises:
            InvalidInput: if the name cannot be used.
        """
        if not re.fullmatch(r"\w[\w .-]{0,39}", name.strip()) or name.strip().endswith("."):
            raise InvalidInput(f"Name: {name[:40]!r} cannot be used. Give 1 to 40 letters, digits, spaces or hyphens.")
        return self.folder / f"{name.strip()}{ENDING}"

    def read(self, name: str) -> list[Drawing]:
        """The drawings of a set, oldest first; none where there is no such set.

        Raises:
            InvalidInput: if the name cannot be used or the file is damaged.
        """
        path = self.path(name)
        with self._lock:
            try:
                modified = path.stat().st_mtime_ns
            except OSError:
                self._read.pop(name, None)
                self._pictures.pop(name, None)
                return []
            known = self._read.get(name)
            if not known or known[0] != modified:
                known = self._read[name] = (modified, read_drawings(path, path.name))
            return list(known[1])

    def num_labelled(self, name: str) -> int:
        """How many drawings of a set can be learned from; 0 where there is none or it is damaged."""
        try:
            return len(labelled(self.read(name))) if name else 0
        except InvalidInput:
            return 0

    def read_with_pictures(self, name: str) -> tuple[list[Drawing], NDArray[np.uint8]]:
        """The drawings of a set, and each as a network sees it, uint8 (N, 28, 28), drawn once.

        Raises:
            InvalidInput: as `read`.
        """
        with self._lock:
            drawings = self.read(name)
            version = self._read[name][0] if drawings else 0
            made, checksums, pictures = self._pictures.get(name, (0, [], np.zeros((0, *IMAGE_SHAPE), np.uint8)))
        if made == version:
            return drawings, pictures
        known = dict(zip(checksums, pictures, strict=True))
        checksums = [_checksum(drawing) for drawing in drawings]
        new = {key: drawing for key, drawing in zip(checksums, drawings, strict=True) if key not in known}
        known |= zip(new, mnist_pictures(list(new.values()), MNIST_PEN), strict=True)
        pictures = np.stack([known[key] for key in checksums])
        self._pictures[name] = version, checksums, pictures
        return drawings, pictures

    def labelled_pictures(self, name: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """The pictures of a set, uint8 (N, 28, 28), and their labels, int64 (N,), where they have one.

        Raises:
            InvalidInput: as `read`; also if no drawing has a label.
        """
        drawings, pictures = self.read_with_pictures(name)
        has_label = [drawing.label is not None for drawing in drawings]
        if not any(has_label):
            raise InvalidInput(f"No drawing in {name} has a label, so nothing can be measured on it.")
        return pictures[has_label], labels_of(labelled(drawings))

    def write(self, name: str, drawings: list[Drawing]) -> None:
        """Replaces a set; an empty one is deleted.

        Raises:
            InvalidInput: if the name cannot be used, there are too many, or the file cannot be written.
        """
        path = self.path(name)
        if len(drawings) > MAX_DRAWINGS_IN_SET:
            raise InvalidInput(f"A set holds at most {MAX_DRAWINGS_IN_SET:,} drawings, not {len(drawings):,}.")
        with self._lock:
            try:
                if not drawings:
                    path.unlink(missing_ok=True)
                    return
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, drawings_content(drawings))
            except OSError as error:
                raise InvalidInput(f"The drawings cannot be saved in {path.parent} ({error.strerror}).") from error

    def add(self, name: str, *drawings: Drawing) -> int:
        """Adds drawings to a set, and makes it if it is new. Drawings with the very same strokes are kept once.

        Returns:
            How many were new.

        Raises:
            InvalidInput: as `read` and `write`.
        """
        with self._lock:
            kept = self.read(name)
            known = {_checksum(drawing) for drawing in kept}
            new = []
            for drawing in drawings:
                if (checksum := _checksum(drawing)) not in known:
                    known.add(checksum)
                    new.append(drawing)
            if new:
                self.write(name, [*kept, *new])
            return len(new)

    def replace(self, name: str, drawing: Drawing, by: Drawing | None) -> None:
        """Puts a drawing in another's place, or takes it out, wherever it stands in the set by now.

        Raises:
            InvalidInput: as `read` and `write`; also if it is no longer there.
        """
        with self._lock:
            kept, wanted = self.read(name), _checksum(drawing)
            place = next((i for i, other in enumerate(kept) if _checksum(other) == wanted), None)
            if place is None:
                raise InvalidInput(f"This drawing is no longer kept under {name}.")
            kept[place : place + 1] = [] if by is None else [by]
            self.write(name, kept)

    def write_training_part(self, name: str) -> str:
        """Writes the part of a set that a model is trained further on as a set of its own.

        Returns:
            Its name.

        Raises:
            InvalidInput: as `read` and `write`; also if there are too few drawings.
        """
        part = f"{name[:20]} for training {zlib.crc32(name.encode()):08x}"[:40]
        self.write(part, for_training(self.read(name)))
        return part

    def add_file(self, content: bytes, file_name: str) -> str:
        """Keeps the drawings of a file as a set named after it, never over a set of this name.

        Returns:
            Its name.

        Raises:
            InvalidInput: if the file holds no drawings, or as `write`.
        """
        drawings = read_set(content, file_name)
        stem = "".join(c if c.isalnum() or c in "-_" else " " for c in file_name.split(".")[0]).strip()[:40]
        name = self.free_name(stem or "drawings")
        self.write(name, drawings)
        return name

    def free_name(self, name: str) -> str:
        """The name, or the name with a number where a set has it."""
        names = set(self.names())
        numbered = (f"{name[:36]} {number}" for number in itertools.count(2))
        return next(free for free in itertools.chain([name], numbered) if free not in names)


def is_held_out(drawing: Drawing) -> bool:
    """Whether a drawing is kept out of training; always the same for the same strokes, whatever they are kept as."""
    return _checksum(drawing) % HELD_OUT == 0


def _checksum(drawing: Drawing) -> int:
    return zlib.crc32(drawings_content([Drawing(drawing.strokes, None, "")]))


def for_training(drawings: list[Drawing]) -> list[Drawing]:
    """The part of a set that a model is trained further on.

    Raises:
        InvalidInput: if there are too few, with how many are missing.
    """
    known = labelled(drawings)
    if len(known) < MIN_DRAWINGS:
        raise InvalidInput(
            f"{len(known)} drawings are too few to learn a hand from without learning them by heart. "
            f"Draw {MIN_DRAWINGS - len(known)} more."
        )
    digits = len({drawing.label for drawing in known})
    if digits < MIN_DIGITS:
        raise InvalidInput(f"The drawings show only {digits} different digits. Draw at least {MIN_DIGITS}.")
    kept = [drawing for drawing in known if not is_held_out(drawing)]
    if len(known) - len(kept) < MIN_HELD_OUT:
        num = len(known) - len(kept)
        raise InvalidInput(f"Draw a few more: {num} held out to see what training brings, {MIN_HELD_OUT} needed.")
    return kept
