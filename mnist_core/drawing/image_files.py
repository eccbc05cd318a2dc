"""Reading picture files that people give."""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from mnist_core import IMAGE_SHAPE
from mnist_core.drawing.inking import ink_enlarged
from mnist_core.drawing.picture_formats import FORMATS, MAX_PIXELS, PictureFormat, first_page, format_of, open_heif
from mnist_core.drawing.strokes import Drawing, Stroke, strokes_of_canvas
from mnist_core.errors import InvalidInput

Image.MAX_IMAGE_PIXELS = max(kind.max_pixels for kind in FORMATS)  # Pillow's own, which would refuse below these
MAX_BYTES = 50_000_000
MAX_RATIO = 30
"""How many times as long as wide a picture may be: more is no picture of a digit, and has no height on a page."""
CANVAS_UNREADABLE = "The drawing could not be read. Clear the canvas and draw again."
MAX_CANVAS_BYTES = 2_000_000
MAX_CANVAS_SCALE = 4
"""How many times as large as its canvas a browser's picture of it may be: screens have up to four pixels for one."""
MAX_JSON_BYTES = 2_000_000
WORKING_SIZE = 1000
"""Larger pictures are scaled down to this width or height at once: 28 pixels need no more."""


@dataclass(frozen=True)
class Picture:
    """A picture that somebody gave.

    Attributes:
        pixels: uint8, shape (H, W, 4): red, green, blue and opacity, at most 1000 pixels wide and high.
        note: A sentence on what of the file this is; "" where it is all of it.
    """

    pixels: NDArray[np.uint8]
    note: str = ""


def read_drawing(path: str | Path) -> Picture:
    """Reads a drawing from a file: a picture, or the JSON of the canvas or of a drawings file's line.

    Returns:
        The picture; of a drawing without strokes a white one.

    Raises:
        InvalidInput: if the file is missing or is neither.
    """
    name = str(path)
    try:
        with Path(path).open("rb") as file:
            is_json = file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")
            if not is_json:
                return read_picture(path)
            file.seek(0)
            content = file.read(MAX_JSON_BYTES + 1)
    except FileNotFoundError:
        raise InvalidInput(f"{name} does not exist.") from None
    except OSError as error:
        if isinstance(error, IsADirectoryError):
            raise InvalidInput(f"{name} is a folder. Give a picture file, or a drawing's JSON.") from None
        raise InvalidInput(f"{name} cannot be read ({error.strerror}).") from None
    if len(content) > MAX_JSON_BYTES:
        raise InvalidInput(f"{name} is too large for one drawing. Give at most {MAX_JSON_BYTES // 1_000_000} MB.")
    try:
        picture = drawing_picture(json.loads(content.decode("utf-8-sig")))
    except InvalidInput as error:
        raise InvalidInput(f"{name}: {error}.") from None
    except (ValueError, RecursionError):
        raise InvalidInput(f"{name} is neither a picture nor JSON.") from None
    return Picture(picture if picture is not None else np.full((*IMAGE_SHAPE, 4), 255, np.uint8))


def read_picture(source: str | Path | bytes, name: str | None = None) -> Picture:
    """Reads a picture from a file of one of the kinds in `FORMATS`: the first where it holds several.

    Args:
        source: A path, or the content of the file.
        name: What to call the file in messages; by default its path.

    Raises:
        InvalidInput: if the file is missing, is not a whole picture, or is far too large.
    """
    name = name or (str(source) if not isinstance(source, bytes) else "the picture")
    try:
        if (len(source) if isinstance(source, bytes) else Path(source).stat().st_size) > MAX_BYTES:
            raise InvalidInput(f"{name} is larger than {MAX_BYTES // 1_000_000} MB. Make it smaller.")
        content = source if isinstance(source, bytes) else Path(source).read_bytes()
        kind = format_of(content, name)
        if kind.name == "PDF":
            page, count = first_page(content, name)
            _check_size(page, kind, name)
            note = f"This is the first of the {count:,} pages." if count > 1 else ""
            return Picture(_pixels(page), note)
        if kind.name == "HEIC":
            open_heif()
        with Image.open(io.BytesIO(content), formats=kind.decoders) as image:
            _check_size(image, kind, name)
            count = 1 if kind.name == "JPEG" else getattr(image, "n_frames", 1)
            image.draft("RGB", (WORKING_SIZE, WORKING_SIZE))
            return Picture(_pixels(image), f"This is the first of the {count:,} pictures in it." if count > 1 else "")
    except FileNotFoundError:
        raise InvalidInput(f"{name} does not exist.") from None
    except IsADirectoryError:
        raise InvalidInput(f"{name} is a folder. Give a picture file.") from None
    except InvalidInput:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, RuntimeError, Image.DecompressionBombError) as error:
        raise InvalidInput(f"{name} cannot be read as a picture: it is damaged or cut short.") from error


def _check_size(image: Image.Image, kind: PictureFormat, name: str) -> None:
    """Before any pixel is unpacked.

    Raises:
        InvalidInput: if there are too many, or they are nothing but a line.
    """
    size = f"{image.width:,} × {image.height:,} pixels"
    # A progressive JPEG must be read whole like a PNG.
    if image.width * image.height > (MAX_PIXELS if image.info.get("progressive") else kind.max_pixels):
        raise InvalidInput(f"{name} has {size}, too many to open. Make it smaller.")
    if max(image.size) > MAX_RATIO * min(image.size):
        raise InvalidInput(f"{name} has {size}, which is a line and no digit. Cut the digit out of it.")


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    """A picture of any mode, small and the right way up, uint8 (H, W, 4)."""
    orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    small = image
    if image.mode.startswith(("I", "F")):  # 16 bits or more a pixel, which Pillow would cut off at 255
        values = np.nan_to_num(np.asarray(image, np.float64))
        full = max(65535 if image.mode.startswith("I") else 1, values.max())
        small = Image.fromarray(np.clip(values * (255 / full), 0, 255).astype(np.uint8))
    elif image.mode not in ("L", "RGB", "RGBA"):
        small = image.convert("RGBA")
    small.thumbnail((WORKING_SIZE, WORKING_SIZE), Image.Resampling.BOX)
    small.getexif()[ExifTags.Base.Orientation] = orientation  # what is converted has none
    return np.array(ImageOps.exif_transpose(small).convert("RGBA"))


def read_canvas(png: bytes, width: int, height: int) -> NDArray[np.uint8]:
    """The pixels of a canvas as a browser sends them, bounded by the canvas's own size before anything is unpacked.

    Args:
        png: A PNG file.
        width: The canvas's width in pixels.
        height: Its height.

    Returns:
        uint8, shape (H, W, 4): red, green, blue and opacity.

    Raises:
        InvalidInput: if it is no PNG, or larger than a screen makes this canvas.
    """
    if len(png) > MAX_CANVAS_BYTES:
        raise InvalidInput("The drawing is too large. Clear the canvas and draw again.")
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
            if image.width > MAX_CANVAS_SCALE * width or image.height > MAX_CANVAS_SCALE * height:
                raise InvalidInput("The drawing is larger than its canvas. Clear it and draw again.")
            return np.array(image.convert("RGBA"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(CANVAS_UNREADABLE) from error


def drawing_picture(value: Any) -> NDArray[np.uint8] | None:
    """A drawing given as JSON, the canvas's or a line of a drawings file, inked again with MNIST's width of pen.

    Returns:
        uint8, shape (size, size, 4), black on white; None where it holds no stroke.

    Raises:
        InvalidInput: if it is no drawing.
    """
    if isinstance(value, dict) and "strokes" in value:
        strokes: tuple[Stroke, ...] = Drawing.from_json(value).strokes if value["strokes"] != [] else ()
    else:
        strokes, _ = strokes_of_canvas(value)
    return ink_enlarged(strokes) if strokes else None
