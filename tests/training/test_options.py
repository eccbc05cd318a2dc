"""Each option of each registry trains one short run, and its choice is inside the saved model."""

import numpy as np
import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.backend import keras
from mnist_core.engine.prediction import Predictor
from mnist_core.engine.training import early_stopping, train
from mnist_core.errors import InvalidInput
from mnist_core.evaluation.metrics import evaluate
from mnist_core.networks.presets import PRESETS
from mnist_core.runs.models import starting_model
from mnist_core.training.options import INPUT_SCALINGS, LABELS
from mnist_core.training.spec import TrainingSpec

pytestmark = pytest.mark.slow

QUICK = {"epochs": 1, "batch_size": 512}


def trained(tmp_path, **options):
    """Trains and saves; returns the result and the model's path."""
    events = []
    model = train(TrainingSpec(PRESETS["softmax"], **{**QUICK, **options}), events.append)
    path = tmp_path / "model.keras"
    path.write_bytes(model.keras_file)
    return model.result, path, events


@pytest.mark.parametrize("dataset", ["mnist", "fashion_mnist"])
@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("preparation", INPUT_SCALINGS)
def test_a_drawing_is_prepared_as_its_model_was_trained(tmp_path, preparation, labels, dataset):
    """A model that forgot how its pixels were prepared reads every drawing wrong, and nobody sees why."""
    result, path, _ = trained(tmp_path, preparation=preparation, labels=labels, dataset=dataset)
    data = load_dataset(dataset)
    found = evaluate(Predictor(path).predict(scale(data.x_test)), data.y_test)
    assert found.accuracy == pytest.approx(result["test_accuracy"], abs=1e-3)
    assert found.accuracy > 0.6


@pytest.mark.parametrize("name", INPUT_SCALINGS)
def test_the_layer_does_what_the_scripts_line_does(name):
    x_train = load_dataset("mnist").x_train[:50]
    names = {"keras": keras, "x_train": x_train}
    exec(INPUT_SCALINGS[name].code.format(x="x_train"), names)  # our own line
    inputs = scale(x_train)
    if front := INPUT_SCALINGS[name].keras_layer:
        kind, arguments = front
        inputs = np.asarray(getattr(keras.layers, kind)(**arguments)(inputs))
    np.testing.assert_allclose(inputs, names["x_train"], rtol=1e-4, atol=1e-5)


def test_integers_and_one_hot_learn_the_same(tmp_path):
    integers, *_ = trained(tmp_path, labels="integers")
    one_hot, *_ = trained(tmp_path, labels="one_hot")
    assert integers["test_loss"] == pytest.approx(one_hot["test_loss"], rel=1e-4)


def test_momentum_changes_what_sgd_learns(tmp_path):
    plain, *_ = trained(tmp_path, optimizer="sgd")
    heavy, *_ = trained(tmp_path, optimizer="sgd", momentum=0.9)
    assert heavy["test_loss"] < plain["test_loss"]


def test_without_shuffling_the_seed_changes_the_weights_alone(tmp_path):
    _, _, first = trained(tmp_path, shuffle=False, seed=1)
    _, _, again = trained(tmp_path, shuffle=False, seed=1)
    losses = [[e["loss"] for e in events if e["event"] == "epoch"] for events in (first, again)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_early_stopping_follows_hand_written_losses():
    """Keras's own callback, driven as Keras drives it in its tests: by logs, without training."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    stopper = early_stopping(model, 2)
    for epoch, loss in enumerate([1.0, 0.5, 0.6, 0.7, 0.4]):
        model.layers[0].bias.assign([float(epoch)])
        stopper.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            break
    stopper.on_train_end()
    assert epoch == 3
    assert float(model.layers[0].bias.numpy()[0]) == 1  # the weights of the best epoch are back
    assert early_stopping(model, 0) is None


def test_a_run_that_stops_early_says_so_in_its_figures(tmp_path):
    result, path, events = trained(
        tmp_path, epochs=40, early_stopping=1, optimizer="sgd", learning_rate=5, preparation="raw"
    )
    done = [event for event in events if event["event"] == "epoch"]
    assert result["epochs"] == len(done) < 40
    data = load_dataset("mnist")
    found = evaluate(Predictor(path).predict(scale(data.x_test)), data.y_test)
    assert found.accuracy == pytest.approx(result["test_accuracy"], abs=1e-3)


def test_a_time_limit_ends_a_run_after_an_epoch(tmp_path):
    result, _, _ = trained(tmp_path, epochs=10_000, time_limit=0.3)
    assert 1 <= result["epochs"] < 10_000 and result["seconds"] >= 0.3 and "test_accuracy" in result


def test_a_continued_run_begins_where_the_other_ended(tmp_path, store):
    spec = TrainingSpec(PRESETS["softmax"], **QUICK)
    run = store.create(spec)
    first = train(spec, lambda _: None)
    store.save_model(run, first.keras_file)
    store.end(run, "finished")
    longer = TrainingSpec(PRESETS["softmax"], **QUICK, continues=run.id)
    second = train(longer, lambda _: None, start_from=starting_model(longer, store))
    assert second.result["test_loss"] < first.result["test_loss"]

    # The second moments of Adam are no momentum of SGD: another optimizer must not be given them.
    for optimizer in ({"optimizer": "sgd", "momentum": 0.9}, {"optimizer": "sgd"}, {"optimizer": "rmsprop"}):
        spec = TrainingSpec(PRESETS["softmax"], **{**QUICK, **optimizer}, continues=run.id)
        third = train(spec, lambda _: None, start_from=first.keras_file)
        assert third.result["test_loss"] < 1.05 * first.result["test_loss"], optimizer

    other = TrainingSpec(PRESETS["fc"], **QUICK, continues=run.id)
    with pytest.raises(InvalidInput, match="cannot be continued with another network"):
        starting_model(other, store)
    with pytest.raises(InvalidInput, match="not known"):
        starting_model(TrainingSpec(PRESETS["fc"], continues="gone"), store)
