"""The commands `summary` and `code`."""

import json
from pathlib import Path

import pytest

from mnist_core.cli.main import main
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.spec import ModelSpec
from mnist_core.networks.store import ArchitectureStore
from mnist_core.runs.models import shipped_models
from mnist_core.runs.store import RunStore
from mnist_core.training.spec import TrainingSpec


@pytest.mark.parametrize("which", [["--preset", "fc"], ["--model", "fc"]])
def test_summary_prints_keras_own_text(capsys, which):
    assert main(["summary", *which]) == 0
    assert "Total params: " in capsys.readouterr().out


def test_the_code_of_a_run_that_left_no_model_and_of_a_saved_architecture(capsys, home):
    run = RunStore().end(RunStore().create(TrainingSpec(PRESETS["fc"], epochs=7)), "failed", error="x")
    for name in (run.id, str(run.folder)):
        assert main(["code", "--model", name]) == 0
        assert "epochs=7" in capsys.readouterr().out
    ArchitectureStore(home).save(ModelSpec("mine", PRESETS["cnn"].layers))
    assert main(["code", "--preset", "mine"]) == 0
    assert "layers.Conv2D(32, 3" in capsys.readouterr().out


@pytest.mark.parametrize("which", [["--preset", "cnn_wide"], ["--model", shipped_models()[0].id]])
def test_the_command_prints_the_script(which, capsys):
    assert main(["code", *which]) == 0
    script = capsys.readouterr().out
    compile(script, "script", "exec")
    assert script.rstrip().endswith('print(f"Test accuracy: {test_accuracy:.4f}")')


def test_snapshots_are_listed_used_as_models_and_deleted(capsys, home):
    settings = ["--epochs", "1", "--batch-size", "512", "--dataset-share", "0.05"]
    assert main(["train", "--preset", "softmax", *settings, "--json"]) == 0
    run = json.loads(capsys.readouterr().out.splitlines()[-1])["model"]
    assert main(["snapshots", "--model", run, "--json"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [moment["step"] for moment in found] == [0, 1, 3, 6] and found[-1]["epoch"] == 1 and found[0]["bytes"] > 0
    name = f"{Path(run).name}@6"
    assert main(["evaluate", "--model", name, "--json"]) == 0
    read, whole = json.loads(capsys.readouterr().out)["test_accuracy"], RunStore().get(Path(run).name)
    assert read == pytest.approx(whole.result["test_accuracy"], abs=0.01)
    assert main(["evaluate", "--model", f"{Path(run).name}@4"]) == 2
    assert "It has those after 0, 1, 3, 6 steps" in capsys.readouterr().err
    assert main(["snapshots", "--model", run]) == 0 and "@3  epoch 0.5" in capsys.readouterr().out
    assert main(["snapshots", "--model", run, "--delete"]) == 0
    assert main(["snapshots", "--model", run]) == 0 and "has no snapshots" in capsys.readouterr().out
