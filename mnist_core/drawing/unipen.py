"""UCI's pen digits: UNIPEN text as drawings."""

from pathlib import Path

from mnist_core.drawing.drawings_file import lines
from mnist_core.drawing.strokes import CANVAS_SIZE, Drawing, read_strokes
from mnist_core.errors import InvalidInput

UNIPEN_SCALE = CANVAS_SIZE / 500
UNIPEN_DIGITS_PER_WRITER = 250


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
