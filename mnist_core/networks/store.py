"""The user's own architectures, saved by name."""

import re
import zlib
from pathlib import Path

from mnist_core.errors import InvalidInput
from mnist_core.files import FolderLock, make_private_folder, write_atomically
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.sharing import architecture_file, read_architecture
from mnist_core.networks.spec import ModelSpec
from mnist_core.paths import ARCHITECTURES_FOLDER
from mnist_core.recycle_bin import RecycleBin


class NameTaken(InvalidInput):
    """Another architecture is kept under this name."""


class ArchitectureStore:
    """Architectures in a folder, one JSON file each.

    Args:
        root: The folder in which runs live; the architectures have a folder of their own in it.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / ARCHITECTURES_FOLDER
        self.bin = RecycleBin(root)
        self._alone = FolderLock(self.folder)

    def all(self) -> dict[str, ModelSpec]:
        """Every saved architecture by name, in alphabetical order. A file that cannot be read is left out."""
        found = {}
        for path in sorted(self.folder.glob("*.json")) if self.folder.is_dir() else ():
            try:
                spec = read_architecture(path.read_bytes())
            except (InvalidInput, OSError):
                continue
            found[spec.name] = spec
        return found

    def get(self, name: str) -> ModelSpec | None:
        """The architecture of this name, or None; where it is kept as usual, no other file is read."""
        try:
            spec = read_architecture(self._path(name).read_bytes())
        except (InvalidInput, OSError):
            return self.all().get(name)
        return spec if spec.name == name else self.all().get(name)

    def save(self, spec: ModelSpec, *, replace: bool = False) -> None:
        """Saves an architecture under its name.

        Args:
            spec: The architecture.
            replace: Whether one that is kept under this name may be overwritten.

        Raises:
            NameTaken: if another one is kept under this name, and it may not.
            InvalidInput: if the name belongs to a preset, or the file cannot be written.
        """
        if spec.name in PRESETS:
            raise InvalidInput(f"Name: {spec.name} belongs to a preset. Choose another one.")
        try:
            make_private_folder(self.folder)
            with self._alone():
                path = self._path(spec.name)
                if path.exists() and not replace and self.all().get(spec.name) != spec:
                    raise NameTaken(f"Name: another network is kept as {spec.name}.")
                write_atomically(path, architecture_file(spec))
        except OSError as error:
            raise InvalidInput(f"The architecture cannot be saved in {self.folder} ({error.strerror}).") from error

    def delete(self, name: str) -> list[str]:
        """Moves an architecture into the bin.

        Returns:
            What had to go for good for want of room, by its name.

        Raises:
            InvalidInput: if there is none of this name or it cannot be deleted.
        """
        try:
            return self.bin.put("network", name, self._path(name))
        except OSError as error:
            raise InvalidInput(f"The architecture {name!r} cannot be deleted ({error.strerror}).") from error

    def _path(self, name: str) -> Path:
        """The file of a name: readable, and with a checksum where characters had to be replaced."""
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)
        return self.folder / (f"{plain}.json" if plain == name else f"{plain}-{zlib.crc32(name.encode()):08x}.json")
