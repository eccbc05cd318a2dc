"""Whole runs of training."""

import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.backend import keras
from mnist_core.engine.build import load_model
from mnist_core.engine.prediction import Predictor
from mnist_core.engine.training import train
from mnist_core.evaluation.metrics import evaluate
from mnist_core.networks.presets import PRESETS
from mnist_core.training.spec import TrainingSpec


@pytest.mark.slow
def test_reduced_precision_learns_nearly_the_same_and_is_kept_in_the_file(tmp_path):
    spec = TrainingSpec(PRESETS["fc"], epochs=1, batch_size=512, precision="bfloat16")
    trained = train(spec, lambda _: None)
    full = train(TrainingSpec(PRESETS["fc"], epochs=1, batch_size=512), lambda _: None)
    assert trained.result["test_accuracy"] == pytest.approx(full.result["test_accuracy"], abs=0.02)
    path = tmp_path / "model.keras"
    path.write_bytes(trained.keras_file)
    model = load_model(path)
    assert model.layers[1].compute_dtype == "bfloat16" and model.layers[-1].compute_dtype == "float32"
    assert {weight.dtype for weight in model.weights} == {"float32"}


def test_a_run_reports_its_events_in_order_and_steps_only_grow():
    events = []
    trained = train(TrainingSpec(PRESETS["softmax"], epochs=2, batch_size=256, validation_split=0.1), events.append)
    assert events[0]["event"] == "started" and events[0]["num_train"] == 54_000
    assert events[0]["num_validation"] == 6_000
    assert [event["epoch"] for event in events if event["event"] == "epoch"] == [1, 2]
    assert {event["event"] for event in events} == {"started", "progress", "epoch"}
    steps = [(event["epoch"], event["step"]) for event in events if event["event"] == "progress"]
    assert steps == sorted(set(steps))
    assert trained.status == "finished" and trained.result["epochs"] == 2
    assert 0.8 < trained.result["test_accuracy"] < 1


def test_a_stop_keeps_what_was_learned(tmp_path):
    """Stopped after its first report, the model is no longer the one it began as."""
    spec = TrainingSpec(PRESETS["softmax"], epochs=50)
    events = []
    trained = train(spec, events.append, lambda: len(events) > 4)
    assert trained.status == "stopped" and 0.3 < trained.result["test_accuracy"] < 0.95
    path = tmp_path / "model.keras"
    path.write_bytes(trained.keras_file)
    data = load_dataset("mnist")
    found = evaluate(Predictor(path).predict(scale(data.x_test[:1000])), data.y_test[:1000])
    assert found.accuracy > 0.5


@pytest.mark.slow
def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    def loss(seed):
        return train(TrainingSpec(PRESETS["softmax"], epochs=1, batch_size=512, seed=seed), lambda _: None).result

    assert loss(1)["test_loss"] == pytest.approx(loss(1)["test_loss"], rel=1e-5)
    assert loss(1)["test_loss"] != pytest.approx(loss(2)["test_loss"], rel=1e-5)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_run_where_parts_of_a_batch_vary_side_by_side():
    """Which part is the first to be finished is chance; what is learned must not be."""
    spec = TrainingSpec(PRESETS["cnn"], epochs=1, dataset_share=0.02, augmentation="light")
    first, second = (train(spec, lambda _: None).result["test_loss"] for _ in range(2))
    assert first == pytest.approx(second, rel=1e-5)


@pytest.mark.slow
def test_a_saved_model_can_be_trained_further_by_keras_itself(tmp_path):
    trained = train(TrainingSpec(PRESETS["softmax"], epochs=1, batch_size=512, optimizer="sgd"), lambda _: None)
    path = tmp_path / "model.keras"
    path.write_bytes(trained.keras_file)
    model = keras.models.load_model(path)
    data = load_dataset("mnist")
    loss, accuracy = model.evaluate(scale(data.x_test), data.y_test, verbose=0)
    assert accuracy == pytest.approx(trained.result["test_accuracy"], abs=1e-3)
    assert loss == pytest.approx(trained.result["test_loss"], rel=1e-3)
    model.fit(scale(data.x_train[:64]), data.y_train[:64], verbose=0)
