"""Varying pictures inside the training step."""

import math

import numpy as np
from numpy.typing import NDArray

from mnist_core import IMAGE_SHAPE, IMAGE_SIZE
from mnist_core.engine.backend import tf
from mnist_core.training.augmentation import AUGMENTATIONS, AugmentationInfo

MIDDLE = (IMAGE_SIZE - 1) / 2
ELASTIC_GRID = 6
"""Points along a side at which a picture is pulled; between them it follows smoothly."""


def augment(images: tf.Tensor, how: AugmentationInfo, random: tf.random.Generator) -> tf.Tensor:
    """Varies each picture of a batch by its own chance.

    Args:
        images: float32, shape (B, 28, 28), in [0, 1].
        how: The largest amounts.
        random: Where chance comes from.

    Returns:
        float32, shape (B, 28, 28), in [0, 1].
    """
    count = tf.shape(images)[0]

    def amounts(limit: float) -> tf.Tensor:  # (B, 1, 1)
        return random.uniform((count, 1, 1), -limit, limit)

    y, x = (tf.constant(grid, tf.float32)[None] for grid in np.indices(IMAGE_SHAPE) - MIDDLE)  # (1, 28, 28)
    # Where each pixel of the new picture comes from in the old one.
    angle, size = amounts(math.radians(how.rotation)), 1 + amounts(how.scale)
    cosine, sine = tf.cos(angle) / size, tf.sin(angle) / size
    slanted = x + amounts(how.slant) * y
    from_x = cosine * slanted - sine * y + amounts(how.shift)
    from_y = sine * slanted + cosine * y + amounts(how.shift)
    if how.elastic:
        pulls = random.normal((count, ELASTIC_GRID, ELASTIC_GRID, 2), stddev=1.6 * how.elastic)
        bent = tf.image.resize(pulls, IMAGE_SHAPE, "bicubic")  # (B, 28, 28, 2)
        from_x, from_y = from_x + bent[..., 0], from_y + bent[..., 1]
    moved = _sample(images, from_x + MIDDLE, from_y + MIDDLE)
    return _with_ink(moved, amounts(how.ink)) if how.ink else moved


def _sample(images: tf.Tensor, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """The values of pictures (B, 28, 28) at places (B, 28, 28) between pixels; 0 outside."""
    padded = tf.pad(images, [[0, 0], [1, 1], [1, 1]])  # (B, 30, 30), so that outside is a pixel too
    side = IMAGE_SIZE + 2
    flat = tf.reshape(padded, (-1, side * side))
    x, y = tf.clip_by_value(x + 1, 0.0, side - 1.001), tf.clip_by_value(y + 1, 0.0, side - 1.001)
    left, top = tf.floor(x), tf.floor(y)
    right_share, low_share = x - left, y - top
    corner = tf.cast(top, tf.int32) * side + tf.cast(left, tf.int32)  # (B, 28, 28)

    def at(offset: int) -> tf.Tensor:
        return tf.gather(flat, corner + offset, batch_dims=1)

    upper = at(0) * (1 - right_share) + at(1) * right_share
    lower = at(side) * (1 - right_share) + at(side + 1) * right_share
    return upper * (1 - low_share) + lower * low_share


def _with_ink(images: tf.Tensor, amount: tf.Tensor) -> tf.Tensor:
    """Lines made thicker where the amount (B, 1, 1) is above 0, thinner where it is below."""
    channel = images[..., None]
    thick = tf.nn.max_pool2d(channel, 3, 1, "SAME")[..., 0]
    thin = -tf.nn.max_pool2d(-channel, 3, 1, "SAME")[..., 0]
    target = tf.where(amount > 0, thick, thin)
    return images + tf.abs(amount) * (target - images)


def augmented_examples(name: str, pictures: bytes, seed: int) -> NDArray[np.uint8]:
    """What an augmentation makes of some pictures, to look at.

    Args:
        name: A name in `AUGMENTATIONS`.
        pictures: uint8 of shape (N, 28, 28), as bytes, 255 is ink.
        seed: Where chance starts from.

    Returns:
        uint8, shape (N, 28, 28).
    """
    images = np.frombuffer(pictures, np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    varied = augment(tf.constant(images, tf.float32) / 255, AUGMENTATIONS[name], tf.random.Generator.from_seed(seed))
    examples: NDArray[np.uint8] = np.round(varied.numpy() * 255).astype(np.uint8)
    return examples
