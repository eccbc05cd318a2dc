"""The training loop against Keras's own fit."""

import numpy as np
import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.backend import NUM_STREAMS, keras
from mnist_core.engine.build import build_model, compile_model
from mnist_core.engine.loop import SHELF, CompiledNetwork, compiles_whole, num_parts
from mnist_core.engine.training import train
from mnist_core.networks.presets import PRESETS
from mnist_core.training.spec import TrainingSpec


class _InOrder(np.random.Generator):
    """Chance that leaves everything as it is."""

    def permutation(self, x, axis=0):
        return np.arange(x)


@pytest.mark.slow
@pytest.mark.parametrize("batch_size", [512, 1024], ids=["512", "1024"])
@pytest.mark.parametrize("name", ["softmax", "fc"])
def test_the_loop_learns_what_fit_learns(name, batch_size, monkeypatch):
    """From the same weights, in the same order, at the same batch size, the last smaller batch included."""
    spec = TrainingSpec(PRESETS[name], epochs=1, batch_size=batch_size, seed=3, validation_split=0.0)
    monkeypatch.setattr(np.random, "default_rng", lambda seed: _InOrder(np.random.PCG64(seed)))
    events = []
    trained = train(spec, events.append)

    data = load_dataset("mnist")
    keras.utils.set_random_seed(3)
    reference = build_model(spec.model)
    compile_model(reference, spec)
    history = reference.fit(
        scale(data.x_train), data.y_train, batch_size=batch_size, shuffle=False, verbose=0,
        validation_data=(scale(data.x_test), data.y_test),
    ).history  # fmt: skip

    epoch = next(event for event in events if event["event"] == "epoch")
    assert epoch["loss"] == pytest.approx(history["loss"][0], rel=1e-3)
    assert epoch["accuracy"] == pytest.approx(history["accuracy"][0], abs=1e-3)
    assert epoch["val_loss"] == pytest.approx(history["val_loss"][0], rel=2e-3)
    assert trained.result["test_accuracy"] == pytest.approx(history["val_accuracy"][0], abs=2e-3)


class _EachBatch(keras.callbacks.Callback):
    """Keras's running mean of the loss after each batch."""

    def __init__(self):
        super().__init__()
        self.losses = []

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "batch_size"), [("softmax", 32), ("fc", 32), ("dense_512", 32), ("cnn", 32), ("cnn", 33)]
)
def test_the_first_fifty_steps_are_fits_own(name, batch_size, monkeypatch):
    """A faster loop that goes another way would show here at once, long before its accuracy does.

    A batch of 33 has parts of different sizes, and a smaller last batch.
    """
    monkeypatch.setattr("mnist_core.engine.loop.REPORT_SECONDS", 0)  # a report after each step
    spec = TrainingSpec(PRESETS[name], seed=5)
    images, labels = (array[: 50 * 32] for array in (load_dataset("mnist").x_train, load_dataset("mnist").y_train))
    network = CompiledNetwork(spec)
    network.reset(spec, None)
    network.loop.set_data(images, labels)
    ours = [done.loss for done in network.loop.run(np.arange(len(images)), batch_size)]

    keras.utils.set_random_seed(5)
    reference = build_model(spec.model)
    compile_model(reference, spec)
    fit = _EachBatch()
    pixels = scale(images).reshape(-1, *spec.model.input_shape)
    reference.fit(pixels, labels, batch_size=batch_size, shuffle=False, verbose=0, callbacks=[fit])
    assert len(ours) == -(-len(images) // batch_size)
    np.testing.assert_allclose(ours, fit.losses, rtol=1e-4)


@pytest.mark.slow
def test_a_network_kept_compiled_starts_each_run_afresh():
    """Weights or an optimizer's state left over from the run before would make a second run look better."""
    spec = TrainingSpec(PRESETS["fc"], epochs=1, batch_size=512, seed=9)
    first = train(spec, lambda _: None)
    kept = SHELF.take(spec)
    SHELF.put_back(spec, kept)
    train(TrainingSpec(PRESETS["fc"], epochs=1, batch_size=512, seed=1, learning_rate=0.1), lambda _: None)
    again = train(spec, lambda _: None)
    assert again.result["test_loss"] == first.result["test_loss"]
    assert SHELF.take(spec) is kept


def test_only_networks_without_pictures_inside_are_compiled_whole():
    own = [name for name in PRESETS if not compiles_whole(TrainingSpec(PRESETS[name]))]
    assert own == ["cnn", "cnn_wide", "digits"]
    assert not compiles_whole(TrainingSpec(PRESETS["fc"], augmentation="light"))


def test_only_pictures_are_worked_on_in_parts_and_not_where_the_whole_batch_counts():
    """Batch normalisation of half a batch is another network than the one `fit` trains."""
    in_parts = [name for name in PRESETS if num_parts(TrainingSpec(PRESETS[name])) != 1]
    assert in_parts == (["cnn", "cnn_wide"] if NUM_STREAMS > 1 else [])
