"""Networks as Keras builds them."""

import pytest

from mnist_core.engine.backend import keras, tf
from mnist_core.engine.build import build_model, summary_text
from mnist_core.engine.training import train
from mnist_core.errors import InvalidInput
from mnist_core.networks.layers import Dense, Flatten
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.spec import ModelSpec
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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ünï 数字", "a/b <b>", "7", "_", "名", "my network"])
def test_a_network_of_any_name_is_built_and_trained(name):
    """TensorFlow takes ASCII alone for a model's name, and complains only when it is trained."""
    spec = TrainingSpec(ModelSpec(name, PRESETS["softmax"].layers), epochs=1, batch_size=1024)
    assert train(spec, lambda _: None).status == "finished"


def test_what_cannot_be_built_is_refused_before_keras_sees_it():
    with pytest.raises(InvalidInput, match="softmax"):
        build_model(ModelSpec("broken", (Flatten(), Dense(10))))


@pytest.mark.slow
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer_trains_and_has_keras_own_default_rate(name):
    spec = TrainingSpec(PRESETS["softmax"], epochs=1, batch_size=1024, optimizer=name)
    keras_optimizer = getattr(keras.optimizers, OPTIMIZERS[name].keras_class)()
    assert float(keras_optimizer.learning_rate) == pytest.approx(spec.learning_rate)
    losses = []
    train(spec, lambda event: losses.append(event["loss"]) if event["event"] == "progress" else None)
    assert losses[-1] < losses[0]


def test_tensorflow_is_the_backend():
    assert keras.backend.backend() == "tensorflow" and tf.__version__
