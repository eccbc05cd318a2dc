"""What speaks for an answer, and the map of pictures."""

import numpy as np
import pytest

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.build import load_model
from mnist_core.engine.inside import Inside
from mnist_core.engine.landscape import draw_landscape
from mnist_core.engine.reasons import PATCH, PUSH, Reasons
from mnist_core.runs.models import shipped_models

SEVEN = scale(load_dataset("mnist").x_test[:1])[0]
MODELS = {run.id: run.model_path for run in shipped_models()}


@pytest.fixture(scope="module", params=["fc", "cnn"])
def inside(request):
    return Inside(load_model(MODELS[request.param], compile=False))


def score(inside, images, wanted, other):
    found = np.stack([inside.look(image).probabilities for image in images]).astype(np.float64)
    return np.log(found[:, wanted] + 1e-12) - np.log(found[:, other] + 1e-12)


def test_the_gradient_is_what_a_small_change_does(inside):
    slope = Reasons(inside).gradient(SEVEN, 7, 2)
    place = np.unravel_index(np.abs(slope).argmax(), slope.shape)
    more, less = SEVEN.copy(), SEVEN.copy()
    more[place] += 1e-2
    less[place] -= 1e-2
    up, down = score(inside, [more, less], 7, 2)
    assert (up - down) / 2e-2 == pytest.approx(slope[place], rel=0.1)


def test_integrated_gradients_sum_up_to_the_difference_from_a_black_picture(inside):
    parts = Reasons(inside).integrated_gradients(SEVEN, 7, 2)
    here, black = score(inside, [SEVEN, np.zeros_like(SEVEN)], 7, 2)
    assert parts.sum() == pytest.approx(here - black, rel=0.05)
    assert (parts[SEVEN == 0] == 0).all()


def test_occlusion_is_the_fall_of_the_probability(inside):
    falls = Reasons(inside).occlusion(SEVEN, 7)
    covered = SEVEN.copy()
    covered[:PATCH, :PATCH] = 0
    fall = inside.look(SEVEN).probabilities[7] - inside.look(covered).probabilities[7]
    assert falls[0, 0] == pytest.approx(fall, abs=1e-5) and falls.shape == (28, 28)


def test_grad_cam_belongs_to_convolutions(inside):
    found = Reasons(inside).grad_cam(SEVEN, 7)
    if len(inside.columns) == 3:
        assert found is None
    else:
        assert found.shape == (28, 28) and found.min() >= 0


def test_a_little_change_fools_it(inside):
    fooled = Reasons(inside).fool(SEVEN)
    assert fooled and fooled.answer != 7 and fooled.distance < 6
    assert inside.look(fooled.image).probabilities.argmax() == fooled.answer
    assert fooled.on_the_way[0].argmax() == 7 and fooled.on_the_way[-1].argmax() == fooled.answer
    assert fooled.image.min() >= 0 and fooled.image.max() <= 1
    assert Reasons(inside).fool(SEVEN, wanted=7) is None


def test_nothing_fools_it_with_less_than_the_least_change(inside):
    reasons = Reasons(inside)
    each = [found.distance for wanted in range(10) if (found := reasons.fool(SEVEN, wanted))]
    assert len(each) > 1 and reasons.fool(SEVEN).distance <= min(each) + PUSH


def test_the_map_places_test_pictures_and_any_other():
    inside, told = Inside(load_model(MODELS["fc"], compile=False)), []
    found = draw_landscape(inside, "mnist", told.append)
    assert told == sorted(told) and told[0] > 0 and told[-1] < 1
    assert found.points.shape == (10_000, 2) and np.abs(found.points).max() == pytest.approx(1)
    assert (found.answers == found.labels).mean() > 0.97 and 0 < found.kept < 1
    assert found.place(inside.last_hidden(inside.look(SEVEN))) == pytest.approx(tuple(found.points[0]), abs=1e-3)
    spreads = found.points.var(axis=0)
    assert spreads[0] >= spreads[1]
