"""The models that ship say what their records say."""

import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.prediction import Predictor
from mnist_core.evaluation.metrics import evaluate
from mnist_core.runs.models import shipped_models


@pytest.mark.parametrize("run", shipped_models(), ids=lambda run: run.id)
def test_each_shipped_model_is_small_and_scores_what_its_record_says(run):
    assert run.model_path.stat().st_size < 5_000_000
    data = load_dataset(run.spec.dataset)
    raw = Predictor(run.model_path).predict(scale(data.x_test), calibrated=False)
    found = evaluate(raw, data.y_test)
    assert found.accuracy == pytest.approx(run.result["test_accuracy"], abs=5e-4)
    assert found.loss == pytest.approx(run.result["test_loss"], rel=1e-2)


def test_the_four_models_ship():
    assert {(run.id, run.spec.dataset) for run in shipped_models()} >= {
        ("fc", "mnist"), ("cnn", "mnist"), ("softmax", "mnist"), ("dense_128", "fashion_mnist")
    }  # fmt: skip
