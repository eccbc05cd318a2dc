"""`make run` on machines as they are: without a Python that fits, and after an installation that was broken off."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
SCRIPT = PROJECT / "tools" / "environment.sh"

pytestmark = pytest.mark.skipif(not shutil.which("sh"), reason="README has other commands where there is no shell")


@pytest.fixture
def folder(tmp_path):
    """A project that needs nothing."""
    (tmp_path / "requirements.txt").write_text("# nothing\n")
    return tmp_path


def prepare(folder, python=sys.executable):
    environment = {**os.environ, "PYTHON": python}
    command = ["sh", str(SCRIPT), "-r", "requirements.txt"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def names(folder, **content):
    """A folder of programs, each a shell script."""
    programs = folder / "programs"
    programs.mkdir()
    for name, text in content.items():
        (programs / name).write_text(f"#!/bin/sh\n{text}\n")
        (programs / name).chmod(0o755)
    return programs


@pytest.mark.slow
def test_twice_is_once_and_what_was_broken_off_is_made_anew(folder):
    """A pip that was interrupted leaves packages that are there and cannot be imported."""
    assert prepare(folder).returncode == 0
    mark = folder / ".venv" / "mark"
    mark.touch()
    assert prepare(folder).returncode == 0 and mark.exists()
    (folder / ".venv" / ".installing").touch()
    assert prepare(folder).returncode == 0
    assert not mark.exists() and not (folder / ".venv" / ".installing").exists()
    mark.touch()
    shutil.rmtree(next((folder / ".venv").rglob("pip/__init__.py")).parent)
    assert prepare(folder).returncode == 0 and not mark.exists()


@pytest.mark.slow
def test_an_install_that_fails_is_not_taken_for_done(folder):
    (folder / "requirements.txt").write_text("./nowhere\n")
    assert prepare(folder).returncode != 0 and (folder / ".venv" / ".installing").exists()


def test_without_any_python_that_fits_one_sentence_names_them(folder):
    """A name alone is no Python: pyenv's stand for versions that may not be there."""
    programs = names(folder, python9="exit 127", python8="exit 1")
    found = prepare(folder, f"{programs}/python9 {programs}/python8 no-such-python")
    assert found.returncode == 1 and not (folder / ".venv").exists()
    assert "Python 3.11, 3.12 or 3.13" in found.stderr and len(found.stderr.splitlines()) == 1


@pytest.mark.slow
def test_the_first_that_fits_is_taken(folder):
    programs = names(folder, missing="exit 127")
    assert prepare(folder, f"{programs}/missing {sys.executable}").returncode == 0
    assert (folder / ".venv" / "bin" / "python").exists()


def test_the_newest_is_asked_first():
    asked = SCRIPT.read_text(encoding="utf-8").split("PYTHON:-")[1].split("}")[0].split()
    assert asked[:3] == ["python3.13", "python3.12", "python3.11"]
