"""The package as people get it: a wheel, installed into a fresh environment."""

import os
import site
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Installed:
    """An environment in which the wheel was installed.

    Attributes:
        wheel: The wheel.
        bin: Where its programs are.
        empty: A folder with nothing in it, to start from.
        environment: Variables for processes: nothing points to the clone, and the user's data are a folder of the test.
    """

    wheel: Path
    bin: Path
    empty: Path
    environment: dict[str, str]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Builds the wheel and installs it; what it depends on is lent by the environment of the tests."""
    folder = tmp_path_factory.mktemp("package")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", str(folder), str(PROJECT)], check=True, cwd=folder)
    (wheel,) = folder.glob("digit_studio-*.whl")
    home = folder / "environment"
    venv.create(home, with_pip=False)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    python = programs / "python"
    query = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.run([python, "-c", query], check=True, capture_output=True, text=True).stdout.strip())
    lent = [path for path in site.getsitepackages() if Path(path).is_dir()]
    (packages / "lent.pth").write_text("\n".join(lent) + "\n")
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    subprocess.run([*install, str(wheel)], check=True, cwd=folder)
    (folder / "empty").mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DIGIT_STUDIO", "PYTHON"))}
    environment |= {
        "PATH": f"{programs}{os.pathsep}{environment['PATH']}",
        "HOME": str(folder / "user"),
        "XDG_DATA_HOME": str(folder / "user" / "data"),
        "APPDATA": str(folder / "user" / "data"),
        "LOCALAPPDATA": str(folder / "user" / "data"),
    }
    return Installed(wheel, programs, folder / "empty", environment)
