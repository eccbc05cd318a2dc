"""Photographs of paper: even light and plain black on white, so that they go the same way as a drawing."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from scipy import ndimage

from mnist_core.drawing import border_of, on_paper

WORKING_SIZE = 480
"""Width or height that a photograph is brought down to."""

PAPER_SHARE = 0.2
"""The paper's brightness at a place is taken from a square around it of this share of the picture."""

MIN_INK = 0.12
"""How much darker than the paper ink must be."""

SAME_COLOUR = 12
"""Colours that differ by less, of 255, are taken for one: paper in a photograph varies by more."""

MOSTLY = 0.95

MIN_SPECK = 0.02
"""A piece of ink smaller than this share of all ink is a speck of dust."""


def as_drawing(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture that somebody gives, as a drawing: a photograph is cleaned, a drawing by computer stays as it is.

    Args:
        rgba: uint8, shape (H, W, 4).
    """
    return rgba if _is_drawn(rgba) else clean(rgba)


def _is_drawn(rgba: NDArray[np.uint8]) -> bool:
    """Whether a picture is transparent in parts, has a border of one colour, or nearly nothing but two colours."""
    if (rgba[..., 3] < 128).any():
        return True
    border = border_of(rgba).astype(int)
    middle = np.median(border, axis=0)
    if (np.abs(border - middle).max(axis=1) < SAME_COLOUR).mean() > MOSTLY:
        return True
    from_middle = np.abs(rgba.astype(int) - middle).max(axis=2)  # (H, W)
    from_other = np.abs(rgba.astype(int) - rgba.reshape(-1, 4)[int(from_middle.argmax())]).max(axis=2)
    return float((np.minimum(from_middle, from_other) < SAME_COLOUR).mean()) > MOSTLY


def clean(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Takes shadows, the colour of the paper and specks out of a photograph.

    Args:
        rgba: uint8, shape (H, W, 4): a photograph of dark ink on lighter paper.

    Returns:
        uint8, shape (h, w, 4), at most 480 wide and high: the ink from grey to black on white. White all over where
        nothing on the paper is dark enough to be ink.
    """
    picture = Image.fromarray(rgba)
    white = Image.new("RGBA", picture.size, "white")
    grey = Image.alpha_composite(white, picture).convert("L")
    grey.thumbnail((WORKING_SIZE, WORKING_SIZE), Image.Resampling.BOX)
    light = np.asarray(grey.filter(ImageFilter.GaussianBlur(1)), np.float32) + 1
    # A line of ink is thinner than the square, so the brightest value in it is paper.
    size = max(3, round(PAPER_SHARE * min(light.shape)) | 1)
    paper = ndimage.gaussian_filter(ndimage.grey_closing(light, size=(size, size)), size / 4)
    darkness = np.clip(1 - light / paper, 0, 1)
    border = _threshold(darkness)
    ink = np.clip((darkness - 0.5 * border) / max(float(np.quantile(darkness, 0.999)) - 0.5 * border, 1e-3), 0, 1)
    ink[darkness < border] *= 0.3
    ink = _without_specks(ink, darkness >= border) if border >= MIN_INK / 2 else np.zeros_like(ink)
    return on_paper(ink)


def _threshold(values: NDArray[np.float32]) -> float:
    """The value that parts ink from paper best (Otsu, 1979), or 0 where all is paper."""
    if float(np.quantile(values, 0.999)) < MIN_INK:
        return 0.0
    counts, edges = np.histogram(values, 128, (0, 1))
    centres = (edges[1:] + edges[:-1]) / 2
    weight = np.cumsum(counts)
    mean = np.cumsum(counts * centres)
    total, whole = weight[-1], mean[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (whole * weight - mean * total) ** 2 / (weight * (total - weight))
    return max(float(edges[int(np.nanargmax(between)) + 1]), MIN_INK / 2)


def _without_specks(ink: NDArray[np.float32], mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Ink without dust, and without the dark edge of a table that runs along the border of the picture."""
    labels, count = ndimage.label(ndimage.binary_dilation(mask, iterations=2))
    if not count:
        return np.zeros_like(ink)
    sizes = ndimage.sum_labels(mask, labels, np.arange(1, count + 1))
    edge = set(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]).tolist())
    inner = [i for i in range(1, count + 1) if i not in edge] or list(range(1, count + 1))
    largest = max(sizes[i - 1] for i in inner)
    kept = [i for i in inner if sizes[i - 1] >= max(MIN_SPECK * sum(sizes[j - 1] for j in inner), 0.05 * largest)]
    return np.where(np.isin(labels, kept), ink, 0)
