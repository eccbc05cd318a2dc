"""The command `train`."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mnist_core.cli.main import main
from mnist_core.runs.store import RunStore
from tests.cli.commands import PROJECT, lines


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


@pytest.mark.slow
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
