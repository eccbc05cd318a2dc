"""What holds for every command."""

import os
import subprocess
import sys

import pytest

from mnist_core.cli.main import main
from tests.cli.commands import PROJECT


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
        (["train", "--continue", "fc", "--preparation", "l2"], "cannot be continued with another input scaling"),
        (["evaluate", "--model", "fc", "--dataset", "letters"], "Dataset: 'letters' is not known"),
        (["evaluate", "--model", "fc", "--brush", "0.1"], "Give --drawings FILE with it"),
        (["evaluate", "--model", "fc", "--drawings", ""], "cannot be read"),
        (["summary", "--preset", ""], "Preset: '' is not known"),
        (["code", "--preset", ""], "Preset: '' is not known"),
        (["train", "--drawings", "x" * 5_000], "cannot be read"),
        (["predict", "--model", "x" * 100_000, "x.png"], " … "),
    ],
)
def test_bad_input_is_one_line_and_status_2(capsys, arguments, sentence):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert sentence in error and error.count("\n") == 1 and len(error) < 1_000


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["train", "--folder", ""],
        ["evaluate", "--model", "fc", "--dataset", "mnist", "--drawings", "mine.jsonl"],
    ],
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


@pytest.mark.slow
def test_standard_error_stays_empty_where_all_is_well(digit_png):
    """TensorFlow prints lines about missing graphics cards, which look like failures to whoever reads them."""
    command = [sys.executable, "-m", "mnist_core", "predict", "--model", "fc", str(digit_png)]
    done = subprocess.run(command, cwd=PROJECT, env=os.environ, capture_output=True, text=True, check=True)
    assert done.stderr == "" and done.stdout.startswith(f"{digit_png}: 7")
