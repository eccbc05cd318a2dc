"""Training a model further on one person's drawings, in half a minute."""

import dataclasses
from typing import Any

from mnist_core.training.spec import TrainingSpec

FINE_TUNING: dict[str, Any] = {
    "dataset_share": 0.05,
    "epochs": 3,
    "learning_rate": 0.0005,
    "batch_size": 32,
    "augmentation": "light",
    "non_digits": False,
    "schedule": "cosine",
    "early_stopping": 0,
    "time_limit": 25.0,
    "validation_split": 0.0,
}
"""The settings of such a run, by their names in `TrainingSpec`; every other is that of the model it begins with.

A little of the dataset keeps it from forgetting how others write.
"""


def fine_tuning_spec(parent: TrainingSpec, parent_id: str, drawings: str) -> TrainingSpec:
    """The run that trains a model further on drawings.

    Args:
        parent: What the model was trained on, and how.
        parent_id: The id of the run that left the model.
        drawings: The name of the set to learn from.
    """
    return dataclasses.replace(parent, continues=parent_id, drawings=drawings, **FINE_TUNING)


def fine_tuning_name(parent: str, writer: str) -> str:
    """What the run is called that trains a model of this name further on a person's handwriting."""
    return f"{parent[:24]} for {writer[:24]}"


def fine_tuning_tag(writer: str) -> str:
    """What the runs that were tuned on a person's handwriting are marked with."""
    return f"handwriting/{writer}"
