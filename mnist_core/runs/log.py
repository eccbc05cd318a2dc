"""Reading the log of a run, `metrics.jsonl`."""

import contextlib
import json
import math
import os
from pathlib import Path
from typing import Any

METRICS = ("loss", "accuracy", "val_loss", "val_accuracy")
"""Figures of events that are null in a log where they were no numbers, as where training diverges."""


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
                event = json.loads(line)
                if isinstance(event, dict) and "event" in event:
                    self.events.append(event | {name: math.nan for name in METRICS if event.get(name, 0) is None})
        return list(self.events)
