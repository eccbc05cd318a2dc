"""Nothing that was finished is lost, a sentence says what happened, and no process stays behind."""

import subprocess
from pathlib import Path

import pytest

from tests.faults.faults import FAULTS

NEEDS_MOUNT = {"the disk is full", "the folder is read-only"}


def may_mount(folder: Path) -> bool:
    folder.mkdir()
    try:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True)
    except OSError:
        return False
    return done.returncode == 0 and subprocess.run(["umount", str(folder)]).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_what_is_kept_and_said(name, tmp_path):
    if name in NEEDS_MOUNT and not may_mount(tmp_path / "try"):
        pytest.skip("a small disk cannot be mounted here")
    outcome = FAULTS[name](tmp_path)
    assert outcome.kept and outcome.said and "Traceback" not in outcome.said
