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


MAX_PROGRESS = 4_000
"""Reports of progress that are kept of a log: more than any curve shows. Of a longer log every second one goes."""

CHUNK_BYTES = 4_000_000


class LogReader:
    """Reads a growing log, each line once, and keeps of it what a page can show."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0
        self.events: list[dict[str, Any]] = []
        self._num_progress = 0

    def read(self) -> list[dict[str, Any]]:
        try:
            with self.path.open("rb") as log:
                if os.fstat(log.fileno()).st_size < self.position:
                    self.position, self.events, self._num_progress = 0, [], 0
                log.seek(self.position)
                while content := log.readlines(CHUNK_BYTES):
                    if not content[-1].endswith(b"\n"):
                        content.pop()  # torn, or still being written
                    self._take(content)
                    if not content:
                        break
        except FileNotFoundError:
            return []
        return list(self.events)

    def _take(self, lines: list[bytes]) -> None:
        for line in lines:
            self.position += len(line)
            with contextlib.suppress(ValueError):
                event = read_json(line)
                if _is_event(event):
                    self.events.append(event | {name: math.nan for name in METRICS if event.get(name, 0) is None})
                    self._num_progress += event["event"] == "progress"
            if self._num_progress > MAX_PROGRESS:
                self._thin_out()

    def _thin_out(self) -> None:
        """Takes every second report of progress out, but neither the first nor the last."""
        places = [i for i, event in enumerate(self.events) if event["event"] == "progress"]
        out = set(places[1:-1:2])
        self.events = [event for i, event in enumerate(self.events) if i not in out]
        self._num_progress -= len(out)
