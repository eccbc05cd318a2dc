"""What differs between runs."""

from mnist_core.networks.presets import PRESETS
from mnist_core.runs.comparison import differences, unique_names
from mnist_core.training.spec import TrainingSpec


def test_only_what_differs_is_listed(store):
    runs = [store.create(TrainingSpec(PRESETS["fc"], epochs=epochs, batch_size=64)) for epochs in (1, 5)]
    assert differences(runs) == {"Epochs": ["1", "5"]}
    runs.append(store.create(TrainingSpec(PRESETS["cnn"], epochs=1, batch_size=64)))
    assert list(differences(runs)) == ["Network", "Layers", "Epochs"]


def test_each_run_has_a_name_of_its_own(store, spec):
    """Two curves of one name in a legend are one colour."""
    runs = [store.create(spec, name=name) for name in ("fc", "cnn", "fc")]
    assert list(unique_names(runs).values()) == ["fc (1)", "cnn", "fc (3)"]
