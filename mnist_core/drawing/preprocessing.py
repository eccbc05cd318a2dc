"""From a drawing to what the network sees, the way MNIST itself was made.

MNIST's makers scaled each digit, keeping its shape, to fit a 20×20 box, smoothed its edges in doing so, and placed it
in 28×28 so that its centre of mass lies in the middle (http://yann.lecun.com/exdb/mnist/). A network trained on such
pictures reads drawings only if they are made in the same way; shrinking a whole canvas is not.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_core import IMAGE_SIZE

BOX_SIZE = 20
CENTRE = 14
"""The pixel on which MNIST's digits have their centre of mass: the mean over its training set is 14.00."""

MIN_CONTRAST = 0.1
"""The least difference between ink and background, of the full range, that counts as a drawing."""

INK_THRESHOLD = 0.15
"""The share of full ink from which a pixel belongs to the drawing; below it is noise or the edge of a smooth line."""

InkImage = NDArray[np.float32]
"""float32, shape (H, W), in [0, 1], ink is 1."""

Point = tuple[float, float]
"""A place in an image: row and column, in pixels."""


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
    picture: InkImage
    point: Point | None = None


@dataclass(frozen=True)
class Prepared:
    """A drawing made ready for a network.

    Attributes:
        image: float32, shape (28, 28), in [0, 1], white ink on black; None where the drawing holds no ink.
        steps: The pictures on the way, from the drawing to `image`; empty where there is no ink.
    """

    image: InkImage | None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class StepInfo:
    """A step of `prepare` that can be left out, to see what it is worth.

    Attributes:
        name: The name used in code and on pages.
        title: What people read on its switch.
        caption: A word or two below its picture.
        help: What it does, and what happens without it.
        done: The sentence below its picture.
        left_out: The same where it is left out.
        apply: What it makes of an image: the first step of uint8 (H, W, 4), each other of what the one before made.
        instead: What is made where it is left out.
        mark: The point of the image that it goes by, or None; its picture is then the image before it, with the point.
        mark_instead: The same where it is left out.
    """

    name: str
    title: str
    caption: str
    help: str
    done: str
    left_out: str
    apply: Callable[[NDArray[Any]], InkImage | None]
    instead: Callable[[NDArray[Any]], InkImage]
    mark: Callable[[InkImage], Point] | None = None
    mark_instead: Callable[[InkImage], Point] | None = None


def prepare(rgba: NDArray[np.uint8], without: Collection[str] = ()) -> Prepared:
    """Turns a drawing into a picture like those of MNIST.

    Ink and background are found from the picture: dark ink on light, light on dark, any colour on transparent.

    Args:
        rgba: uint8, shape (H, W, 4), any size.
        without: Names in `STEPS` to leave out, as each of them says.

    Returns:
        The 28×28 picture with the steps that led to it.

    Raises:
        ValueError: if the array has another shape or type, or a step is not known.
    """
    if rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.dtype != np.uint8:
        raise ValueError(f"a drawing is uint8 of shape (H, W, 4), not {rgba.dtype} of shape {rgba.shape}")
    if unknown := set(without) - STEPS.keys():
        raise ValueError(f"there is no step {', '.join(sorted(unknown))}; the steps are {', '.join(STEPS)}")
    found = find_ink(rgba)
    if found is None:
        return Prepared(None)
    image: NDArray[Any] = rgba
    shown = []
    for step in STEPS.values():
        is_done = step.name not in without
        sentence = step.done if is_done else step.left_out
        mark = step.mark if is_done else step.mark_instead
        before = image
        if is_done and step.apply is find_ink:
            image = found
        else:
            image = _not_none((step.apply if is_done else step.instead)(image))
        if mark:
            shown.append(Step(step.caption, sentence, before, mark(before)))
        else:
            shown.append(Step(step.caption, sentence, image))
    white = (image / max(float(image.max()), 1e-6)).astype(np.float32)
    last = Step("28×28", "That point goes to the middle, and the brightest ink becomes white.", white)
    return Prepared(white, (*shown, last))


def _not_none(image: InkImage | None) -> InkImage:
    assert image is not None  # there is ink, so each step has found some
    return image


def darkness(rgba: NDArray[np.uint8]) -> InkImage:
    """How dark each pixel is on white paper, (H, W) in [0, 1]."""
    opacity = rgba[..., 3].astype(np.float32) / 255
    grey = rgba[..., :3].astype(np.float32).mean(axis=2) / 255
    dark: InkImage = ((1 - grey) * opacity).astype(np.float32)
    return dark


def find_ink(rgba: NDArray[np.uint8]) -> InkImage | None:
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
    weighed = _weighed(rgba)
    background = np.median(border_of(weighed), axis=0)
    distance = np.abs(weighed - background).max(axis=2)  # (H, W), 0 to 255
    darkest = distance.max()
    if darkest < MIN_CONTRAST * 255:
        return None
    ink: InkImage = (distance / darkest).astype(np.float32)
    return ink


def _weighed(rgba: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Colours weighed by opacity, so that every transparent pixel is the same whatever colour hides in it, and opacity.

    Returns:
        float32, shape (H, W, C), 0 to 255: of an opaque grey picture the grey alone, which is much quicker.
    """
    red = rgba[..., 0]
    if rgba[..., 3].min() == 255 and (rgba[..., 1] == red).all() and (rgba[..., 2] == red).all():
        return red[..., np.newaxis].astype(np.float32)
    opacity = rgba[..., 3:].astype(np.float32) / 255
    return np.concatenate([rgba[..., :3].astype(np.float32) * opacity, opacity * 255], axis=2)


def border_of(picture: NDArray[Any]) -> NDArray[Any]:
    """The outermost pixels of a picture (H, W, C) in a row, (2 * (H + W), C)."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def on_paper(ink: InkImage) -> NDArray[np.uint8]:
    """Ink, (H, W) in [0, 1], as black on white paper, uint8 of shape (H, W, 4)."""
    grey = np.round(255 * (1 - ink)).astype(np.uint8)
    return np.dstack([grey, grey, grey, np.full_like(grey, 255)])


def crop_to_ink(ink: InkImage) -> InkImage:
    """Cuts the border without ink away; an image with no ink as dark as `INK_THRESHOLD` stays whole."""
    mask = ink >= INK_THRESHOLD
    if not mask.any():
        return ink
    rows = np.flatnonzero(mask.any(axis=1))
    columns = np.flatnonzero(mask.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fit_to_box(picture: InkImage, side: int = BOX_SIZE) -> InkImage:
    """Scales a picture, with its proportions, so that its longer side measures so many pixels, with smooth edges."""
    height, width = picture.shape
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    resized = Image.fromarray(picture).resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR)
    return np.clip(np.asarray(resized, dtype=np.float32), 0, 1)


def centre_by_mass(picture: InkImage) -> InkImage:
    """Places a picture of at most 28×28 in 28×28 with its centre of mass in the middle, cutting nothing off."""
    return _place(picture, centre_of_mass(picture))


def centre_by_middle(picture: InkImage) -> InkImage:
    """Places a picture of at most 28×28 in 28×28 with the middle of its sides in the middle."""
    return _place(picture, middle_of(picture))


def centre_of_mass(picture: InkImage) -> tuple[float, float]:
    """The point on which the ink would balance, (row, column)."""
    rows, columns = np.indices(picture.shape)
    mass = max(float(picture.sum()), 1e-6)
    return float((rows * picture).sum() / mass), float((columns * picture).sum() / mass)


def middle_of(picture: InkImage) -> tuple[float, float]:
    """Half its height and width, (row, column)."""
    height, width = picture.shape
    return height / 2, width / 2


def _place(picture: InkImage, middle: tuple[float, float]) -> InkImage:
    """Places a picture in 28×28 with a point of it, (row, column), in the middle, as far as nothing is cut off."""
    height, width = picture.shape
    top, left = (round(CENTRE - place) for place in middle)
    top = min(max(top, 0), IMAGE_SIZE - height)
    left = min(max(left, 0), IMAGE_SIZE - width)
    placed = np.zeros((IMAGE_SIZE, IMAGE_SIZE), dtype=np.float32)
    placed[top : top + height, left : left + width] = picture
    return placed


def _fill_all(picture: InkImage) -> InkImage:
    return fit_to_box(picture, IMAGE_SIZE)


def _keep_all(picture: InkImage) -> InkImage:
    return picture


STEPS = {
    step.name: step
    for step in (
        StepInfo(
            "ink",
            "Tell ink from background",
            "ink",
            "Finds out which colour is paper and which is ink. Without it, dark is taken for ink as it is.",
            "The ink is told from the background, whichever of them is darker.",
            "Left out: what is dark is taken for ink.",
            find_ink,
            darkness,
        ),
        StepInfo(
            "crop",
            "Cut the empty border away",
            "crop",
            "Cuts the empty border away. Without it, the place and size on the canvas matter.",
            "The empty border goes, so that the place on the canvas does not matter.",
            "Left out: the whole canvas is kept.",
            crop_to_ink,
            _keep_all,
        ),
        StepInfo(
            "box",
            "Scale to a box of 20×20",
            "20×20",
            "Makes the longer side 20 pixels, as MNIST did. Without it, the drawing fills all 28.",
            "The longer side becomes 20 pixels, so that the size does not matter.",
            "Left out: the longer side fills all 28.",
            fit_to_box,
            _fill_all,
        ),
        StepInfo(
            "mass",
            "Centre by mass",
            "centre of mass",
            "Puts the centre of the ink's mass into the middle, as MNIST did. Without it, the middle of the drawing.",
            "The cross marks the point on which the ink would balance.",
            "Left out: the cross marks half its height and width.",
            centre_by_mass,
            centre_by_middle,
            centre_of_mass,
            middle_of,
        ),
    )
}
"""The steps of `prepare` in their order, by name. A step added here is shown, explained and switched on the page."""
