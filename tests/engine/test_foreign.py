"""Models of other people: read as data, adapted where they differ, refused where they hold what is not known."""

import io
import json
import zipfile

import keras
import numpy as np
import pytest
from keras import layers

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.build import file_of, load_model, load_model_bytes
from mnist_core.engine.foreign import read_foreign
from mnist_core.errors import InvalidInput
from mnist_core.paths import MODEL_FILE, SHIPPED_MODELS

PICTURES = scale(load_dataset("mnist").x_test[:200])


def saved(model, ending=".keras", tmp_path=None):
    path = tmp_path / f"theirs{ending}"
    model.save(path)
    return path.read_bytes()


def answers(foreign):
    model = load_model_bytes(foreign.keras_file)
    return model.predict(PICTURES.reshape(-1, *model.input_shape[1:]), verbose=0)


@pytest.fixture(scope="module")
def learned():
    """A trained network of one hidden layer: its two kernels and biases."""
    return load_model(SHIPPED_MODELS / "dense_128" / MODEL_FILE, compile=False)


def with_weights(model, learned, factor=1.0):
    arrays = learned.get_weights()
    model.set_weights([arrays[0] * factor, *arrays[1:]])
    return model


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("run", ["softmax", "cnn", "digits", "fc"])
def test_a_model_comes_back_with_the_same_answers(run, ending, tmp_path):
    model = load_model(SHIPPED_MODELS / run / MODEL_FILE, compile=False)
    foreign = read_foreign(saved(model, ending, tmp_path), "theirs")
    expected = model.predict(PICTURES.reshape(-1, *model.input_shape[1:]), verbose=0)
    np.testing.assert_allclose(answers(foreign), expected, atol=1e-5)
    assert (foreign.dataset, foreign.preparation) == ("mnist", "scale")
    assert foreign.result["test_accuracy"] > 0.9


@pytest.mark.parametrize(
    ("beginning", "note"),
    [
        ([keras.Input((784,))], "784 numbers"),
        ([keras.Input((28, 28)), layers.Flatten()], "test images"),
        ([keras.Input((28, 28, 1)), layers.Reshape((784,))], "test images"),
        ([keras.Input((28, 28, 1)), layers.Reshape((28, 28)), layers.Flatten()], "test images"),
    ],
)
@pytest.mark.parametrize("end", ["softmax", None])
def test_other_inputs_and_logits_are_recognised(beginning, note, end, learned, tmp_path):
    """Logits were printed as a probability of −0.27."""
    theirs = keras.Sequential([*beginning, layers.Dense(128, "relu"), layers.Dense(10, end)])
    foreign = read_foreign(saved(with_weights(theirs, learned), tmp_path=tmp_path), "theirs")
    assert any(note in sentence for sentence in foreign.notes)
    assert (end is None) == any("logits" in sentence for sentence in foreign.notes)
    np.testing.assert_allclose(answers(foreign), learned.predict(PICTURES, verbose=0), atol=1e-5)


@pytest.mark.parametrize(("scaling", "factor"), [(1 / 255, 1.0), (1 / 127.5, 0.5)])
def test_rescaling_inside_becomes_part_of_the_weights(scaling, factor, learned, tmp_path):
    stack = [
        keras.Input((28, 28)),
        layers.Rescaling(scaling),
        layers.Flatten(),
        layers.Dense(128, "relu"),
        layers.Dense(10, "softmax"),
    ]
    theirs = with_weights(keras.Sequential(stack), learned, factor)
    foreign = read_foreign(saved(theirs, tmp_path=tmp_path), "theirs")
    np.testing.assert_allclose(answers(foreign), learned.predict(PICTURES, verbose=0), atol=1e-4)


def test_an_offset_becomes_part_of_the_bias(tmp_path):
    keras.utils.set_random_seed(1)
    stack = [
        keras.Input((28, 28, 1)),
        layers.Rescaling(1 / 127.5, -1),
        layers.Conv2D(4, 3),
        layers.Flatten(),
        layers.Dense(10),
    ]
    theirs = keras.Sequential(stack)
    foreign = read_foreign(saved(theirs, tmp_path=tmp_path), "theirs")
    logits = theirs.predict(PICTURES[..., None] * 255, verbose=0)
    found = read_foreign(file_of(load_model_bytes(foreign.keras_file)), "again")
    if foreign.preparation == "scale":
        np.testing.assert_allclose(answers(found), keras.ops.softmax(logits), atol=1e-4)
    assert any("better than chance" in note for note in foreign.notes)


def test_a_model_for_raw_pixels_is_recognised(learned, tmp_path):
    stack = [keras.Input((28, 28)), layers.Flatten(), layers.Dense(128, "relu"), layers.Dense(10, "softmax")]
    theirs = with_weights(keras.Sequential(stack), learned, 1 / 255)
    foreign = read_foreign(saved(theirs, tmp_path=tmp_path), "theirs")
    assert foreign.preparation == "raw"
    np.testing.assert_allclose(answers(foreign), learned.predict(PICTURES, verbose=0), atol=1e-4)


def test_batch_normalisation_without_factor_and_with_another_epsilon(tmp_path):
    keras.utils.set_random_seed(2)
    stack = [
        keras.Input((28, 28, 1)), layers.Conv2D(4, 3, use_bias=False),
        layers.BatchNormalization(scale=False, epsilon=0.1),
        layers.ReLU(), layers.Flatten(), layers.Dense(10, "softmax"),
    ]  # fmt: skip
    theirs = keras.Sequential(stack)
    theirs.layers[1].set_weights([np.random.default_rng(0).random(4) + 0.5 for _ in range(3)])
    foreign = read_foreign(saved(theirs, tmp_path=tmp_path), "theirs")
    factor = {"scale": 1, "raw": 255}.get(foreign.preparation)
    if factor:
        np.testing.assert_allclose(answers(foreign), theirs.predict(PICTURES[..., None] * factor, verbose=0), atol=1e-4)


@keras.saving.register_keras_serializable("theirs")
class Odd(layers.Layer):
    def call(self, inputs):
        raise AssertionError("code of the file was run")


@pytest.mark.parametrize(
    ("stack", "sentence"),
    [
        (
            [layers.Flatten(), layers.Lambda(lambda x: x, name="sly"), layers.Dense(10, "softmax")],
            "sly is of the kind Lambda",
        ),
        ([layers.Flatten(), layers.Dense(12, "softmax")], "12 classes"),
        ([layers.Flatten(), layers.Dense(10, "sigmoid")], "ends with sigmoid"),
        ([layers.Conv2D(3, 3, strides=2), layers.Flatten(), layers.Dense(10)], "has strides"),
        ([layers.Conv2D(3, (3, 5)), layers.Flatten(), layers.Dense(10)], "only squares"),
        ([layers.MaxPooling2D(3, strides=1), layers.Flatten(), layers.Dense(10)], "strides are not its pool size"),
    ],
)
def test_what_is_not_known_is_refused_by_name(stack, sentence, tmp_path):
    theirs = keras.Sequential([keras.Input((28, 28, 1)), *stack])
    with pytest.raises(InvalidInput, match=sentence):
        read_foreign(saved(theirs, tmp_path=tmp_path), "theirs")


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_other_shapes_and_branches_are_refused(ending, tmp_path):
    wide = keras.Sequential([keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(10)])
    with pytest.raises(InvalidInput, match=r"takes \[32, 32, 3\]"):
        read_foreign(saved(wide, ending, tmp_path), "theirs")
    inputs = keras.Input((28, 28))
    flat = layers.Flatten()(inputs)
    both = layers.Add()([layers.Dense(10)(flat), layers.Dense(10)(flat)])
    with pytest.raises(InvalidInput, match="Only stacks can be read"):
        read_foreign(saved(keras.Model(inputs, both), ending, tmp_path), "theirs")


def test_a_class_of_their_own_is_never_run(tmp_path):
    content = saved(keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)]), tmp_path=tmp_path)
    config = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("config.json"))
    config["config"]["layers"][1] |= {"class_name": "Odd", "registered_name": "theirs>Odd", "module": "os"}
    with pytest.raises(InvalidInput, match="of the kind Odd"):
        read_foreign(with_config(content, config), "theirs")
    config["class_name"] = "Odd"
    with pytest.raises(InvalidInput, match="never run here"):
        read_foreign(with_config(content, config), "theirs")


def with_config(content, config):
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w") as new:
        new.writestr("config.json", config if isinstance(config, bytes) else json.dumps(config))
        new.writestr("model.weights.h5", old.read("model.weights.h5"))
    return result.getvalue()


@pytest.mark.parametrize("damage", ["cut", "zeros", "text", "no weights", "empty", "deep", "nan"])
def test_damaged_files_are_answered_in_a_sentence(damage, tmp_path):
    content = saved(keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(10)]), tmp_path=tmp_path)
    damaged = {
        "cut": content[: len(content) // 2],
        "zeros": b"\x89HDF\r\n\x1a\n" + bytes(5000),
        "text": b"hello",
        "no weights": with_config(content, {"class_name": "Sequential", "config": {"layers": []}}),
        "empty": b"",
        "deep": with_config(content, b"[" * 100_000),
        "nan": with_config(content, b'{"class_name": NaN}'),
    }
    with pytest.raises(InvalidInput):
        read_foreign(damaged[damage], "theirs")
