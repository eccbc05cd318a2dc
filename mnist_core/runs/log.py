"""Reading the log of a run, `metrics.jsonl`."""

import contextlib
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mnist_core.files import read_json
from mnist_core.runs.readings import is_reading, is_watching
from mnist_core.training.controls import CHANGEABLE

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
"""Figures of events that are null in a log where they were no numbers, as where training diverges."""


NUMBERS = {
    "started": ("steps",),
    "progress": ("epoch", "step", "loss", "accuracy"),
    "epoch": ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"),
    "reading": ("epoch", "step", "steps_done"),
    "changed": ("epoch", "step", "steps_done", "before", "after"),
    "paused": ("epoch", "step"),
    "resumed": ("epoch", "step"),
}
"""The numbers that an event must have, by its kind."""

OTHERS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "reading": is_reading,
    "watching": is_watching,
    "changed": lambda event: event.get("setting") in CHANGEABLE,
}
"""What else an event must hold, by its kind."""

OFTEN = ("progress", "reading")
"""The kinds that a run reports many times an epoch."""


def _is_event(value: Any) -> bool:
    """Whether it is an event as a run reports it; any other line of a log is left out."""
    if not isinstance(value, dict) or not isinstance(value.get("event"), str):
        return False
    is_whole = OTHERS.get(value["event"])
    if is_whole and not is_whole(value):
        return False
    numbers = {*NUMBERS.get(value["event"], ()), *({"elapsed"} & value.keys())}
    return all(
        (value.get(name, "") is None and name in METRICS)
        or (isinstance(value.get(name), int | float) and not isinstance(value[name], bool) and 0 <= value[name] < 1e15)
        for name in numbers
    )


MAX_OFTEN = 4_000
"""Reports of each such kind that are kept of a log, more than any curve shows; of more, every second one goes."""

CHUNK_BYTES = 4_000_000


class LogReader:
    """Reads a growing log, each line once, and keeps of it what a page can show."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.position = 0
        self.events: list[dict[str, Any]] = []
        self._num_often = dict.fromkeys(OFTEN, 0)

    def read(self) -> list[dict[str, Any]]:
        try:
            with self.path.open("rb") as log:
                if os.fstat(log.fileno()).st_size < self.position:
                    self.position, self.events, self._num_often = 0, [], dict.fromkeys(OFTEN, 0)
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
                    if event["event"] in OFTEN:
                        self._num_often[event["event"]] += 1
            for kind, number in self._num_often.items():
                if number > MAX_OFTEN:
                    self._thin_out(kind)

    def _thin_out(self, kind: str) -> None:
        """Takes every second report of a kind out, but neither the first nor the last."""
        places = [i for i, event in enumerate(self.events) if event["event"] == kind]
        out = set(places[1:-1:2])
        self.events = [event for i, event in enumerate(self.events) if i not in out]
        self._num_often[kind] -= len(out)
