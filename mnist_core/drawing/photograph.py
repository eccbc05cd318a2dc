"""Photographs of paper: even light and plain black on white, so that they go the same way as a drawing."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from mnist_core.drawing.image_files import WORKING_SIZE
from mnist_core.drawing.preprocessing import find_ink, on_paper

CLEANING_SIZE = 480
"""Width or height that a photograph of one digit is brought down to."""

PAPER_SHARE = 0.2
"""The paper's brightness at a place is taken from a square around it of this share of the picture."""

MIN_INK = 0.05
"""How much darker than the paper ink must be: a hard pencil is a tenth."""

NO_GRAIN = 6
"""Nothing is ink that does not stand out by so many standard deviations of the paper's grain."""

SMALL = 64
"""A picture of at most so many pixels a side is taken as it is."""

GROUND_SHARE = 0.5
"""A drawing's ground is of one exact colour, and covers so much of it at least."""

NOISE_SHARE = 0.5
"""What is less dark than this share of the value that parts ink from ground is noise."""

SAME_COLOUR = 40
"""Colours that differ by less, of 255, are taken for one: JPEG makes several of each."""

MOSTLY_TWO = 0.5
"""So much of what is not ground is as far from it as ink is, or nearly ground; the rest are the edges of lines."""

MIN_SPECK = 0.02
"""A piece of ink smaller than this share of all ink is a speck of dust."""

LINES_SHARE = 0.99
"""The share of a picture that may be background: lines are what stands out in the rest."""

CHALK = 3.0
"""Lines that are lighter than their surroundings must stand out so many times as much as darker ones to be chalk."""

MAX_BOARD = 80
"""Paper is lighter than this, of 255, even in the shade; a board is darker."""

MAX_PEN = 0.08
"""What is dark and wider than this share of the picture is no line of a pen."""

MIN_DARKNESS = 0.35
"""A piece of ink of which nothing is as dark as this share of the darkest piece is no ink: the grain of a table."""

MIN_LIGHT = 0.38
"""A piece on paper darker than this share of the paper below the largest is no ink: it lies on the table."""


def as_drawing(rgba: NDArray[np.uint8], *, several: bool = False) -> NDArray[np.uint8]:
    """A picture that somebody gives, as a drawing.

    Of a drawing by computer the noise is taken away that files of few bytes have, and crumbs; a photograph is cleaned.

    Args:
        rgba: uint8, shape (H, W, 4).
        several: Whether it may show many digits, each of them small, and not one.

    Returns:
        uint8, shape (h, w, 4): ink from grey to black on white.
    """
    if not is_drawn(rgba):
        return clean(rgba, several=several)
    ink = find_ink(rgba)
    if ink is None:
        return on_paper(np.zeros(rgba.shape[:2], np.float32))
    border = NOISE_SHARE * _otsu(ink)
    ink[ink < border] = 0
    mask = ink > 0
    return on_paper(ink if max(ink.shape) <= SMALL else _without_specks(ink, mask, np.ones_like(ink), several))


def is_drawn(rgba: NDArray[np.uint8]) -> bool:
    """Whether a picture comes from a computer, and not from a camera or scanner.

    No paper has one exact colour, as the light on it varies and the camera adds noise; the ground of a drawing has.
    What is small is a drawing, as no photograph that shows anything is.

    Args:
        rgba: uint8, shape (H, W, 4).
    """
    if max(rgba.shape[:2]) <= SMALL or (rgba[..., 3] < 128).any():
        return True
    packed = rgba[..., :3].astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)  # (H, W), a number a colour
    colours, counts = np.unique(packed, return_counts=True)
    commonest = int(counts.argmax())
    if counts[commonest] < GROUND_SHARE * packed.size:
        return False
    # A frame around a photograph, and paper in too much light, are of one colour too; but there the rest has no second.
    ground = colours[commonest]
    rest = rgba[packed != ground][:, :3].astype(np.int16)
    if not len(rest):
        return True
    away = np.abs(rest - rgba[packed == ground][0, :3].astype(np.int16)).max(axis=1)
    return float(((away < SAME_COLOUR) | (away > away.max() - SAME_COLOUR)).mean()) > MOSTLY_TWO


def clean(rgba: NDArray[np.uint8], *, several: bool = False) -> NDArray[np.uint8]:
    """Takes shadows, the colour of the paper and specks out of a photograph.

    Args:
        rgba: uint8, shape (H, W, 4): a photograph of ink on lighter paper, or of chalk on a darker board.
        several: Whether it may show many digits, each of them small, and not one.

    Returns:
        uint8, shape (h, w, 4), at most 480 wide and high, or 1000 for several digits: the ink from grey to black on
        white. White all over where nothing on the paper is dark enough to be ink.
    """
    picture = Image.fromarray(rgba)
    white = Image.new("RGBA", picture.size, "white")
    grey = Image.alpha_composite(white, picture).convert("L")
    side = WORKING_SIZE if several else CLEANING_SIZE
    grey.thumbnail((side, side), Image.Resampling.BOX)
    light = np.asarray(grey.filter(ImageFilter.GaussianBlur(1)), np.float32) + 1
    if _is_chalk(light):
        light = 255 * light.min() / light  # the reciprocal, as light falls on chalk and board alike
    # A line of ink is thinner than the square, so the brightest value in it is paper. A closing keeps the edge of a
    # shadow sharp; black around the picture keeps a table dark that paper does not surround.
    size = max(3, round(PAPER_SHARE * min(light.shape)) | 1)
    closed = ndimage.grey_closing(np.pad(light, size), size=(size, size))[size:-size, size:-size]
    paper = ndimage.gaussian_filter(closed, 1.5)
    darkness = np.clip(1 - light / paper, 0, 1)
    border = _threshold(darkness)
    ink = np.clip((darkness - 0.5 * border) / max(float(np.quantile(darkness, 0.999)) - 0.5 * border, 1e-3), 0, 1)
    ink[darkness < border] *= 0.3
    if not border:
        return on_paper(np.zeros_like(ink))
    mask = darkness >= border
    if ndimage.distance_transform_edt(mask).max() <= MAX_PEN / 2 * min(light.shape):
        mask &= _without_lines(darkness, mask)
        ink[~ndimage.binary_dilation(mask)] = 0
    return on_paper(_without_specks(ink, mask, paper, several))


def _is_chalk(light: NDArray[np.float32]) -> bool:
    """Whether a picture is of a dark board, and lines stand out on it by being lighter than what is around them."""
    if np.median(light) > MAX_BOARD:
        return False
    share = light / light.max()
    lines = ndimage.distance_transform_edt(share >= _otsu(share)).max() < PAPER_SHARE / 2 * min(light.shape)
    if lines:  # all that is light; a sheet on a dark table is wider
        return True
    size = max(3, round(MAX_PEN * min(light.shape)) | 1)  # narrow, as the paper inside a 0 is lighter than its line
    darker = float(np.quantile(ndimage.grey_closing(light, size=(size, size)) - light, LINES_SHARE))
    lighter = float(np.quantile(light - ndimage.grey_opening(light, size=(size, size)), LINES_SHARE))
    return lighter > CHALK * darker  # so it is where a part of the board lies in the shade


def _threshold(values: NDArray[np.float32]) -> float:
    """The value that parts ink from paper best (Otsu, 1979), or 0 where all is paper and its grain."""
    middle = float(np.median(values))
    grain = 1.4826 * float(np.median(np.abs(values - middle)))  # as a standard deviation, whatever the ink
    if float(np.quantile(values, 0.999)) - middle < max(MIN_INK, NO_GRAIN * grain):
        return 0.0
    return max(_otsu(values), middle + 3 * grain)


def _otsu(values: NDArray[np.float32]) -> float:
    """The value that parts two kinds of values best (Otsu, 1979); the least where they are all of one kind."""
    counts, edges = np.histogram(values, 128, (0, 1))
    if np.count_nonzero(counts) < 2:
        return float(values.min(initial=1))
    centres = (edges[1:] + edges[:-1]) / 2
    weight = np.cumsum(counts)
    mean = np.cumsum(counts * centres)
    total, whole = weight[-1], mean[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (whole * weight - mean * total) ** 2 / (weight * (total - weight))
    return float(edges[int(np.nanargmax(between)) + 1])


def _pieces(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The pieces of a mask by number, those that nearly touch as one, and the numbers at the edge of the picture."""
    labels, _ = ndimage.label(ndimage.binary_dilation(mask, iterations=2))
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return labels, edge[edge > 0]


def _without_lines(darkness: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where ink is, and not the lines of ruled or squared paper, which are lighter.

    A piece with dark ink in it is kept whole, as a pen fades. Where the ink hangs together with lines that run over
    the edge of the picture, only what lies around the dark ink is kept.
    """
    dark = darkness >= _otsu(darkness[mask])
    labels, edge = _pieces(mask)
    if (dark & np.isin(labels, edge)).sum() > 0.7 * dark.sum():
        wider: NDArray[np.bool_] = ndimage.binary_dilation(dark, iterations=2)
        return wider
    rather_dark = darkness >= 0.5 * np.median(darkness[dark])
    return np.isin(labels, np.setdiff1d(labels[rather_dark], edge))


def _without_specks(
    ink: NDArray[np.float32], mask: NDArray[np.bool_], paper: NDArray[np.float32], several: bool
) -> NDArray[np.float32]:
    """Ink without dust, and without a table: its dark edge along the border of the picture, and its grain."""
    labels, edge = _pieces(mask)
    if not labels.any():
        return np.zeros_like(ink)
    numbers = np.arange(1, labels.max() + 1)
    inner = np.setdiff1d(numbers, edge)
    inner = inner if len(inner) else numbers
    light = ndimage.median(paper, labels * mask, inner)
    main = int(np.argmax(ndimage.sum_labels(ink * mask, labels, inner)))
    inner = inner[light >= MIN_LIGHT * light[main]]
    darkest = ndimage.maximum(ink, labels, inner)
    inner = inner[darkest >= MIN_DARKNESS * max(darkest)]
    sizes = ndimage.sum_labels(mask, labels, inner)
    kept = inner[sizes >= max(0 if several else MIN_SPECK * sizes.sum(), 0.05 * sizes.max())]
    return np.where(np.isin(labels, kept), ink, 0)
