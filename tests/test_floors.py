"""Every import goes down, by the floors that docs/architecture.md draws, and TensorFlow stays behind its door."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
CORE = sorted((PROJECT / "mnist_core").rglob("*.py"))
PAGES = sorted((PROJECT / "pages").rglob("*.py"))
PICTURE = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")

FLOORS = {
    room.removesuffix(".py").rstrip("/"): int(line[6])
    for line in PICTURE.splitlines()
    if re.match(r"floor \d ", line)
    for room in line.split()[2:]
}
"""The floor of each room of the core."""

HEAVY = ("tensorflow", "keras", "scipy", "matplotlib", "pandas", "distributed", "dask", "altair")

SCREEN_FLOORS = {
    "components": 1,
    "components.drawing": 2,
    "components.inside": 3,
    "components.networks": 2,
    "components.training": 3,
}
"""Where pieces of screens lie; a screen itself is above them all."""


def imported(path: Path, *, anywhere: bool = False) -> Iterator[str]:
    """Names of the modules that a file imports at module level, or anywhere in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if anywhere else tree.body:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            folder = PROJECT / (node.module or "").replace(".", "/")
            is_room = [(folder / item.name).is_dir() or (folder / f"{item.name}.py").is_file() for item in node.names]
            yield node.module or ""
            yield from (f"{node.module}.{item.name}" for item, room in zip(node.names, is_room, strict=True) if room)


def relative(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(PROJECT / "mnist_core").parts[0].removesuffix(".py")


def screen_room(name: str) -> str:
    """The folder of a module below `pages`: "components.drawing", or "" for a screen."""
    return ".".join(name.split(".")[1:-1])


def test_the_picture_shows_every_room_and_no_other():
    rooms = {room_of(path) for path in CORE} - {"__init__", "__main__"}
    assert rooms == FLOORS.keys()
    assert all(f"`{room}/`" in PICTURE or f"`{room}.py`" in PICTURE for room in rooms if FLOORS[room] > 1)


@pytest.mark.parametrize("path", CORE, ids=relative)
def test_a_room_uses_only_floors_below_its_own(path):
    """A newcomer reads from the ground up; an arrow that points up or sideways makes that a riddle."""
    room = room_of(path)
    for name in imported(path, anywhere=True):
        parts = name.split(".")
        if parts[0] != "mnist_core" or len(parts) == 1 or parts[1] == room or room == "__main__":
            continue
        assert FLOORS[parts[1]] < FLOORS[room] or FLOORS[room] == 1 or room == "presets", name


@pytest.mark.parametrize("path", CORE, ids=relative)
def test_the_core_never_imports_streamlit_or_pages(path):
    """A core that needs the page cannot be used from the command line."""
    assert not [name for name in imported(path, anywhere=True) if name.split(".")[0] in ("streamlit", "pages")]


@pytest.mark.parametrize("path", [*CORE, *PAGES, PROJECT / "app.py"], ids=relative)
def test_only_the_engine_imports_tensorflow(path):
    """TensorFlow takes seconds to import and must not stand between a person and the first page."""
    if "engine" in path.parts:
        return
    heavy = [
        name
        for name in imported(path)
        if name.split(".")[0] in ("tensorflow", "keras") or name.split(".")[:2] == ["mnist_core", "engine"]
    ]
    assert not heavy
    assert not [name for name in imported(path, anywhere=True) if name.split(".")[0] in ("tensorflow", "keras")]


@pytest.mark.parametrize("path", [path for path in CORE if path.name == "__init__.py"], ids=relative)
def test_the_face_of_a_room_is_light(path):
    """What a package's own file imports, everybody pays who takes one thing out of the room."""
    if "engine" in path.parts:
        return
    module = ".".join(path.parent.relative_to(PROJECT).parts)
    script = f"import sys, {module}; print(*(set({HEAVY!r}) & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_components_use_only_components_below_them(path):
    """Screens use components, not the other way round, and rooms of components do not reach into each other."""
    here = screen_room(".".join(path.relative_to(PROJECT).with_suffix("").parts))
    for name in imported(path, anywhere=True):
        if not name.startswith("pages."):
            continue
        there = screen_room(name)
        assert there, f"{name} is a screen"
        assert there == here or SCREEN_FLOORS[there] < SCREEN_FLOORS.get(here, 9), name


def test_what_the_pages_need_loads_without_tensorflow():
    """The same by running it: module level says little about what a function of an imported module does."""
    script = "import sys, mnist_core.server.studio, mnist_core.cli.main; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=PROJECT).returncode == 0


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_one_screen_opens_another_by_its_address_alone(path):
    """A screen that writes another's widget keys breaks when that one changes, and cannot be sent as a link."""
    text = path.read_text(encoding="utf-8")
    assert "switch_page" not in text or path.name == "doors.py"
    if path.parent.name != "pages" or path.name.startswith("_"):
        return
    others = {other.stem for other in PAGES if other.parent.name == "pages"} - {path.stem}
    written = re.findall(r"session_state\.(\w+)(?:,| =)|session_state\[f?\"(\w+)", text)
    assert not [name for pair in written for name in pair if name.split("_")[0] in others]
