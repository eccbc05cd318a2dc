"""Prints fault → what was kept → what was said."""

import tempfile
from pathlib import Path

from tests.faults.faults import FAULTS

if __name__ == "__main__":
    for name, fault in FAULTS.items():
        with tempfile.TemporaryDirectory() as folder:
            outcome = fault(Path(folder))
        print(f"{name}\n    kept: {outcome.kept}\n    said: {outcome.said}", flush=True)
