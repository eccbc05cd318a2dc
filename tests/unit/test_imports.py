"""Imports go one way, and TensorFlow stays behind its door."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
CORE = sorted((PROJECT / "mnist_core").rglob("*.py"))
PAGES = sorted((PROJECT / "pages").rglob("*.py"))

ABOVE_THE_ENGINE = {
    "runs", "models", "progress", "comparison", "training_time", "studio", "engine_process", "training_queue", "server",
    "lessons", "cli", "__main__",
}  # fmt: skip


def imported(path: Path, *, anywhere: bool = False) -> Iterator[str]:
    """Names of the modules that a file imports at module level, or anywhere in it."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree) if anywhere else tree.body:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def relative(path: Path) -> str:
    return str(path.relative_to(PROJECT))


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


@pytest.mark.parametrize("path", [p for p in CORE if "engine" in p.parts], ids=relative)
def test_the_engine_imports_nothing_above_it(path):
    """The engine knows data and architectures, but neither runs nor queues."""
    own = [name.split(".")[1] for name in imported(path, anywhere=True) if name.startswith("mnist_core.")]
    assert not set(own) & ABOVE_THE_ENGINE


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_components_never_import_screens(path):
    """Screens use components, not the other way round."""
    names = [name for name in imported(path, anywhere=True) if name.startswith("pages.")]
    assert all(name.startswith("pages.components.") for name in names)


def test_what_the_pages_need_loads_without_tensorflow():
    """The same by running it: module level says little about what a function of an imported module does."""
    script = "import sys, mnist_core.server.studio, mnist_core.__main__; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=PROJECT).returncode == 0
