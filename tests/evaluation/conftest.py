"""What tests of measures share."""

import numpy as np
import pytest

from mnist_core.datasets import load_dataset


@pytest.fixture
def guesses():
    """Probabilities for 200 test pictures, some of them wrong."""
    rng = np.random.default_rng(0)
    labels = load_dataset("mnist").y_test[:200]
    probabilities = rng.random((200, 10)).astype(np.float32)
    probabilities[np.arange(200), labels] += 0.5
    return probabilities / probabilities.sum(axis=1, keepdims=True), labels
