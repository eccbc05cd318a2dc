"""One run: the content of its `run.json`."""

import dataclasses
import socket
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from mnist_core.errors import InvalidInput
from mnist_core.paths import MODEL_FILE, RECORD_FILE
from mnist_core.runs.snapshots import kept_steps, snapshot_path
from mnist_core.training.spec import TrainingSpec

STATUSES = ("queued", "running", "finished", "stopped", "failed", "interrupted")
ACTIVE = ("queued", "running")
MAX_NAME = 60
NOT_IN_RECORD = ("folder", "step")
IMPORTED = "imported"
"""The "interface" of a run that is a model from a file, and the event of its log that says what was adapted."""


@dataclass(frozen=True)
class Run:
    """What is known of one run: the content of its `run.json`.

    Attributes:
        id: Name of its folder.
        name: What people call it; can be changed.
        spec: What was trained, on what, and how.
        status: One of `STATUSES`.
        created: When it was asked for, in ISO 8601, UTC.
        started: When training began, or None.
        ended: When it ended, or None.
        owner: "interface" says who asked for it; while it is active also the process that writes its folder, as
            "host", "pid", "process_started" and "system_started".
        result: Figures at the end: epochs, seconds and num_params; where it finished also test_loss and test_accuracy.
        error: Why it failed, in a sentence, or None.
        tag: What it belongs to, such as a lesson's experiment; "" for nothing.
        number: One more than that of any run that was there when it was created, as a clock may be set back meanwhile;
            0 of a run whose record is older than numbers are.
        folder: Where it is kept.
        is_paused: Whether it waits for somebody to let it go on.
        step: The snapshot that is meant, by the steps done until then; None for the run as it ended. Not in the record.
    """

    id: str
    name: str
    spec: TrainingSpec
    status: str
    created: str
    folder: Path
    started: str | None = None
    ended: str | None = None
    owner: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    tag: str = ""
    number: int = 0
    is_paused: bool = False
    step: int | None = None

    @property
    def is_active(self) -> bool:
        """Whether it waits or trains."""
        return self.status in ACTIVE

    @property
    def is_imported(self) -> bool:
        """Whether somebody else trained it, so that nothing is known of how."""
        return self.owner.get("interface") == IMPORTED

    @property
    def model_path(self) -> Path:
        """Where its model is, once there is one; the last snapshot of a run that was cut off before it left one."""
        if self.step is not None:
            return snapshot_path(self.folder, self.step)
        path = self.folder / MODEL_FILE
        if not self.is_active and not path.is_file() and (steps := kept_steps(self.folder)):
            return snapshot_path(self.folder, steps[-1])
        return path

    @property
    def has_model(self) -> bool:
        """Whether it has left a trained model."""
        return self.model_path.is_file()

    def to_json(self) -> dict[str, Any]:
        """The content of `run.json`."""
        names = [item.name for item in dataclasses.fields(self) if item.name not in NOT_IN_RECORD]
        values = {name: getattr(self, name) for name in names}
        return {**values, "spec": self.spec.to_json()}

    @classmethod
    def from_json(cls, value: Any, folder: Path) -> "Run":
        """Makes a run from the content of `run.json`.

        Raises:
            InvalidInput: if it is not a run's record.
        """
        if not isinstance(value, dict) or value.get("status") not in STATUSES:
            raise InvalidInput(f"{folder / RECORD_FILE} is not the record of a run.")
        known = {item.name for item in dataclasses.fields(cls)} - {*NOT_IN_RECORD, "spec", "id"}
        settings = {name: value[name] for name in known & value.keys()}
        for name, is_right in CHECKS.items():
            if (name in NEEDED and name not in settings) or (name in settings and not is_right(settings[name])):
                raise InvalidInput(f"{folder / RECORD_FILE} is not the record of a run: its {name!r} is none.")
        return cls(id=folder.name, folder=folder, spec=TrainingSpec.from_json(value.get("spec")), **settings)


def _is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _is_figures(value: Any) -> bool:
    """Figures of a run: numbers, or none where there was nothing to measure."""
    return isinstance(value, dict) and all(
        item is None or (isinstance(item, int | float) and not isinstance(item, bool) and abs(item) < MAX_FIGURE)
        for item in value.values()
    )


def _is_owner(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(value.get(name, 0), int | float) for name in ("pid", "process_started", "system_started")
    )


MAX_FIGURE = 1e15
NEEDED = ("name", "created")
CHECKS: dict[str, Callable[[Any], bool]] = {
    "name": lambda value: isinstance(value, str) and 0 < len(value) <= MAX_NAME,
    "created": _is_time,
    "started": lambda value: value is None or _is_time(value),
    "ended": lambda value: value is None or _is_time(value),
    "owner": _is_owner,
    "result": _is_figures,
    "error": lambda value: value is None or isinstance(value, str),
    "tag": lambda value: isinstance(value, str),
    "is_paused": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MAX_FIGURE,
}
"""What each value of a record must be, so that no page finds something else in it."""


def this_process() -> dict[str, Any]:
    """What tells this process from any other, also after its number has been given to another."""
    process = psutil.Process()
    return {
        "host": socket.gethostname(),
        "pid": process.pid,
        "process_started": process.create_time(),
        "system_started": psutil.boot_time(),
    }


def process_is_alive(owner: dict[str, Any]) -> bool | None:
    """Whether the process that owns a run still lives; None of one on another machine, which nobody here can see."""
    if owner.get("host") is None or owner.get("pid") is None:
        return False
    if owner["host"] != socket.gethostname():
        return None
    try:
        # A clock that was set moves what the system says of a process's start, together with that of the system's own.
        begun = psutil.Process(int(owner["pid"])).create_time() - psutil.boot_time()
        return bool(abs(begun - owner["process_started"] + owner.get("system_started", psutil.boot_time())) < 2)
    except (KeyError, TypeError, ValueError, OverflowError, psutil.Error):
        return False


def end_event(run: Run) -> dict[str, Any]:
    """The last event of a run that has ended: "finished", "stopped" or "failed"."""
    if run.status == "failed":
        return {"event": "failed", "error": run.error}
    return {"event": run.status, **run.result, "model": str(run.folder)}


def check_name(name: str) -> str:
    """A name without control characters, some of which turn the rest of a line round."""
    visible = "".join(character for character in name if unicodedata.category(character) not in ("Cc", "Cf", "Cs"))
    name = " ".join(visible.split())
    if not 1 <= len(name) <= MAX_NAME:
        raise InvalidInput(f"Name: {name[:80]!r} cannot be used. Give 1 to {MAX_NAME} characters.")
    return name
