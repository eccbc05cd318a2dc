"""The commands `summary` and `code`."""

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
