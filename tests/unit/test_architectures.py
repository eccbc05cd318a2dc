"""Architectures of one's own: saving, sharing, and the arithmetic against Keras."""

import base64
import contextlib
import zlib

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mnist_core.engine.build import build_model
from mnist_core.errors import InvalidInput
from mnist_core.networks.fields import limits_of
from mnist_core.networks.layers import ACTIVATIONS, LAYERS, Dense, Flatten, LayerSpec
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.sharing import (
    architecture_code,
    architecture_file,
    architecture_link,
    read_architecture,
    read_architecture_code,
)
from mnist_core.networks.spec import ModelSpec
from mnist_core.networks.store import ArchitectureStore
from mnist_core.training.spec import TrainingSpec

OWN = ModelSpec("my network", PRESETS["cnn"].layers, "Mine.", "")


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


KEYS = st.sampled_from(["layers", "layer", "name", "units", "style", "activation"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(list(LAYERS))
ANY_JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner))


@settings(max_examples=200, deadline=None)
@given(ANY_JSON)
def test_any_json_is_an_architecture_or_a_sentence(value):
    with contextlib.suppress(InvalidInput):
        assert isinstance(ModelSpec.from_json(value), ModelSpec)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_in_a_link_is_an_architecture_or_a_sentence(code):
    with pytest.raises(InvalidInput):
        read_architecture_code(code)


def test_a_link_and_a_file_bring_the_same_architecture_back():
    assert read_architecture_code(architecture_code(OWN)) == OWN
    assert read_architecture(architecture_file(OWN)) == OWN
    assert len(architecture_link(OWN, "http://localhost:8501/build")) < 1000


def test_a_link_that_would_unpack_without_end_is_refused():
    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 50_000_000)).decode()
    with pytest.raises(InvalidInput, match="no whole architecture"):
        read_architecture_code(bomb)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"{}",
        b"x" * 200_000,
        b'{"layers": ' + b"9" * 5000 + b"}",
        b'{"name": "\\ud800", "layers": []}',
        b"[" * 50_000 + b"]" * 49_000,
    ],
)
def test_a_file_that_is_no_architecture_gets_a_sentence(content):
    with pytest.raises(InvalidInput):
        read_architecture(content)


@pytest.mark.parametrize("name", ["my network", "../../etc", "名前", "a/b", "."])
def test_saved_under_any_name_and_found_again(tmp_path, name):
    store = ArchitectureStore(tmp_path)
    spec = ModelSpec(name, OWN.layers)
    store.save(spec)
    assert store.all() == {name: spec}
    assert [path.parent for path in tmp_path.rglob("*.json")] == [tmp_path / "architectures"]
    store.delete(name)
    assert store.all() == {}


def test_a_presets_name_cannot_be_taken(tmp_path):
    with pytest.raises(InvalidInput, match="belongs to a preset"):
        ArchitectureStore(tmp_path).save(ModelSpec("fc", OWN.layers))


def test_a_damaged_file_hides_no_other(tmp_path):
    store = ArchitectureStore(tmp_path)
    store.save(OWN)
    (store.folder / "broken.json").write_text("{")
    assert list(store.all()) == [OWN.name]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_each_activation_is_keras_own(activation):
    hidden = ModelSpec("one", (Flatten(), Dense(4, activation), Dense(10, "softmax")))
    assert build_model(hidden).count_params() == hidden.num_params
    assert TrainingSpec(hidden).model == hidden
