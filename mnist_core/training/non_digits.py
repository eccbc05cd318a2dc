"""Pictures that are no digits, made to teach a network when to be sure of nothing.

A network trained on digits alone calls everything a digit, and is sure of it. Shown other things with the answer
"each digit equally", it learns to stay unsure where it should (outlier exposure, Hendrycks et al., 2019).
"""

import functools
from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from mnist_core import IMAGE_SHAPE
from mnist_core.datasets import load_dataset
from mnist_core.drawing.inking import ink
from mnist_core.drawing.preprocessing import prepare

NO_DIGIT = 10
"""The label of a picture that is no digit, after the ten that are."""

LETTERS = (
    "ACDEFGHJKLMNPQRTUVWXYacdefhijkmnprtuvwxyÄÖÜßñçαγδλμπφψωΔΛΞΣΦΨΩжЖдДиИйЙлЛфФцЦшШщыЫэЭюЮяЯ+×÷=?&#@%*<>~^$€£{}[]♥♣♦★→↑"
)
"""Signs that are no digit in anybody's hand. Those that are, such as O, l, S, Z, B, b, g and q, are left out."""

FONTS = ("DejaVuSans", "DejaVuSans-Oblique", "DejaVuSerif", "DejaVuSerif-Italic", "DejaVuSansMono", "STIXGeneral",
         "STIXGeneralItalic")  # fmt: skip
LETTER_CANVAS = 140
FONT_SIZE = 60

# Digits that turned, or seen in a mirror, look like no digit.
QUARTER_TURN = (2, 3, 4, 5, 6, 7, 9)
HALF_TURN = (3, 4, 7)
MIRROR = (3, 4, 6, 7, 9)

MnistImage = NDArray[np.uint8]
"""uint8, shape (28, 28), 255 is ink."""

Rng = np.random.Generator


def make_non_digits(count: int, seed: int) -> NDArray[np.uint8]:
    """Makes pictures that are no digits, a like number of each kind.

    Args:
        count: How many.
        seed: The same seed makes the same pictures.

    Returns:
        uint8, shape (count, 28, 28), 255 is ink, prepared as every drawing is.
    """
    rng = np.random.default_rng(seed)
    pictures = np.zeros((count, *IMAGE_SHAPE), np.uint8)
    for index in range(count):
        pictures[index] = KINDS[index % len(KINDS)](rng)
    return pictures


def scribble(rng: Rng) -> MnistImage:
    """One to four smooth strokes that go nowhere in particular."""
    strokes = []
    num_strokes = rng.integers(1, 5)
    for _ in range(num_strokes):
        # One short stroke could be a 1 or a 7.
        corners = rng.uniform(40, 240, (rng.integers(5 if num_strokes == 1 else 2, 8), 2))
        strokes.append(_smooth(corners).astype(np.float32))
    return _as_mnist(ink(strokes, float(rng.uniform(5, 30))))


def letter(rng: Rng) -> MnistImage:
    """A letter or a sign in some font, stretched, slanted, and made thicker or thinner."""
    sign = LETTERS[rng.integers(len(LETTERS))]
    canvas = Image.new("L", (LETTER_CANVAS, LETTER_CANVAS), 255)
    font = _font(FONTS[rng.integers(len(FONTS))])
    ImageDraw.Draw(canvas).text((LETTER_CANVAS / 2, LETTER_CANVAS / 2), sign, fill=0, font=font, anchor="mm")
    slant, stretch = rng.uniform(-0.35, 0.35), rng.uniform(0.75, 1.35)
    middle = LETTER_CANVAS / 2
    matrix = (stretch, slant, middle * (1 - stretch - slant), 0, 1, 0)
    turned = canvas.transform(canvas.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor=255)
    turned = turned.rotate(rng.uniform(-15, 15), Image.Resampling.BILINEAR, fillcolor=255)
    width = int(rng.integers(-1, 4)) * 2 + 1
    if abs(width) > 1:  # a minimum of brightness makes lines thicker, a maximum thinner
        turned = turned.filter(ImageFilter.MinFilter(width) if width > 0 else ImageFilter.MaxFilter(-width))
    return _as_mnist(np.asarray(turned.convert("RGBA")))


def turned_digit(rng: Rng) -> MnistImage:
    """A digit that lies on its side, stands on its head, or is seen in a mirror."""
    way = rng.integers(3)
    digits = (QUARTER_TURN, HALF_TURN, MIRROR)[way]
    picture = _digit(rng, digits)
    if way == 0:
        return np.rot90(picture, rng.choice([1, 3]))
    return np.rot90(picture, 2) if way == 1 else picture[:, ::-1]


def joined_digits(rng: Rng) -> MnistImage:
    """Two digits side by side, as one drawing."""
    pair = np.concatenate([_trimmed(_digit(rng)), _trimmed(_digit(rng))], axis=1)
    return _as_mnist(_as_canvas(pair))


def cut_digits(rng: Rng) -> MnistImage:
    """The upper part of one digit on the lower part of another, or the left on the right."""
    one, other = _digit(rng), _digit(rng)
    cut = rng.integers(11, 17)
    if rng.integers(2):
        return np.concatenate([one[:cut], other[::-1][cut:]])
    return np.concatenate([one[:, :cut], other[:, ::-1][:, cut:]], axis=1)


def clothes(rng: Rng) -> MnistImage:
    """A picture of Fashion-MNIST."""
    images = load_dataset("fashion_mnist").x_train
    image: MnistImage = images[rng.integers(len(images))]
    return image


KINDS: tuple[Callable[[Rng], MnistImage], ...] = (
    letter,
    scribble,
    letter,
    turned_digit,
    letter,
    joined_digits,
    letter,
    scribble,
    letter,
    cut_digits,
    clothes,
)
"""In turn; letters are what people try first."""


def _smooth(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """A curve through the middles of the lines between points, with 12 points for each corner."""
    middles = (corners[1:] + corners[:-1]) / 2
    share = np.linspace(0, 1, 12)[:, None]
    parts = [corners[:1]]
    for start, corner, end in zip(middles[:-1], corners[1:-1], middles[1:], strict=True):
        parts.append((1 - share) ** 2 * start + 2 * share * (1 - share) * corner + share**2 * end)
    return np.concatenate([*parts, corners[-1:]])


def _digit(rng: Rng, labels: tuple[int, ...] = tuple(range(10))) -> MnistImage:
    data = load_dataset("mnist")
    places = _places(labels[rng.integers(len(labels))])
    image: MnistImage = data.x_train[places[rng.integers(len(places))]]
    return image


@functools.cache
def _places(label: int) -> NDArray[np.int64]:
    return np.flatnonzero(load_dataset("mnist").y_train == label)


@functools.cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    """A font of those that come with Matplotlib."""
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), FONT_SIZE)


def _trimmed(picture: MnistImage) -> MnistImage:
    columns = np.flatnonzero(picture.max(axis=0) > 60)
    return picture[:, columns[0] : columns[-1] + 1]


def _as_canvas(picture: MnistImage) -> NDArray[np.uint8]:
    """White ink on black, larger, with an edge of background, as RGBA."""
    grey = Image.fromarray(np.pad(picture, 4))
    return np.asarray(grey.resize((grey.width * 4, grey.height * 4), Image.Resampling.BILINEAR).convert("RGBA"))


def _as_mnist(rgba: NDArray[np.uint8]) -> MnistImage:
    image = prepare(rgba).image
    return np.zeros(IMAGE_SHAPE, np.uint8) if image is None else np.round(image * 255).astype(np.uint8)
