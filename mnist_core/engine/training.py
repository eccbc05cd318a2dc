"""The training loop: one for every architecture, reporting as it goes.

`keras.Model.fit` on NumPy arrays spends most of a small network's time outside the arithmetic. Here the images lie in
one tensor, in the order of the epoch, and many steps run inside one `tf.function` call; where they are not compiled
whole, the parts of a batch are worked on side by side. What is learned is what `fit` learns: the same loss, the same
optimizer, the same batches. A network that was trained lately is not compiled again: only its weights are set back.
"""

import dataclasses
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.engine.backend import keras
from mnist_core.engine.build import assign, file_of
from mnist_core.engine.loop import SHELF, Diverged, Measured, ShouldStop, StepsDone, Stopped, building
from mnist_core.engine.snapshots import write_snapshot
from mnist_core.formatting import in_full
from mnist_core.training.controls import AT_ONCE, FROM_THE_NEXT_EPOCH, HOLDING_SECONDS, Change, Controls
from mnist_core.training.snapshots import Snapshot, SnapshotPlan, plan_snapshots
from mnist_core.training.spec import TrainingSpec
from mnist_core.training.training_set import Pictures, num_training_images, training_set

Report = Callable[[dict[str, Any]], None]


Keep = Callable[[Snapshot], None]

WHOLE_SHARE = 0.02
"""The share of the time that keeping the whole model on the way may take."""

MIN_WHOLE_SECONDS = 2.0

LOOK_SECONDS = 0.05
"""How often a run that pauses looks whether it is to end."""

MIN_READING_SECONDS = 0.2
READING_SHARE = 0.02
"""The share of the time that reading the pictures that are watched may take."""

MAX_READINGS = 400
"""About so many readings of a run are reported; they grow seldom as the run grows long."""


@dataclass(frozen=True)
class TrainedModel:
    """What a training run leaves behind.

    Attributes:
        status: "finished", "stopped" if it was asked to stop before its end, or "failed" where it diverged.
        keras_file: The content of a `.keras` file: architecture, weights, and optimizer state. Empty where it diverged.
        result: Figures of the run: epochs, seconds (of training alone), compile_seconds and num_params; unless it
            failed also test_loss and test_accuracy; where it finished also val_accuracy.
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
    controls: Controls | None = None,
) -> TrainedModel:
    """Trains a network and reports each step of the way.

    Args:
        spec: What to train, on what, and how.
        report: Called with each event, a dict of plain JSON values whose "event" is "started", "progress", "epoch",
            "reading", "paused", "resumed" or "changed". Every event holds "elapsed", the seconds since the start.
        should_stop: Asked about four times a second whether to end here and keep what was learned.
        start_from: The content of a `.keras` file whose weights and optimizer state are trained further, or of a
            snapshot with its weights alone, instead of fresh ones. It must hold the same architecture.
        drawings: The content of a drawings file to learn from besides the dataset; each drawing is inked with several
            brushes, chosen at random.
        keep: Called with the weights at some steps, and now and then with the whole model, in case the run is cut off.
        epochs_before: How many epochs what it starts from was trained; chance goes on from there, so that going on at
            the end of an epoch is the same as never having stopped.
        in_a_hurry: Asked where it stops whether there is no time to test what was learned.
        controls: What may ask it to pause, to go on by a step, to learn otherwise, or to read pictures on the way.

    Returns:
        The trained model with its figures.

    Raises:
        InvalidInput: if the architecture cannot be built or the dataset or the drawings cannot be read.
    """
    controls = controls or Controls()
    return _Training(spec, report, should_stop, start_from, drawings, keep, epochs_before, in_a_hurry, controls).run()


def warm_up(spec: TrainingSpec) -> None:
    """Compiles a network before a run asks for it, so that its first figures come at once."""
    SHELF.compile(spec, num_training_images(spec))


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
        controls: Controls,
    ) -> None:
        self.spec = spec
        self.should_stop, self.in_a_hurry, self.controls = should_stop, in_a_hurry, controls
        self.clock = time.perf_counter()
        self._report, self._keep, self._epochs_before = report, keep, epochs_before
        self._epochs_done = self._steps_before = 0
        self._is_paused = False
        self._val_accuracy = 0.0
        self._changes = spec.changes
        self._read_at, self._reading_takes = 0.0, 0.0
        self._watched: NDArray[np.float32] | None = None
        self._train_seconds = 0.0
        self._compile_seconds = 0.0
        self._kept_at, self._keeping_takes = self.clock, 0.0

        pictures = training_set(spec, drawings)
        self.train_images, self.train_labels = pictures.train
        self.validation, self.test, self.measured = pictures.validation, pictures.test, pictures.measured
        self._plan = plan_snapshots(self._steps, spec.epochs) if keep and spec.keeps_snapshots else SnapshotPlan()
        self.network = SHELF.take(spec)
        with building:
            self.network.reset(spec, start_from)
        self.model = self.network.model

    @property
    def _steps(self) -> int:
        """Steps in an epoch."""
        return -(-len(self.train_images) // self.spec.batch_size)

    def report(self, event: str, **values: Any) -> None:
        self._report({"event": event, **values, "elapsed": round(time.perf_counter() - self.clock, 3)})

    def run(self) -> TrainedModel:
        try:
            return self._run()
        finally:
            SHELF.put_back(self.spec, self.network)

    def _run(self) -> TrainedModel:
        status, error, result, keras_file = "finished", None, {}, b""
        try:
            self._train()
        except Stopped:
            status = "stopped"
        except Diverged as diverged:
            status, error = "failed", str(diverged)
        if not error:
            if not (status == "stopped" and self.in_a_hurry()):
                tested = self.network.evaluator.evaluate(*self.test)
                result = {"test_loss": tested.loss, "test_accuracy": tested.accuracy}
                if status == "finished":
                    result["val_accuracy"] = self._val_accuracy
            keras_file = file_of(self.model)
        result |= {
            "epochs": self._epochs_done,
            "seconds": round(self._train_seconds, 3),
            "compile_seconds": round(self._compile_seconds, 3),
            "num_params": self.model.count_params(),
        }
        return TrainedModel(status, keras_file, result, error)

    def _train(self) -> None:
        num_train = len(self.train_images)
        self.report(
            "started",
            epochs=self.spec.epochs,
            steps=self._steps,
            num_params=self.model.count_params(),
            num_train=num_train,
            num_validation=len(self.validation[0]),
            epochs_before=self._epochs_before,
        )
        self._prepare_network()
        rng = np.random.default_rng(self.spec.seed)
        if self.spec.shuffle:
            for _ in range(self._epochs_before):
                rng.permutation(num_train)
        stopper = early_stopping(self.model, self.spec.early_stopping)
        val_accuracies: list[float] = []
        self._keep_weights(0, 1)
        self._kept_at = time.perf_counter()
        for epoch in range(1, self.spec.epochs + 1):
            order = rng.permutation(num_train) if self.spec.shuffle else np.arange(num_train)
            self._rest(epoch, 0)
            self._take_changes(epoch, 0, FROM_THE_NEXT_EPOCH, stopper)
            self.model.optimizer.learning_rate = self.spec.rate_in(epoch)
            self.network.begin_epoch(self.spec.seed, self._epochs_before + epoch)
            if epoch == 1 and self.controls.watched is not self._watched:
                self._read_watched(epoch, 0, is_due=True)
            done, seconds = self._train_epoch(epoch, order)
            training, validation = self._measure(self.measured, epoch), self._measure(self.validation, epoch)
            self._check(validation.loss, epoch, self._steps)
            self._epochs_done = epoch
            self._steps_before += self._steps
            self.report(
                "epoch",
                epoch=epoch,
                loss=done.loss,
                accuracy=done.accuracy,
                train_loss=training.loss,
                train_accuracy=training.accuracy,
                val_loss=validation.loss,
                val_accuracy=validation.accuracy,
                seconds=round(seconds, 3),
                steps_done=self._steps_before,
                learning_rate=float(self.model.optimizer.learning_rate),
                gradient_norm=self.network.evaluator.gradient_norm(*self.measured),
                weight_norm=self._weight_norm(),
                confusion=validation.confusion.tolist(),
            )
            is_kept = epoch in self._plan.epochs
            if is_kept:
                self._keep_weights(self._steps_before, epoch)
            self._read_watched(epoch, self._steps, is_due=is_kept)
            self.controls.epoch_done()
            val_accuracies.append(validation.accuracy)
            if stopper:
                stopper.on_epoch_end(epoch - 1, {"val_loss": validation.loss})
            time_is_up = self.spec.time_limit and self._train_seconds >= self.spec.time_limit
            if self.model.stop_training or time_is_up:
                break
            self._keep_whole(epoch)
        if stopper:
            stopper.on_train_end()
        self._val_accuracy = val_accuracies[stopper.best_epoch if stopper else -1]

    def _prepare_network(self) -> None:
        """Gives the network its pictures and compiles it for them."""
        self.network.loop.set_data(self.train_images, self.train_labels)
        begin = time.perf_counter()
        self.network.compile(len(self.train_images), self.spec.batch_size)
        self._compile_seconds += time.perf_counter() - begin

    def _train_epoch(self, epoch: int, order: np.ndarray) -> tuple[StepsDone, float]:
        """Trains on each image once, in the given order; returns its figures, and seconds of training alone."""
        seconds = 0.0
        kept = [step for step in self._plan.steps if step] if epoch == 1 else []
        stops = sorted({*kept, *(change.step for change in self._changes if change.epoch == epoch)})

        def show(file: bytes, step: int) -> None:
            if self._keep:
                self._keep(Snapshot(self._steps_before + step, epoch, file, "step"))

        for done in self.network.loop.run(order, self.spec.batch_size, stops, self.controls, show):
            seconds += done.seconds
            self._train_seconds += done.seconds
            self._check(done.loss, epoch, done.step)
            self.controls.step_done()
            if done.step < self._steps:
                figures = {"loss": done.loss, "accuracy": done.accuracy}
                self.report("progress", epoch=epoch, step=done.step, steps=self._steps, **figures)
                if done.step in kept:
                    self._keep_weights(done.step, epoch)
                self._read_watched(epoch, done.step, is_due=self._is_paused or done.step in kept)
                self._rest(epoch, done.step)
            if self.should_stop():
                raise Stopped
        return done, seconds

    def _measure(self, pictures: Pictures, epoch: int) -> Measured:
        """Measures the network; from the beginning again where it was paused meanwhile.

        Raises:
            Stopped: if asked to stop.
        """
        while True:
            try:
                return self.network.evaluator.evaluate(*pictures, lambda: self.should_stop() or self.controls.is_halted)
            except Stopped:
                if self.should_stop():
                    raise
                self._rest(epoch, self._steps)

    def _planned(self, epoch: int, step: int, settings: tuple[str, ...]) -> dict[str, float]:
        """What the run itself says is to be set otherwise at this step."""
        return {
            change.setting: change.after
            for change in self._changes
            if (change.epoch, change.step) == (epoch, step) and change.setting in settings
        }

    def _rest(self, epoch: int, step: int) -> None:
        """Takes what was changed, and waits for as long as no step is to be done.

        Raises:
            Stopped: if asked to stop meanwhile.
        """
        self._take_changes(epoch, step, AT_ONCE)
        if not self.controls.is_at_rest:
            return
        if not self._is_paused:
            self._is_paused = True
            self.report("paused", epoch=epoch, step=step, steps=self._steps)
        begin, is_away = time.monotonic(), False
        while self.controls.is_at_rest:
            if self.should_stop():
                raise Stopped
            self._take_changes(epoch, step, AT_ONCE)
            if self.controls.watched is not self._watched:
                self._read_watched(epoch, step, is_due=True)
            if not is_away and time.monotonic() - begin > HOLDING_SECONDS:
                self.controls.make_way()
                is_away = True
            self.controls.wait(LOOK_SECONDS)
        if is_away:
            self.controls.come_back()
        self._take_changes(epoch, step, AT_ONCE)  # asked for just before it was to go on
        if not self.controls.is_stepping:
            self._is_paused = False
            self.report("resumed", epoch=epoch, step=step, steps=self._steps)

    def _take_changes(
        self, epoch: int, step: int, settings: tuple[str, ...], stopper: keras.callbacks.EarlyStopping | None = None
    ) -> None:
        """Sets what was changed meanwhile, and reports it."""
        changes = self._planned(epoch, step, settings) | self.controls.take_changes(settings)
        for setting, after in changes.items():
            before = getattr(self.spec, setting)
            if before == after:
                continue
            changed = self.spec.with_setting(setting, after)
            if setting == "momentum":
                self._change_network(changed, stopper)
            self.spec = changed
            if setting == "learning_rate":
                self.model.optimizer.learning_rate = changed.rate_in(epoch)
            if setting == "batch_size":
                self._prepare_network()
            change = Change(setting, before, after, epoch, step, self._steps_before + step)
            self.report("changed", **dataclasses.asdict(change))

    def _change_network(self, spec: TrainingSpec, stopper: keras.callbacks.EarlyStopping | None) -> None:
        """Goes on with the same weights in a network that is compiled otherwise; its optimizer starts afresh."""
        network = SHELF.take(spec)
        with building:
            network.reset(spec, None)
        assign(network.model.variables, self.model.variables)
        SHELF.put_back(self.spec, self.network)
        self.network, self.model = network, network.model
        self._prepare_network()
        if stopper:
            stopper.set_model(self.model)
            self.model.stop_training = False

    def _read_watched(self, epoch: int, step: int, *, is_due: bool) -> None:
        """Reports what the network makes of the pictures that are watched: now and then, and where weights are kept."""
        pictures, now = self.controls.watched, time.perf_counter()
        is_new = pictures is not self._watched
        self._watched = pictures
        if pictures is None or not len(pictures):
            return
        pause = max(MIN_READING_SECONDS, self._reading_takes / READING_SHARE, (now - self.clock) / MAX_READINGS)
        if not (is_due or is_new or now - self._read_at > pause):
            return
        found = self.network.evaluator.probabilities(pictures)
        self._reading_takes = time.perf_counter() - now
        self._read_at = now
        probabilities = [[round(float(value), 5) for value in row] for row in found]
        done = self._steps_before + (step if step < self._steps else 0)
        self.report("reading", epoch=epoch, step=step, steps_done=done, probabilities=probabilities)

    def _weight_norm(self) -> float:
        """Length of all weights that are learned, taken as one vector."""
        return math.sqrt(sum(float(np.square(variable.numpy()).sum()) for variable in self.model.trainable_variables))

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
            rate = in_full(self.spec.rate_in(epoch))
            remedy = f"Most likely the learning rate of {rate} is too large: try a tenth of it."
        raise Diverged(sentence + remedy)

    def _keep_weights(self, step: int, epoch: int) -> None:
        """Keeps the weights as they are after a step of the run, where any are kept."""
        if self._keep and self._plan.steps:
            content = write_snapshot(self.model, self.spec, lambda: self.network.evaluator.answers(self.validation[0]))
            self._keep(Snapshot(step, epoch, content))

    def _keep_whole(self, epoch: int) -> None:
        """Keeps the whole model, as often as that costs no more than its share of the time."""
        now = time.perf_counter()
        if not self._keep or now - self._kept_at < max(self._keeping_takes / WHOLE_SHARE, MIN_WHOLE_SECONDS):
            return
        self._keep(Snapshot(self._steps_before, epoch, file_of(self.model), "whole"))
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
