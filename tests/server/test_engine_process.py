"""The process that loads models, for real."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.errors import InvalidInput
from mnist_core.evaluation.calibration import Calibration, write_calibration
from mnist_core.runs.models import shipped_models
from mnist_core.server.engine_process import EngineDied, EngineProcess

FC = next(run.model_path for run in shipped_models() if run.id == "fc")
SEVEN = scale(load_dataset("mnist").x_test[:1])[0]


@pytest.fixture(scope="module")
def engine():
    engine = EngineProcess()
    yield engine
    engine.close()


def test_it_says_what_the_model_says(engine):
    answer = engine.predict(FC, SEVEN).result(timeout=60)
    assert answer.probabilities.shape == (10,) and answer.label == 7 and answer.is_digit
    assert answer.confidence == pytest.approx(answer.probabilities[7])


def test_the_same_question_is_asked_once(engine):
    assert engine.predict(FC, SEVEN) is engine.predict(FC, SEVEN.copy())


def test_a_file_that_changes_is_loaded_anew(engine, tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(b"not yet a model")
    with pytest.raises(InvalidInput, match="cannot be opened"):
        engine.predict(path, SEVEN).result(timeout=60)
    path.write_bytes(FC.read_bytes())
    os.utime(path, ns=(1, 1))
    assert engine.predict(path, SEVEN).result(timeout=60).label == 7


def test_a_new_calibration_is_an_answer_anew(engine, tmp_path):
    """The page knew the new one, and the process went on with the old."""
    path = tmp_path / "model.keras"
    path.write_bytes(FC.read_bytes())
    before = engine.predict(path, SEVEN).result(timeout=60)
    hot = Calibration(5.0, 0.999, 0.0, 0.0, (), "a test")
    write_calibration(tmp_path, hot)
    after = engine.predict(path, SEVEN).result(timeout=60)
    assert before.is_digit and not after.is_digit
    assert after.confidence < before.confidence
    each = engine.predict_each(path, np.stack([SEVEN, SEVEN])).result(timeout=60)
    assert each.is_digit.tolist() == [False, False]


def test_a_model_that_cannot_be_used_hides_no_other(engine, tmp_path):
    (tmp_path / "model.keras").write_bytes(b"no model")
    good, bad = engine.compare([FC, tmp_path / "model.keras"], SEVEN).result(timeout=60)
    assert good.label == 7 and good.milliseconds > 0 and isinstance(bad, InvalidInput)


@pytest.mark.slow
def test_a_process_that_dies_is_replaced(engine):
    """The system may kill the largest process when memory runs out."""
    engine.predict(FC, SEVEN).result(timeout=60)
    for process in list(engine._executor._processes.values()):
        process.kill()
        process.join()
    while True:  # the pool needs a moment to notice
        try:
            engine.predict(FC, np.zeros_like(SEVEN)).result(timeout=60)
            break
        except EngineDied as error:
            assert "Try once more" in str(error)
            time.sleep(0.1)
    assert engine.predict(FC, SEVEN).result(timeout=60).label == 7


@pytest.mark.slow
def test_it_ends_with_a_server_that_is_killed(tmp_path):
    """A process left behind holds hundreds of megabytes until somebody finds it."""
    script = tmp_path / "server.py"
    script.write_text(
        "import time\n"
        "from mnist_core.server.engine_process import EngineProcess\n"
        "if __name__ == '__main__':\n"
        "    engine = EngineProcess(); engine.start(); print('up', flush=True); time.sleep(60)\n"
    )
    project = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    with subprocess.Popen([sys.executable, str(script)], env=environment, stdout=subprocess.PIPE) as server:
        assert server.stdout
        server.stdout.readline()
        while not (children := psutil.Process(server.pid).children(recursive=True)):
            assert server.poll() is None
            time.sleep(0.05)
        server.kill()
        assert psutil.wait_procs(children, timeout=120)[1] == []
