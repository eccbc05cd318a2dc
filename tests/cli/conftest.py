"""The fixtures that tests of commands share."""

import numpy as np
import pytest
from PIL import Image

from mnist_core.datasets import load_dataset


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_STUDIO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def digit_png(tmp_path):
    """The first 7 of the test set, as dark ink on a white canvas."""
    grey = np.asarray(Image.fromarray(load_dataset("mnist").x_test[0]).resize((280, 280)))
    path = tmp_path / "seven.png"
    Image.fromarray(255 - grey).save(path)
    return path
