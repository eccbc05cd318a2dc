"""Our arithmetic of shapes and parameters against Keras's own."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mnist_core.engine.build import build_model
from mnist_core.networks.fields import limits_of
from mnist_core.networks.layers import ACTIVATIONS, LAYERS, Dense, Flatten, LayerSpec
from mnist_core.networks.spec import ModelSpec
from mnist_core.training.spec import TrainingSpec


def layer(kind: type[LayerSpec]) -> st.SearchStrategy[LayerSpec]:
    """Any layer of a kind, with settings small enough to be built quickly."""
    values = {}
    for field, limits in limits_of(kind).items():
        if limits.choices:
            values[field] = st.sampled_from(limits.choices)
        elif limits.whole:
            values[field] = st.integers(int(limits.minimum), min(int(limits.maximum), 12))
        else:
            values[field] = st.floats(limits.minimum, limits.maximum)
    return st.builds(kind, **values)


LAYER_LISTS = st.lists(st.one_of([layer(kind) for kind in LAYERS.values()]), max_size=8)


def mended(layers: list[LayerSpec]) -> ModelSpec:
    """An architecture of these layers without those that cannot stand where they are, with a proper end."""
    kept: list[LayerSpec] = []
    for item in layers:
        rows = ModelSpec("trial", (*kept, item)).rows()
        if rows[-1].output_shape is not None and all(rows[-1].output_shape):
            kept.append(item)
    last = ModelSpec("trial", tuple(kept)).rows()[-1].output_shape if kept else None
    if last is None or len(last) > 1:
        kept.append(Flatten())
    return ModelSpec("mended", (*kept, Dense(10, "softmax")))


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(LAYER_LISTS)
def test_shapes_and_counts_equal_keras_own_for_any_valid_architecture(layers):
    spec = mended(layers)
    assume(not spec.problems())
    model = build_model(spec)
    rows = spec.rows()
    built = model.layers[-len(rows) :]
    assert [layer.output.shape[1:] for layer in built] == [row.output_shape for row in rows]
    assert [layer.count_params() for layer in built] == [row.num_params for row in rows]
    assert model.count_params() == spec.num_params


@settings(max_examples=300, deadline=None)
@given(LAYER_LISTS)
def test_any_list_of_layers_gets_numbers_or_a_reason(layers):
    """Never a traceback: what cannot be built names the layer and says what to do."""
    spec = ModelSpec("any", tuple(layers))
    problems = spec.problems()
    if not problems:
        assert spec.rows()[-1].output_shape == (10,)
    for problem in problems:
        assert problem.endswith(".") and len(problem) > 20


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_each_activation_is_keras_own(activation):
    hidden = ModelSpec("one", (Flatten(), Dense(4, activation), Dense(10, "softmax")))
    assert build_model(hidden).count_params() == hidden.num_params
    assert TrainingSpec(hidden).model == hidden
