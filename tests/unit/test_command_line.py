"""`python -m mnist_core` as a person or a script calls it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mnist_core.cli.main import main
from mnist_core.datasets import load_dataset
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.spec import ModelSpec
from mnist_core.networks.store import ArchitectureStore
from mnist_core.runs.store import RunStore
from mnist_core.training.spec import TrainingSpec

PROJECT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_STUDIO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def digit_png(tmp_path):
    """The first 7 of the test set, as dark ink on a white canvas."""
    grey = np.asarray(Image.fromarray(load_dataset("mnist").x_test[0]).resize((280, 280)))
    path = tmp_path / "seven.png"
    Image.fromarray(255 - grey).save(path)
    return path


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_train_prints_its_events_and_the_model_is_used_by_the_other_commands(capsys, digit_png, home):
    arguments = ["--preset", "softmax", "--epochs", "1", "--batch-size", "512", "--seed", "5"]
    assert main(["train", "--dataset", "mnist", *arguments, "--json"]) == 0
    events = lines(capsys)
    assert [event["event"] for event in events if event["event"] != "progress"] == ["started", "epoch", "finished"]
    folder = Path(events[-1]["model"])
    assert folder.parent == home and (folder / "model.keras").is_file()
    assert {"epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"} <= events[-2].keys()

    for model in (folder.name, str(folder), str(folder / "model.keras")):
        assert main(["predict", "--model", model, "--json", str(digit_png)]) == 0
        answer = lines(capsys)[0]
        assert answer["file"] == str(digit_png) and answer["digit"] == 7
        assert len(answer["probabilities"]) == 10 and sum(answer["probabilities"]) == pytest.approx(1, abs=1e-4)

    assert main(["evaluate", "--model", folder.name, "--dataset", "mnist", "--json"]) == 0
    found = lines(capsys)[0]
    assert found["test_accuracy"] == pytest.approx(events[-1]["test_accuracy"], abs=1e-3)
    assert np.sum(found["confusion_matrix"]) == 10_000


def test_a_blank_drawing_has_no_digit(capsys, tmp_path):
    Image.new("RGBA", (280, 280), (0, 0, 0, 0)).save(tmp_path / "blank.png")
    assert main(["predict", "--model", "fc", "--json", str(tmp_path / "blank.png")]) == 0
    assert lines(capsys)[0]["digit"] is None


@pytest.mark.parametrize("which", [["--preset", "fc"], ["--model", "fc"]])
def test_summary_prints_keras_own_text(capsys, which):
    assert main(["summary", *which]) == 0
    assert "Total params: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["train", "--preset", "magic"], "Preset: 'magic' is not known"),
        (["train", "--dataset", "letters"], "Dataset: 'letters' is not one of"),
        (["train", "--epochs", "0"], "Epochs: 0 is out of range"),
        (["train", "--learning-rate", "abc"], "Learning rate: 'abc' is not a number"),
        (["train", "--batch-size", "7.5"], "Batch size"),
        (["predict", "--model", "nobody", "x.png"], "Model: 'nobody' is not known"),
        (["predict", "--model", "gone/model.keras", "x.png"], "does not exist"),
        (["predict", "--model", "fc", "none.png"], "none.png does not exist"),
        (["predict", "--model", "README.md", "README.md"], "README.md"),
        (["train", "--continue", "fc", "--preset", "fc"], "Leave out --preset"),
        (["train", "--continue", "fc", "--preparation", "l2"], "cannot be continued with another preparation"),
        (["evaluate", "--model", "fc", "--dataset", "letters"], "Dataset: 'letters' is not known"),
        (["evaluate", "--model", "fc", "--brush", "0.1"], "Give --drawings FILE with it"),
        (["evaluate", "--model", "fc", "--drawings", ""], "cannot be read"),
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, arguments, sentence):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["fly"], ["evaluate", "--model", "fc", "--dataset", "mnist", "--drawings", "mine.jsonl"]]
)
def test_what_no_command_takes_is_one_line_and_status_2(capsys, arguments):
    """Of a dataset and drawings given together, one was left out without a word."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2 and capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("command", ["train", "predict", "evaluate", "summary"])
def test_each_command_explains_itself(capsys, command):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0 and "--json" in capsys.readouterr().out


def test_standard_error_stays_empty_where_all_is_well(digit_png):
    """TensorFlow prints lines about missing graphics cards, which look like failures to whoever reads them."""
    command = [sys.executable, "-m", "mnist_core", "predict", "--model", "fc", str(digit_png)]
    done = subprocess.run(command, cwd=PROJECT, env=os.environ, capture_output=True, text=True, check=True)
    assert done.stderr == "" and done.stdout.startswith(f"{digit_png}: 7")


def test_the_code_of_a_run_that_left_no_model_and_of_a_saved_architecture(capsys, home):
    run = RunStore().end(RunStore().create(TrainingSpec(PRESETS["fc"], epochs=7)), "failed", error="x")
    for name in (run.id, str(run.folder)):
        assert main(["code", "--model", name]) == 0
        assert "epochs=7" in capsys.readouterr().out
    ArchitectureStore(home).save(ModelSpec("mine", PRESETS["cnn"].layers))
    assert main(["code", "--preset", "mine"]) == 0
    assert "layers.Conv2D(32, 3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "status"),
    [("code --preset cnn", 141), ("train --preset softmax --epochs 1 --batch-size 512 --json", 0)],
    ids=["code", "train"],
)
def test_a_reader_who_leaves_is_no_error_and_ends_no_run(arguments, status, home):
    """`… | head -1` ended in a traceback, and a run of minutes with it."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "mnist_core", *arguments.split()]
    done = subprocess.run(command, cwd=PROJECT, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=120)
    os.close(writing)
    assert done.returncode == status and "Traceback" not in done.stderr and "Broken" not in done.stderr
    if arguments.startswith("train"):
        assert [run.status for run in RunStore(home).listing().runs] == ["finished"]


def test_bad_input_leaves_no_run_behind(capsys, tmp_path, home):
    """A run was made first and stood in the list as queued for ever."""
    unlabelled = tmp_path / "none.jsonl"
    unlabelled.write_text('{"strokes": [[[1, 2]]]}')
    for file in ("missing.jsonl", str(unlabelled)):
        assert main(["train", "--preset", "softmax", "--drawings", file]) == 2
    assert not RunStore(home).listing().runs


def test_one_bad_file_does_not_keep_the_others_from_being_read(capsys, digit_png, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(digit_png.read_bytes()[:300])
    assert main(["predict", "--model", "fc", "--json", str(broken), str(digit_png)]) == 2
    output = capsys.readouterr()
    assert json.loads(output.out)["digit"] == 7 and "damaged or cut short" in output.err


def test_a_photograph_is_read_on_the_command_line_too(capsys, digit_png, tmp_path):
    """Grey paper and its shadow were taken for ink."""
    ink = 255 - np.asarray(Image.open(digit_png).convert("L"), float)
    light = np.linspace(150, 235, 280)[None] + np.random.default_rng(0).normal(0, 3, (280, 280))
    path = tmp_path / "photo.jpg"
    Image.fromarray(np.clip(light * (1 - 0.8 * ink / 255), 0, 255).astype(np.uint8)).save(path, quality=90)
    assert main(["predict", "--model", "digits", "--json", str(path)]) == 0
    assert lines(capsys)[0]["digit"] == 7
