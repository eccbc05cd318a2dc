"""Architectures as files and as links."""

import base64
import contextlib
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.errors import InvalidInput
from mnist_core.networks.layers import LAYERS
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.sharing import (
    architecture_code,
    architecture_file,
    architecture_link,
    read_architecture,
    read_architecture_code,
)
from mnist_core.networks.spec import ModelSpec

OWN = ModelSpec("my network", PRESETS["cnn"].layers, "Mine.", "")
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
