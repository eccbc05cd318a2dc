"""Where everything is kept, and what each file is called."""

import os
from pathlib import Path

import platformdirs

MODEL_FILE = "model.keras"
"""The model in a run's folder."""

RECORD_FILE = "run.json"
LOG_FILE = "metrics.jsonl"

SNAPSHOTS_FOLDER = "snapshots"
SNAPSHOT_ENDING = ".npz"
"""In a run's folder, the weights after some of its steps: `snapshots/300.npz`."""

STEP_FILE = "step.npz"
"""In a run's folder, what happened in the step that was done slowly last."""

ARCHITECTURES_FOLDER = "architectures"
LESSONS_FOLDER = "lessons"
DRAWINGS_FOLDER = "drawings"

BIN_FOLDER = ".bin"
"""What was deleted lately."""

MAPS_FOLDER = ".maps"
"""Maps of test pictures that took long to work out; they can be deleted at any time."""

OTHER_FOLDERS = (ARCHITECTURES_FOLDER, LESSONS_FOLDER, DRAWINGS_FOLDER)
"""What lies among the runs and is none: a person's own networks, lessons and drawings."""

_PACKAGE = Path(__file__).parent

IS_CLONE = (_PACKAGE.parent / "pyproject.toml").is_file()
"""Whether this is the project itself, and not installed somewhere."""

USER_DATA = platformdirs.user_data_path("digit-studio", appauthor=False)
"""What belongs to the user of an installed copy."""

APPLICATION = _PACKAGE.parent if IS_CLONE else _PACKAGE.parent / "digit_studio"
"""The folder that holds `app.py`, `pages/` and `saved_model/`."""

SHIPPED_MODELS = APPLICATION / "saved_model"
"""The trained models that come with the project, each a run's folder."""


def runs_folder() -> Path:
    """Where runs live: `DIGIT_STUDIO_HOME`, or below `saved_model/` in a clone, or else in the user's data folder."""
    if home := os.environ.get("DIGIT_STUDIO_HOME"):
        return Path(home)
    return (SHIPPED_MODELS if IS_CLONE else USER_DATA) / "runs"


def keys_folder() -> Path:
    """Where the keys of a cluster are: `DIGIT_STUDIO_KEYS`, or else in the user's data folder."""
    return Path(os.environ.get("DIGIT_STUDIO_KEYS") or USER_DATA / "keys")
