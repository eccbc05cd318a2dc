"""Drawings as a pen made them: strokes on a canvas, files of them, and inking them with a brush.

A drawings file holds one JSON object a line, `{"label": 7, "writer": "ada", "strokes": [[[x, y], …], …]}`, with x to
the right and y down in pixels of a canvas of 280×280. It may be compressed with gzip.
"""

import gzip
import io
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_core.drawing import prepare
from mnist_core.errors import InvalidInput

CANVAS_SIZE = 280
"""Width and height of the canvas that strokes are measured on, in pixels."""

MAX_FILE_BYTES = 200_000_000
"""A drawings file, unpacked: far more than a hundred thousand drawings."""
MAX_LINE_BYTES = 1_000_000
MAX_LINES = 3_000_000
MAX_DRAWINGS_IN_FILE = 100_000
MAX_STROKES = 1_000
MAX_POINTS = 5_000
"""Points of one drawing; what a hand draws has a few hundred."""
MAX_COORDINATE = 100_000.0

UNIPEN_SCALE = CANVAS_SIZE / 500
UNIPEN_DIGITS_PER_WRITER = 250

MNIST_PEN = 0.1
"""The width of the pen that MNIST's digits seem to be written with, as a share of the digit's longer side."""

REDRAWN_SIZE = 200
"""Longer side of strokes that are inked again, in pixels: enough for smooth edges."""

BRUSH_SHARES = (0.04, 0.25)
"""Widths of brush that drawings are inked with for training, as shares of the drawing's longer side."""

Stroke = NDArray[np.float32]


@dataclass(frozen=True)
class Drawing:
    """One drawing.

    Attributes:
        strokes: One array for each stroke, float32 of shape (points, 2): x and y in pixels of the canvas.
        label: The digit it is, 0 to 9, or None where nobody said.
        writer: Who drew it, or "".
    """

    strokes: tuple[Stroke, ...]
    label: int | None = None
    writer: str = ""

    @property
    def size(self) -> float:
        """The longer side of what the pen's tip went over, in pixels; 0 for a dot."""
        points = np.concatenate(self.strokes)
        return float(np.ptp(points, axis=0).max())

    def to_json(self) -> dict[str, Any]:
        """The drawing as plain JSON values, coordinates to a tenth of a pixel."""
        strokes = [np.round(stroke.astype(float), 1).tolist() for stroke in self.strokes]
        return {"label": self.label, "writer": self.writer, "strokes": strokes}

    @classmethod
    def from_json(cls, value: Any) -> "Drawing":
        """Makes a drawing from what `to_json` gives.

        Raises:
            InvalidInput: if the value is no drawing; the message says what is wrong with it.
        """
        if not isinstance(value, dict) or not isinstance(value.get("strokes"), list):
            raise InvalidInput('this is not a drawing: an object with a list of "strokes" was expected')
        label, writer = value.get("label"), value.get("writer", "")
        if label is not None and (isinstance(label, bool) or label not in range(10)):
            raise InvalidInput(f"the label is {str(label)[:20]!r}, not a digit")
        return cls(read_strokes(value["strokes"]), None if label is None else int(label), str(writer or "")[:100])


def read_strokes(values: list[Any]) -> tuple[Stroke, ...]:
    """Strokes from lists of [x, y], as JSON holds them.

    Raises:
        InvalidInput: if there are none, too many, or one holds something else than pairs of numbers.
    """
    if not values or len(values) > MAX_STROKES:
        raise InvalidInput(f"a drawing has 1 to {MAX_STROKES:,} strokes, not {len(values):,}")
    strokes = []
    num_points = 0
    for stroke in values:
        try:
            points = np.asarray(stroke)
        except (TypeError, ValueError, OverflowError):  # such as rows of different lengths
            points = np.zeros(0)
        if points.ndim != 2 or points.shape[1] != 2 or not len(points) or points.dtype.kind not in "iuf":
            raise InvalidInput("a stroke is not a list of points [x, y]")
        if not np.isfinite(points).all() or np.abs(points).max() > MAX_COORDINATE:
            raise InvalidInput("a stroke has a point that lies nowhere near the canvas")
        num_points += len(points)
        strokes.append(points.astype(np.float32))
    if num_points > MAX_POINTS:
        raise InvalidInput(f"a drawing has at most {MAX_POINTS:,} points, not {num_points:,}")
    return tuple(strokes)


def read_drawings(
    source: str | Path | bytes, name: str | None = None, limit: int = MAX_DRAWINGS_IN_FILE
) -> list[Drawing]:
    """Reads a drawings file, compressed or not, line by line.

    Args:
        source: A path, or the content of the file.
        name: What to call the file in messages; by default its path.
        limit: The most drawings that are read.

    Raises:
        InvalidInput: if it cannot be read, is too large, a line is no drawing, or there is none; the message names the
            line.
    """
    name = name or (str(source) if not isinstance(source, bytes) else "the drawings file")
    drawings: list[Drawing] = []
    for number, line in enumerate(lines(source, name), 1):
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


def lines(source: str | Path | bytes, name: str) -> Iterator[str]:
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
                if total > MAX_FILE_BYTES or number > MAX_LINES:
                    raise InvalidInput(
                        f"{name} holds more than {MAX_FILE_BYTES // 1_000_000} MB or {MAX_LINES:,} lines. "
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


def read_unipen(source: str | Path, writer: str = "") -> list[Drawing]:
    """Reads UCI's `pendigits-orig.tra` or `.tes`: UNIPEN text, in which each digit is a segment of pen strokes.

    The tablet's coordinates, 500×500 with y up, are scaled to the canvas. The file names no writers; about 250 digits
    in a row are by one person.

    Args:
        source: The file.
        writer: What the writers are called, before their number; by default the file's ending.

    Raises:
        InvalidInput: if it cannot be read or holds something else; the message names the line.
    """
    name, prefix = Path(source).name, writer or Path(source).suffix.strip(".") or "writer"
    drawings: list[Drawing] = []
    label: int | None = None
    strokes: list[list[tuple[float, float]]] = []
    is_down = False

    def finish() -> None:
        if label is not None and any(strokes):
            try:
                points = read_strokes([stroke for stroke in strokes if stroke])
            except InvalidInput as error:
                raise InvalidInput(f"{name}, the digit before line {number}: {error}.") from None
            count = len(drawings) // UNIPEN_DIGITS_PER_WRITER + 1
            drawings.append(Drawing(points, label, f"{prefix}{count}"))

    number = 0
    for number, line in enumerate(lines(source, name), 1):
        words = line.split()
        if not words:
            continue
        if words[0] == ".SEGMENT":
            finish()
            strokes, is_down = [], False
            digit = words[-1].strip('"')
            if words[1:2] != ["DIGIT"] or digit not in set("0123456789"):
                raise InvalidInput(f'{name}, line {number}: .SEGMENT DIGIT … "7" was expected.')
            label = int(digit)
        elif words[0] == ".PEN_DOWN":
            is_down = True
            strokes.append([])
        elif words[0] == ".PEN_UP":
            is_down = False
        elif is_down and not words[0].startswith("."):
            try:
                x, y = float(words[0]), float(words[1])
            except (ValueError, IndexError):
                raise InvalidInput(f"{name}, line {number}: two numbers were expected, not {line[:40]!r}.") from None
            strokes[-1].append((x * UNIPEN_SCALE, CANVAS_SIZE - y * UNIPEN_SCALE))
    finish()
    if not drawings:
        raise InvalidInput(f"{name} holds no digit: a UNIPEN file with .SEGMENT DIGIT lines was expected.")
    return drawings


def strokes_of_canvas(value: Any) -> tuple[tuple[Stroke, ...], float]:
    """The strokes that the canvas holds, from its JSON.

    Args:
        value: What the canvas component gives: an object with a list of "objects", each a "path" of M, L and Q steps.

    Returns:
        The strokes, and the mean width of their brush in pixels.

    Raises:
        InvalidInput: if it is something else.
    """
    objects = value.get("objects") if isinstance(value, dict) else None
    if not isinstance(objects, list):
        raise InvalidInput('this is not a drawing: the canvas\'s JSON, with a list of "objects", was expected')
    if len(objects) > MAX_STROKES:
        raise InvalidInput(f"a drawing has 1 to {MAX_STROKES:,} strokes, not {len(objects):,}")
    strokes, widths = [], []
    for item in objects:
        path = item.get("path") if isinstance(item, dict) else None
        if not isinstance(path, list):
            continue
        points = [step[-2:] for step in path if isinstance(step, list) and len(step) >= 3]
        if points:
            strokes.append(points)
            width = item.get("strokeWidth")
            widths.append(float(width) if isinstance(width, int | float) and 0 < width < 1000 else 20.0)
    return (read_strokes(strokes) if strokes else ()), float(np.mean(widths)) if widths else 20.0


def drawing_picture(value: Any) -> NDArray[np.uint8] | None:
    """A drawing given as JSON, the canvas's or a line of a drawings file, redrawn with MNIST's width of pen.

    Returns:
        uint8, shape (size, size, 4), black on white; None where it holds no stroke.

    Raises:
        InvalidInput: if it is no drawing.
    """
    if isinstance(value, dict) and "strokes" in value:
        strokes: tuple[Stroke, ...] = Drawing.from_json(value).strokes if value["strokes"] != [] else ()
    else:
        strokes, _ = strokes_of_canvas(value)
    return redrawn(strokes) if strokes else None


def redrawn(strokes: Sequence[Stroke]) -> NDArray[np.uint8]:
    """Strokes inked with MNIST's width of pen, whatever brush they were drawn with, uint8 of shape (size, size, 4)."""
    size = max(Drawing(tuple(strokes)).size, 1.0)
    enlarged = Drawing(tuple(stroke * (REDRAWN_SIZE / size) for stroke in strokes))
    return cut_out(enlarged, MNIST_PEN * REDRAWN_SIZE)


def labelled(drawings: Iterable[Drawing]) -> list[Drawing]:
    """Those of which it is known what they are."""
    return [drawing for drawing in drawings if drawing.label is not None]


def labels_of(drawings: Iterable[Drawing]) -> NDArray[np.int64]:
    """What drawings are, int64 of shape (N,); -1 where nobody said."""
    return np.array([-1 if drawing.label is None else drawing.label for drawing in drawings], np.int64)


def drawings_content(drawings: Iterable[Drawing], *, compressed: bool = False) -> bytes:
    """The content of a drawings file."""
    text = "".join(json.dumps(drawing.to_json(), separators=(",", ":")) + "\n" for drawing in drawings).encode()
    return gzip.compress(text, mtime=0) if compressed else text


def ink(strokes: Sequence[Stroke], brush: float, size: int = CANVAS_SIZE) -> NDArray[np.uint8]:
    """Draws strokes as the canvas does, with round ends: black on white.

    Args:
        strokes: As in `Drawing`.
        brush: Width of the brush in pixels.
        size: Width and height of the picture; strokes are not scaled.

    Returns:
        uint8, shape (size, size, 4).
    """
    grey = Image.new("L", (size, size), 255)
    _draw(ImageDraw.Draw(grey), strokes, brush)
    return np.asarray(grey.convert("RGBA"))


def _draw(pen: ImageDraw.ImageDraw, strokes: Sequence[Stroke], brush: float) -> None:
    radius = max(brush, 1) / 2
    for stroke in strokes:
        points = [(float(x), float(y)) for x, y in stroke]
        if len(points) > 1:
            pen.line(points, fill=0, width=max(round(brush), 1), joint="curve")
        for x, y in points if brush > 3 else ():
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
        if len(points) == 1 and brush <= 3:
            pen.point(points, fill=0)


def cut_out(drawing: Drawing, brush: float) -> NDArray[np.uint8]:
    """A drawing inked on a canvas just large enough for it, uint8 of shape (size, size, 4).

    Nothing is lost by that, as the first step of reading is to cut the ink out.
    """
    points = np.concatenate(drawing.strokes)
    margin = brush / 2 + 3
    size = drawing.size + 2 * margin
    scale = min(1.0, 2 * CANVAS_SIZE / size)  # strokes far apart must not take the memory of a huge canvas
    corner = points.min(axis=0) - margin
    return ink([(stroke - corner) * scale for stroke in drawing.strokes], brush * scale, math.ceil(size * scale))


def mnist_pictures(
    drawings: Sequence[Drawing], shares: float | Sequence[float] | None = None, seed: int = 0
) -> NDArray[np.uint8]:
    """Drawings as pictures like MNIST's, inked as a canvas would and prepared as every drawing is.

    Args:
        drawings: The drawings.
        shares: The width of the brush as a share of the drawing's longer side, one for all or one for each; by default
            one for each by chance, between the two `BRUSH_SHARES`.
        seed: Where that chance starts from.

    Returns:
        uint8, shape (N, 28, 28), 255 is full ink.
    """
    if shares is None:
        low, high = np.log(BRUSH_SHARES)
        shares = np.exp(np.random.default_rng(seed).uniform(low, high, len(drawings))).tolist()
    pictures = np.zeros((len(drawings), 28, 28), np.uint8)
    for index, (drawing, share) in enumerate(zip(drawings, np.broadcast_to(shares, len(drawings)), strict=True)):
        image = prepare(cut_out(drawing, max(share * max(drawing.size, 20.0), 2.0))).image
        if image is not None:
            pictures[index] = np.round(image * 255)
    return pictures


def inked_often(drawings: Sequence[Drawing], times: int, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pictures, uint8 (times * N, 28, 28), and labels of drawings, each inked so many times with brushes by chance."""
    pictures = [mnist_pictures(drawings, seed=seed + time) for time in range(times)]
    return np.concatenate(pictures), np.tile(labels_of(drawings), times)
