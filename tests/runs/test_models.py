"""Trained models by name."""

import dataclasses

from mnist_core.evaluation.calibration import (
    read_calibration,
)
from mnist_core.runs.models import keep_model, shipped_models


def test_a_model_trained_further_keeps_the_bound_and_says_whose_it_is(store):
    """A fine-tuned model took a scribble for a 4 at 10 %, as nothing told it what to refuse."""
    earlier = shipped_models()[0]
    tuned = store.create(dataclasses.replace(earlier.spec, continues=earlier.id, drawings=""))
    keep_model(tuned, b"a model", store)
    found = read_calibration(tuned.folder)
    assert found and found.inherited_from == earlier.name
    assert found.rejection_threshold == read_calibration(earlier.folder).rejection_threshold
    again = store.create(dataclasses.replace(earlier.spec, continues=tuned.id, drawings=""))
    keep_model(again, b"a model", store)
    assert read_calibration(again.folder).inherited_from == earlier.name
    clothes = store.create(dataclasses.replace(tuned.spec, dataset="fashion_mnist"))
    keep_model(clothes, b"a model", store)
    assert clothes.has_model and read_calibration(clothes.folder) is None
