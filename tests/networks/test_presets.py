"""The named architectures against the course notes."""

import pytest

from mnist_core.networks.presets import PRESETS

PARAMETER_COUNTS = {
    "softmax": 7_850,
    "dense_100": 79_510,
    "fc": 104_938,
    "fc_deep": 111_514,
    "dense_512": 407_050,
    "dense_128": 101_770,
    "cnn": 121_930,
    "cnn_wide": 461_834,
    "digits": 403_690,
}


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_has_the_course_notes_parameter_count(name):
    assert PRESETS[name].num_params == PARAMETER_COUNTS[name]


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_can_be_trained_and_says_what_it_is_for(name):
    spec = PRESETS[name]
    assert spec.problems() == []
    assert spec.rows()[-1].output_shape == (10,)
    assert spec.description.endswith(".") and spec.source.endswith(".")
