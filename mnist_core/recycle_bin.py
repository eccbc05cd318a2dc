"""Where deleted things lie for a month, each with a note of what it is and where it was."""

import contextlib
import dataclasses
import errno
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from mnist_core.errors import InvalidInput
from mnist_core.files import FolderLock, make_private_folder, read_json, strict_json, write_atomically
from mnist_core.paths import BIN_FOLDER

KEPT_DAYS = 30
NOTE_FILE = "note.json"
CONTENT = "content"


@dataclass(frozen=True)
class Deleted:
    """Something in the bin.

    Attributes:
        id: The name of its place in the bin.
        kind: "run", "network", "set" or "drawing".
        title: What people call it.
        place: Where it was, below the folder of runs.
        deleted: When, in ISO 8601, UTC.
    """

    id: str
    kind: str
    title: str
    place: str
    deleted: str


class RecycleBin:
    """Deleted files and folders of one folder of runs.

    Args:
        root: The folder of runs.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / BIN_FOLDER
        self._alone = FolderLock(self.folder)

    def put(self, kind: str, title: str, place: Path, content: bytes | None = None) -> list[str]:
        """Moves a file or a folder here. What has lain here for a month goes, and on a full disk the oldest.

        Args:
            kind: See `Deleted`.
            title: What people call it.
            place: Where it is, below the root.
            content: With it, nothing is moved: this is what lies here, and belongs to `place`.

        Returns:
            What had to go for good, by its title, for want of room; the thing itself where even that was not enough.

        Raises:
            OSError: if it cannot be moved.
        """
        gone: list[str] = []
        now = datetime.now(UTC)
        item = Deleted(
            id=f"{now:%Y%m%d-%H%M%S-%f}-{secrets.token_hex(3)}",
            kind=kind,
            title=title,
            place=place.relative_to(self.root).as_posix(),
            deleted=now.isoformat(timespec="seconds"),
        )
        make_private_folder(self.folder)
        with self._alone():
            self._remove_expired(now)
            while True:
                try:
                    self._take_in(item, place, content)
                    return gone
                except OSError as error:
                    shutil.rmtree(self.folder / item.id, ignore_errors=True)
                    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                        raise
                    oldest = next(self._items(), None)
                    if oldest is None:
                        if content is None:
                            _remove(place)
                        return [*gone, title]
                    self._remove(oldest)
                    gone.append(oldest.title)

    def items(self, *kinds: str) -> list[Deleted]:
        """What lies here of some kinds, deleted last first."""
        kept = self._remove_expired(datetime.now(UTC))
        return [item for item in reversed(kept) if item.kind in kinds]

    def restore(self, item_id: str) -> Deleted:
        """Moves something back to where it was.

        Raises:
            InvalidInput: if it is not here any more, something else lies there by now, or it cannot be moved.
        """
        with self._alone():
            item = self._get(item_id)
            target = self.root / item.place
            if target.exists():
                raise InvalidInput("There is another one of this name by now. Rename or delete that one first.")
            try:
                make_private_folder(target.parent)
                (self.folder / item.id / CONTENT).rename(target)
            except OSError as error:
                raise InvalidInput(f"It cannot be brought back ({error.strerror}).") from error
            self._remove(item)
            return item

    def content(self, item_id: str) -> tuple[Deleted, bytes]:
        """What a file holds that lies here.

        Raises:
            InvalidInput: if it is not here any more.
        """
        item = self._get(item_id)
        try:
            return item, (self.folder / item.id / CONTENT).read_bytes()
        except OSError as error:
            raise InvalidInput(f"It cannot be read ({error.strerror}).") from error

    def remove(self, item_id: str) -> None:
        """Deletes something here for good."""
        with self._alone(), contextlib.suppress(InvalidInput):
            self._remove(self._get(item_id))

    def _take_in(self, item: Deleted, place: Path, content: bytes | None) -> None:
        folder = self.folder / item.id
        make_private_folder(folder)
        write_atomically(folder / NOTE_FILE, strict_json(dataclasses.asdict(item)).encode())
        if content is None:
            place.rename(folder / CONTENT)
        else:
            write_atomically(folder / CONTENT, content)

    def _items(self) -> Iterator[Deleted]:
        """All that lies here, deleted first first; what cannot be read is left out."""
        try:
            names = sorted(path.name for path in self.folder.iterdir())
        except OSError:
            return
        for name in names:
            with contextlib.suppress(InvalidInput):
                yield self._get(name)

    def _get(self, item_id: str) -> Deleted:
        gone = InvalidInput("It is not in the bin any more.")
        if not item_id or "/" in item_id or "\\" in item_id or item_id.startswith("."):
            raise gone
        try:
            note = read_json((self.folder / item_id / NOTE_FILE).read_bytes())
            item = Deleted(**{**note, "id": item_id})
            datetime.fromisoformat(item.deleted).astimezone(UTC)
            place = PurePosixPath(item.place)
            if place.is_absolute() or ".." in place.parts or not isinstance(item.title, str):
                raise gone
        except (OSError, ValueError, TypeError) as error:
            raise gone from error
        return item

    def _remove_expired(self, now: datetime) -> list[Deleted]:
        """Deletes what has lain here for a month, for good; what is left, deleted first first."""
        kept = []
        for item in list(self._items()):
            if now - datetime.fromisoformat(item.deleted).astimezone(UTC) > timedelta(days=KEPT_DAYS):
                self._remove(item)
            else:
                kept.append(item)
        return kept

    def _remove(self, item: Deleted) -> None:
        shutil.rmtree(self.folder / item.id, ignore_errors=True)


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink()
