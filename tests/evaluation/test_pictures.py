"""What models can be measured on."""

import numpy as np
import pytest

from mnist_core.drawing.store import DrawingsStore
from mnist_core.drawing.strokes import Drawing
from mnist_core.errors import InvalidInput
from mnist_core.evaluation.pictures import known_pictures, picture_sources

LINE = (np.array([[140, 60], [140, 220]], np.float32),)


@pytest.fixture
def drawings(tmp_path):
    store = DrawingsStore(tmp_path)
    store.write("ada", [Drawing(LINE, 1, "ada"), Drawing((LINE[0] + 9,), None, "ada")])
    store.write("unknown", [Drawing(LINE)])
    return store


def test_drawings_are_offered_to_models_of_digits_alone(drawings):
    assert list(picture_sources(drawings, "mnist")) == ["mnist", "fashion_mnist", "drawings/ada", "drawings/unknown"]
    assert list(picture_sources(drawings, "fashion_mnist")) == ["mnist", "fashion_mnist"]


def test_each_source_gives_pictures_with_labels(drawings):
    assert known_pictures("mnist", drawings).images.shape == (10_000, 28, 28)
    assert known_pictures("fashion_mnist", drawings).class_names[0] == "T-shirt/top"
    of_ada = known_pictures("drawings/ada", drawings)
    assert of_ada.labels.tolist() == [1] and of_ada.images.shape == (1, 28, 28)


def test_a_set_without_labels_is_a_sentence(drawings):
    with pytest.raises(InvalidInput, match="has a label"):
        known_pictures("drawings/unknown", drawings)
