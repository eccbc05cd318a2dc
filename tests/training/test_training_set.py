"""Which pictures a run learns from."""

import numpy as np
import pytest

from mnist_core.drawing.drawings_file import drawings_content
from mnist_core.drawing.strokes import Drawing
from mnist_core.engine.training import train
from mnist_core.networks.presets import PRESETS
from mnist_core.training.spec import TrainingSpec

pytestmark = pytest.mark.slow


def test_a_run_learns_from_drawings_non_digits_and_varied_pictures(monkeypatch):
    monkeypatch.setattr("mnist_core.training.training_set.NUM_NON_DIGITS", 110)
    line = np.array([[140, 40], [140, 240]], np.float32)
    drawings = drawings_content([Drawing((line + i,), 1, "ada") for i in range(20)])
    spec = TrainingSpec(
        PRESETS["softmax"], epochs=2, batch_size=32, dataset_share=0.02, augmentation="light", non_digits=True,
        drawings="mine", schedule="cosine",
    )  # fmt: skip
    events = []
    trained = train(spec, events.append, drawings=drawings)
    assert events[0]["num_train"] == 1080 + 20 * 18 + 110
    losses = [event["loss"] for event in events if event["event"] == "epoch"]
    assert losses[1] < losses[0] and trained.result["test_accuracy"] > 0.5
