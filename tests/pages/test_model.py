"""Model, without a browser."""

import pytest

from mnist_core.networks.presets import PRESETS
from mnist_core.runs.models import shipped_models
from tests.pages.screens import open_page, wait_for


@pytest.mark.parametrize("option", [f"preset:{name}" for name in PRESETS] + [run.id for run in shipped_models()])
def test_each_network_shows_keras_own_summary(studio, option):
    at = open_page("model", model=option)
    wait_for(studio.engine)
    at.run()
    assert not at.exception
    assert "Total params" in at.container("model_summary").code[0].value
    assert at.table and at.selectbox("model_choice").value == option
