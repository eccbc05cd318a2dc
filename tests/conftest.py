"""What all tests share."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mnist_core.networks.presets import PRESETS
from mnist_core.runs.models import find_model
from mnist_core.runs.store import RunStore
from mnist_core.training.spec import TrainingSpec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from mnist_core.engine.prediction import Predictor


LONGEST = ("faults", "test_documentation.py", "browser", "engine", "training", "fuzz", "package", "server", "cli")
"""Files and folders of tests that take the longest, which begin first: else all wait for the last of them."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts what takes long at the beginning; otherwise the order stays."""
    here = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        first = item.path.relative_to(here).parts[0]
        return LONGEST.index(first) if first in LONGEST else len(LONGEST)

    items.sort(key=place)


@pytest.fixture(autouse=True)
def _main_module() -> "Iterator[None]":
    """Puts the main module back: a page that is run here takes its place, and no process can start then."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """A run store of its own for each test."""
    return RunStore(tmp_path / "runs")


@pytest.fixture(scope="session")
def digits() -> "Predictor":
    """The shipped model that reads drawings."""
    from mnist_core.engine.prediction import Predictor

    return Predictor(find_model("digits", RunStore()))


@pytest.fixture
def spec() -> TrainingSpec:
    """The quickest real run."""
    return TrainingSpec(PRESETS["softmax"], epochs=1, batch_size=1024)


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """A headless Chromium, one for all tests of a process: Playwright starts but once in each."""
    from tests.browser.studio_server import chromium

    with chromium() as browser:
        yield browser
