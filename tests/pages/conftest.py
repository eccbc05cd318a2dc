"""The fixtures that tests of screens share."""

import pytest

from mnist_core.server.engine_process import EngineProcess
from mnist_core.server.studio import get_studio


@pytest.fixture(scope="session")
def engine():
    engine = EngineProcess()
    yield engine
    engine.close()


@pytest.fixture
def studio(tmp_path, monkeypatch, engine):
    """A studio of its own, whose queue takes runs but does not train them."""
    monkeypatch.setenv("DIGIT_STUDIO_HOME", str(tmp_path / "home"))
    get_studio.cache_clear()
    get_studio().engine = engine
    yield get_studio()
    get_studio.cache_clear()
