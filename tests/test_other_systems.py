"""Draw and Train on a system that lacks what only Unix has, and on one where TensorFlow cannot be loaded."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mnist_core.errors import InvalidInput, TensorFlowMissing
from mnist_core.networks.presets import PRESETS
from mnist_core.runs.models import shipped_models
from mnist_core.server.engine_process import EngineProcess

PROJECT = Path(__file__).parents[1]
SOURCES = [*(PROJECT / "mnist_core").rglob("*.py"), *(PROJECT / "pages").rglob("*.py"), PROJECT / "app.py"]

ONLY_UNIX = {"os": ("nice", "sched_getaffinity", "killpg"), "signal": ("pthread_sigmask", "SIGHUP")}
"""What our own code has used; libraries ask for the system's name instead, which cannot be taken away."""

TAKEN_AWAY = """
import os, signal
for name in {os}: vars(os).pop(name, None)
for name in {signal}: vars(signal).pop(name, None)
"""

WALK = """
import time
import numpy as np
from streamlit.testing.v1 import AppTest
from mnist_core.datasets import load_dataset, scale
from mnist_core.runs.models import shipped_models
from mnist_core.server.studio import get_studio

if __name__ == "__main__":
    import os, signal
    assert not hasattr(os, "nice") and not hasattr(signal, "pthread_sigmask")
    studio = get_studio()
    studio.start()
    at = AppTest.from_file({site!r}, default_timeout=60).run()
    assert not at.exception, at.exception
    fc = next(run for run in shipped_models() if run.id == "fc")
    seven = scale(load_dataset("mnist").x_test[:1])[0]
    assert studio.engine.predict(fc.model_path, seven).result(timeout=120).label == 7
    at.switch_page("train.py").run()
    at.selectbox("train_preset").set_value("softmax").run()
    at.number_input("train_epochs").set_value(1).run()
    at.button("train_start").click().run()
    assert not at.exception, at.exception
    end = time.monotonic() + 120
    while (run := studio.store.listing().runs[0]).is_active and time.monotonic() < end:
        time.sleep(0.2)
    at.run()
    print("status", run.status, run.error)
    studio.close()
"""


@pytest.mark.slow
def test_draw_and_train_without_what_only_unix_has(tmp_path):
    """Windows has no signal masks, no niceness and no `%-d`; each of them was called unguarded."""
    (tmp_path / "sitecustomize.py").write_text(TAKEN_AWAY.format(**ONLY_UNIX))
    script = tmp_path / "walk.py"
    script.write_text(WALK.format(site=str(PROJECT / "pages" / "_site.py")))
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(tmp_path), str(PROJECT))),
        "DIGIT_STUDIO_HOME": str(tmp_path / "home"),
    }
    walked = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, timeout=300)
    assert walked.returncode == 0, walked.stderr[-3000:]
    assert "status finished None" in walked.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_no_date_is_written_as_unix_alone_can(path):
    assert not re.search(r"%-[dHImMSjyU]\b", path.read_text(encoding="utf-8"))


def missing_tensorflow(folder: Path, content: str) -> None:
    (folder / "tensorflow").mkdir()
    (folder / "tensorflow" / "__init__.py").write_text(content)
    (folder / "keras").mkdir()
    (folder / "keras" / "__init__.py").write_text(content)


@pytest.fixture
def engine():
    engine = EngineProcess()
    yield engine
    engine.close()


def test_a_missing_library_is_a_sentence_with_a_remedy(engine, tmp_path, monkeypatch):
    missing_tensorflow(tmp_path, "raise ImportError('DLL load failed while importing _pywrap_tensorflow_internal.')")
    monkeypatch.syspath_prepend(str(tmp_path))
    engine.start()
    with pytest.raises(TensorFlowMissing, match=r"DLL load failed.*Redistributable.*start the app again"):
        engine.summary(PRESETS["fc"]).result(timeout=60)
    assert engine.has_started and "DLL load failed" in engine.problem
    with pytest.raises(InvalidInput, match="DLL load failed"):
        engine.summary(shipped_models()[0].model_path).result(timeout=0)
    assert engine.average_images("mnist").result(timeout=60).shape == (10, 28, 28)


def test_a_processor_that_cannot_run_it_is_a_sentence_too(engine, tmp_path, monkeypatch):
    """TensorFlow without AVX does not raise: it ends the process, and every page said "try once more" for ever."""
    missing_tensorflow(tmp_path, "import os; os._exit(132)")
    monkeypatch.syspath_prepend(str(tmp_path))
    engine.start()
    for _ in range(600):
        if engine.has_started:
            break
        with pytest.raises(InvalidInput):
            engine.summary(PRESETS["softmax"]).result(timeout=60)
    assert "ends the process" in engine.problem
    assert engine.average_images("mnist").result(timeout=60).shape == (10, 28, 28)
