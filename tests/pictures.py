"""Pictures as people give them, made from digits of MNIST: the paper, the light, the pen, the camera and the file vary.

Each kind is a process that is told in one sentence, so that what a figure says can be made again anywhere.
"""

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

SIDE = 640
Rng = np.random.Generator
Ink = NDArray[np.float32]
"""float32, shape (SIDE, SIDE), in [0, 1]: how much of the paper ink covers."""
Grey = NDArray[np.float32]
"""float32, shape (H, W), 0 to 255."""

THIN, MIDDLE, THICK = 0.72, 0.5, 0.3
"""The share of full ink of an enlarged digit above which it is ink: of what lies lower, lines become wide."""


def enlarged(digit: NDArray[np.uint8], rng: Rng, pen: float = MIDDLE, share: tuple[float, float] = (0.35, 0.6)) -> Ink:
    """A digit of 28×28 pixels as crisp lines of a pen, somewhere on a sheet.

    Args:
        digit: uint8, shape (28, 28), 255 is ink.
        rng: Chance.
        pen: How thin the lines are; see `THIN`.
        share: The least and the most of the sheet's height that the digit takes.
    """
    height = round(SIDE * rng.uniform(*share) * 28 / 20)
    smooth = Image.fromarray(digit).resize((height, height), Image.Resampling.BICUBIC)
    blurred = ndimage.gaussian_filter(np.asarray(smooth, np.float32) / 255, height / 28 / 3)
    lines = 1 / (1 + np.exp(-(blurred - pen * 0.8) * 40))
    ink = np.zeros((SIDE, SIDE), np.float32)
    top, left = (rng.integers(0, SIDE - height + 1, 2)).tolist()
    ink[top : top + height, left : left + height] = lines
    return ink


def photographed(grey: Grey, rng: Rng, *, noise: float = 4.0, blur: float = 1.0, quality: int = 80) -> bytes:
    """What a camera makes of it: not quite sharp, with noise, as JPEG."""
    soft = ndimage.gaussian_filter(grey, blur) + rng.normal(0, noise, grey.shape)
    tint = np.array([1.0, rng.uniform(0.96, 1.0), rng.uniform(0.88, 1.0)])
    return encoded(np.clip(soft[..., None] * tint, 0, 255).astype(np.uint8), "JPEG", quality=quality)


def encoded(pixels: NDArray[np.uint8], kind: str = "PNG", **about: int) -> bytes:
    """A picture as a file."""
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, kind, **about)
    return content.getvalue()


def _paper(ink: Ink, paper: Grey | float, darkness: float = 0.75) -> Grey:
    return (paper * (1 - darkness * ink)).astype(np.float32)


def _slope(rng: Rng) -> Grey:
    """Light from one side, from 0.55 to 1."""
    down, across = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    angle = rng.uniform(0, 2 * np.pi)
    along = (across - 0.5) * np.cos(angle) + (down - 0.5) * np.sin(angle)
    return (0.78 + 0.3 * along).astype(np.float32)


def canvas_export(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """Black on white or white on black, exact colours, as a drawing program saves it."""
    grey = 255 * (1 - enlarged(digit, rng))
    return encoded(np.round(grey if rng.random() < 0.5 else 255 - grey).astype(np.uint8))


def small_file(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """28×28 as MNIST, white on black or black on white, as PNG."""
    return encoded(digit if rng.random() < 0.5 else 255 - digit)


def small_jpeg(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """The same of 28 to 64 pixels as JPEG of low quality: noise around the digit."""
    side = int(rng.choice([28, 32, 48, 64]))
    grey = np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BILINEAR))
    return encoded(grey if rng.random() < 0.5 else 255 - grey, "JPEG", quality=int(rng.integers(25, 75)))


def small_on_grey(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """28×28, the ground grey and a little uneven."""
    ground = rng.uniform(30, 90) + rng.normal(0, 4, (28, 28))
    grey = np.clip(ground + digit.astype(np.float32) * (220 - ground) / 255, 0, 255).astype(np.uint8)
    return encoded(grey if rng.random() < 0.5 else 255 - grey)


def even_paper(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """Grey, grainy paper in even light, a thin pen."""
    ink = enlarged(digit, rng, THIN)
    return photographed(_paper(ink, float(rng.uniform(150, 225)), 0.6), rng, noise=float(rng.uniform(1, 3)))


def uneven_light(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """A lamp or a window from one side."""
    return photographed(_paper(enlarged(digit, rng), 230 * _slope(rng)), rng)


def finger_shadow(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """The round shadow of a hand or a phone over a part of the sheet."""
    down, across = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    near = np.hypot(down - rng.uniform(0, 1), across - rng.uniform(0, 1))
    light = 220 * (1 - 0.55 / (1 + np.exp((near - 0.4) * 60)))
    return photographed(_paper(enlarged(digit, rng), light), rng)


def pasted_on_white(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """A photograph of paper in a white frame, as a document holds it."""
    grey = _paper(enlarged(digit, rng), 200 * _slope(rng)) + rng.normal(0, 4, (SIDE, SIDE))
    edge = int(rng.integers(20, 120))
    framed = np.pad(np.clip(grey, 0, 254), edge, constant_values=255)
    return encoded(framed.astype(np.uint8), "JPEG", quality=90)


def overexposed(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """So much light that the middle of the sheet is pure white, its edges tinted."""
    down, across = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE
    light = 300 - 220 * np.hypot(down - 0.5, across - 0.5) ** 2
    return photographed(_paper(enlarged(digit, rng), light), rng, noise=2)


def on_a_desk(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """A sheet that lies on a dark, even desk."""
    grey = _paper(enlarged(digit, rng, share=(0.3, 0.4)), 215 * _slope(rng))
    edge = 150
    framed = np.full((SIDE + 2 * edge, SIDE + 2 * edge), 45, np.float32)
    framed[edge:-edge, edge:-edge] = grey
    return photographed(framed, rng)


def faint_pencil(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """A hard pencil, a tenth darker than the paper."""
    ink = enlarged(digit, rng, THIN)
    return photographed(_paper(ink, 225 * (0.5 + 0.5 * _slope(rng)), 0.1), rng, noise=1.5)


def squared_paper(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """An exercise book's squares, printed lighter than the pen."""
    paper = 225 * _slope(rng)
    step, first = int(rng.integers(36, 60)), int(rng.integers(0, 30))
    paper[first::step] *= 0.78
    paper[:, first::step] *= 0.78
    return photographed(_paper(enlarged(digit, rng), paper), rng)


def biro(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """A thin blue line: little contrast in red light, more in the others."""
    ink = enlarged(digit, rng, THIN)[..., None]
    paper = (225 * _slope(rng))[..., None] * np.array([1, 0.99, 0.95])
    colour = paper * (1 - ink * (1 - np.array([0.25, 0.3, 0.75])))
    soft = ndimage.gaussian_filter(colour, (1, 1, 0)) + rng.normal(0, 4, colour.shape)
    return encoded(np.clip(soft, 0, 255).astype(np.uint8), "JPEG", quality=80)


def felt_tip(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """A thick pen."""
    return photographed(_paper(enlarged(digit, rng, THICK), 220 * _slope(rng), 0.85), rng)


def chalk(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """Chalk on a dark board, wiped before."""
    ink = enlarged(digit, rng) * rng.uniform(0.55, 1.0, (SIDE, SIDE)).astype(np.float32)
    board = (38 + 10 * ndimage.gaussian_filter(rng.normal(0, 1, (SIDE, SIDE)), 30) * 30) * _slope(rng)
    return photographed((board * (1 - ink) + 190 * ink).astype(np.float32), rng)


def faxed(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """Two colours alone, lines broken by the threshold, crumbs all over the sheet."""
    ink = enlarged(digit, rng, MIDDLE) * ndimage.gaussian_filter(rng.random((SIDE, SIDE)), 3)
    broken = ink > np.quantile(ink[ink > 0.2], 0.2) if (ink > 0.2).any() else ink > 1
    crumbs = ndimage.binary_dilation(rng.random((SIDE, SIDE)) < 0.00005, iterations=2)
    return encoded(np.where(broken | crumbs, 0, 255).astype(np.uint8))


def with_crumbs(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """A drawing of exact colours, with a few dots far from the digit."""
    ink = enlarged(digit, rng, share=(0.3, 0.45))
    for row, column in rng.integers(15, SIDE - 15, (4, 2)).tolist():
        radius = int(rng.integers(2, 7))
        ink[row - radius : row + radius, column - radius : column + radius] = 1
    return encoded(np.round(255 * (1 - ink)).astype(np.uint8))


def of_a_screen(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """A screen photographed: its pixels and the camera's make waves."""
    down, across = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    waves = 1 + 0.06 * np.sin(down / rng.uniform(4, 9)) + 0.06 * np.sin((across + 0.3 * down) / rng.uniform(4, 12))
    return photographed(_paper(enlarged(digit, rng), 200 * waves * _slope(rng), 0.9), rng)


def scanned(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """A scanner's even white with a little grain, and the dark edge of its lid."""
    grey = _paper(enlarged(digit, rng, THIN), 247.0, 0.7) + rng.normal(0, 1.5, (SIDE, SIDE))
    grey[:, -12:] = 70
    return encoded(np.clip(grey, 0, 255).astype(np.uint8), "JPEG", quality=85)


def thin_and_small(digit: NDArray[np.uint8], rng: Rng) -> bytes:
    """A small digit in a corner of a large, dim sheet, with a thin pen."""
    ink = enlarged(digit, rng, 0.85, (0.12, 0.2))
    return photographed(_paper(ink, 150 * _slope(rng), 0.5), rng, noise=3)


KINDS: dict[str, Callable[[NDArray[np.uint8], Rng], bytes]] = {
    made.__name__.replace("_", " "): made
    for made in (
        canvas_export,
        small_file,
        small_jpeg,
        small_on_grey,
        even_paper,
        uneven_light,
        finger_shadow,
        pasted_on_white,
        overexposed,
        on_a_desk,
        faint_pencil,
        squared_paper,
        biro,
        felt_tip,
        chalk,
        faxed,
        with_crumbs,
        of_a_screen,
        scanned,
        thin_and_small,
    )
}
"""The kinds by their names."""
