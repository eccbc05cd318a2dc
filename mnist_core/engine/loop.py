"""A compiled network, the loop over an epoch's batches, and the measuring of what it has learned."""

import functools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from mnist_core import IMAGE_SHAPE, NUM_CLASSES
from mnist_core.engine.augmentation import augment
from mnist_core.engine.backend import NUM_STREAMS, keras, tf
from mnist_core.engine.build import assign, build_model, compile_model, load_model_bytes
from mnist_core.engine.snapshots import is_snapshot, model_of
from mnist_core.engine.streams import for_each, split
from mnist_core.networks.layers import BatchNormalization
from mnist_core.training.augmentation import AUGMENTATIONS, AugmentationInfo
from mnist_core.training.non_digits import NO_DIGIT
from mnist_core.training.spec import TrainingSpec

REPORT_SECONDS = 0.25
"""How long the loop runs between two reports; it looks for a request to stop as often."""

KEPT_NETWORKS = 3
"""Compiled networks that wait for the next run of the same kind."""

EVALUATION_BATCH = 125
"""Pictures evaluated at once in each stream: few enough that the widest network's activations stay under 100 MB."""

ShouldStop = Callable[[], bool]


class Stopped(Exception):
    """Raised inside the loop where it was asked to stop."""


class Diverged(Exception):
    """Raised where the loss or the weights are no finite numbers any more."""


def compiles_whole(spec: TrainingSpec) -> bool:
    """Whether XLA compiles the whole loop of steps: yes, unless pictures are worked on.

    For dense layers the compiled loop is many times as fast. XLA's convolutions on the CPU, however, take about ten
    times as long inside such a loop as TensorFlow's own, which use oneDNN; so does varying pictures.
    """
    has_pictures = any(row.output_shape is not None and len(row.output_shape) == 3 for row in spec.model.rows())
    return not has_pictures and AUGMENTATIONS[spec.augmentation].is_none


def num_parts(spec: TrainingSpec) -> int:
    """How many parts of a batch are worked on side by side; what is learned is the sum of their gradients.

    One where XLA compiles the loop, and where batch normalisation must see the whole batch.
    """
    if compiles_whole(spec) or any(isinstance(layer, BatchNormalization) for layer in spec.model.layers):
        return 1
    return NUM_STREAMS


building = threading.Lock()
"""Held while a network is made: Keras draws its first weights from one source of chance for the whole process."""


class CompiledNetwork:
    """A model, compiled, with what trains and what measures it."""

    def __init__(self, spec: TrainingSpec) -> None:
        self.model = build_model(spec.model, spec.preparation, spec.precision)
        compile_model(self.model, spec)
        self.model.optimizer.build(self.model.trainable_variables)
        self._first_state = [variable.numpy() for variable in self.model.optimizer.variables]
        one_hot, whole = spec.targets == "one_hot", compiles_whole(spec)
        self.loop = EpochLoop(self.model, one_hot, whole, num_parts(spec), AUGMENTATIONS[spec.augmentation])
        self.evaluator = Evaluator(self.model, one_hot, whole)

    def compile(self, num_images: int, batch_size: int) -> None:
        """Makes TensorFlow trace and compile all it will need now, apart from any timing.

        Args:
            num_images: To train on, in an epoch.
            batch_size: How many of them make a step.
        """
        self.loop.compile(num_images, batch_size)
        self.evaluator.compile()

    def reset(self, spec: TrainingSpec, start_from: bytes | None) -> None:
        """Sets weights and optimizer to a fresh start by the run's seed, or to what a model or a snapshot holds."""
        keras.utils.set_random_seed(spec.seed)
        optimizer = self.model.optimizer
        state: list[Any] = self._first_state
        if start_from is None:
            source = build_model(spec.model, spec.preparation, spec.precision)
        else:
            source = model_of(start_from) if is_snapshot(start_from) else load_model_bytes(start_from)
            earlier: Any = getattr(source, "optimizer", None)
            # Another optimizer, or the same with momentum where there was none, starts afresh.
            if type(earlier) is type(optimizer) and len(earlier.variables) == len(optimizer.variables):
                state = earlier.variables
        assign(self.model.variables, source.variables)
        assign(optimizer.variables, state)

    def begin_epoch(self, seed: int, epoch: int) -> None:
        """Sets all chance inside the step, of Dropout and of variation, by the run's seed and the epoch.

        A saved model does not hold where its chance was; so a run that goes on at an epoch's beginning has the same.
        """
        generator = np.random.default_rng([seed, epoch])
        self.loop.random.reset_from_seed(int(generator.integers(2**31)))
        for variable in self.model.variables:
            if variable.path.endswith("seed_generator_state"):
                variable.assign([generator.integers(2**31), 0])


def kept_network(spec: TrainingSpec) -> CompiledNetwork:
    """The network of a run, compiled for an earlier run if there was one that differs in nothing compiled."""
    return _network(
        TrainingSpec(
            spec.model,
            preparation=spec.preparation,
            precision=spec.precision,
            augmentation=spec.augmentation,
            non_digits=spec.non_digits,
            labels=spec.labels,
            optimizer=spec.optimizer,
            momentum=spec.momentum,
        )
    )


@functools.lru_cache(KEPT_NETWORKS)
def _network(spec: TrainingSpec) -> CompiledNetwork:
    return CompiledNetwork(spec)


class EpochLoop:
    """Runs the steps of an epoch, many to a call."""

    def __init__(
        self, model: keras.Model, one_hot: bool, jit_compile: bool, num_parts: int, augmentation: AugmentationInfo
    ) -> None:
        optimizer = model.optimizer
        shape = model.input_shape[1:]
        self.random = random = tf.random.Generator.from_seed(0)

        def prepared(x: tf.Tensor) -> tf.Tensor:
            """Pictures, uint8 (B, 28, 28), as the network takes them, float32 (B, *shape)."""
            x = tf.cast(x, tf.float32) / 255.0
            return tf.reshape(x if augmentation.is_none else augment(x, augmentation, random), (-1, *shape))

        def one_step(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            """Trains on pictures (B, 28, 28) and labels (B,); returns the sum of losses and the number right."""
            pictures = [prepared(part) for part in split(images, 1 if jit_compile else NUM_STREAMS)]
            if num_parts == 1:
                pictures = [tf.concat(pictures, axis=0)]
            losses, gradients, right = [], [], []
            for x, y in zip(pictures, split(labels, num_parts), strict=True):
                with tf.GradientTape() as tape:
                    probabilities = model(x, training=True)
                    loss = model.compute_loss(x, _as_target(y, one_hot), probabilities, training=True)
                    loss *= y.shape[0] / labels.shape[0]
                losses.append(loss)
                gradients.append(tape.gradient(loss, model.trainable_variables))
                right.append(_count_right(probabilities, y))
            optimizer.apply([tf.add_n(parts) for parts in zip(*gradients, strict=True)], model.trainable_variables)
            return tf.add_n(losses) * labels.shape[0], tf.add_n(right)

        @tf.function(jit_compile=jit_compile, autograph=False)
        def run_steps(
            images: tf.Tensor, labels: tf.Tensor, first: tf.Tensor, last: tf.Tensor
        ) -> tuple[tf.Tensor, tf.Tensor]:
            """Trains on batches first to last - 1 of pictures (steps, B, 28, 28) and their labels (steps, B)."""

            def body(step: tf.Tensor, loss: tf.Tensor, right: tf.Tensor) -> tuple[tf.Tensor, ...]:
                step_loss, step_right = one_step(images[step], labels[step])
                return step + 1, loss + step_loss, right + step_right

            start = (first, tf.constant(0.0), tf.constant(0.0))
            _, loss, right = tf.while_loop(lambda step, *_: step < last, body, start, parallel_iterations=1)
            return loss, right

        self._run_steps = run_steps
        self._compiled: set[tuple[int, int]] = set()
        self._chunk = 1

    def set_data(self, images: np.ndarray, labels: np.ndarray) -> None:
        """Takes the pictures to train on, uint8 (N, 28, 28), and their labels, int64 (N,)."""
        self._images, self._labels = tf.constant(images), tf.constant(labels)
        self._chunk = 1

    def compile(self, num_images: int, batch_size: int) -> None:
        """Runs no step at all, which traces and compiles for batches of this size and for the smaller last one."""
        num_whole, rest = divmod(num_images, batch_size)
        for batches in ((num_whole, batch_size), (1, rest)):
            if 0 in batches or batches in self._compiled:
                continue
            images, labels = tf.zeros((*batches, *IMAGE_SHAPE), tf.uint8), tf.zeros(batches, tf.int64)
            self._run_steps(images, labels, tf.constant(0), tf.constant(0))
            self._compiled.add(batches)

    def run(
        self, order: np.ndarray, batch_size: int, stops: Sequence[int] = ()
    ) -> Iterator[tuple[int, float, float, float]]:
        """Trains on the images in this order, and yields at least after each of the steps in `stops`, ascending.

        Yields, after each group of steps: steps done, mean loss so far, accuracy so far, seconds the group took.
        """
        whole = len(order) // batch_size * batch_size
        seen, loss, right = 0, 0.0, 0.0
        step, next_stops = 0, [*stops]
        for part in (order[:whole].reshape(-1, batch_size), order[whole:].reshape(1, -1)):
            if not part.size:
                continue
            begin = time.perf_counter()
            images, labels = tf.gather(self._images, part), tf.gather(self._labels, part)
            first = 0
            while first < len(part):
                while next_stops and next_stops[0] <= step:
                    next_stops.pop(0)
                last = min(first + self._chunk, len(part))
                if next_stops:
                    last = min(last, first + next_stops[0] - step)
                part_loss, part_right = self._run_steps(images, labels, tf.constant(first), tf.constant(last))
                loss += float(part_loss)
                right += float(part_right)
                seconds = time.perf_counter() - begin
                self._adapt_chunk(last - first, seconds)
                step += last - first
                seen += (last - first) * part.shape[1]
                first = last
                yield step, loss / seen, right / seen, seconds
                begin = time.perf_counter()

    def _adapt_chunk(self, steps: int, seconds: float) -> None:
        """Chooses how many steps the next call runs, so that it takes about REPORT_SECONDS."""
        wanted = steps * REPORT_SECONDS / max(seconds, 1e-6)
        self._chunk = int(min(max(wanted, 1), 4 * self._chunk))


class Evaluator:
    """Measures loss and accuracy on pictures the network does not learn from."""

    def __init__(self, model: keras.Model, one_hot: bool, jit_compile: bool) -> None:
        shape = model.input_shape[1:]

        @tf.function(jit_compile=jit_compile, autograph=False)
        def measure(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            x = tf.reshape(tf.cast(images, tf.float32) / 255.0, (-1, *shape))
            probabilities = model(x, training=False)
            loss = model.compute_loss(x, _as_target(labels, one_hot), probabilities, training=False)
            return loss * tf.cast(tf.size(labels), tf.float32), _count_right(probabilities, labels)

        @tf.function(jit_compile=jit_compile, autograph=False)
        def read(images: tf.Tensor) -> tf.Tensor:
            x = tf.reshape(tf.cast(images, tf.float32) / 255.0, (-1, *shape))
            return tf.argmax(model(x, training=False), axis=1)

        self._measure, self._read = measure, read
        self._is_compiled = False

    def compile(self) -> None:
        """Measures a batch of black pictures, which traces and compiles."""
        if not self._is_compiled:
            images = np.zeros((EVALUATION_BATCH, *IMAGE_SHAPE), np.uint8)
            self.evaluate(images, np.zeros(EVALUATION_BATCH, np.int64))
            self.answers(images)
            self._is_compiled = True

    def answers(self, images: np.ndarray) -> np.ndarray:
        """What the network reads in the first `EVALUATION_BATCH` pictures, int64 (N,)."""
        found: np.ndarray = self._read(tf.constant(images[:EVALUATION_BATCH])).numpy()
        return found

    def evaluate(
        self, images: np.ndarray, labels: np.ndarray, should_stop: ShouldStop = lambda: False
    ) -> tuple[float, float]:
        """Returns mean loss and accuracy.

        Raises:
            Stopped: if asked to stop meanwhile.
        """

        def measure(first: int) -> tuple[float, float]:
            if should_stop():
                raise Stopped
            batch = slice(first, first + EVALUATION_BATCH)
            loss, right = self._measure(tf.constant(images[batch]), tf.constant(labels[batch]))
            return float(loss), float(right)

        losses, right = zip(*for_each(measure, range(0, len(images), EVALUATION_BATCH)), strict=True)
        return sum(losses) / len(images), sum(right) / len(images)


def _as_target(labels: tf.Tensor, one_hot: bool) -> tf.Tensor:
    """Labels (N,) as the loss wants them: as they are, or (N, 10) with one 1 in each row, 0.1 each for no digit."""
    if not one_hot:
        return labels
    return tf.one_hot(labels, NUM_CLASSES) + tf.cast(labels == NO_DIGIT, tf.float32)[:, None] / NUM_CLASSES


def _count_right(probabilities: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """How many are read right; a picture that is no digit is right where no digit has half of the probability."""
    is_right = tf.argmax(probabilities, axis=1) == labels
    is_unsure = (labels == NO_DIGIT) & (tf.reduce_max(probabilities, axis=1) < 0.5)
    return tf.reduce_sum(tf.cast(is_right | is_unsure, tf.float32))
