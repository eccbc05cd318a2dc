"""What is shown of a network is what Keras calculates."""

import numpy as np
import pytest

from mnist_core import IMAGE_SHAPE
from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.build import build_model, load_model
from mnist_core.engine.inside import Inside
from mnist_core.networks.columns import columns_of
from mnist_core.networks.layers import (
    ACTIVATIONS,
    LAYERS,
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.spec import ModelSpec
from mnist_core.runs.models import shipped_models

SEVEN = scale(load_dataset("mnist").x_test[:1])[0]
END = Dense(10, "softmax")

NETWORKS = {
    "in every order": (
        BatchNormalization(), Conv2D(5, 3, "same", "linear"), BatchNormalization(), Activation("relu"), MaxPooling2D(2),
        Dropout(0.3), Conv2D(4, 5, "valid", "tanh"), AveragePooling2D(3), Flatten(), BatchNormalization(),
        Dense(7, "sigmoid"), Dropout(0.2), END,
    ),
    "even kernels and a mean": (
        Conv2D(3, 4, "same", "elu"), MaxPooling2D(5), Conv2D(6, 2, "same", "gelu"), GlobalAveragePooling2D(), END,
    ),
    "the end as a layer of its own": (
        Flatten(), Dropout(0.1), Activation("tanh"), Dense(10, "linear"), Activation("softmax"),
    ),
    "nothing but the end": (Flatten(), END),
    "flattened twice": (Flatten(), Flatten(), Dense(4, "relu"), END),
}  # fmt: skip


def outputs_of_keras(model):
    """What each layer puts out, one layer called after the other."""
    values = SEVEN.reshape(1, *model.input_shape[1:])
    outputs = []
    for layer in model.layers:
        if type(layer).__name__ != "InputLayer":
            values = np.asarray(layer(values, training=False))
            outputs.append(values[0])
    return outputs


def check_all(model, rng, each=6):
    """Compares values at random places of every column with Keras's, and their explanations with both."""
    inside = Inside(model)
    look = inside.look(SEVEN)
    expected = outputs_of_keras(model)
    kinds = set()
    for ours, theirs in zip(look.outputs, expected, strict=True):
        assert np.allclose(ours, theirs, atol=1e-4)
    for number, column in enumerate(inside.columns):
        out = expected[column.last]
        places = {tuple(int(rng.integers(size)) for size in out.shape) for _ in range(each)}
        places |= {(0,) * out.ndim, tuple(size - 1 for size in out.shape)}
        for place in places:
            steps = inside.explain(look, number, place)
            if steps:
                assert steps[-1]["value"] == pytest.approx(float(out[place]), abs=1e-4, rel=1e-4), (column, place)
            kinds |= {step["kind"] for step in steps}
            for step in steps:
                _adds_up(step)
    return kinds


def _adds_up(step):
    """What stands beside each other on the page gives what stands below the line."""
    if step["kind"] == "convolution":
        for channel in step["channels"]:
            products = np.array(channel["patch"]) * np.array(channel["kernel"])
            assert products.sum() == pytest.approx(channel["sum"], abs=1e-4)
        shown = sum(channel["sum"] for channel in step["channels"])
        assert shown + step["others"] + step["bias"] == pytest.approx(step["value"], abs=1e-4)
    elif step["kind"] == "dense":
        assert step["positive"] + step["negative"] + step["bias"] == pytest.approx(step["value"], abs=1e-3)
        for named in step["for"] + step["against"]:
            assert named["input"] * named["weight"] == pytest.approx(named["product"], abs=1e-5, rel=1e-5)
    elif step["kind"] == "softmax":
        assert step["exponentials"][step["place"]] / step["total"] == pytest.approx(step["value"], abs=1e-6)
        assert sum(step["exponentials"]) == pytest.approx(step["total"], abs=1e-5)


def trained_a_little(spec, **options):
    """Fresh weights, with averages of batch normalisation that are not 0 and 1, and biases that are not 0."""
    model = build_model(spec, **options)
    rng = np.random.default_rng(1)
    model.set_weights([w + rng.normal(0, 0.1, w.shape).astype(np.float32) ** 2 for w in model.get_weights()])
    return model


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_in_any_order_adds_up_to_what_keras_computes(name):
    check_all(trained_a_little(ModelSpec("x", NETWORKS[name])), np.random.default_rng(0))


def test_every_kind_of_layer_is_among_them():
    kinds = {type(layer).__name__ for layers in NETWORKS.values() for layer in layers}
    assert kinds == LAYERS.keys()


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_adds_up(activation):
    layers = (Conv2D(3, 3, "valid", activation), Flatten(), Dense(6, activation), Activation(activation), END)
    check_all(trained_a_little(ModelSpec("x", layers)), np.random.default_rng(0))


@pytest.mark.parametrize("preparation", ["l2", "raw"])
def test_the_input_scaling_is_a_column_of_its_own(preparation):
    model = trained_a_little(PRESETS["fc"], preparation=preparation)
    kinds = check_all(model, np.random.default_rng(0))
    assert Inside(model).columns[0].title == "Input scaling" and kinds & {"scaling", "length"}


@pytest.mark.parametrize("run", shipped_models(), ids=lambda run: run.id)
def test_the_models_that_ship(run):
    check_all(load_model(run.model_path, compile=False), np.random.default_rng(0))


def test_layers_that_belong_together_are_one_column():
    kinds = ["Conv2D", "BatchNormalization", "Activation", "MaxPooling2D", "Dropout", "Flatten", "Dense", "Dense"]
    columns = columns_of(kinds)
    assert [(column.title, column.first, column.last) for column in columns] == [
        ("Convolution", 0, 2), ("Max pooling", 3, 4), ("Dense layer", 5, 6), ("Dense layer", 7, 7),
    ]  # fmt: skip


def test_a_place_that_is_not_there_is_refused():
    inside = Inside(build_model(PRESETS["fc"]))
    look = inside.look(np.zeros(IMAGE_SHAPE, np.float32))
    for column, place in ((0, (128,)), (0, (0, 0)), (9, (0,)), (0, (-1,))):
        with pytest.raises(IndexError):
            inside.explain(look, column, place)
