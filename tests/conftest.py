"""What all tests share."""

from pathlib import Path

import pytest

from mnist_core.networks.presets import PRESETS
from mnist_core.runs.store import RunStore
from mnist_core.training.spec import TrainingSpec


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """A run store of its own for each test."""
    return RunStore(tmp_path / "runs")


@pytest.fixture
def spec() -> TrainingSpec:
    """The quickest real run."""
    return TrainingSpec(PRESETS["softmax"], epochs=1, batch_size=1024)
