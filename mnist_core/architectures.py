"""The user's own architectures: saved by name, or carried in a file or a link."""

import base64
import binascii
import json
import re
import zlib
from pathlib import Path
from urllib.parse import quote

from mnist_core.errors import InvalidInput
from mnist_core.files import write_atomically
from mnist_core.presets import PRESETS
from mnist_core.specs import ModelSpec

MAX_FILE_BYTES = 100_000
NOT_AN_ARCHITECTURE = "This is not an architecture: a JSON file saved by this page was expected."


class ArchitectureStore:
    """Architectures in a folder, one JSON file each.

    Args:
        root: The folder in which runs live; the architectures have a folder of their own in it.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / "architectures"

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

    def save(self, spec: ModelSpec) -> None:
        """Saves an architecture under its name, in place of an older one of this name.

        Raises:
            InvalidInput: if the name belongs to a preset, or the file cannot be written.
        """
        if spec.name in PRESETS:
            raise InvalidInput(f"Name: {spec.name} belongs to a preset. Choose another one.")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path(spec.name), architecture_file(spec))
        except OSError as error:
            raise InvalidInput(f"The architecture cannot be saved in {self.folder} ({error.strerror}).") from error

    def delete(self, name: str) -> None:
        """Deletes an architecture.

        Raises:
            InvalidInput: if there is none of this name or it cannot be deleted.
        """
        try:
            self._path(name).unlink()
        except OSError as error:
            raise InvalidInput(f"The architecture {name!r} cannot be deleted ({error.strerror}).") from error

    def _path(self, name: str) -> Path:
        """The file of a name: readable, and with a checksum where characters had to be replaced."""
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)
        return self.folder / (f"{plain}.json" if plain == name else f"{plain}-{zlib.crc32(name.encode()):08x}.json")


def architecture_file(spec: ModelSpec) -> bytes:
    """An architecture as the content of a JSON file."""
    return json.dumps(spec.to_json(), indent=1, ensure_ascii=False).encode()


def read_architecture(content: bytes) -> ModelSpec:
    """Reads what `architecture_file` gives.

    Raises:
        InvalidInput: if it is not an architecture, or is far too large.
    """
    if len(content) > MAX_FILE_BYTES:
        raise InvalidInput(f"{NOT_AN_ARCHITECTURE} This file has {len(content):,} bytes.")
    try:
        return ModelSpec.from_json(json.loads(content))
    except InvalidInput:
        raise
    except (ValueError, RecursionError):  # no JSON, no text, or a number of thousands of digits
        raise InvalidInput(NOT_AN_ARCHITECTURE) from None


def architecture_code(spec: ModelSpec) -> str:
    """An architecture as a text that fits into a link."""
    packed = zlib.compress(json.dumps(spec.to_json(), separators=(",", ":")).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_architecture_code(code: str) -> ModelSpec:
    """Reads what `architecture_code` gives.

    Raises:
        InvalidInput: if it is not the code of an architecture, such as half a link.
    """
    try:
        packed = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(packed, MAX_FILE_BYTES)
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise InvalidInput("The link holds no whole architecture. Copy it again, to its end.")
        return read_architecture(content)
    except (binascii.Error, ValueError, zlib.error) as error:
        if isinstance(error, InvalidInput) and "link" in str(error):
            raise
        raise InvalidInput("The link holds no whole architecture. Copy it again, to its end.") from None


def architecture_link(spec: ModelSpec, address: str) -> str:
    """A link that opens an architecture.

    Args:
        spec: The architecture.
        address: Where the page to open it is, such as "http://localhost:8501/build".
    """
    return f"{address}?network={quote(architecture_code(spec))}"
