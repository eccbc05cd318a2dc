"""The training loop: one for every architecture, reporting as it goes.

`keras.Model.fit` on NumPy arrays spends most of a small network's time outside the arithmetic. Here the images lie in
one tensor, in the order of the epoch, and many steps run inside one `tf.function` call; where they are not compiled
whole, the parts of a batch are worked on side by side. What is learned is what `fit` learns: the same loss, the same
optimizer, the same batches. A network that was trained lately is not compiled again: only its weights are set back.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_core.engine.backend import keras
from mnist_core.engine.build import file_of
from mnist_core.engine.loop import CompiledNetwork, Diverged, EpochLoop, ShouldStop, Stopped, building, kept_network
from mnist_core.engine.snapshots import write_snapshot
from mnist_core.formatting import in_full
from mnist_core.training.snapshots import Snapshot, snapshot_steps
from mnist_core.training.spec import TrainingSpec
from mnist_core.training.training_set import num_training_images, training_set

MAX_KEPT_PARAMS = 3_000_000
"""Larger networks are let go: with its optimizer's state one of this size takes 36 MB."""

Report = Callable[[dict[str, Any]], None]


Keep = Callable[[Snapshot], None]

WHOLE_SHARE = 0.02
"""The share of the time that keeping the whole model on the way may take."""

MIN_WHOLE_SECONDS = 2.0


@dataclass(frozen=True)
class TrainedModel:
    """What a training run leaves behind.

    Attributes:
        status: "finished", "stopped" if it was asked to stop before its end, or "failed" where it diverged.
        keras_file: The content of a `.keras` file: architecture, weights, and optimizer state. Empty where it diverged.
        result: Figures of the run: epochs, seconds (of training alone), compile_seconds and num_params; unless it
            failed also test_loss and test_accuracy.
        error: Why it failed, a sentence with the remedy, or None.
    """

    status: str
    keras_file: bytes
    result: dict[str, Any]
    error: str | None = None


def train(
    spec: TrainingSpec,
    report: Report,
    should_stop: ShouldStop = lambda: False,
    start_from: bytes | None = None,
    drawings: bytes | None = None,
    *,
    keep: Keep | None = None,
    epochs_before: int = 0,
    in_a_hurry: ShouldStop = lambda: False,
) -> TrainedModel:
    """Trains a network and reports each step of the way.

    Args:
        spec: What to train, on what, and how.
        report: Called with each event, a dict of plain JSON values whose "event" is "started", "progress" or
            "epoch". Every event holds "elapsed", the seconds since the start.
        should_stop: Asked about four times a second whether to end here and keep what was learned.
        start_from: The content of a `.keras` file whose weights and optimizer state are trained further, or of a
            snapshot with its weights alone, instead of fresh ones. It must hold the same architecture.
        drawings: The content of a drawings file to learn from besides the dataset; each drawing is inked with several
            brushes, chosen at random.
        keep: Called with the weights at some steps, and now and then with the whole model, in case the run is cut off.
        epochs_before: How many epochs what it starts from was trained; chance goes on from there, so that going on at
            the end of an epoch is the same as never having stopped.
        in_a_hurry: Asked where it stops whether there is no time to test what was learned.

    Returns:
        The trained model with its figures.

    Raises:
        InvalidInput: if the architecture cannot be built or the dataset or the drawings cannot be read.
    """
    return _Training(spec, report, should_stop, start_from, drawings, keep, epochs_before, in_a_hurry).run()


def warm_up(spec: TrainingSpec) -> None:
    """Compiles a network before a run asks for it, so that its first figures come at once."""
    with building:
        network = kept_network(spec)
    network.compile(num_training_images(spec), spec.batch_size)


class _Training:
    """One run in progress."""

    def __init__(
        self,
        spec: TrainingSpec,
        report: Report,
        should_stop: ShouldStop,
        start_from: bytes | None,
        drawings: bytes | None,
        keep: Keep | None,
        epochs_before: int,
        in_a_hurry: ShouldStop,
    ) -> None:
        self.spec = spec
        self.should_stop, self.in_a_hurry = should_stop, in_a_hurry
        self.clock = time.perf_counter()
        self._report, self._keep, self._epochs_before = report, keep, epochs_before
        self._epochs_done = 0
        self._train_seconds = 0.0
        self._compile_seconds = 0.0
        self._kept_at, self._keeping_takes = self.clock, 0.0

        pictures = training_set(spec, drawings)
        self.train_images, self.train_labels = pictures.train
        self.validation, self.test, self.measured = pictures.validation, pictures.test, pictures.measured
        self._steps = -(-len(self.train_images) // spec.batch_size)
        self._snapshots = snapshot_steps(self._steps, spec.epochs) if keep and spec.keeps_snapshots else ()
        with building:
            keeps = spec.model.num_params <= MAX_KEPT_PARAMS
            self.network = kept_network(spec) if keeps else CompiledNetwork(spec)
            self.network.reset(spec, start_from)
        self.model = self.network.model

    def report(self, event: str, **values: Any) -> None:
        self._report({"event": event, **values, "elapsed": round(time.perf_counter() - self.clock, 3)})

    def run(self) -> TrainedModel:
        status, error, result, keras_file = "finished", None, {}, b""
        try:
            self._train()
        except Stopped:
            status = "stopped"
        except Diverged as diverged:
            status, error = "failed", str(diverged)
        if not error:
            if not (status == "stopped" and self.in_a_hurry()):
                test_loss, test_accuracy = self.network.evaluator.evaluate(*self.test)
                result = {"test_loss": test_loss, "test_accuracy": test_accuracy}
            keras_file = file_of(self.model)
        result |= {
            "epochs": self._epochs_done,
            "seconds": round(self._train_seconds, 3),
            "compile_seconds": round(self._compile_seconds, 3),
            "num_params": self.model.count_params(),
        }
        return TrainedModel(status, keras_file, result, error)

    def _train(self) -> None:
        num_train, batch_size = len(self.train_images), self.spec.batch_size
        self.report(
            "started",
            epochs=self.spec.epochs,
            steps=self._steps,
            num_params=self.model.count_params(),
            num_train=num_train,
            num_validation=len(self.validation[0]),
            epochs_before=self._epochs_before,
        )
        loop, evaluator = self.network.loop, self.network.evaluator
        loop.set_data(self.train_images, self.train_labels)
        begin = time.perf_counter()
        self.network.compile(num_train, batch_size)
        self._compile_seconds = time.perf_counter() - begin
        rng = np.random.default_rng(self.spec.seed)
        if self.spec.shuffle:
            for _ in range(self._epochs_before):
                rng.permutation(num_train)
        stopper = early_stopping(self.model, self.spec.early_stopping)
        self._snapshot(0, 1)
        self._kept_at = time.perf_counter()
        for epoch in range(1, self.spec.epochs + 1):
            order = rng.permutation(num_train) if self.spec.shuffle else np.arange(num_train)
            self.model.optimizer.learning_rate = self.spec.rate_in(epoch)
            self.network.begin_epoch(self.spec.seed, self._epochs_before + epoch)
            loss, accuracy, seconds = self._train_epoch(epoch, loop, order)
            train_loss, train_accuracy = evaluator.evaluate(*self.measured, self.should_stop)
            val_loss, val_accuracy = evaluator.evaluate(*self.validation, self.should_stop)
            self._check(val_loss, epoch, self._steps)
            self._epochs_done = epoch
            self.report(
                "epoch",
                epoch=epoch,
                loss=loss,
                accuracy=accuracy,
                train_loss=train_loss,
                train_accuracy=train_accuracy,
                val_loss=val_loss,
                val_accuracy=val_accuracy,
                seconds=round(seconds, 3),
            )
            self._snapshot(epoch * self._steps, epoch)
            if stopper:
                stopper.on_epoch_end(epoch - 1, {"val_loss": val_loss})
            time_is_up = self.spec.time_limit and self._train_seconds >= self.spec.time_limit
            if self.model.stop_training or time_is_up:
                break
            self._keep_whole(epoch)
        if stopper:
            stopper.on_train_end()

    def _train_epoch(self, epoch: int, loop: EpochLoop, order: np.ndarray) -> tuple[float, float, float]:
        """Trains on each image once, in the given order; returns mean loss, accuracy and seconds."""
        seconds = loss = accuracy = 0.0
        before = (epoch - 1) * self._steps
        stops = [step - before for step in self._snapshots if before < step < before + self._steps]
        for step, loss, accuracy, step_seconds in loop.run(order, self.spec.batch_size, stops):
            seconds += step_seconds
            self._train_seconds += step_seconds
            self._check(loss, epoch, step)
            if step < self._steps:
                self.report("progress", epoch=epoch, step=step, steps=self._steps, loss=loss, accuracy=accuracy)
                self._snapshot(before + step, epoch)
            if self.should_stop():
                raise Stopped
        return loss, accuracy, seconds

    def _check(self, loss: float, epoch: int, step: int) -> None:
        """Raises Diverged where the loss, or the last layer, is no finite number any more, with the likely cause.

        The loss alone may stay finite, as Keras keeps probabilities away from 0 and 1 before it takes their logarithm.
        """
        last = self.model.trainable_variables[-2:]
        if math.isfinite(loss) and all(np.isfinite(variable.numpy()).all() for variable in last):
            return
        sentence = f"Training diverged: by step {step:,} of epoch {epoch} the weights had grown beyond all numbers. "
        if self.spec.preparation == "raw":
            remedy = "The pixels are not scaled, which makes the first corrections far too large: scale them to 0–1."
        else:
            rate = in_full(self.spec.rate_in(1))
            remedy = f"Most likely the learning rate of {rate} is too large: try a tenth of it."
        raise Diverged(sentence + remedy)

    def _snapshot(self, step: int, epoch: int) -> None:
        """Keeps the weights where this step is one of those."""
        if self._keep and step in self._snapshots:
            content = write_snapshot(self.model, self.spec, lambda: self.network.evaluator.answers(self.validation[0]))
            self._keep(Snapshot(step, epoch, content))

    def _keep_whole(self, epoch: int) -> None:
        """Keeps the whole model, as often as that costs no more than its share of the time."""
        now = time.perf_counter()
        if not self._keep or now - self._kept_at < max(self._keeping_takes / WHOLE_SHARE, MIN_WHOLE_SECONDS):
            return
        self._keep(Snapshot(epoch * self._steps, epoch, file_of(self.model), is_whole=True))
        self._kept_at = time.perf_counter()
        self._keeping_takes = self._kept_at - now


def early_stopping(model: keras.Model, patience: int) -> keras.callbacks.EarlyStopping | None:
    """Keras's own rule, which sets `model.stop_training` and takes back the best weights; None if patience is 0."""
    model.stop_training = False
    if not patience:
        return None
    callback = keras.callbacks.EarlyStopping(
        monitor="val_loss", mode="min", patience=patience, restore_best_weights=True
    )
    callback.set_model(model)
    callback.on_train_begin()
    return callback
