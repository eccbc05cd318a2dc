"""A run that is steered: paused, let go on by a step or an epoch, and changed while it trains."""

import dataclasses
import threading
import time

import numpy as np
import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine import training as engine_training
from mnist_core.engine.backend import keras
from mnist_core.engine.build import build_model, load_model_bytes
from mnist_core.engine.snapshots import model_of
from mnist_core.engine.training import train
from mnist_core.networks.presets import PRESETS
from mnist_core.training.controls import Change, Controls
from mnist_core.training.slow_step import read_step
from mnist_core.training.spec import TrainingSpec

FEW = {"dataset_share": 0.05, "batch_size": 50}  # no smaller batch at the end, which would be compiled too
STEPS = 2700 // 50
SOFTMAX = TrainingSpec(PRESETS["softmax"], epochs=2, **FEW)


class SteeredRun:
    """A run in a thread of its own, and its wheel."""

    def __init__(self, spec, controls=None):
        self.controls, self.events, self.kept = controls or Controls(), [], []
        self._changed, self._should_stop = threading.Condition(), False
        self._thread = threading.Thread(target=self._run, args=(spec,), daemon=True)
        self._thread.start()

    def _run(self, spec):
        self.trained = train(
            spec, self._report, lambda: self._should_stop, keep=self.kept.append, controls=self.controls
        )

    def _report(self, event):
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_for(self, *kinds, number=1):
        """Waits for so many events of these kinds, and returns the last of them."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.of(*kinds)) >= number, 120), self.events
            return self.of(*kinds)[number - 1]

    def of(self, *kinds):
        return [event for event in self.events if event["event"] in kinds]

    def stop(self):
        self._should_stop = True
        self._thread.join(120)

    def join(self):
        self._thread.join(120)
        assert not self._thread.is_alive()
        return self.trained


def paused_run(spec=SOFTMAX):
    """A run that is paused before its first step."""
    controls = Controls()
    controls.order("pause")
    run = SteeredRun(spec, controls)
    run.wait_for("paused")
    return run


def fresh_model(spec):
    """The network as a run with this seed begins."""
    keras.utils.set_random_seed(spec.seed)
    return build_model(spec.model, spec.preparation)


def weights_of(trained):
    return [np.asarray(weight) for weight in load_model_bytes(trained.keras_file).weights]


def test_a_paused_run_does_nothing_until_it_goes_on_and_ends_with_the_same_weights():
    run = paused_run()
    assert not run.of("progress", "epoch") and run.of("paused")[0]["step"] == 0
    run.controls.order("go_on")
    steered = run.join()
    assert [event["event"] for event in run.of("paused", "resumed")] == ["paused", "resumed"]
    for ours, expected in zip(weights_of(steered), weights_of(train(SOFTMAX, lambda _: None)), strict=True):
        assert np.array_equal(ours, expected)


def test_one_step_is_one_step_and_one_epoch_ends_with_its_figures():
    run = paused_run()
    run.controls.order("step")
    assert run.wait_for("progress")["step"] == 1
    run.controls.order("step")
    assert run.wait_for("progress", number=2)["step"] == 2
    assert len(run.of("paused")) == 1 and not run.of("resumed")
    run.controls.order("epoch")
    run.wait_for("paused", number=2)
    assert [event["epoch"] for event in run.of("epoch")] == [1]
    assert run.of("paused")[1]["epoch"] == 2 and run.of("paused")[1]["step"] == 0
    run.controls.order("go_on")
    assert run.join().result["epochs"] == 2


def test_the_last_step_of_an_epoch_brings_its_figures_too():
    run = paused_run(dataclasses.replace(SOFTMAX, dataset_share=0.01, batch_size=270))
    for number in (1, 2):
        run.controls.order("step")
        run.wait_for("progress", "epoch", number=number)
    assert run.wait_for("epoch")["steps_done"] == 2
    run.controls.order("go_on")
    run.join()


def test_a_run_can_be_paused_while_it_measures(monkeypatch):
    monkeypatch.setattr(Controls, "is_at_rest", property(lambda self: self.is_halted and self.may_rest), raising=False)
    controls = Controls()
    controls.may_rest = False
    run = SteeredRun(dataclasses.replace(SOFTMAX, epochs=1), controls)
    run.wait_for("started")
    controls.order("pause")
    controls.may_rest = True
    run.wait_for("paused")
    controls.order("go_on")
    assert run.join().status == "finished" and run.of("epoch")


def test_a_paused_run_can_be_stopped_and_is_tested():
    run = paused_run()
    run.controls.order("step")
    run.wait_for("progress")
    run.stop()
    assert run.trained.status == "stopped" and run.trained.result["test_accuracy"] > 0.05


def test_a_long_pause_makes_way_for_others_and_comes_back(monkeypatch):
    monkeypatch.setattr(engine_training, "HOLDING_SECONDS", 0.0)
    calls, made_way = [], threading.Event()

    def make_way():
        calls.append("away")
        made_way.set()

    controls = Controls(make_way, lambda: calls.append("back"))
    controls.order("pause")
    run = SteeredRun(dataclasses.replace(SOFTMAX, epochs=1), controls)
    assert made_way.wait(60)
    controls.order("go_on")
    run.join()
    assert calls == ["away", "back"]


def test_two_runs_of_a_kind_train_side_by_side_without_touching_each_other():
    """While one pauses, another of the same kind trains in this process."""
    run = paused_run()
    run.controls.order("step")
    run.wait_for("progress")
    other = train(SOFTMAX, lambda _: None)
    run.controls.order("go_on")
    for ours, expected in zip(weights_of(run.join()), weights_of(other), strict=True):
        assert np.array_equal(ours, expected)


def test_a_change_of_the_learning_rate_takes_effect_at_once_and_is_told():
    run = paused_run()
    run.controls.order("step")
    run.wait_for("progress")
    before = run.of("progress")[0]
    run.controls.change("learning_rate", 0.02)
    changed = run.wait_for("changed")
    assert (changed["setting"], changed["before"], changed["after"]) == ("learning_rate", 0.001, 0.02)
    assert (changed["epoch"], changed["step"], changed["steps_done"]) == (1, before["step"], before["step"])
    run.controls.order("go_on")
    run.join()
    assert [event["learning_rate"] for event in run.of("epoch")] == [pytest.approx(0.02)] * 2


def test_a_change_just_before_it_goes_on_takes_effect_first():
    class Hasty(Controls):
        def wait(self, seconds):
            self.change("learning_rate", 0.02)
            self.order("go_on")

    controls, events = Hasty(), []
    controls.order("pause")
    train(dataclasses.replace(SOFTMAX, epochs=1), events.append, controls=controls)
    told = [event for event in events if event["event"] in ("changed", "resumed", "progress")]
    assert [event["event"] for event in told[:2]] == ["changed", "resumed"] and told[0]["steps_done"] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "after", "settings"),
    [
        ("batch_size", 100, {}),
        ("momentum", 0.9, {"optimizer": "sgd"}),
        ("learning_rate", 0.02, {}),
        ("learning_rate", 0.02, {"schedule": "cosine"}),
    ],
)
def test_what_was_changed_can_be_done_again_from_the_record(setting, after, settings):
    spec = dataclasses.replace(SOFTMAX, epochs=3, learning_rate=0.01, **settings)
    run = paused_run(spec)
    run.controls.order("step")
    run.wait_for("progress")
    run.controls.change(setting, after)
    run.controls.order("go_on")
    steered = run.join()
    [changed] = run.of("changed")
    assert (changed["epoch"], changed["step"]) == ((1, 1) if setting == "learning_rate" else (2, 0))
    change = Change(**{field.name: changed[field.name] for field in dataclasses.fields(Change)})
    again = TrainingSpec.from_json(dataclasses.replace(spec, changes=(change,)).to_json())
    events = []
    repeated = train(again, events.append)
    assert [event["steps_done"] for event in events if event["event"] == "changed"] == [changed["steps_done"]]
    for ours, expected in zip(weights_of(repeated), weights_of(steered), strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-6)
    if setting == "batch_size":
        assert [event["steps_done"] for event in run.of("epoch")] == [STEPS, STEPS + 27, STEPS + 54]


def test_a_larger_rate_by_hand_teaches_what_keras_learns_with_it():
    """The learning rate after a change is that of Keras's optimizer, step for step."""
    spec = dataclasses.replace(SOFTMAX, epochs=1, optimizer="sgd", shuffle=False, validation_split=0.0)
    change = Change("learning_rate", 0.01, 0.5, 1, 10, 10)
    trained = train(dataclasses.replace(spec, changes=(change,)), lambda _: None)
    model = fresh_model(spec)
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="sparse_categorical_crossentropy")
    data = load_dataset("mnist")
    x, y = scale(data.x_train[:3000]), data.y_train[:3000]
    for step in range(3000 // 50):
        if step == 10:
            model.optimizer.learning_rate = 0.5
        model.train_on_batch(x[50 * step : 50 * (step + 1)], y[50 * step : 50 * (step + 1)])
    for ours, expected in zip(weights_of(trained), model.weights, strict=True):
        np.testing.assert_allclose(ours, np.asarray(expected), atol=2e-3)


def test_what_is_watched_is_read_as_keras_reads_it_at_that_step():
    pictures = scale(load_dataset("mnist").x_test[:10])
    controls = Controls()
    controls.watch(pictures)
    run = SteeredRun(dataclasses.replace(SOFTMAX, epochs=2), controls)
    run.join()
    readings = {event["steps_done"]: event["probabilities"] for event in run.of("reading")}
    moments = [snapshot for snapshot in run.kept if snapshot.kind == "weights"]
    assert {snapshot.step for snapshot in moments} <= set(readings)
    for snapshot in moments:
        expected = model_of(snapshot.content).predict(pictures, verbose=0)
        np.testing.assert_allclose(readings[snapshot.step], expected, atol=4e-3)  # as its weights are rounded


def test_what_is_watched_can_be_changed_and_ended_on_the_way():
    run = paused_run()
    assert not run.of("reading")
    pictures = scale(load_dataset("mnist").x_test[:2])
    run.controls.watch(pictures[:1])
    assert len(run.wait_for("reading")["probabilities"]) == 1
    run.controls.watch(pictures)
    assert len(run.wait_for("reading", number=2)["probabilities"]) == 2
    run.controls.order("step")
    assert run.wait_for("reading", number=3)["steps_done"] == 1
    run.controls.watch(pictures[:0])
    run.controls.order("go_on")
    run.join()
    assert len(run.of("reading")) == 3


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "adamax"])
def test_a_step_in_all_its_detail_is_the_step_that_keras_does(optimizer):
    momentum = {"momentum": 0.9} if optimizer == "sgd" else {}
    spec = TrainingSpec(
        PRESETS["softmax"], epochs=1, optimizer=optimizer, shuffle=False, validation_split=0.0, **momentum, **FEW
    )
    run = paused_run(spec)
    for number, order in enumerate(("step", "slow_step"), 1):
        run.controls.order(order)
        run.wait_for("progress", number=number)
    run.stop()
    kept = {snapshot.kind: snapshot for snapshot in run.kept}
    step = read_step(kept["step"].content)
    assert step.steps_before == 1 and step.num_pictures == 50 and kept["step"].step == 2
    model = fresh_model(spec)
    keras_class = getattr(keras.optimizers, step.optimizer)
    model.compile(optimizer=keras_class(step.learning_rate, **momentum), loss="sparse_categorical_crossentropy")
    data = load_dataset("mnist")
    x, y = scale(data.x_train[:100]), data.y_train[:100]
    model.train_on_batch(x[:50], y[:50])
    np.testing.assert_allclose(step.probabilities, model.predict(x[50:82], verbose=0), atol=1e-4)
    model.train_on_batch(x[50:], y[50:])
    np.testing.assert_allclose(step.probabilities_after, model.predict(x[50:82], verbose=0), atol=1e-4)
    assert np.array_equal(step.labels, y[50:82]) and np.array_equal(step.pictures, data.x_train[50:82])
    for place, variable in enumerate(model.trainable_variables):
        np.testing.assert_allclose(step.column(place, "after"), np.ravel(variable), atol=2e-4)


def test_the_numbers_of_a_step_with_adam_add_up():
    run = paused_run(dataclasses.replace(SOFTMAX, epochs=1))
    for number, order in enumerate(("step", "slow_step"), 1):
        run.controls.order(order)
        run.wait_for("progress", number=number)
    run.stop()
    step = read_step(next(item.content for item in run.kept if item.kind == "step"))
    place = int(np.abs(step.column(0, "gradient")).argmax())
    weight = step.weight(0, place)
    beta_1, beta_2, epsilon = (step.constants[name] for name in ("beta_1", "beta_2", "epsilon"))
    mean = beta_1 * weight.averages["mean"][0] + (1 - beta_1) * weight.gradient
    square = beta_2 * weight.averages["square"][0] + (1 - beta_2) * weight.gradient**2
    assert weight.averages["mean"][1] == pytest.approx(mean, rel=1e-4)
    assert weight.averages["square"][1] == pytest.approx(square, rel=1e-4)
    count = step.steps_before + 1
    moved = step.learning_rate * (mean / (1 - beta_1**count)) / (np.sqrt(square / (1 - beta_2**count)) + epsilon)
    assert weight.after == pytest.approx(weight.before - moved, abs=1e-5)


def test_a_pause_frees_the_processor_soon():
    """The group of steps under way is ended, no more; how long that is is a matter of the machine."""
    run = SteeredRun(dataclasses.replace(SOFTMAX, epochs=10_000))
    run.wait_for("progress", number=3)
    run.controls.order("pause")
    run.wait_for("paused")
    num_events = len(run.events)
    time.sleep(0.5)
    assert len(run.events) == num_events
    run.stop()
