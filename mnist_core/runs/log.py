"""Reading the log of a run, `metrics.jsonl`."""

import contextlib
import math
import os
from pathlib import Path
from typing import Any

from mnist_core.files import read_json

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
"""Figures of events that are null in a log where they were no numbers, as where training diverges."""


NUMBERS = {
    "started": ("steps",),
    "progress": ("epoch", "step", "loss", "accuracy"),
    "epoch": ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"),
}
"""The numbers that an event must have, by its kind."""


def _is_event(value: Any) -> bool:
    """Whether it is an event as a run reports it; any other line of a log is left out."""
    if not isinstance(value, dict) or not isinstance(value.get("event"), str):
        return False
    numbers = {*NUMBERS.get(value["event"], ()), *({"elapsed"} & value.keys())}
    return all(
        (value.get(name, "") is None and name in METRICS)
        or (isinstance(value.get(name), int | float) and not isinstance(value[name], bool) and 0 <= value[name] < 1e15)
        for name in numbers
    )


class LogReader:
    """Reads a growing log, each line once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0
        self.events: list[dict[str, Any]] = []

    def read(self) -> list[dict[str, Any]]:
        try:
            with self.path.open("rb") as log:
                if os.fstat(log.fileno()).st_size < self.position:
                    self.position, self.events = 0, []
                log.seek(self.position)
                content = log.read()
        except FileNotFoundError:
            return []
        complete = content[: content.rfind(b"\n") + 1]
        self.position += len(complete)
        for line in complete.splitlines():
            with contextlib.suppress(ValueError):
                event = read_json(line)
                if _is_event(event):
                    self.events.append(event | {name: math.nan for name in METRICS if event.get(name, 0) is None})
        return list(self.events)
