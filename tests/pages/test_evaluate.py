"""Evaluate, without a browser."""

import numpy as np
import pytest

from mnist_core.drawing.strokes import Drawing
from mnist_core.formatting import in_percent
from tests.pages.screens import open_page, shipped, wait_for


def test_evaluation_shows_the_figures_of_the_record(studio):
    at = open_page("evaluate", model="softmax")
    wait_for(studio.engine)
    at.run()
    assert at.metric[0].value == in_percent(shipped("softmax").result["test_accuracy"], 2)
    assert not at.exception and at.table


@pytest.mark.slow
def test_a_model_is_evaluated_on_a_set_of_drawings(studio):
    """A set could be trained on but not be looked at beside the datasets."""
    lines = [np.array([[140 + i, 60], [140, 220]], np.float32) for i in range(5)]
    labels = (1, 1, 1, 7, None)
    kept = [Drawing((line,), label, "ann") for line, label in zip(lines, labels, strict=True)]
    studio.drawings.add("class 3b", *kept)
    at = open_page("evaluate", model="digits")
    at.selectbox("evaluate_dataset_mnist").set_value("drawings/class 3b").run()
    wait_for(studio.engine)
    at.run()
    assert at.metric[0].value == "75.00 %" and at.metric[2].value == "1 of 4" and not at.exception
    studio.drawings.write("class 3b", [])
    at.run()
    assert at.selectbox("evaluate_dataset_mnist").value == "mnist" and not at.exception
