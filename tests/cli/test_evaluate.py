"""The commands `evaluate` and `calibrate`."""

import json

import numpy as np
import pytest

from mnist_core.cli.main import main
from mnist_core.drawing.drawings_file import drawings_content
from mnist_core.drawing.strokes import Drawing
from mnist_core.evaluation.calibration import MIN_PICTURES, read_calibration
from mnist_core.runs.models import find_run, shipped_models
from mnist_core.runs.store import RunStore
from tests.cli.commands import lines
from tests.strokes import digits_by


@pytest.fixture
def pen(tmp_path):
    """Drawings of every digit by 25 made people."""
    path = tmp_path / "pen.jsonl.gz"
    path.write_bytes(drawings_content(digits_by(25), compressed=True))
    return path


@pytest.fixture
def fc(tmp_path):
    """A copy of the shipped `fc`, to be calibrated."""
    folder = tmp_path / "copy"
    folder.mkdir()
    (folder / "model.keras").write_bytes(find_run("fc", RunStore()).model_path.read_bytes())
    return folder


def test_a_dataset_gives_the_figures_of_the_record(capsys):
    run = next(run for run in shipped_models() if run.id == "softmax")
    assert main(["evaluate", "--model", "softmax", "--json"]) == 0
    (found,) = lines(capsys)
    assert found["test_accuracy"] == pytest.approx(run.result["test_accuracy"], abs=1e-3)
    assert np.array(found["confusion_matrix"]).sum() == 10_000 and found["dataset"] == "mnist"


def test_drawings_are_inked_with_the_brush_that_was_asked_for(pen, capsys):
    figures = []
    for brush in ([], ["--brush", "0.05"], ["--brush", "0.25"]):
        assert main(["evaluate", "--model", "softmax", "--drawings", str(pen), *brush, "--json"]) == 0
        figures.append(lines(capsys)[0])
    assert {figure["drawings"] for figure in figures} == {str(pen)}
    assert len({figure["test_loss"] for figure in figures}) == 3
    assert np.array(figures[0]["confusion_matrix"]).sum() == len(digits_by(25))


@pytest.mark.slow
def test_a_calibration_is_kept_beside_the_model_and_rejects_what_it_should(pen, fc, capsys):
    assert main(["calibrate", "--model", str(fc), "--drawings", str(pen), "--json"]) == 0
    (figures,) = lines(capsys)
    found = read_calibration(fc)
    assert found and figures["temperature"] == found.temperature and figures["threshold"] == found.rejection_threshold
    assert figures["calibration_error"] <= figures["calibration_error_before"] + 0.02
    assert figures["digits_refused"] < 0.05 and figures["others_refused"] > figures["digits_refused"]
    assert json.loads((fc / "calibration.json").read_text()).keys() >= {"threshold", "error", "temperature", "bins"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["evaluate", "--model", "fc", "--brush", "0.1"], "Give --drawings"),
        (["evaluate", "--model", "fc", "--drawings", "nothing.jsonl"], "does not exist"),
        (["evaluate", "--model", "fc", "--dataset", "letters"], "letters"),
        (["calibrate", "--model", "fc", "--drawings", "nothing.jsonl"], "does not exist"),
    ],
)
def test_what_cannot_be_measured_is_one_line(arguments, sentence, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert sentence in error and len(error.splitlines()) == 1


def test_too_few_drawings_are_said_before_anything_takes_long(fc, tmp_path, capsys):
    few = tmp_path / "few.jsonl"
    few.write_bytes(drawings_content([Drawing((np.array([[1, 2], [30, 40]], np.float32),), 3, "ada")] * 5))
    assert main(["calibrate", "--model", str(fc), "--drawings", str(few)]) == 2
    assert f"at least {MIN_PICTURES}" in capsys.readouterr().err and read_calibration(fc) is None
