"""Examples of an augmentation, for callers that must not import TensorFlow themselves."""

import numpy as np
from numpy.typing import NDArray

from mnist_core.datasets import load_dataset

NUM_PICTURES = 8
NUM_EPOCHS = 4


def augmented_rows(dataset: str, augmentation: str) -> NDArray[np.uint8]:
    """Training pictures as they are, and as a network sees them in a few epochs.

    Args:
        dataset: A name in `DATASETS`.
        augmentation: A name in `AUGMENTATIONS`.

    Returns:
        uint8, shape (1 + 4, 8, 28, 28): the pictures, then what each becomes in an epoch.
    """
    from mnist_core.engine.augmentation import augmented_examples

    data = load_dataset(dataset)
    pictures = np.stack([data.x_train[data.y_train == label][0] for label in range(NUM_PICTURES)])
    varied = [augmented_examples(augmentation, pictures.tobytes(), seed) for seed in range(NUM_EPOCHS)]
    return np.stack([pictures, *varied])
