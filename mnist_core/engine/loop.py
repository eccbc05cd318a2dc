"""A compiled network, the loop over an epoch's batches, and the measuring of what it has learned."""

import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_core import IMAGE_SHAPE, NUM_CLASSES
from mnist_core.engine.augmentation import augment
from mnist_core.engine.backend import NUM_STREAMS, keras, tf
from mnist_core.engine.build import assign, build_model, compile_model, load_model_bytes
from mnist_core.engine.slow_step import StepWatch
from mnist_core.engine.snapshots import is_snapshot, model_of
from mnist_core.engine.streams import for_each, split
from mnist_core.networks.layers import BatchNormalization
from mnist_core.training.augmentation import AUGMENTATIONS, AugmentationInfo
from mnist_core.training.controls import NUM_WATCHED, Controls
from mnist_core.training.non_digits import NO_DIGIT
from mnist_core.training.spec import TrainingSpec

REPORT_SECONDS = 0.25
"""How long the loop runs between two reports; it looks for a request to stop as often."""

KEPT_NETWORKS = 3
"""Compiled networks that wait for the next run of the same kind."""

MAX_KEPT_PARAMS = 3_000_000
"""Larger networks are let go: with its optimizer's state one of this size takes 36 MB."""

EVALUATION_BATCH = 125
"""Pictures evaluated at once in each stream: few enough that the widest network's activations stay under 100 MB."""

NORM_PICTURES = 250

ShouldStop = Callable[[], bool]
ShowStep = Callable[[bytes, int], None]


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


@dataclass(frozen=True)
class Measured:
    """What a network makes of pictures whose labels are known.

    Attributes:
        loss: Mean over the pictures.
        accuracy: Share of them that is read right.
        confusion: How often it reads what as what, int64 (10, 10): a row for each class, a column for each answer.
    """

    loss: float
    accuracy: float
    confusion: np.ndarray


@dataclass(frozen=True)
class StepsDone:
    """How far an epoch is after a group of steps.

    Attributes:
        step: Steps of the epoch that are done.
        loss: Mean over the pictures so far.
        accuracy: Share of the pictures so far that was read right, before the network learned from them.
        seconds: What the group took.
    """

    step: int
    loss: float
    accuracy: float
    seconds: float


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


class NetworkShelf:
    """Compiled networks that wait for the next run of their kind; each is in the hands of one run at a time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[TrainingSpec, CompiledNetwork]] = []
        self._being_compiled: set[TrainingSpec] = set()

    def take(self, spec: TrainingSpec) -> CompiledNetwork:
        """The network of a run, compiled for an earlier run if there was one that differs in nothing compiled."""
        kind = _kind(spec)
        with self._changed:
            self._changed.wait_for(lambda: kind not in self._being_compiled)
            for place, (kept, network) in enumerate(self._waiting):
                if kept == kind:
                    del self._waiting[place]
                    return network
        with building:
            return CompiledNetwork(spec)

    def put_back(self, spec: TrainingSpec, network: CompiledNetwork) -> None:
        """Keeps a network for the next run of its kind, unless it is large; the one that has waited longest goes."""
        if spec.model.num_params <= MAX_KEPT_PARAMS:
            with self._changed:
                self._waiting = [*self._waiting, (_kind(spec), network)][-KEPT_NETWORKS:]

    def compile(self, spec: TrainingSpec, num_images: int) -> None:
        """Compiles a network before a run asks for it; a run that does meanwhile waits for it."""
        kind = _kind(spec)
        with self._changed:
            self._being_compiled.add(kind)
        try:
            with building:
                network = CompiledNetwork(spec)
            network.compile(num_images, spec.batch_size)
            self.put_back(spec, network)
        finally:
            with self._changed:
                self._being_compiled.discard(kind)
                self._changed.notify_all()


SHELF = NetworkShelf()


def _kind(spec: TrainingSpec) -> TrainingSpec:
    """A run with nothing but what its compiled network depends on."""
    plain = TrainingSpec(spec.model)
    names = ("preparation", "precision", "augmentation", "non_digits", "labels", "optimizer", "momentum")
    return dataclasses.replace(plain, learning_rate=None, **{name: getattr(spec, name) for name in names})


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

        def learn(images: tf.Tensor, labels: tf.Tensor) -> tuple[Any, ...]:
            """Works out what pictures (B, 28, 28) and their labels (B,) say of the weights.

            Returns what the network took and what it gave, both in parts, the sum of losses, the number right, and the
            gradient.
            """
            pictures = [prepared(part) for part in split(images, 1 if jit_compile else NUM_STREAMS)]
            if num_parts == 1:
                pictures = [tf.concat(pictures, axis=0)]
            found, losses, gradients, right = [], [], [], []
            for x, y in zip(pictures, split(labels, num_parts), strict=True):
                with tf.GradientTape() as tape:
                    probabilities = model(x, training=True)
                    loss = model.compute_loss(x, _as_target(y, one_hot), probabilities, training=True)
                    loss *= y.shape[0] / labels.shape[0]
                found.append(probabilities)
                losses.append(loss)
                gradients.append(tape.gradient(loss, model.trainable_variables))
                right.append(_count_right(probabilities, y))
            gradient = [tf.add_n(parts) for parts in zip(*gradients, strict=True)]
            return pictures, found, tf.add_n(losses) * labels.shape[0], tf.add_n(right), gradient

        def one_step(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            """Trains on a batch; returns the sum of losses and the number right."""
            _, _, loss, right, gradient = learn(images, labels)
            optimizer.apply(gradient, model.trainable_variables)
            return loss, right

        @tf.function(autograph=False)
        def slow_step(images: tf.Tensor, labels: tf.Tensor) -> tuple[Any, ...]:
            """The same step; returns what the network took, what it gave, the loss, the number right, the gradient."""
            pictures, found, loss, right, gradient = learn(images, labels)
            optimizer.apply(gradient, model.trainable_variables)
            return tf.concat(pictures, axis=0), tf.concat(found, axis=0), loss, right, gradient

        @tf.function(jit_compile=jit_compile, autograph=False)
        def run_steps(
            images: tf.Tensor, labels: tf.Tensor, first: tf.Tensor, last: tf.Tensor
        ) -> tuple[tf.Tensor, tf.Tensor]:
            """Trains on batches first to last - 1 of pictures (steps, B, 28, 28) and their labels (steps, B)."""

            def body(step: tf.Tensor, *sums: tf.Tensor) -> tuple[tf.Tensor, ...]:
                return step + 1, *(
                    total + one for total, one in zip(sums, one_step(images[step], labels[step]), strict=True)
                )

            start = (first, tf.constant(0.0), tf.constant(0.0))
            _, *sums = tf.while_loop(lambda step, *_: step < last, body, start, parallel_iterations=1)
            return tuple(sums)

        self._run_steps, self._slow_step = run_steps, slow_step
        self._model = model
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
        self,
        order: np.ndarray,
        batch_size: int,
        stops: Sequence[int] = (),
        controls: Controls | None = None,
        show: ShowStep = lambda *_: None,
    ) -> Iterator[StepsDone]:
        """Trains on the images in this order, and yields how far it is at least after each of the steps in `stops`.

        Args:
            order: The place of each picture, (N,).
            batch_size: How many of them make a step.
            stops: Steps, ascending.
            controls: What may ask for one step alone.
            show: Called with the file of a step that was asked for in all its detail, and which step it was.
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
                if controls and controls.is_stepping:
                    last = first + 1
                if controls and controls.wants_detail:
                    sums = self._step_slowly(images[first], labels[first], step + 1, show)
                else:
                    sums = self._run_steps(images, labels, tf.constant(first), tf.constant(last))
                loss += float(sums[0])
                right += float(sums[1])
                seconds = time.perf_counter() - begin
                self._adapt_chunk(last - first, seconds)
                step += last - first
                seen += (last - first) * part.shape[1]
                first = last
                yield StepsDone(step, loss / seen, right / seen, seconds)
                begin = time.perf_counter()

    def _step_slowly(self, images: tf.Tensor, labels: tf.Tensor, step: int, show: ShowStep) -> tuple[Any, ...]:
        """One step, as any other, and what happened in it."""
        watch = StepWatch(self._model, labels)
        pictures, found, loss, right, gradient = self._slow_step(images, labels)
        show(watch.file(pictures, found, gradient), step)
        return loss, right

    def _adapt_chunk(self, steps: int, seconds: float) -> None:
        """Chooses how many steps the next call runs, so that it takes about REPORT_SECONDS."""
        wanted = steps * REPORT_SECONDS / max(seconds, 1e-6)
        self._chunk = int(min(max(wanted, 1), 4 * self._chunk))


class Evaluator:
    """Measures loss and accuracy on pictures the network does not learn from."""

    def __init__(self, model: keras.Model, one_hot: bool, jit_compile: bool) -> None:
        shape = model.input_shape[1:]

        @tf.function(jit_compile=jit_compile, autograph=False)
        def measure(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            x = tf.reshape(tf.cast(images, tf.float32) / 255.0, (-1, *shape))
            probabilities = model(x, training=False)
            loss = model.compute_loss(x, _as_target(labels, one_hot), probabilities, training=False)
            answers = tf.one_hot(tf.argmax(probabilities, axis=1), NUM_CLASSES)
            confusion = tf.matmul(tf.one_hot(labels, NUM_CLASSES), answers, transpose_a=True)
            return loss * tf.cast(tf.size(labels), tf.float32), _count_right(probabilities, labels), confusion

        @tf.function(jit_compile=jit_compile, autograph=False)
        def read(images: tf.Tensor) -> tf.Tensor:
            x = tf.reshape(tf.cast(images, tf.float32) / 255.0, (-1, *shape))
            return tf.argmax(model(x, training=False), axis=1)

        @tf.function(autograph=False)
        def watch(images: tf.Tensor) -> tf.Tensor:
            return model(tf.reshape(images, (-1, *shape)), training=False)

        @tf.function(autograph=False)
        def norm(images: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
            x = tf.reshape(tf.cast(images, tf.float32) / 255.0, (-1, *shape))
            with tf.GradientTape() as tape:
                probabilities = model(x, training=False)
                loss = model.compute_loss(x, _as_target(labels, one_hot), probabilities, training=False)
            return tf.linalg.global_norm(tape.gradient(loss, model.trainable_variables))

        self._measure, self._read, self._watch, self._norm = measure, read, watch, norm
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

    def gradient_norm(self, images: np.ndarray, labels: np.ndarray) -> float:
        """The length of the gradient of all weights, over the first `NORM_PICTURES` pictures, uint8 (N, 28, 28).

        It is measured apart from the steps, as a step that also told its own takes nearly twice as long.
        """
        return float(self._norm(tf.constant(images[:NORM_PICTURES]), tf.constant(labels[:NORM_PICTURES])))

    def probabilities(self, pictures: np.ndarray) -> np.ndarray:
        """What the network makes of a few pictures, float32 (N, 28, 28) in [0, 1] with N up to `NUM_WATCHED`.

        Returns:
            Probabilities, float32 (N, 10).
        """
        padded = np.zeros((NUM_WATCHED, *IMAGE_SHAPE), np.float32)  # of one shape, so that it is traced once
        padded[: len(pictures)] = pictures
        found: np.ndarray = self._watch(tf.constant(padded)).numpy()
        return found[: len(pictures)]

    def evaluate(self, images: np.ndarray, labels: np.ndarray, should_stop: ShouldStop = lambda: False) -> Measured:
        """Measures the network on pictures, uint8 (N, 28, 28), and their labels, (N,).

        Raises:
            Stopped: if asked to stop meanwhile.
        """

        def measure(first: int) -> tuple[float, float, np.ndarray]:
            if should_stop():
                raise Stopped
            batch = slice(first, first + EVALUATION_BATCH)
            loss, right, confusion = self._measure(tf.constant(images[batch]), tf.constant(labels[batch]))
            return float(loss), float(right), confusion.numpy().astype(np.int64)

        losses, right, confusions = zip(*for_each(measure, range(0, len(images), EVALUATION_BATCH)), strict=True)
        return Measured(sum(losses) / len(images), sum(right) / len(images), np.sum(confusions, axis=0))


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
