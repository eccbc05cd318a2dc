"""Weights of moments: kept, read, and gone on from."""

import io
import json

import numpy as np
import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.build import load_model, load_model_bytes
from mnist_core.engine.prediction import Predictor
from mnist_core.engine.snapshots import model_of, read_snapshot
from mnist_core.engine.training import train
from mnist_core.errors import InvalidInput
from mnist_core.networks.layers import Dense, Dropout, Flatten
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.spec import ModelSpec
from mnist_core.training.spec import TrainingSpec

FEW = {"dataset_share": 0.05, "batch_size": 50}  # no smaller batch at the end, which would be compiled too
WITH_CHANCE = ModelSpec("dropped", (Flatten(), Dense(32, "relu"), Dropout(0.3), Dense(10, "softmax")))


def trained(spec, **options):
    """What training leaves, its snapshots, and its events."""
    kept, events = [], []
    result = train(spec, events.append, keep=kept.append, **options)
    return result, [snapshot for snapshot in kept if snapshot.kind == "weights"], events


def weights_of(keras_file):
    return [np.asarray(weight) for weight in load_model_bytes(keras_file).weights]


def test_the_weights_of_each_moment_are_kept_and_read_again(tmp_path):
    spec = TrainingSpec(PRESETS["softmax"], epochs=3, **FEW)
    result, kept, _ = trained(spec)
    steps = 2700 // 50
    assert [snapshot.step for snapshot in kept] == [0, 1, 3, 10, 30, steps, 2 * steps, 3 * steps]
    last = model_of(kept[-1].content)
    for ours, exact in zip(last.weights, weights_of(result.keras_file), strict=True):
        np.testing.assert_allclose(np.asarray(ours), exact, rtol=2e-3, atol=1e-4)
    path = tmp_path / "300.npz"
    path.write_bytes(kept[0].content)
    pictures = scale(load_dataset("mnist").x_test[:200])
    untrained = Predictor(path).predict(pictures)
    assert untrained.shape == (200, 10) and untrained.max() < 0.9
    assert np.array_equal(Predictor(path).predict(pictures), load_model(path).predict(pictures, verbose=0).astype("f4"))


@pytest.mark.slow
def test_what_a_snapshot_reads_is_what_keras_reads_with_these_weights():
    _, kept, _ = trained(TrainingSpec(PRESETS["fc"], epochs=1, preparation="l2", **FEW))
    pictures = scale(load_dataset("mnist").x_test[:50])
    for snapshot in kept[::3]:
        x = pictures
        model = model_of(snapshot.content)
        for layer in model.layers:
            x = layer(x)
        np.testing.assert_allclose(np.asarray(x), model.predict(pictures, verbose=0), atol=1e-5)


def test_they_are_half_as_large_where_that_changes_no_answer():
    _, kept, _ = trained(TrainingSpec(PRESETS["fc"], epochs=1, **FEW))
    assert len(kept[-1].content) < 2.2 * PRESETS["fc"].num_params


def test_none_are_kept_of_very_large_networks_unless_asked_for_nor_where_they_are_not_wanted():
    large = ModelSpec("large", (Flatten(), Dense(4000, "relu"), Dense(10, "softmax")))
    assert not TrainingSpec(large).keeps_snapshots and TrainingSpec(large, snapshots="on").keeps_snapshots
    assert not TrainingSpec(PRESETS["fc"], snapshots="off").keeps_snapshots
    assert trained(TrainingSpec(PRESETS["softmax"], epochs=1, snapshots="off", **FEW))[1] == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not an archive"])
def test_what_is_no_snapshot_gets_a_sentence(content, tmp_path):
    path = tmp_path / "3.npz"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="not a snapshot"):
        load_model(path)
    with pytest.raises(InvalidInput, match="does not exist"):
        load_model(tmp_path / "4.npz")


def test_nothing_in_a_snapshot_is_unpickled(tmp_path):
    archive = io.BytesIO()
    np.savez(archive, spec=np.array([{"a": 1}], dtype=object))
    with pytest.raises(InvalidInput, match="not a snapshot"):
        model_of(archive.getvalue())
    path = tmp_path / "3.npz"
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_snapshot(path)


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [{}, {"augmentation": "light"}, {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.01}, {"shuffle": False}],
)
def test_going_on_at_the_end_of_an_epoch_is_the_same_as_never_having_stopped(settings):
    """Bit for bit: order, dropout, variation and optimizer go on where they were."""
    model = WITH_CHANCE
    spec = TrainingSpec(model, epochs=3, seed=5, **FEW, **settings)
    whole, _, _ = trained(spec)
    first, _, _ = trained(TrainingSpec.from_json({**spec.to_json(), "epochs": 1}))
    second, _, _ = trained(
        TrainingSpec.from_json({**spec.to_json(), "epochs": 2}), start_from=first.keras_file, epochs_before=1
    )
    for ours, expected in zip(weights_of(second.keras_file), weights_of(whole.keras_file), strict=True):
        assert np.array_equal(ours, expected)


def test_a_run_that_is_cut_off_can_be_gone_on_from_the_last_whole_model(monkeypatch):
    monkeypatch.setattr("mnist_core.engine.training.MIN_WHOLE_SECONDS", 0.0)
    monkeypatch.setattr("mnist_core.engine.training.WHOLE_SHARE", 1e9)
    spec = TrainingSpec(WITH_CHANCE, epochs=4, seed=5, **FEW)
    kept = []
    whole = train(spec, lambda _: None, keep=kept.append)
    [second] = [snapshot for snapshot in kept if snapshot.kind == "whole" and snapshot.epoch == 2]
    rest = TrainingSpec.from_json({**spec.to_json(), "epochs": 2})
    continued, _, _ = trained(rest, start_from=second.content, epochs_before=2)
    for ours, expected in zip(weights_of(continued.keras_file), weights_of(whole.keras_file), strict=True):
        assert np.array_equal(ours, expected)


def test_a_snapshot_is_a_beginning_too():
    spec = TrainingSpec(PRESETS["softmax"], epochs=1, **FEW)
    _, kept, _ = trained(spec)
    fresh, _, events = trained(spec, start_from=kept[-1].content)
    first = next(event for event in events if event["event"] == "epoch")
    assert first["train_accuracy"] > 0.8 and fresh.status == "finished"


def test_training_is_measured_on_the_same_pictures_at_the_end_of_each_epoch():
    _, _, events = trained(TrainingSpec(PRESETS["softmax"], epochs=2, **FEW))
    result, _, _ = trained(TrainingSpec(PRESETS["softmax"], epochs=2, **FEW))
    last = [event for event in events if event["event"] == "epoch"][-1]
    data = load_dataset("mnist")
    values = load_model_bytes(result.keras_file).predict(scale(data.x_train[:2700]), verbose=0)
    assert last["train_accuracy"] == pytest.approx((values.argmax(axis=1) == data.y_train[:2700]).mean(), abs=1e-3)
    assert last["train_accuracy"] > last["accuracy"]  # the running mean remembers the beginning of the epoch


@pytest.mark.parametrize(
    ("settings", "cause"),
    [({"learning_rate": 10}, "learning rate of 10 "), ({"learning_rate": 10, "preparation": "raw"}, "not scaled")],
)
def test_a_run_that_diverges_ends_at_once_with_its_likely_cause(settings, cause):
    deep = ModelSpec("deep", (Flatten(), *[Dense(64)] * 3, Dense(10, "softmax")))
    wild = {"optimizer": "sgd", "momentum": 0.9, **FEW, "batch_size": 64, **settings}
    result, kept, events = trained(TrainingSpec(deep, epochs=50, **wild))
    assert result.status == "failed" and result.keras_file == b"" and cause in result.error
    assert result.result["epochs"] < 50 and "test_accuracy" not in result.result
    for snapshot in kept:
        assert all(np.isfinite(np.asarray(weight)).all() for weight in model_of(snapshot.content).weights)
    json.dumps(events, allow_nan=False)
