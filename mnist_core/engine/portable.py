"""Model files that other versions of Keras open.

Keras 3.15 writes settings that 3.4 to 3.14 refuse, nearly always at the values that change nothing.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py

CONFIG_FILE = "config.json"

NEWER_SETTINGS: dict[str, Any] = {
    "quantization_config": None,
    "input_axes": None,
    "output_axes": None,
    "renorm": False,
    "renorm_clipping": None,
    "renorm_momentum": 0.99,
}
"""Settings that Keras before 3.15 does not know, with the values that change nothing."""


def portable_keras_file(content: bytes) -> bytes:
    """A `.keras` file without the settings that older versions refuse; one that needs them stays as it is.

    Args:
        content: The file as Keras saved it.
    """
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as saved, zipfile.ZipFile(result, "w") as portable:
        for item in saved.infolist():
            part = saved.read(item)
            is_config = item.filename == CONFIG_FILE
            portable.writestr(item, json.dumps(portable_config(json.loads(part))) if is_config else part)
    return result.getvalue()


def make_h5_portable(path: Path) -> None:
    """The same for an `.h5` file, in its place."""
    with h5py.File(path, "r+") as file:
        for name in ("model_config", "training_config"):
            if name in file.attrs:
                file.attrs[name] = json.dumps(portable_config(json.loads(file.attrs[name])))


def portable_config(value: Any) -> Any:
    """A model's configuration without newer settings that stand at their defaults."""
    if isinstance(value, list):
        return [portable_config(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: portable_config(item)
        for name, item in value.items()
        if name not in NEWER_SETTINGS or item != NEWER_SETTINGS[name]
    }
