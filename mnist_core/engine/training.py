"""The training loop: one for every architecture, reporting as it goes.

`keras.Model.fit` on NumPy arrays spends most of a small network's time outside the arithmetic. Here the images lie in
one tensor, in the order of the epoch, and many steps run inside one `tf.function` call; where they are not compiled
whole, the parts of a batch are worked on side by side. What is learned is what `fit` learns: the same loss, the same
optimizer, the same batches. A network that was trained lately is not compiled again: only its weights are set back.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mnist_core.engine.backend import keras
from mnist_core.engine.build import file_of
from mnist_core.engine.loop import CompiledNetwork, EpochLoop, ShouldStop, Stopped, building, kept_network
from mnist_core.training.spec import TrainingSpec
from mnist_core.training.training_set import num_training_images, training_set

MAX_KEPT_PARAMS = 3_000_000
"""Larger networks are let go: with its optimizer's state one of this size takes 36 MB."""

Report = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class TrainedModel:
    """What a training run leaves behind.

    Attributes:
        status: "finished", or "stopped" if it was asked to stop before its end.
        keras_file: The content of a `.keras` file: architecture, weights, and optimizer state.
        result: Figures of the run: epochs, seconds (of training alone), compile_seconds and num_params; where it
            finished also test_loss and test_accuracy.
    """

    status: str
    keras_file: bytes
    result: dict[str, Any]


def train(
    spec: TrainingSpec,
    report: Report,
    should_stop: ShouldStop = lambda: False,
    start_from: bytes | None = None,
    drawings: bytes | None = None,
) -> TrainedModel:
    """Trains a network and reports each step of the way.

    Args:
        spec: What to train, on what, and how.
        report: Called with each event, a dict of plain JSON values whose "event" is "started", "progress" or
            "epoch". Every event holds "elapsed", the seconds since the start.
        should_stop: Asked about four times a second whether to end here and keep what was learned.
        start_from: The content of a `.keras` file whose weights and optimizer state are trained further, instead of
            fresh ones. It must hold the same architecture.
        drawings: The content of a drawings file to learn from besides the dataset; each drawing is inked with several
            brushes, chosen at random.

    Returns:
        The trained model with its figures.

    Raises:
        InvalidInput: if the architecture cannot be built or the dataset or the drawings cannot be read.
    """
    return _Training(spec, report, should_stop, start_from, drawings).run()


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
    ) -> None:
        self.spec = spec
        self.should_stop = should_stop
        self.clock = time.perf_counter()
        self._report = report
        self._epochs_done = 0
        self._train_seconds = 0.0
        self._compile_seconds = 0.0

        pictures = training_set(spec, drawings)
        self.train_images, self.train_labels = pictures.train
        self.validation, self.test = pictures.validation, pictures.test
        with building:
            keeps = spec.model.num_params <= MAX_KEPT_PARAMS
            self.network = kept_network(spec) if keeps else CompiledNetwork(spec)
            self.network.reset(spec, start_from)
        self.model = self.network.model

    def report(self, event: str, **values: Any) -> None:
        self._report({"event": event, **values, "elapsed": round(time.perf_counter() - self.clock, 3)})

    def run(self) -> TrainedModel:
        try:
            result = self._train_and_test()
            status = "finished"
        except Stopped:
            result = {}
            status = "stopped"
        result |= {
            "epochs": self._epochs_done,
            "seconds": round(self._train_seconds, 3),
            "compile_seconds": round(self._compile_seconds, 3),
            "num_params": self.model.count_params(),
        }
        return TrainedModel(status, file_of(self.model), result)

    def _train_and_test(self) -> dict[str, Any]:
        num_train, batch_size = len(self.train_images), self.spec.batch_size
        steps = -(-num_train // batch_size)
        self.report(
            "started",
            epochs=self.spec.epochs,
            steps=steps,
            num_params=self.model.count_params(),
            num_train=num_train,
            num_validation=len(self.validation[0]),
        )
        loop, evaluator = self.network.loop, self.network.evaluator
        loop.set_data(self.train_images, self.train_labels)
        begin = time.perf_counter()
        self.network.compile(num_train, batch_size)
        self._compile_seconds = time.perf_counter() - begin
        rng = np.random.default_rng(self.spec.seed)
        stopper = early_stopping(self.model, self.spec.early_stopping)
        val_loss = val_accuracy = 0.0
        for epoch in range(1, self.spec.epochs + 1):
            order = rng.permutation(num_train) if self.spec.shuffle else np.arange(num_train)
            self.model.optimizer.learning_rate = self.spec.rate_in(epoch)
            loss, accuracy, seconds = self._train_epoch(epoch, loop, order)
            val_loss, val_accuracy = evaluator.evaluate(*self.validation, self.should_stop)
            self._epochs_done = epoch
            self.report(
                "epoch",
                epoch=epoch,
                loss=loss,
                accuracy=accuracy,
                val_loss=val_loss,
                val_accuracy=val_accuracy,
                seconds=round(seconds, 3),
            )
            if stopper:
                stopper.on_epoch_end(epoch - 1, {"val_loss": val_loss})
            time_is_up = self.spec.time_limit and self._train_seconds >= self.spec.time_limit
            if self.model.stop_training or time_is_up:
                break
        if stopper:
            stopper.on_train_end()
        if self.validation is not self.test or stopper:
            val_loss, val_accuracy = evaluator.evaluate(*self.test, self.should_stop)
        return {"test_loss": val_loss, "test_accuracy": val_accuracy}

    def _train_epoch(self, epoch: int, loop: EpochLoop, order: np.ndarray) -> tuple[float, float, float]:
        """Trains on each image once, in the given order; returns mean loss, accuracy and seconds."""
        steps = -(-len(order) // self.spec.batch_size)
        seconds = loss = accuracy = 0.0
        for step, loss, accuracy, step_seconds in loop.run(order, self.spec.batch_size):
            seconds += step_seconds
            self._train_seconds += step_seconds
            if step < steps:
                self.report("progress", epoch=epoch, step=step, steps=steps, loss=loss, accuracy=accuracy)
            if self.should_stop():
                raise Stopped
        return loss, accuracy, seconds


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
