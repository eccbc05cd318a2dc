"""One step of training in all its detail, as a file: what went in, what came out, and what became of each weight."""

from typing import Any

import numpy as np

from mnist_core.engine.backend import keras, tf
from mnist_core.files import npz_content, strict_json
from mnist_core.training.slow_step import AVERAGES, MAX_SHOWN_PICTURES, MAX_SHOWN_WEIGHTS


class StepWatch:
    """Remembers a model as it is before a step, and tells after it what has changed.

    Args:
        model: The model, compiled; its optimizer is built.
        labels: The labels of the batch, int64 (B,).
    """

    def __init__(self, model: keras.Model, labels: tf.Tensor) -> None:
        self.model, self.labels = model, labels.numpy()
        self.weights = [variable.numpy() for variable in model.trainable_variables]
        self.averages = self._averages()
        self.steps_before = int(model.optimizer.iterations.numpy())

    def file(self, pictures: tf.Tensor, probabilities: tf.Tensor, gradient: list[tf.Tensor]) -> bytes:
        """What happened in the step; `mnist_core.training.slow_step.read_step` reads it.

        Args:
            pictures: What the network took, float32 (B, *input shape).
            probabilities: What it gave while it learned, (B, 10).
            gradient: Of each trainable variable.
        """
        model, optimizer, arrays = self.model, self.model.optimizer, {}
        after = np.asarray(model(pictures[:MAX_SHOWN_PICTURES], training=False))
        for place, variable in enumerate(model.trainable_variables):
            columns = {"weight": self.weights[place], "gradient": gradient[place].numpy(), "after": variable.numpy()}
            columns |= {name: values[place] for name, values in self.averages.items()}
            columns |= {f"{name}_after": values[place] for name, values in self._averages().items()}
            for name, values in columns.items():
                arrays[f"{place}_{name}"] = np.ravel(values)[:MAX_SHOWN_WEIGHTS].astype(np.float32)
        about = {
            "optimizer": type(optimizer).__name__,
            "learning_rate": float(optimizer.learning_rate),
            "steps_before": self.steps_before,
            "constants": {
                name: float(value)
                for name in ("beta_1", "beta_2", "epsilon", "momentum", "rho", "weight_decay")
                if isinstance(value := getattr(optimizer, name, None), int | float)
            },
            "num_pictures": len(self.labels),
            "variables": [
                {"name": variable.path.removeprefix(f"{model.name}/"), "shape": [*variable.shape]}
                for variable in model.trainable_variables
            ],
        }
        arrays |= {
            "about": np.frombuffer(strict_json(about).encode(), np.uint8),
            "pictures": np.round(255 * np.reshape(pictures[:MAX_SHOWN_PICTURES], (-1, 28, 28))).astype(np.uint8),
            "labels": self.labels[:MAX_SHOWN_PICTURES],
            "probabilities": np.asarray(probabilities[:MAX_SHOWN_PICTURES], np.float32),
            "probabilities_after": after.astype(np.float32),
        }
        return npz_content(arrays)

    def _averages(self) -> dict[str, list[np.ndarray]]:
        """The optimizer's running averages of each trainable variable, by their names in `AVERAGES`."""
        optimizer: Any = self.model.optimizer
        found = {}
        for name, attributes in AVERAGES.items():
            for attribute in attributes:
                if variables := getattr(optimizer, attribute, None):
                    found[name] = [variable.numpy() for variable in variables]
                    break
        return found
