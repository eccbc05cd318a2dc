"""Drawings files that are kept with the runs: what people draw and what they load in."""

import contextlib
import itertools
import threading
import unicodedata
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_core import IMAGE_SHAPE
from mnist_core.drawing.archives import read_set
from mnist_core.drawing.drawings_file import MAX_DRAWINGS_IN_SET, MAX_SET_BYTES, drawings_content, read_drawings
from mnist_core.drawing.inking import MNIST_PEN, mnist_pictures
from mnist_core.drawing.strokes import Drawing, labelled, labels_of
from mnist_core.errors import InvalidInput
from mnist_core.files import FolderLock, make_private_folder, write_atomically
from mnist_core.paths import DRAWINGS_FOLDER
from mnist_core.recycle_bin import Deleted, RecycleBin

ENDING = ".jsonl"

MAX_SETS = 500
MAX_NAME = 40
IN_NAMES = " .-_'’"
"""What a name may hold besides letters, their marks, and digits, of any writing."""
NO_FILE_NAMES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}
"""Names that Windows keeps for its devices."""

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
        self.bin = RecycleBin(root)
        self._lock = threading.RLock()
        self._folder_lock = FolderLock(self.folder)
        self._read: dict[str, tuple[tuple[int, int], list[Drawing]]] = {}
        self._pictures: dict[str, tuple[tuple[int, int] | None, list[int], NDArray[np.uint8]]] = {}

    def names(self) -> list[str]:
        """The names of all sets."""
        return sorted(path.name.removesuffix(ENDING) for path in self.folder.glob(f"*{ENDING}"))

    def path(self, name: str) -> Path:
        """The file of a set.

        Raises:
            InvalidInput: if the name cannot be used.
        """
        plain = unicodedata.normalize("NFC", name.strip())
        is_known = all(character in IN_NAMES or unicodedata.category(character)[0] in "LMN" for character in plain)
        starts_well = plain[:1] not in (*IN_NAMES, "") and not plain.endswith(".")
        if not (is_known and starts_well and len(plain) <= MAX_NAME) or plain.lower() in NO_FILE_NAMES:
            raise InvalidInput(
                f"Name: {name[:MAX_NAME]!r} cannot be used. Give 1 to {MAX_NAME} letters, digits, spaces or hyphens."
            )
        return self.folder / f"{plain}{ENDING}"

    @contextlib.contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """For what reads and writes a set in one go: no thread and no other process comes between."""
        self.path(name)
        with contextlib.suppress(OSError):  # where it cannot be made, writing says so
            make_private_folder(self.folder)
        with self._folder_lock(), self._lock:
            yield

    def read(self, name: str) -> list[Drawing]:
        """The drawings of a set, oldest first; none where there is no such set.

        Raises:
            InvalidInput: if the name cannot be used or the file is damaged.
        """
        path = self.path(name)
        with self._lock:
            try:
                stat = path.stat()
            except OSError:
                self._read.pop(name, None)
                self._pictures.pop(name, None)
                return []
            known, stamp = self._read.get(name), (stat.st_mtime_ns, stat.st_size)
            if not known or known[0] != stamp:
                known = self._read[name] = (stamp, read_drawings(path, path.name))
            return list(known[1])

    def holds(self, name: str) -> bool:
        """Whether there is a set of this name, damaged or not."""
        try:
            return self.path(name).exists()
        except InvalidInput:
            return False

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
            version = self._read[name][0] if drawings else None
            made, checksums, pictures = self._pictures.get(name, (None, [], np.zeros((0, *IMAGE_SHAPE), np.uint8)))
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
            InvalidInput: if the name cannot be used, there are too many drawings or sets, or the file cannot be
                written. What is kept then stays as it is.
        """
        path = self.path(name)
        if len(drawings) > MAX_DRAWINGS_IN_SET:
            raise InvalidInput(f"A set holds at most {MAX_DRAWINGS_IN_SET:,} drawings, not {len(drawings):,}.")
        content = drawings_content(drawings)
        if len(content) > MAX_SET_BYTES:
            raise InvalidInput(f"A set holds at most {MAX_SET_BYTES // 1_000_000} MB of drawings. Take fewer.")
        with self._alone(name):
            try:
                if not drawings:
                    path.unlink(missing_ok=True)
                    return
                if not path.exists() and len(self.names()) >= MAX_SETS:
                    raise InvalidInput(f"{MAX_SETS} sets of drawings are kept here, which is all there is room for.")
                make_private_folder(path.parent)
                write_atomically(path, content)
            except OSError as error:
                raise InvalidInput(f"The drawings cannot be saved in {path.parent} ({error.strerror}).") from error

    def delete(self, name: str, *, for_good: bool = False) -> list[str]:
        """Moves a set into the bin, damaged or not; the copy that was made to train on goes for good.

        Args:
            name: The set's name.
            for_good: Whether nothing of it stays, in the bin neither.

        Returns:
            What had to go for good for want of room, by its name.

        Raises:
            InvalidInput: if the name cannot be used or the files cannot be deleted.
        """
        gone: list[str] = []
        with self._alone(name):
            if for_good:
                self.write(name, [])
                for item in self.deleted(name):
                    self.bin.remove(item.id)
            elif self.holds(name):
                try:
                    gone = self.bin.put("set", name, self.path(name))
                except OSError as error:
                    raise InvalidInput(f"The drawings cannot be deleted ({error.strerror}).") from error
            self.write(training_part_name(name), [])
        return gone

    def deleted(self, name: str) -> list[Deleted]:
        """What was deleted of a set and is still in the bin, last first: single drawings, or all of it."""
        place = self.path(name).relative_to(self.bin.root).as_posix()
        return [item for item in self.bin.items("set", "drawing") if item.place == place]

    def restore(self, item_id: str) -> None:
        """Brings a deleted set or drawing back; what was drawn under the name since then stays.

        Raises:
            InvalidInput: if it is not in the bin any more, is damaged, or cannot be saved.
        """
        item, content = self.bin.content(item_id)
        name = Path(item.place).name.removesuffix(ENDING)
        if item.kind == "set" and not self.holds(name):
            self.bin.restore(item_id)
            return
        self.add(name, *read_set(content, Path(item.place).name))
        self.bin.remove(item_id)

    def add(self, name: str, *drawings: Drawing) -> int:
        """Adds drawings to a set, and makes it if it is new. Drawings with the very same strokes are kept once.

        Returns:
            How many were new.

        Raises:
            InvalidInput: as `read` and `write`.
        """
        with self._alone(name):
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

        The same is done to the copy that was made to train on.

        Raises:
            InvalidInput: as `read` and `write`; also if it is no longer there.
        """
        with self._alone(name):
            if not self._replace_in(name, drawing, by):
                raise InvalidInput(f"This drawing is no longer kept under {name}.")
            if by is None:
                title = f"a drawing of a {drawing.label}" if drawing.label is not None else "a drawing"
                with contextlib.suppress(OSError):
                    self.bin.put("drawing", title, self.path(name), drawings_content([drawing]))
            self._replace_in(training_part_name(name), drawing, by)

    def _replace_in(self, name: str, drawing: Drawing, by: Drawing | None) -> bool:
        """Whether the drawing was in the set."""
        kept, wanted = self.read(name), _checksum(drawing)
        place = next((i for i, other in enumerate(kept) if _checksum(other) == wanted), None)
        if place is None:
            return False
        kept[place : place + 1] = [] if by is None else [by]
        self.write(name, kept)
        return True

    def write_training_part(self, name: str) -> str:
        """Writes the part of a set that a model is trained further on as a set of its own.

        Returns:
            Its name.

        Raises:
            InvalidInput: as `read` and `write`; also if there are too few drawings.
        """
        part = training_part_name(name)
        with self._alone(name):
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
        stem = "".join(c if c.isalnum() or c in "-_" else " " for c in file_name.split(".")[0]).strip(IN_NAMES)
        with self._alone("drawings"):
            name = self.free_name(stem[:MAX_NAME].strip(IN_NAMES) or "drawings")
            self.write(name, drawings)
        return name

    def free_name(self, name: str) -> str:
        """The name, or the name with a number where a set has it."""
        numbered = (f"{name[: MAX_NAME - 4]} {number}" for number in itertools.count(2))
        return next(free for free in itertools.chain([name], numbered) if not self.path(free).exists())


def training_part_name(name: str) -> str:
    """The name of the set that holds the part of a set that models are trained further on."""
    return f"{name[:18].rstrip('.')} for training {zlib.crc32(name.encode()):08x}"


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
