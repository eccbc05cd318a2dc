"""From a drawing to what the network sees, the way MNIST itself was made.

MNIST's makers scaled each digit, keeping its shape, to fit a 20×20 box, smoothed its edges in doing so, and placed it
in 28×28 so that its centre of mass lies in the middle (http://yann.lecun.com/exdb/mnist/). A network trained on such
pictures reads drawings only if they are made in the same way; shrinking a whole canvas is not.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

IMAGE_SIZE = 28
BOX_SIZE = 20
CENTRE = 14
"""The pixel on which MNIST's digits have their centre of mass: the mean over its training set is 14.00."""

MIN_CONTRAST = 0.1
"""The least difference between ink and background, of the full range, that counts as a drawing."""

INK_THRESHOLD = 0.15
"""The share of full ink from which a pixel belongs to the drawing; below it is noise or the edge of a smooth line."""

Picture = NDArray[np.float32]


@dataclass(frozen=True)
class Step:
    """One picture on the way, kept for display.

    Attributes:
        name: A word or two.
        explanation: A sentence on what was done and why.
        picture: float32, any shape (H, W), in [0, 1], ink is 1.
        point: A point of the picture that the explanation speaks of, (row, column) in pixels, or None.
    """

    name: str
    explanation: str
    picture: Picture
    point: tuple[float, float] | None = None


@dataclass(frozen=True)
class Prepared:
    """A drawing made ready for a network.

    Attributes:
        image: float32, shape (28, 28), in [0, 1], white ink on black; None where the drawing holds no ink.
        steps: The pictures on the way, from the drawing to `image`; empty where there is no ink.
    """

    image: Picture | None
    steps: tuple[Step, ...] = ()


STEPS = {
    "ink": "Tell ink from background",
    "crop": "Cut the empty border away",
    "box": "Scale to a box of 20×20",
    "mass": "Centre by mass",
}
"""The steps that can be left out, to see what each is worth, with the names people read."""


def prepare(rgba: NDArray[np.uint8], without: Collection[str] = ()) -> Prepared:
    """Turns a drawing into a picture like those of MNIST.

    Ink and background are found from the picture: dark ink on light, light on dark, any colour on transparent.

    Args:
        rgba: uint8, shape (H, W, 4), any size.
        without: Names in `STEPS` to leave out. Without "ink" the greys are taken as they are, dark for ink; without
            "crop" the whole canvas is kept; without "box" the drawing fills all 28 pixels; without "mass" the middle of
            the drawing goes to the middle.

    Returns:
        The 28×28 picture with the steps that led to it.

    Raises:
        ValueError: if the array has another shape or type, or a step is not known.
    """
    if rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.dtype != np.uint8:
        raise ValueError(f"a drawing is uint8 of shape (H, W, 4), not {rgba.dtype} of shape {rgba.shape}")
    if unknown := set(without) - STEPS.keys():
        raise ValueError(f"there is no step {', '.join(sorted(unknown))}; the steps are {', '.join(STEPS)}")
    ink = find_ink(rgba)
    if ink is None:
        return Prepared(None)
    if "ink" in without:
        ink = _darkness(rgba)
    cropped = ink if "crop" in without else crop_to_ink(ink)
    fitted = fit_to_box(cropped, IMAGE_SIZE if "box" in without else BOX_SIZE)
    middle = middle_of(fitted) if "mass" in without else centre_of_mass(fitted)
    centred = _place(fitted, middle)
    image = centred / max(float(centred.max()), 1e-6)
    told = "The ink is told from the background, whichever of them is darker."
    cut = "The empty border goes, so that the place on the canvas does not matter."
    scaled = "The longer side becomes 20 pixels, so that the size does not matter."
    weighed = "The cross marks the point on which the ink would balance."
    return Prepared(
        image,
        (
            Step("ink", "Left out: what is dark is taken for ink." if "ink" in without else told, ink),
            Step("crop", "Left out: the whole canvas is kept." if "crop" in without else cut, cropped),
            Step("20×20", "Left out: the longer side fills all 28." if "box" in without else scaled, fitted),
            Step(
                "centre of mass",
                "Left out: the cross marks half its height and width." if "mass" in without else weighed,
                fitted,
                middle,
            ),
            Step("28×28", "That point goes to the middle, and the brightest ink becomes white.", image),
        ),
    )


def _darkness(rgba: NDArray[np.uint8]) -> Picture:
    """How dark each pixel is on white paper, (H, W) in [0, 1]."""
    opacity = rgba[..., 3].astype(np.float32) / 255
    grey = rgba[..., :3].astype(np.float32).mean(axis=2) / 255
    return ((1 - grey) * opacity).astype(np.float32)


def find_ink(rgba: NDArray[np.uint8]) -> Picture | None:
    """Tells ink from background.

    The background is the commonest colour along the border of the picture; a pixel is the more ink the further its
    colour (or its opacity) lies from it.

    Args:
        rgba: uint8, shape (H, W, 4).

    Returns:
        float32, shape (H, W), in [0, 1], or None where no pixel stands out.
    """
    height, width = rgba.shape[:2]
    if not height or not width:
        return None
    # Colours weighed by opacity, so that every transparent pixel is the same whatever colour hides in it.
    opacity = rgba[..., 3:].astype(np.float32) / 255
    weighed = np.concatenate([rgba[..., :3].astype(np.float32) * opacity, opacity * 255], axis=2)  # (H, W, 4)
    background = np.median(border_of(weighed), axis=0)
    distance = np.abs(weighed - background).max(axis=2)  # (H, W), 0 to 255
    darkest = distance.max()
    if darkest < MIN_CONTRAST * 255:
        return None
    return (distance / darkest).astype(np.float32)


def border_of(picture: NDArray[Any]) -> NDArray[Any]:
    """The outermost pixels of a picture (H, W, C) in a row, (2 * (H + W), C)."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def on_paper(ink: Picture) -> NDArray[np.uint8]:
    """Ink, (H, W) in [0, 1], as black on white paper, uint8 of shape (H, W, 4)."""
    grey = np.round(255 * (1 - ink)).astype(np.uint8)
    return np.dstack([grey, grey, grey, np.full_like(grey, 255)])


def crop_to_ink(ink: Picture) -> Picture:
    """Cuts the border without ink away; at least one pixel remains."""
    mask = ink >= INK_THRESHOLD
    rows = np.flatnonzero(mask.any(axis=1))
    columns = np.flatnonzero(mask.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fit_to_box(picture: Picture, side: int = BOX_SIZE) -> Picture:
    """Scales a picture, with its proportions, so that its longer side measures so many pixels, with smooth edges."""
    height, width = picture.shape
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    resized = Image.fromarray(picture).resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR)
    return np.clip(np.asarray(resized, dtype=np.float32), 0, 1)


def centre_by_mass(picture: Picture) -> Picture:
    """Places a picture of at most 20×20 in 28×28 with its centre of mass in the middle, cutting nothing off."""
    return _place(picture, centre_of_mass(picture))


def centre_of_mass(picture: Picture) -> tuple[float, float]:
    """The point on which the ink would balance, (row, column)."""
    rows, columns = np.indices(picture.shape)
    mass = max(float(picture.sum()), 1e-6)
    return float((rows * picture).sum() / mass), float((columns * picture).sum() / mass)


def middle_of(picture: Picture) -> tuple[float, float]:
    """Half its height and width, (row, column)."""
    height, width = picture.shape
    return height / 2, width / 2


def _place(picture: Picture, middle: tuple[float, float]) -> Picture:
    """Places a picture in 28×28 with a point of it, (row, column), in the middle, as far as nothing is cut off."""
    height, width = picture.shape
    top, left = (round(CENTRE - place) for place in middle)
    top = min(max(top, 0), IMAGE_SIZE - height)
    left = min(max(left, 0), IMAGE_SIZE - width)
    placed = np.zeros((IMAGE_SIZE, IMAGE_SIZE), dtype=np.float32)
    placed[top : top + height, left : left + width] = picture
    return placed
