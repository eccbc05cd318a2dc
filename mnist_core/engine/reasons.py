"""Why a network answers as it does: which pixels speak for a class, and how little it takes to fool it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core import IMAGE_SIZE
from mnist_core.engine.backend import keras, tf
from mnist_core.engine.inside import Inside

Values = NDArray[np.float32]

INTEGRATION_STEPS = 64
PATCH = 4
"""Width and height, in pixels, of the square that occlusion covers."""

STRIDE = 2
MAX_PUSHES = 60
PUSH = 0.08
"""How far a step towards another answer moves the pixels, in all (Euclidean length)."""

NUM_ON_THE_WAY = 21
TINY = 1e-12


@dataclass(frozen=True)
class Fooled:
    """A picture near another that the network reads as another class.

    Attributes:
        image: float32, shape (28, 28), in [0, 1].
        answer: The class that it is read as.
        on_the_way: Probabilities for pictures in even steps from the first to this one, float32, shape (21, 10).
        distance: The Euclidean distance between both.
    """

    image: Values
    answer: int
    on_the_way: Values
    distance: float


class Reasons:
    """Asks a network which pixels speak for its answer.

    What speaks is counted in the logarithm of the odds: how much surer the network is of one class than of another, or
    than of none in particular where there is no other.

    Attributes:
        inside: The network.
    """

    def __init__(self, inside: Inside) -> None:
        self.inside = inside
        model, shape = inside.model, inside.model.input_shape[1:]

        @tf.function(
            input_signature=[
                tf.TensorSpec((None, IMAGE_SIZE, IMAGE_SIZE), tf.float32),
                tf.TensorSpec((None,), tf.int32),
                tf.TensorSpec((), tf.int32),
            ],
            autograph=False,
        )
        def gradients(images: tf.Tensor, wanted: tf.Tensor, other: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                tape.watch(images)
                logs = tf.math.log(tf.cast(model(tf.reshape(images, (-1, *shape)), training=False), tf.float32) + TINY)
                against = tf.where(other >= 0, tf.gather(logs, tf.maximum(other, 0), axis=1), 0.0)
                score = tf.gather(logs, wanted, axis=1, batch_dims=1) - against
            return tape.gradient(score, images)

        self._slopes = gradients

    def _gradients(self, images: Values, wanted: Sequence[int], other: int | None = None) -> Values:
        """What each picture's score, (N, 28, 28), for a class of its own changes by with each pixel, (N, 28, 28)."""
        found: Values = self._slopes(images, np.asarray(wanted, np.int32), -1 if other is None else other).numpy()
        return found

    def gradient(self, image: Values, wanted: int, other: int | None = None) -> Values:
        """How much each pixel, if it became a little brighter, would speak for a class, float32, shape (28, 28)."""
        found: Values = self._gradients(image[None], [wanted], other)[0]
        return found

    def integrated_gradients(self, image: Values, wanted: int, other: int | None = None) -> Values:
        """Each pixel's part in the difference between this picture and a black one; the parts sum up to it.

        Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks", 2017.
        """
        shares = (np.arange(INTEGRATION_STEPS, dtype=np.float32) + 0.5) / INTEGRATION_STEPS
        dimmed = (shares[:, None, None] * image).astype(np.float32)
        found = self._gradients(dimmed, [wanted] * len(dimmed), other)
        parts: Values = image * found.mean(axis=0)
        return parts

    def occlusion(self, image: Values, wanted: int) -> Values:
        """By how much the class's probability falls where a black square covers a place, float32, shape (28, 28).

        Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014.
        """
        starts = range(0, IMAGE_SIZE - PATCH + 1, STRIDE)
        corners = [(row, column) for row in starts for column in starts]
        covered = np.repeat(image[None], len(corners), axis=0)
        for number, (row, column) in enumerate(corners):
            covered[number, row : row + PATCH, column : column + PATCH] = 0
        answers = self._predict(np.concatenate([image[None], covered]))[:, wanted]
        total = np.zeros_like(image)
        count = np.zeros_like(image)
        for fall, (row, column) in zip(answers[0] - answers[1:], corners, strict=True):
            total[row : row + PATCH, column : column + PATCH] += fall
            count[row : row + PATCH, column : column + PATCH] += 1
        mean: Values = (total / np.maximum(count, 1)).astype(np.float32)
        return mean

    def grad_cam(self, image: Values, wanted: int) -> Values | None:
        """Where the last convolution finds what speaks for a class, float32 (28, 28), or None where there is none.

        Selvaraju and others, "Grad-CAM", 2017.
        """
        last = [i for i, layer in enumerate(self.inside.layers) if isinstance(layer, keras.layers.Conv2D)]
        if not last:
            return None
        front, back = self._parts(last[-1])
        maps = front(image.reshape(1, *self.inside.model.input_shape[1:]), training=False)
        with tf.GradientTape() as tape:
            tape.watch(maps)
            score = tf.math.log(tf.cast(back(maps, training=False)[:, wanted], tf.float32) + TINY)
        weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
        found = tf.nn.relu(tf.reduce_sum(weights * maps, axis=3, keepdims=True))
        enlarged: Values = tf.image.resize(tf.cast(found, tf.float32), (IMAGE_SIZE, IMAGE_SIZE))[0, ..., 0].numpy()
        return enlarged

    def fool(self, image: Values, wanted: int | None = None) -> Fooled | None:
        """Changes a picture a little at a time until it is read as another class; None where that needs too much.

        Args:
            image: float32, shape (28, 28), in [0, 1].
            wanted: The class to reach; by default the one that needs least, of all that are tried side by side.
        """
        first = self._predict(image[None])[0]
        answer = int(first.argmax())
        goals = [goal for goal in range(len(first)) if goal != answer and wanted in (None, goal)]
        if not goals:
            return None
        changed = np.repeat(image[None], len(goals), axis=0)
        for _ in range(MAX_PUSHES):
            slopes = self._gradients(changed, goals, answer)
            lengths = np.linalg.norm(slopes, axis=(1, 2), keepdims=True)
            changed = np.clip(changed + PUSH * slopes / np.maximum(lengths, TINY), 0, 1).astype(np.float32)
            reads = self._predict(changed).argmax(axis=1)
            reached = reads != answer if wanted is None else reads == wanted
            if reached.any():
                distances = np.where(reached, np.linalg.norm(changed - image, axis=(1, 2)), np.inf)
                best = int(distances.argmin())
                shares = np.linspace(0, 1, NUM_ON_THE_WAY, dtype=np.float32)[:, None, None]
                way = self._predict((image + shares * (changed[best] - image)).astype(np.float32))
                return Fooled(changed[best], int(reads[best]), way, float(distances[best]))
        return None

    def _predict(self, images: Values) -> Values:
        shape = self.inside.model.input_shape[1:]
        found: Values = np.asarray(self.inside.model(images.reshape(-1, *shape), training=False), np.float32)
        return found

    def _parts(self, place: int) -> tuple[Callable[..., tf.Tensor], Callable[..., tf.Tensor]]:
        """The network up to a layer, and from behind it on."""
        layers = self.inside.layers

        def run(part: list[keras.layers.Layer]) -> Callable[..., tf.Tensor]:
            def through(values: tf.Tensor, training: bool = False) -> tf.Tensor:
                for layer in part:
                    values = layer(values, training=training)
                return values

            return through

        return run(layers[: place + 1]), run(layers[place + 1 :])
