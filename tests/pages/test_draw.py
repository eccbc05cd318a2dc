"""Draw, without a browser."""

import numpy as np
import pytest

from mnist_core.drawing.inking import ink
from mnist_core.runs.models import shipped_models
from pages.components.uploads import gives_camera
from tests.pages.screens import drawn, open_page, texts, wait_for
from tests.strokes import DRAWINGS


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


@pytest.mark.parametrize(
    ("address", "has_camera"),
    [
        ("https://digits.school.org/", True),
        ("http://localhost:8501/", True),
        ("http://127.0.0.1:8501/", True),
        ("http://[::1]:8501/", True),
        ("http://192.168.1.7:8501/", False),
        ("http://pc-7.local:8501/", False),
        (None, False),
    ],
)
def test_a_camera_is_offered_where_a_browser_gives_it(address, has_camera):
    """Over plain http a browser gives no page a camera, and the switch ended in a black square."""
    assert gives_camera(address) == has_camera


def test_a_picture_is_turned_until_it_stands(studio):
    at = open_page("draw", model="digits")
    at.session_state["draw_given"] = np.rot90(
        ink([np.array(stroke, np.float32) for stroke in DRAWINGS["7"]], 20), 2
    ).copy()
    at.run()
    for _ in range(2):
        at.button("draw_turn").click().run()
    wait_for(studio.engine)
    at.run()
    assert ">7<" in at.container("draw_answer").html[0].value
