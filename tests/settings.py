"""Settings that several tests share."""

from mnist_core.networks.layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from mnist_core.networks.spec import ModelSpec

EVERY_LAYER = ModelSpec(
    "every",
    (
        Conv2D(6, 3), BatchNormalization(), Activation("relu"), MaxPooling2D(), Conv2D(8, 3), AveragePooling2D(),
        GlobalAveragePooling2D(), Dense(12, "relu"), Dropout(), Dense(10, "softmax"),
    ),
    style="functional",
)  # fmt: skip
"""An architecture with every kind of layer but Flatten."""

EVERY_SETTING = {
    "dataset": "fashion_mnist", "epochs": 7, "batch_size": 128, "optimizer": "sgd", "learning_rate": 0.05,
    "validation_split": 0.3, "momentum": 0.9, "preparation": "l2", "labels": "one_hot", "precision": "bfloat16",
    "augmentation": "light", "non_digits": True, "dataset_share": 0.5, "schedule": "cosine", "early_stopping": 2,
    "time_limit": 60.0, "shuffle": False, "seed": 11, "snapshots": "off",
}  # fmt: skip
"""A value for each setting that is not its default."""

PAGES = (
    "draw", "number", "inside", "train", "several", "build", "data", "model", "evaluate", "compare", "handwriting",
    "lessons",
)  # fmt: skip
"""Every page, by its address."""
