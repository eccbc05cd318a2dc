"""The engine against Keras itself."""

import zipfile

import numpy as np
import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.backend import NUM_STREAMS, keras, tf
from mnist_core.engine.build import build_model, compile_model, load_model, summary_text
from mnist_core.engine.loop import CompiledNetwork, _network, compiles_whole, num_parts
from mnist_core.engine.prediction import Predictor
from mnist_core.engine.streams import for_each, split
from mnist_core.engine.training import train
from mnist_core.errors import InvalidInput
from mnist_core.evaluation.metrics import evaluate
from mnist_core.networks.layers import Dense, Flatten
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.spec import ModelSpec
from mnist_core.runs.models import shipped_models
from mnist_core.training.options import OPTIMIZERS
from mnist_core.training.spec import TrainingSpec


@pytest.mark.parametrize("name", PRESETS)
def test_the_arithmetic_of_each_preset_equals_keras_own(name):
    spec = PRESETS[name]
    model = build_model(spec)
    assert model.count_params() == spec.num_params
    assert model.input_shape[1:] == spec.input_shape
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    assert [layer.output.shape[1:] for layer in layers] == [row.output_shape for row in spec.rows()]
    assert [layer.count_params() for layer in layers] == [row.num_params for row in spec.rows()]


def test_the_wide_network_is_functional_and_the_others_are_stacks():
    assert not isinstance(build_model(PRESETS["cnn_wide"]), keras.Sequential)
    assert isinstance(build_model(PRESETS["cnn"]), keras.Sequential)


def test_layers_are_named_as_in_a_fresh_session_however_many_models_came_before():
    for _ in range(2):
        assert [layer.name for layer in build_model(PRESETS["fc"]).layers] == ["flatten", "dense", "dense_1", "dense_2"]


def test_the_summary_is_keras_own_text():
    text = summary_text(build_model(PRESETS["cnn"]))
    assert 'Model: "cnn"' in text and "(None, 26, 26, 32)" in text and "Total params: 121,930" in text


@pytest.mark.parametrize("name", ["ünï 数字", "a/b <b>", "7", "_", "名", "my network"])
def test_a_network_of_any_name_is_built_and_trained(name):
    """TensorFlow takes ASCII alone for a model's name, and complains only when it is trained."""
    spec = TrainingSpec(ModelSpec(name, PRESETS["softmax"].layers), epochs=1, batch_size=1024)
    assert train(spec, lambda _: None).status == "finished"


def test_what_cannot_be_built_is_refused_before_keras_sees_it():
    with pytest.raises(InvalidInput, match="softmax"):
        build_model(ModelSpec("broken", (Flatten(), Dense(10))))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer_trains_and_has_keras_own_default_rate(name):
    spec = TrainingSpec(PRESETS["softmax"], epochs=1, batch_size=1024, optimizer=name)
    keras_optimizer = getattr(keras.optimizers, OPTIMIZERS[name].keras_class)()
    assert float(keras_optimizer.learning_rate) == pytest.approx(spec.learning_rate)
    losses = []
    train(spec, lambda event: losses.append(event["loss"]) if event["event"] == "progress" else None)
    assert losses[-1] < losses[0]


class _InOrder(np.random.Generator):
    """Chance that leaves everything as it is."""

    def permutation(self, x, axis=0):
        return np.arange(x)


@pytest.mark.parametrize("batch_size", [512, 1024], ids=["512", "1024"])
@pytest.mark.parametrize("name", ["softmax", "fc"])
def test_the_loop_learns_what_fit_learns(name, batch_size, monkeypatch):
    """From the same weights, in the same order, at the same batch size, the last smaller batch included."""
    spec = TrainingSpec(PRESETS[name], epochs=1, batch_size=batch_size, seed=3)
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
    network.begin(spec, None)
    network.loop.take(images, labels)
    ours = [loss for _, loss, *_ in network.loop.run(np.arange(len(images)), batch_size)]

    keras.utils.set_random_seed(5)
    reference = build_model(spec.model)
    compile_model(reference, spec)
    fit = _EachBatch()
    pixels = scale(images).reshape(-1, *spec.model.input_shape)
    reference.fit(pixels, labels, batch_size=batch_size, shuffle=False, verbose=0, callbacks=[fit])
    assert len(ours) == -(-len(images) // batch_size)
    np.testing.assert_allclose(ours, fit.losses, rtol=1e-4)


def test_a_network_kept_compiled_starts_each_run_afresh():
    """Weights or an optimizer's state left over from the run before would make a second run look better."""
    spec = TrainingSpec(PRESETS["fc"], epochs=1, batch_size=512, seed=9)
    first = train(spec, lambda _: None)
    train(TrainingSpec(PRESETS["fc"], epochs=1, batch_size=512, seed=1, learning_rate=0.1), lambda _: None)
    again = train(spec, lambda _: None)
    assert again.result["test_loss"] == first.result["test_loss"]
    assert _network.cache_info().hits >= 2


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
    assert trained.status == "stopped" and "test_accuracy" not in trained.result
    path = tmp_path / "model.keras"
    path.write_bytes(trained.keras_file)
    data = load_dataset("mnist")
    found = evaluate(Predictor(path).predict(scale(data.x_test[:1000])), data.y_test[:1000])
    assert found.accuracy > 0.5


def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    def loss(seed):
        return train(TrainingSpec(PRESETS["softmax"], epochs=1, batch_size=512, seed=seed), lambda _: None).result

    assert loss(1)["test_loss"] == pytest.approx(loss(1)["test_loss"], rel=1e-5)
    assert loss(1)["test_loss"] != pytest.approx(loss(2)["test_loss"], rel=1e-5)


def test_the_same_seed_gives_the_same_run_where_parts_of_a_batch_vary_side_by_side():
    """Which part is the first to be finished is chance; what is learned must not be."""
    spec = TrainingSpec(PRESETS["cnn"], epochs=1, dataset_share=0.02, augmentation="light")
    first, second = (train(spec, lambda _: None).result["test_loss"] for _ in range(2))
    assert first == pytest.approx(second, rel=1e-5)


def test_only_networks_without_pictures_inside_are_compiled_whole():
    own = [name for name in PRESETS if not compiles_whole(TrainingSpec(PRESETS[name]))]
    assert own == ["cnn", "cnn_wide", "digits"]
    assert not compiles_whole(TrainingSpec(PRESETS["fc"], augmentation="light"))


def test_only_pictures_are_worked_on_in_parts_and_not_where_the_whole_batch_counts():
    """Batch normalisation of half a batch is another network than the one `fit` trains."""
    in_parts = [name for name in PRESETS if num_parts(TrainingSpec(PRESETS[name])) != 1]
    assert in_parts == (["cnn", "cnn_wide"] if NUM_STREAMS > 1 else [])


@pytest.mark.parametrize(("num_rows", "num_parts", "sizes"), [(32, 4, [8] * 4), (5, 2, [3, 2]), (1, 4, [1])])
def test_a_batch_is_cut_into_parts_of_about_the_same_size(num_rows, num_parts, sizes):
    """An empty part would divide by nothing where its mean loss is taken."""
    parts = split(tf.range(num_rows), num_parts)
    assert [len(part) for part in parts] == sizes
    assert np.concatenate(parts).tolist() == list(range(num_rows))


@pytest.mark.parametrize("num_items", [0, 1, 7])
def test_what_is_done_side_by_side_comes_back_in_order(num_items):
    assert for_each(lambda item: item + 1, range(num_items)) == list(range(1, num_items + 1))


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


@pytest.mark.parametrize("run", shipped_models(), ids=lambda run: run.id)
def test_each_shipped_model_is_small_and_scores_what_its_record_says(run):
    assert run.model_path.stat().st_size < 5_000_000
    data = load_dataset(run.spec.dataset)
    raw = Predictor(run.model_path).predict(scale(data.x_test), calibrated=False)
    found = evaluate(raw, data.y_test)
    assert found.accuracy == pytest.approx(run.result["test_accuracy"], abs=5e-4)
    assert found.loss == pytest.approx(run.result["test_loss"], rel=1e-2)


def test_the_four_models_ship():
    assert {(run.id, run.spec.dataset) for run in shipped_models()} >= {
        ("fc", "mnist"), ("cnn", "mnist"), ("softmax", "mnist"), ("dense_128", "fashion_mnist")
    }  # fmt: skip


def test_the_predictor_says_what_keras_predict_says():
    path = next(run.model_path for run in shipped_models() if run.id == "cnn")
    images = scale(load_dataset("mnist").x_test[:600])
    probabilities = Predictor(path).predict(images)
    assert probabilities.shape == (600, 10) and probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities, keras.models.load_model(path).predict(images[..., None], verbose=0),
                               atol=1e-5)  # fmt: skip
    assert Predictor(path).predict(np.zeros((0, 28, 28), np.float32)).shape == (0, 10)


@pytest.mark.parametrize("content", [b"", b"a text file", b"PK\x03\x04 torn"])
def test_a_file_that_is_no_model_gets_a_sentence(tmp_path, content):
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="cannot be opened as a Keras model"):
        load_model(path)


def test_a_missing_model_gets_a_sentence(tmp_path):
    with pytest.raises(InvalidInput, match="does not exist"):
        load_model(tmp_path / "none.keras")


def test_a_model_for_other_pictures_gets_a_sentence(tmp_path):
    path = tmp_path / "other.keras"
    keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]).save(path)
    with pytest.raises(InvalidInput, match=r"turns \(32, 32, 3\) into \(2,\)"):
        load_model(path)


def test_code_inside_a_model_file_is_never_run(tmp_path):
    """A Lambda layer carries Python code; Keras's safe mode must stay on."""
    path = tmp_path / "evil.keras"
    layers = [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Lambda(lambda x: x[:, :10])]
    keras.Sequential(layers).save(path)
    assert zipfile.is_zipfile(path)
    with pytest.raises(InvalidInput, match="cannot be opened"):
        load_model(path)


def test_tensorflow_is_the_backend():
    assert keras.backend.backend() == "tensorflow" and tf.__version__
