"""Reading picture files that people give."""

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_core.errors import InvalidInput

MAX_PIXELS = 100_000_000
WORKING_SIZE = 1000
"""Larger pictures are scaled down to this width or height at once: 28 pixels need no more."""


def read_picture(source: str | Path | bytes, name: str | None = None) -> NDArray[np.uint8]:
    """Reads a PNG or JPEG file.

    Args:
        source: A path, or the content of the file.
        name: What to call the file in messages; by default its path.

    Returns:
        uint8, shape (H, W, 4): red, green, blue and opacity, at most 1000 pixels wide and high.

    Raises:
        InvalidInput: if the file is missing, is not a whole picture, or is far too large.
    """
    name = name or (str(source) if not isinstance(source, bytes) else "the picture")
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=("PNG", "JPEG")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InvalidInput(
                    f"{name} has {image.width:,} × {image.height:,} pixels, too many to open. Make it smaller."
                )
            image.draft("RGB", (WORKING_SIZE, WORKING_SIZE))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
            upright.thumbnail((WORKING_SIZE, WORKING_SIZE), Image.Resampling.BOX)
            return np.array(upright)
    except FileNotFoundError:
        raise InvalidInput(f"{name} does not exist.") from None
    except IsADirectoryError:
        raise InvalidInput(f"{name} is a folder. Give a PNG or JPEG file.") from None
    except UnidentifiedImageError:
        raise InvalidInput(f"{name} is not a picture. Give a PNG or JPEG file.") from None
    except Image.DecompressionBombError:
        raise InvalidInput(f"{name} has too many pixels to open. Make it smaller.") from None
    except (OSError, SyntaxError, ValueError) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(f"{name} cannot be read as a picture: {error}.") from None
