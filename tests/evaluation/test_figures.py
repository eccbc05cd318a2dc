"""Figures that people download."""

import pytest

from mnist_core.datasets import DATASETS, load_dataset
from mnist_core.evaluation.figures import (
    FORMATS,
    confusion_figure,
    curves_figure,
    predictions_figure,
    render,
    results_figure,
)
from mnist_core.evaluation.findings import Finding
from mnist_core.evaluation.metrics import evaluate
from mnist_core.runs.curves import both_curves
from mnist_core.runs.models import shipped_models
from mnist_core.runs.store import RunStore

STARTS = {"png": b"\x89PNG", "svg": b"<?xml"}


@pytest.mark.slow
@pytest.mark.parametrize("format", FORMATS)
def test_each_figure_is_drawn_in_each_format(guesses, format):
    probabilities, labels = guesses
    names = DATASETS["mnist"].class_names
    run = shipped_models()[0]
    figures = [
        curves_figure("Curves", both_curves(RunStore(run.folder.parent).events(run))),
        confusion_figure("Matrix", evaluate(probabilities, labels), names),
        predictions_figure(load_dataset("mnist").x_test[:15], labels[:15], probabilities[:15], names),
        results_figure("Lesson", [Finding("a", (0.9,)), Finding("b", (0.95, 0.96))]),
    ]
    for figure in figures:
        assert render(figure, format).startswith(STARTS[format])
