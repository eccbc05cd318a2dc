"""What differs between runs."""

from mnist_core.networks.presets import PRESETS
from mnist_core.runs.comparison import differences
from mnist_core.training.spec import TrainingSpec


def test_only_what_differs_is_listed(store):
    runs = [store.create(TrainingSpec(PRESETS["fc"], epochs=epochs, batch_size=64)) for epochs in (1, 5)]
    assert differences(runs) == {"Epochs": ["1", "5"]}
    runs.append(store.create(TrainingSpec(PRESETS["cnn"], epochs=1, batch_size=64)))
    assert list(differences(runs)) == ["Network", "Layers", "Epochs"]
