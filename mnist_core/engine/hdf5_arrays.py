"""Takes the numbers out of an HDF5 file of anyone: `python -m mnist_core.engine.hdf5_arrays FILE TARGET`.

The C library for HDF5 that is at hand has a weakness that crafted files use, so one written in Python reads it; and in
a process of its own, which is ended where a crafted file keeps it busy for ever.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyfive
from numpy.typing import NDArray

from mnist_core.errors import InvalidInput

MAX_NUMBERS = 21_000_000
"""As many weights as a network here may have, with some room."""

MAX_ARRAYS = 1_000
SECONDS = 60.0
ATTRIBUTES = ("model_config", "weight_names")
WEIGHTS = ("layers", "_layer_checkpoint_dependencies", "model_weights")
"""Where Keras keeps a model's weights; optimizers lie elsewhere."""


def read_arrays(content: bytes) -> tuple[dict[str, NDArray[np.float32]], dict[str, Any]]:
    """The arrays of numbers in an HDF5 file that are a Keras model's weights, by their paths; and its attributes.

    Args:
        content: The file's content.

    Raises:
        InvalidInput: if it cannot be read in a minute.
    """
    damaged = InvalidInput("The weights in this file cannot be read: it is damaged, or of another kind.")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "source.h5", Path(folder) / "target.npz"
        source.write_bytes(content)
        command = [sys.executable, "-m", __name__, str(source), str(target)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise damaged from error
        if done.returncode or not target.is_file():
            raise damaged
        with np.load(target, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    attributes = json.loads(found.pop("attributes").tobytes())
    return found, attributes


def write_arrays(source: str, target: str) -> None:
    """Writes the arrays and attributes of an HDF5 file into a NumPy file, which holds no code."""
    arrays: dict[str, NDArray[Any]] = {}
    attributes: dict[str, Any] = {}
    numbers = 0
    with pyfive.File(source) as file:
        _take_attributes(file, "", attributes)
        waiting = [(name, file[name]) for name in file if name in WEIGHTS]
        while waiting:
            path, item = waiting.pop()
            _take_attributes(item, path, attributes)
            if hasattr(item, "shape"):
                numbers += int(np.prod(item.shape))
                if numbers > MAX_NUMBERS or item.dtype.kind not in "fiu":
                    sys.exit(1)
                arrays[path] = np.asarray(item[()], np.float32)
            else:
                waiting += [(f"{path}/{name}", item[name]) for name in item]
            if len(arrays) + len(waiting) > MAX_ARRAYS:
                sys.exit(1)
    arrays["attributes"] = np.frombuffer(json.dumps(attributes).encode(), np.uint8)
    np.savez(target, allow_pickle=False, **arrays)


def _take_attributes(item: Any, path: str, attributes: dict[str, Any]) -> None:
    for name in ATTRIBUTES:
        if name in item.attrs:
            attributes[f"{path}@{name}"] = _as_text(item.attrs[name])


def _as_text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, str):
        return value
    return [_as_text(item) for item in np.asarray(value).ravel().tolist()]


if __name__ == "__main__":
    write_arrays(*sys.argv[1:3])
