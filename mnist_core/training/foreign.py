"""A model that somebody else trained, as it was read from their file."""

from dataclasses import dataclass

from mnist_core.networks.spec import ModelSpec


@dataclass(frozen=True)
class Foreign:
    """A model that was read from somebody's file.

    Attributes:
        spec: Its architecture.
        dataset: What it reads best, a name in `DATASETS`.
        preparation: How its pixels are scaled, a name in `INPUT_SCALINGS`.
        keras_file: The same model in our own layers, the content of a `.keras` file.
        result: Its test loss is not known; its test accuracy, 0 to 1, and its number of parameters.
        notes: What was recognised and adapted, a sentence each.
    """

    spec: ModelSpec
    dataset: str
    preparation: str
    keras_file: bytes
    result: dict[str, float]
    notes: tuple[str, ...]
