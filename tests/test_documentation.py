"""The documents say what there is: nothing is missing, nothing is left over, and what README tells to run runs."""

import argparse
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from mnist_core.cli.main import command_parser
from mnist_core.drawing.drawings_file import drawings_content
from mnist_core.drawing.preprocessing import STEPS
from mnist_core.networks.fields import limits_of
from mnist_core.networks.layers import LAYERS
from mnist_core.networks.presets import PRESETS
from mnist_core.training.controls import ORDERS
from mnist_core.training.spec import TrainingSpec
from tests.strokes import digits_by

PROJECT = Path(__file__).parents[1]
SOURCES = [*(PROJECT / "mnist_core").rglob("*.py"), *(PROJECT / "pages").rglob("*.py"), PROJECT / "app.py"]
DOCUMENTS = [*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md"), PROJECT / "saved_model" / "README.md"]
REFERENCE = (PROJECT / "docs" / "reference.md").read_text(encoding="utf-8")
README = (PROJECT / "README.md").read_text(encoding="utf-8")
RUN_ON = {"serve", "cluster", "scheduler", "worker"}
"""Commands that serve or prepare others; they are tried where they are tested."""

PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


def section(title: str) -> str:
    """The text of the reference below a heading."""
    return re.split(r"(?m)^#{2,3} ", REFERENCE.split(f" {title}\n", 1)[1])[0]


def rows(title: str) -> list[str]:
    """What the first column of a section's table names."""
    return re.findall(r"(?m)^\| `([^`]+)` \|", section(title))


def commands() -> dict[str, argparse.ArgumentParser]:
    parser = command_parser("digit-studio")
    return next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction)).choices


def test_every_command_is_in_the_reference_with_every_option_and_no_other():
    named = re.findall(r"(?m)^### `(\w+)`", REFERENCE)
    assert named == list(commands())
    for name, parser in commands().items():
        options = [
            action.option_strings[0] if action.option_strings else str(action.metavar or action.dest).upper()
            for action in parser._actions
            if action.dest != "help"
        ]
        assert rows(f"`{name}`") == options, name


def test_every_variable_is_in_the_reference_and_in_the_readme_and_no_other():
    used = {name for path in SOURCES for name in re.findall(r"\bDIGIT_STUDIO_[A-Z]+", path.read_text(encoding="utf-8"))}
    assert set(rows("Settings of the environment")) == used
    assert set(re.findall(r"\bDIGIT_STUDIO_[A-Z]+", README)) == used


@pytest.mark.parametrize(
    ("title", "known"),
    [("Presets", PRESETS), ("Layers", LAYERS), ("Settings of a run", limits_of(TrainingSpec)),
     ("Steps of preparing a drawing", STEPS)],
)  # fmt: skip
def test_every_entry_of_a_registry_is_in_the_reference_and_no_other(title, known):
    assert rows(title) == list(known)


def test_every_choice_of_a_setting_is_in_the_reference():
    for name, limits in limits_of(TrainingSpec).items():
        line = next(line for line in section("Settings of a run").splitlines() if line.startswith(f"| `{name}` |"))
        missing = [choice for choice in limits.choices if not isinstance(choice, bool) and f"`{choice}`" not in line]
        assert not missing and limits.label in line


def test_every_page_is_in_the_reference_and_in_the_readme_and_no_other():
    pages = {path.stem for path in (PROJECT / "pages").glob("[!_]*.py")}
    addresses = re.findall(r"(?m)^\| \w+ \| `(/\w*)` \|", section("Pages"))
    assert {address.strip("/") or "draw" for address in addresses} == pages
    assert {title.lower() for title in re.findall(r"(?m)^\*\*(\w+)\.\*\*", README)} == pages


def test_every_element_key_is_in_the_reference_and_no_other():
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    named = set(re.findall(r"`([a-z_0-9]+)`", section("Element keys")))
    assert set(re.findall(r"key=\"([a-z_0-9]+)\"", code)) <= named
    made = {f"train_{name}" for name in limits_of(TrainingSpec)}
    made |= {f"{board}_canvas" for board in ("draw", "inside", "number", "round")}
    made |= {f"draw_{part}" for part in ("pad", "result", "controls")}
    pictures = ("picture_menu", "upload", "use_camera", "camera", "instead", "turn", "given_picture")
    made |= {f"{page}_{part}" for page in ("draw", "number") for part in pictures}
    made |= {f"train_{part}" for part in ("form", "layers", "panel", *ORDERS)}
    assert {key for key in named if f'"{key}"' not in code} <= made


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_link_and_every_named_file_exists(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (path.parent / target).exists(), target
    for name in re.findall(r"`((?:mnist_core|pages|tests|benchmarks|docs)/[\w./]+)`", text):
        assert (PROJECT / name).exists(), name


def test_every_benchmark_is_listed():
    scripts = {path.stem for path in (PROJECT / "benchmarks").glob("*.py")}
    helpers = {"__init__", "empty_page", "usual_demo", "other_framework"}
    listed = set(re.findall(r"benchmarks\.(\w+)", (PROJECT / "benchmarks" / "README.md").read_text(encoding="utf-8")))
    assert listed == scripts - helpers


def test_requirements_are_the_packages_own():
    lines = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == PYPROJECT["project"]["dependencies"]
    lines = (PROJECT / "requirements-export.txt").read_text(encoding="utf-8").splitlines()
    assert lines[1:] == PYPROJECT["project"]["optional-dependencies"]["export"]


def test_everything_installed_is_pinned():
    pins = dict(line.split("==") for line in (PROJECT / "constraints.txt").read_text(encoding="utf-8").split())
    wanted = (PROJECT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    for line in [*PYPROJECT["project"]["dependencies"], *PYPROJECT["build-system"]["requires"], *wanted]:
        if "==" in line:
            name, version = line.split("==")
            assert pins[name] == version, name


def test_the_version_is_the_same_everywhere():
    version = PYPROJECT["project"]["version"]
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    newest = re.search(r"(?m)^## ([\d.]+) \(([\d-]+)\)", (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert newest and citation["version"] == newest[1] == version and citation["date-released"] == newest[2]


@pytest.mark.parametrize("name", [".github/workflows/check.yml", ".pre-commit-config.yaml"])
def test_what_other_programs_read_can_be_read(name):
    values = yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))
    assert values.get("jobs") or values.get("repos")


@pytest.mark.slow
@pytest.mark.timeout(1800)  # a dozen commands that each import TensorFlow
def test_every_command_of_the_readme_runs(tmp_path):
    """A document that nobody runs is wrong within a month."""
    stroke = [[140, 60], [140, 140], [140, 220]]
    path = [["M", *stroke[0]], *(["Q", *point, *point] for point in stroke)]
    (tmp_path / "canvas.json").write_text(json.dumps({"objects": [{"path": path, "strokeWidth": 20}]}))
    grey = np.full((280, 280), 255, np.uint8)
    grey[60:220, 130:150] = 0
    Image.fromarray(grey).save(tmp_path / "drawing.png")
    segment = '.SEGMENT DIGIT ? ? "1"\n.PEN_DOWN\n 250 400\n 250 100\n.PEN_UP\n'
    (tmp_path / "pendigits-orig.tra").write_text(".VERSION 1.0\n" + segment)
    (tmp_path / "exported").mkdir()
    program = tmp_path / "bin" / "digit-studio"
    program.parent.mkdir()
    program.write_text(f"#!{sys.executable}\nimport sys\nfrom mnist_core.cli.main import main\nsys.exit(main())\n")
    program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(PROJECT),
        "DIGIT_STUDIO_HOME": str(tmp_path / "home"),
    }
    lines = re.search(r"```bash\n(.*?)```", README, re.DOTALL)[1].splitlines()
    named = {line.split()[1] for line in lines}
    assert named == commands().keys() - RUN_ON
    for line in lines:
        done = subprocess.run(line, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), (line, done.stderr)
        if " drawings " in line:  # one digit is too few for what follows
            (tmp_path / "pen.jsonl.gz").write_bytes(drawings_content(digits_by(25), compressed=True))
    assert "keras" in (tmp_path / "cnn.py").read_text()
    assert (tmp_path / "exported" / "calibration.json").is_file()
