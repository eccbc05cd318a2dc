"""Each layer that can be built with."""

import pytest

from mnist_core.networks.layers import LAYERS, layer_from_json


@pytest.mark.parametrize("kind", LAYERS)
def test_each_layer_survives_json_and_describes_itself(kind):
    layer = LAYERS[kind]()
    assert layer_from_json(layer.to_json()) == layer
    assert layer.description.endswith(".")
