"""Draw, without a browser."""

import pytest

from mnist_core.runs.models import shipped_models
from tests.pages.screens import drawn, open_page, texts, wait_for


def test_the_first_page_says_what_to_do_and_offers_the_shipped_models(studio):
    at = open_page("draw")
    assert "Draw a digit" in at.container("draw_answer").html[0].value
    assert len(at.selectbox("draw_model").options) == len(shipped_models())
    assert at.html  # bars are there before the first stroke, so that nothing jumps


@pytest.mark.parametrize("model", ["fc", "cnn"])
def test_a_drawing_gets_an_answer_ten_numbers_and_the_picture(studio, model):
    at = open_page("draw", model=model)
    at.session_state["draw_pixels"] = drawn()
    at.run()
    wait_for(studio.engine)
    at.run()
    assert ">1<" in at.container("draw_answer").html[0].value
    bars = at.container("draw_probabilities").html[0].value
    assert bars.count("<tr") == 11 and bars.count("◀") == 1
    assert "data:image/png" in at.container("draw_seen").html[0].value


def test_own_runs_follow_the_shipped_models_newest_first(studio, spec):
    older, newer = studio.store.create(spec, name="older"), studio.store.create(spec, name="newer")
    for run in (older, newer):
        studio.store.save_model(run, shipped_models()[0].model_path.read_bytes())
        studio.store.end(run, "finished", result={"test_accuracy": 0.9})
    options = open_page("draw").selectbox("draw_model").options
    assert [option.split(" · ")[0] for option in options[-2:]] == ["newer", "older"]


def test_a_model_in_the_address_is_the_one_that_is_shown(studio):
    assert open_page("draw", model="softmax").selectbox("draw_model").value == "softmax"


def test_a_model_that_is_gone_is_said_and_replaced(studio):
    at = open_page("draw", model="20200101-000000-fc-abcdef")
    assert "not there any more" in texts(at) and at.selectbox("draw_model").value == shipped_models()[0].id
