"""What only Keras can say or make of a network, for callers that must not import TensorFlow themselves."""

from pathlib import Path

from mnist_core.networks.spec import ModelSpec


def preset_summary(spec: ModelSpec) -> str:
    """The text of `model.summary()` of an architecture with fresh weights."""
    from mnist_core.engine.build import build_model, summary_text

    return summary_text(build_model(spec))


def model_summary(path: Path, _modified: int) -> str:
    """The text of `model.summary()` of a trained model.

    Args:
        path: Its `.keras` file.
        _modified: When the file was last changed, so that a remembered answer is not given for a newer file.

    Raises:
        InvalidInput: if the file cannot be used.
    """
    from mnist_core.engine.build import load_model, summary_text

    return summary_text(load_model(path))


def model_as_h5(path: Path, _modified: int) -> bytes:
    """A trained model in the older HDF5 format, which Keras 2 and many other tools read.

    Args:
        path: Its `.keras` file.
        _modified: When the file was last changed.

    Raises:
        InvalidInput: if the file cannot be used.
    """
    from mnist_core.engine.build import file_of, load_model

    return file_of(load_model(path), ".h5")
