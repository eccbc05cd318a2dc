"""Drawings files: reading them within bounds, and writing them.

Such a file holds one JSON object a line, `{"label": 7, "writer": "ada", "strokes": [[[x, y], …], …]}`, with x to
the right and y down in pixels of a canvas of 280×280. It may be compressed with gzip.
"""

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from mnist_core.drawing.strokes import Drawing, labelled
from mnist_core.errors import InvalidInput

MAX_FILE_BYTES = 200_000_000
"""A drawings file, unpacked: far more than a hundred thousand drawings."""
MAX_SET_BYTES = 20_000_000
"""The same of a set that is kept: 20,000 drawings of a kilobyte, and two seconds to read."""
MAX_LINE_BYTES = 1_000_000
MAX_LINES = 3_000_000
MAX_DRAWINGS_IN_FILE = 100_000
MAX_DRAWINGS_IN_SET = 20_000
"""Of a set that is kept: more than anybody draws, and few enough to read in a second or two."""


def read_drawings(
    source: str | Path | bytes,
    name: str | None = None,
    limit: int = MAX_DRAWINGS_IN_FILE,
    max_bytes: int = MAX_FILE_BYTES,
) -> list[Drawing]:
    """Reads a drawings file, compressed or not, line by line.

    Args:
        source: A path, or the content of the file.
        name: What to call the file in messages; by default its path.
        limit: The most drawings that are read.
        max_bytes: The most that is read of it, unpacked.

    Raises:
        InvalidInput: if it cannot be read, is too large, a line is no drawing, or there is none; the message names the
            line.
    """
    name = name or (str(source) if not isinstance(source, bytes) else "the drawings file")
    drawings: list[Drawing] = []
    for number, line in enumerate(lines(source, name, max_bytes), 1):
        if not line.strip():
            continue
        if len(drawings) == limit:
            raise InvalidInput(f"{name} holds more than {limit:,} drawings. Use a smaller file.")
        try:
            drawings.append(Drawing.from_json(json.loads(line)))
        except (ValueError, RecursionError) as error:
            reason = str(error) if isinstance(error, InvalidInput) else "this is not JSON"
            raise InvalidInput(f"{name}, line {number}: {reason}.") from None
    if not drawings:
        raise InvalidInput(f"{name} holds no drawing: one JSON object a line was expected.")
    return drawings


def read_labelled(content: bytes, name: str | None = None) -> list[Drawing]:
    """Reads the drawings that can be learned from.

    Raises:
        InvalidInput: as `read_drawings`; also if none has a label.
    """
    if drawings := labelled(read_drawings(content, name)):
        return drawings
    raise InvalidInput(
        f"No drawing in {name or 'the drawings file'} has a label, so there is nothing to learn from it."
    )


def lines(source: str | Path | bytes, name: str, max_bytes: int = MAX_FILE_BYTES) -> Iterator[str]:
    """The lines of a text file, of which none is held longer than it is looked at."""
    total = 0
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else Path(source).open("rb") as raw:
            is_compressed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            file = gzip.GzipFile(fileobj=raw) if is_compressed else raw
            for number in range(1, MAX_LINES + 2):
                line = file.readline(MAX_LINE_BYTES + 1)
                if not line:
                    return
                total += len(line)
                if len(line) > MAX_LINE_BYTES:
                    raise InvalidInput(f"{name}, line {number}: the line is too long for a drawing.")
                if total > max_bytes or number > MAX_LINES:
                    raise InvalidInput(
                        f"{name} holds more than {max_bytes // 1_000_000} MB or {MAX_LINES:,} lines. "
                        "Use a smaller file."
                    )
                yield line.decode("utf-8-sig" if number == 1 else "utf-8")
    except FileNotFoundError:
        raise InvalidInput(f"{name} does not exist.") from None
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged"
        raise InvalidInput(f"{name} cannot be read ({reason}).") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{name} is not a drawings file: it is not text.") from None


def drawings_content(drawings: Iterable[Drawing], *, compressed: bool = False) -> bytes:
    """The content of a drawings file."""
    text = "".join(json.dumps(drawing.to_json(), separators=(",", ":")) + "\n" for drawing in drawings).encode()
    return gzip.compress(text, mtime=0) if compressed else text
