"""The generated scripts, run as a student would run them, on a few thousand pictures."""

import dataclasses
import io
import json
import math
import os
import runpy
import subprocess
import sys

import numpy as np
import pytest

from mnist_core.datasets import DATA_FOLDER, load_dataset
from mnist_core.drawing.drawings_file import drawings_content
from mnist_core.engine.augmentation import augment
from mnist_core.engine.backend import keras, tf
from mnist_core.engine.build import load_model_bytes
from mnist_core.engine.training import train
from mnist_core.errors import InvalidInput
from mnist_core.networks.layers import LAYERS, Activation, Conv2D, Dense
from mnist_core.networks.presets import PRESETS
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.controls import Change
from mnist_core.training.keras_script import FORMS, as_notebook, as_python, layer_code, script_sections
from mnist_core.training.non_digits import NO_DIGIT, make_non_digits
from mnist_core.training.script_data import data_codes, needs_pictures, pictures_file
from mnist_core.training.spec import TrainingSpec
from mnist_core.training.training_set import as_npz, pictures_besides, training_set
from tests.engine.test_portable import OTHER_KERASES, VERSIONS
from tests.settings import EVERY_LAYER
from tests.strokes import digits_by

NUM_TRAIN, NUM_TEST = 2500, 500


DRIVER = f"""
import json, runpy, sys, keras, numpy as np
def few(name):
    with np.load("{DATA_FOLDER}/" + name + ".npz") as data:
        train, test = slice({NUM_TRAIN}), slice({NUM_TEST})
        return (data["x_train"][train], data["y_train"][train]), (data["x_test"][test], data["y_test"][test])
keras.datasets.mnist.load_data = lambda: few("mnist")
keras.datasets.fashion_mnist.load_data = lambda: few("fashion_mnist")
for path in sys.argv[1:]:
    keras.backend.clear_session()
    names = runpy.run_path(path)
    print("RESULT", json.dumps([path, names["model"].count_params(), names["test_accuracy"]]))
"""


OPTIONS = {
    ("l2", "functional"): {"preparation": "l2", "labels": "one_hot", "validation_split": 0.1},
    ("raw", "subclassed"): {
        "preparation": "raw",
        "optimizer": "sgd",
        "learning_rate": 1e-6,
        "momentum": 0.9,
        "early_stopping": 2,
        "shuffle": False,
    },
}


VARIED = (
    {"augmentation": "strong", "validation_split": 0.1, "batch_size": 64},
    {"augmentation": "light", "non_digits": True, "preparation": "l2", "batch_size": 64},
    {"non_digits": True, "validation_split": 0.1, "dataset_share": 0.5, "early_stopping": 2, "labels": "one_hot"},
)
"""What the scripts of the three forms vary or add."""


def scripts():
    """Every script to run, by name."""
    for name, model in PRESETS.items():
        script = as_python(script_sections(TrainingSpec(model, epochs=1)))
        if name == "cnn_wide":  # which takes minutes on more
            cut = "x_train, y_train = x_train[:800], y_train[:800]\n# Prepare the data"
            script = script.replace("# Prepare the data", cut)
        yield name, script
    for (option, form), settings in OPTIONS.items():
        model = PRESETS["cnn" if option == "l2" else "fc"]
        spec = TrainingSpec(model, "fashion_mnist", 1, 64, **settings)
        yield f"{option}-{form}", as_python(script_sections(spec, form))
    for form, settings in zip(FORMS, VARIED, strict=True):
        spec = TrainingSpec(PRESETS["cnn" if form == "functional" else "fc"], epochs=1, **settings)
        script = as_python(script_sections(spec, form))
        if needs_pictures(spec):
            script = script.replace(pictures_file(spec), "more.npz")
        yield f"varied-{form}", script


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What each script came to: parameters and test accuracy, by name. One interpreter runs them all, to save time."""
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "driver.py").write_text(DRIVER)
    no_digits = make_non_digits(300, 0)
    np.savez(folder / "more.npz", x=no_digits, y=np.full(300, NO_DIGIT))
    for name, script in scripts():
        (folder / f"{name}.py").write_text(script)
    files = [f"{name}.py" for name, _ in scripts()]
    done = subprocess.run([sys.executable, "driver.py", *files], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("Test accuracy: 0.") == len(files)
    lines = [json.loads(line[7:]) for line in done.stdout.splitlines() if line.startswith("RESULT")]
    assert {path.name for path in folder.glob("*.keras")} == {f"{name}.keras" for name in PRESETS}
    return {path.removesuffix(".py"): (parameters, accuracy) for path, parameters, accuracy in lines}


@pytest.mark.slow
@pytest.mark.parametrize("name", PRESETS)
def test_the_script_of_each_preset_runs_and_learns(results, name):
    parameters, accuracy = results[name]
    assert parameters == PRESETS[name].num_params
    # Batch normalisation's running means have seen too few pictures in one short epoch to be of use in testing.
    has_batch_normalization = any(layer.kind == "BatchNormalization" for layer in PRESETS[name].layers)
    assert accuracy > (0.05 if has_batch_normalization else 0.4)


@pytest.mark.slow
def test_the_script_learns_what_the_loop_learns(results):
    """The same network, seed and settings on the same few pictures, by both roads."""
    data = load_dataset("mnist")
    few = dataclasses.replace(
        data,
        x_train=data.x_train[:NUM_TRAIN],
        y_train=data.y_train[:NUM_TRAIN],
        x_test=data.x_test[:NUM_TEST],
        y_test=data.y_test[:NUM_TEST],
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mnist_core.training.training_set.load_dataset", lambda _: few)
        trained = train(TrainingSpec(PRESETS["fc"], epochs=1), lambda _: None)
    assert results["fc"][1] == pytest.approx(trained.result["test_accuracy"], abs=0.06)


@pytest.mark.slow
@pytest.mark.skipif(not OTHER_KERASES.is_dir(), reason="make test installs other versions of Keras")
@pytest.mark.parametrize("version", VERSIONS)
def test_scripts_run_in_keras_from_3_4_on(version, tmp_path):
    """Every layer, in each of the three ways to write a model, with reduced precision and callbacks."""
    (tmp_path / "driver.py").write_text(DRIVER)
    settings = {"epochs": 1, "batch_size": 512, "schedule": "cosine", "early_stopping": 2, "validation_split": 0.2}
    spec = TrainingSpec(EVERY_LAYER, dataset_share=0.2, precision="bfloat16", preparation="l2", **settings)
    for form in FORMS:
        (tmp_path / f"{form}.py").write_text(as_python(script_sections(spec, form)))
    environment = {**os.environ, "PYTHONPATH": str(OTHER_KERASES / version), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "driver.py", *(f"{form}.py" for form in FORMS)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("Test accuracy: 0.") == len(FORMS)


@pytest.mark.slow
@pytest.mark.parametrize(("option", "form"), OPTIONS)
def test_each_setting_has_its_line(results, option, form):
    assert results[f"{option}-{form}"][1] > 0.15  # raw pixels teach little from so few


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_script_with_varied_pictures_or_more_of_them_learns(results, form):
    assert results[f"varied-{form}"][1] > 0.4


def test_a_notebook_has_a_heading_and_a_cell_for_each_step():
    sections = script_sections(TrainingSpec(PRESETS["fc"]))
    notebook = json.loads(as_notebook(sections))
    assert notebook["nbformat"] == 4 and len(notebook["cells"]) == 2 * len(sections)
    code = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for source in code:
        compile(source, "cell", "exec")
    assert "".join(code).count("model.fit(") == 1


def test_layers_are_written_as_the_course_writes_them():
    assert layer_code(Dense(128, "relu")) == 'layers.Dense(128, activation="relu")'
    assert layer_code(Conv2D(32, 3, "valid", "relu")) == 'layers.Conv2D(32, 3, activation="relu")'
    assert layer_code(Conv2D(32, 3, "same", "relu")) == 'layers.Conv2D(32, 3, padding="same", activation="relu")'
    assert layer_code(Activation("tanh")) == 'layers.Activation("tanh")'


@pytest.mark.parametrize("kind", LAYERS)
def test_the_code_of_each_layer_is_python(kind):
    compile(layer_code(LAYERS[kind]()), kind, "eval")


def test_a_run_that_continues_another_loads_it():
    script = as_python(script_sections(TrainingSpec(PRESETS["fc"], continues="earlier")))
    assert 'load_model("fc.keras")' in script and "the run earlier" in script and "compile(" not in script


def test_a_continued_run_is_told_from_its_beginning():
    first = TrainingSpec(PRESETS["fc"], epochs=2)
    script = as_python(script_sections(dataclasses.replace(first, epochs=7, continues="earlier"), earlier=[first]))
    assert script.count("model.fit(") == 2 and script.count("compile(") == 1 and "load_model" not in script
    assert script.index("epochs=2") < script.index("epochs=7")


def test_a_learning_rate_is_written_with_all_its_digits():
    assert "learning_rate=0.0012345678)" in as_python(
        script_sections(TrainingSpec(PRESETS["fc"], learning_rate=0.0012345678))
    )


@pytest.mark.parametrize("form", FORMS)
def test_reduced_precision_is_in_the_script_and_leaves_the_last_layer_alone(form):
    script = as_python(script_sections(TrainingSpec(PRESETS["fc"], precision="bfloat16"), form))
    assert 'set_dtype_policy("mixed_bfloat16")' in script and script.count('dtype="float32"') == 1
    compile(script, "script", "exec")


def test_a_falling_learning_rate_and_a_share_are_in_the_script():
    spec = TrainingSpec(PRESETS["fc"], schedule="cosine", dataset_share=0.5)
    script = as_python(script_sections(spec))
    assert "import math" in script and "LearningRateScheduler" in script and "few = round(0.5" in script
    compile(script, "script", "exec")


@pytest.mark.parametrize("name", ["light", "strong"])
def test_the_script_varies_pictures_as_the_loop_does(name):
    """With the same chance; up to rounding, and to what two bicubic resizings differ by."""
    chance = np.random.default_rng(1)
    drawn = []

    class Recorded:
        def uniform(self, shape, low, high):
            drawn.append(chance.uniform(low, high, np.asarray(shape)).astype("float32"))
            return tf.constant(drawn[-1])

        def normal(self, shape, stddev):
            drawn.append(chance.normal(0, stddev, np.asarray(shape)).astype("float32"))
            return tf.constant(drawn[-1])

    class Replayed:
        def uniform(self, *_):
            return drawn.pop(0)

        normal = uniform

    pictures = load_dataset("mnist").x_train[:50]
    expected = augment(tf.constant(pictures, tf.float32) / 255, AUGMENTATIONS[name], Recorded()).numpy()
    code = data_codes(TrainingSpec(PRESETS["fc"], augmentation=name))["Vary the pictures"]
    names = {"np": np, "keras": keras, "math": math, "rng": Replayed()}
    exec(code, names)
    assert np.abs(names["vary"](pictures) / 255 - expected).max() < 1e-3


def test_the_script_learns_from_the_pictures_that_the_run_learned_from():
    drawings = drawings_content(digits_by(2))
    spec = TrainingSpec(PRESETS["fc"], dataset_share=0.01, drawings="A/Änne.jsonl", validation_split=0.1)
    more = np.load(io.BytesIO(as_npz(pictures_besides(spec, drawings))))
    train = training_set(spec, drawings).train
    assert len(train[0]) == 540 + len(more["x"])
    assert np.array_equal(train[0][540:], more["x"]) and np.array_equal(train[1][540:], more["y"])
    script = as_python(script_sections(spec))
    assert pictures_file(spec) == "fc-Änne.npz" and 'np.load("fc-Änne.npz")' in script
    compile(script, "script", "exec")


def test_runs_that_learn_from_other_pictures_load_them_anew():
    plain = TrainingSpec(PRESETS["fc"])
    tuned = dataclasses.replace(plain, drawings="Ada", continues="x", augmentation="light")
    script = as_python(script_sections(tuned, None, [plain]))
    compile(script, "script.py", "exec")
    assert script.count("load_data()") == 2 and "class Varied" in script.split("# Train\n")[1]
    again = as_python(script_sections(tuned, None, [plain, tuned]))
    assert again.count("load_data()") == 2 and again.count("class Varied") == 1


def test_a_time_limit_is_in_the_script_too():
    script = as_python(script_sections(TrainingSpec(PRESETS["fc"], time_limit=4, early_stopping=2)))
    assert ">= 4:" in script and "TimeLimit()]" in script
    compile(script, "script", "exec")


def test_how_a_run_ended_is_said_where_its_last_fit_begins():
    spec = TrainingSpec(PRESETS["fc"])
    script = as_python(script_sections(spec, earlier=[spec], ended="The run was stopped."))
    assert script.index("# The run was stopped.") > script.index("# Train further")


STEERED = (
    Change("learning_rate", 0.01, 0.1, 1, 10, 10),
    Change("momentum", 0.0, 0.9, 2, 0, 27),
    Change("batch_size", 100, 300, 3, 0, 54),
)


def test_what_was_changed_by_hand_is_done_by_the_script_too():
    spec = TrainingSpec(PRESETS["softmax"], epochs=4, optimizer="sgd", batch_size=100, changes=STEERED)
    script = as_python(script_sections(spec))
    compile(script, "script.py", "exec")
    assert "rates = {0: 0.01, 10: 0.1}" in script
    fits = script.split("model.fit(")[1:]
    assert ["batch_size=100" in fit for fit in fits] == [True, True, False]
    assert ["initial_epoch=1" in fit for fit in fits] == [False, True, False] and "batch_size=300" in fits[2]
    assert script.count("momentum=0.9") == 1 and "epochs=1,\n" in fits[0] and "epochs=4,\n" in fits[2]
    falling = as_python(script_sections(dataclasses.replace(spec, schedule="cosine", changes=STEERED[:1])))
    compile(falling, "script.py", "exec")
    assert "math.cos(math.pi * self.epoch / 4)" in falling and "LearningRateScheduler" not in falling
    varied = as_python(script_sections(dataclasses.replace(spec, augmentation="light")))
    compile(varied, "script.py", "exec")
    assert varied.count("class Varied") == 2 and "/ 300)" in varied


@pytest.mark.slow
def test_a_steered_run_and_its_script_learn_the_same(tmp_path, monkeypatch):
    """Without chance in the order, the script ends with the run's own weights."""
    few = {"dataset_share": 0.05, "shuffle": False, "optimizer": "sgd", "batch_size": 100}
    spec = TrainingSpec(PRESETS["softmax"], epochs=4, changes=STEERED, **few)
    ours = load_model_bytes(train(spec, lambda _: None).keras_file)
    data = load_dataset("mnist")
    pictures = (data.x_train, data.y_train), (data.x_test, data.y_test)
    monkeypatch.setattr(keras.datasets.mnist, "load_data", lambda: pictures)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "script.py").write_text(as_python(script_sections(spec)))
    theirs = runpy.run_path("script.py")["model"]
    for weight, expected in zip(theirs.weights, ours.weights, strict=True):
        np.testing.assert_allclose(weight, expected, atol=2e-3)


def test_an_unknown_form_is_a_sentence():
    with pytest.raises(InvalidInput, match="sequential, functional"):
        script_sections(TrainingSpec(PRESETS["fc"]), "magic")


def test_a_continued_run_keeps_each_runs_own_schedule_share_and_dataset():
    """The last settings were taken for all: no import for the cosine, the rate left at its end, few pictures."""
    base = TrainingSpec(PRESETS["fc"], epochs=10, schedule="cosine", dataset="fashion_mnist")
    tuned = dataclasses.replace(base, epochs=3, schedule="constant", dataset="mnist", dataset_share=0.05, continues="x")
    script = as_python(script_sections(tuned, None, [base]))
    compile(script, "script.py", "exec")
    first, further = script.split("# Train further")
    assert first.startswith("# Import Keras\nimport math") and "few" not in first
    assert first.index("fashion_mnist.load_data") < first.index("epochs=10") < first.index("datasets.mnist.load_data")
    assert "model.optimizer.learning_rate = 0.001\n" in further and "x_train[:few]" in further
