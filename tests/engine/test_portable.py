"""Model files in other versions of Keras."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from mnist_core.engine.build import build_model, file_of, load_model
from mnist_core.engine.portable import NEWER_SETTINGS, portable_keras_file
from mnist_core.errors import InvalidInput
from mnist_core.networks.presets import PRESETS
from mnist_core.runs.models import shipped_models
from tests.settings import EVERY_LAYER

OTHER_KERASES = Path(sys.prefix) / "other-kerases"
VERSIONS = ("3.4.1", "3.12.0")

READ = """
import sys, numpy as np, keras
images = np.load(sys.argv[1])
for path in sys.argv[2:]:
    model = keras.models.load_model(path, compile=False)
    shape = model.input_shape[1:]
    np.save(path + ".npy", model.predict(images.reshape(-1, *shape), verbose=0))
print(keras.__version__)
"""


def every_name(value):
    items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for name, item in items:
        if name is not None:
            yield name
        if isinstance(item, dict | list):
            yield from every_name(item)


def config_of(path):
    with zipfile.ZipFile(path) as file:
        return json.loads(file.read("config.json"))


@pytest.mark.parametrize("run", shipped_models(), ids=lambda run: run.id)
def test_no_shipped_model_holds_what_others_refuse(run):
    assert not NEWER_SETTINGS.keys() & set(every_name(config_of(run.model_path)))


def test_a_setting_that_matters_stays(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(file_of(build_model(PRESETS["fc"])))
    config = config_of(path)
    config["config"]["layers"][1]["config"]["renorm"] = True
    with zipfile.ZipFile(path) as saved:
        weights = saved.read("model.weights.h5")
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", json.dumps(config))
        file.writestr("model.weights.h5", weights)
    path.write_bytes(portable_keras_file(path.read_bytes()))
    assert config_of(path) == config


def test_an_h5_file_holds_none_either(tmp_path):
    path = tmp_path / "model.h5"
    path.write_bytes(file_of(build_model(EVERY_LAYER), ".h5"))
    with h5py.File(path) as file:
        assert not NEWER_SETTINGS.keys() & set(every_name(json.loads(file.attrs["model_config"])))


def test_what_others_would_read_wrongly_is_not_written():
    """Keras 3.4 and 3.8 normalised along another axis, and said nothing."""
    with pytest.raises(InvalidInput, match="Save it as .keras"):
        file_of(build_model(EVERY_LAYER, "l2"), ".h5")


@pytest.mark.slow
@pytest.mark.skipif(not OTHER_KERASES.is_dir(), reason="make test installs other versions of Keras")
@pytest.mark.parametrize("version", VERSIONS)
def test_every_model_opens_in_keras_from_3_4_on_with_the_same_answers(version, tmp_path):
    """Nothing that was saved by Keras 3.15 opened in any version before it."""
    images = np.random.default_rng(0).random((8, 28, 28)).astype(np.float32)
    np.save(tmp_path / "images.npy", images)
    models = {run.id: load_model(run.model_path, compile=False) for run in shipped_models()}
    models |= {"every": build_model(EVERY_LAYER), "l2": build_model(EVERY_LAYER, "l2")}
    paths = []
    for name, model in models.items():
        for ending in (".keras",) if name == "l2" else (".keras", ".h5"):
            paths.append(tmp_path / f"{name}{ending}")
            paths[-1].write_bytes(file_of(model, ending))
    environment = {**os.environ, "PYTHONPATH": str(OTHER_KERASES / version), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", READ, str(tmp_path / "images.npy"), *map(str, paths)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[-1] == version
    for path in paths:
        model = models[path.stem]
        expected = model.predict(images.reshape(-1, *model.input_shape[1:]), verbose=0)
        np.testing.assert_allclose(np.load(f"{path}.npy"), expected, atol=1e-5, err_msg=path.name)
