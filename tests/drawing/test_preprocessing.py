"""From a drawing to 28×28, checked against MNIST itself."""

import numpy as np
import pytest
from PIL import Image

from mnist_core.datasets import load_dataset
from mnist_core.drawing.preprocessing import STEPS, centre_by_mass, prepare

TEST = load_dataset("mnist")
ONE_OF_EACH = [int(np.flatnonzero(TEST.y_test == digit)[0]) for digit in range(10)]


def on_canvas(image, *, size=280, left=0, top=0, canvas=280, ink=0, paper=255,
              way=Image.Resampling.BICUBIC):  # fmt: skip
    """An MNIST image as ink on paper: uint8, (canvas, canvas, 4)."""
    enlarged = np.asarray(Image.fromarray(image).resize((size, size), way), np.float32) / 255
    grey = np.full((canvas, canvas), float(paper))
    grey[top : top + size, left : left + size] = paper + (ink - paper) * enlarged
    return np.dstack([grey.astype(np.uint8)] * 3 + [np.full((canvas, canvas), 255, np.uint8)])


def difference(a, b):
    return float(np.abs(a - b).mean())


def difference_within_a_pixel(a, b):
    """The least difference when one picture may move by a pixel, which a hair's breadth of ink can decide."""
    moves = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return min(difference(np.roll(a, move, axis=(0, 1)), b) for move in moves)


@pytest.mark.parametrize("index", ONE_OF_EACH)
def test_a_digit_blown_up_to_a_canvas_comes_back(index):
    """Shrinking the whole canvas, as most demos do, moves and scales every digit that does not fill it."""
    original = TEST.x_test[index] / 255
    image = prepare(on_canvas(TEST.x_test[index], way=Image.Resampling.NEAREST)).image
    assert image.shape == (28, 28) and image.dtype == np.float32
    assert image.min() == 0 and image.max() == 1
    assert difference(image, original) < 0.002


@pytest.mark.parametrize("index", ONE_OF_EACH)
def test_a_digit_blown_up_with_smooth_edges_comes_back_within_a_pixel(index):
    """Smooth edges blur where the ink ends, which may move the centre of mass across the edge of a pixel."""
    original = TEST.x_test[index] / 255
    image = prepare(on_canvas(TEST.x_test[index])).image
    assert difference_within_a_pixel(image, original) < 0.05
    assert np.corrcoef(image.ravel(), original.ravel())[0, 1] > 0.75


@pytest.mark.parametrize("index", ONE_OF_EACH)
def test_the_place_on_the_canvas_does_not_matter(index):
    image = TEST.x_test[index]
    here = prepare(on_canvas(image, size=140)).image
    there = prepare(on_canvas(image, size=140, left=133, top=97)).image
    np.testing.assert_array_equal(here, there)


@pytest.mark.parametrize("index", ONE_OF_EACH)
@pytest.mark.parametrize("size", [84, 140, 420])
def test_the_size_of_the_drawing_does_not_matter(index, size):
    image = TEST.x_test[index]
    usual = prepare(on_canvas(image)).image
    other = prepare(on_canvas(image, size=size, canvas=500)).image
    assert difference_within_a_pixel(other, usual) < 0.06


@pytest.mark.parametrize("index", ONE_OF_EACH[:3])
def test_ink_and_background_are_found_from_the_picture(index):
    image = TEST.x_test[index]
    dark_on_light = on_canvas(image, ink=0, paper=255)
    light_on_dark = on_canvas(image, ink=255, paper=0)
    faint = on_canvas(image, ink=120, paper=180)
    transparent = np.zeros((280, 280, 4), np.uint8)
    transparent[..., 3] = 255 - dark_on_light[..., 0]
    white_on_transparent = transparent.copy()
    white_on_transparent[..., :3] = 255
    expected = prepare(dark_on_light).image
    for drawing in (light_on_dark, transparent, white_on_transparent):
        np.testing.assert_allclose(prepare(drawing).image, expected, atol=0.01)
    assert difference(prepare(faint).image, expected) < 0.02


@pytest.mark.parametrize(
    "drawing",
    [np.zeros((280, 280, 4)), np.full((280, 280, 4), 255), np.full((5, 9, 4), 130), np.zeros((0, 0, 4))],
    ids=["transparent", "white", "grey", "no pixels"],
)
def test_blank_ink_is_no_picture(drawing):
    """Most demos call an empty canvas a 1 or a 5."""
    assert prepare(drawing.astype(np.uint8)).image is None


def test_a_single_dot_is_bounded_work():
    drawing = np.full((280, 280, 4), 255, np.uint8)
    drawing[100, 100, :3] = 0
    image = prepare(drawing).image
    assert image.shape == (28, 28) and np.isfinite(image).all()


def test_each_step_is_kept_for_display():
    steps = prepare(on_canvas(TEST.x_test[0])).steps
    assert [step.name for step in steps] == ["ink", "crop", "20×20", "centre of mass", "28×28"]
    assert max(steps[2].picture.shape) == 20
    for step in steps:
        assert step.picture.min() >= 0 and step.picture.max() <= 1 and step.explanation


@pytest.mark.parametrize("left_out", [*([name] for name in STEPS), list(STEPS)], ids="+".join)
@pytest.mark.parametrize("shade", [0, 40, 215, 228])
def test_any_step_may_be_left_out_of_any_ink(left_out, shade):
    """Faint ink without the step that finds it was an IndexError."""
    drawing = np.full((280, 280, 4), 255, np.uint8)
    drawing[60:220, 130:150, :3] = shade
    prepared = prepare(drawing, without=left_out)
    assert prepared.image.shape == (28, 28) and prepared.image.max() == pytest.approx(1)
    assert [step.name for step in prepared.steps] == [*(step.caption for step in STEPS.values()), "28×28"]
    told = [step.explanation for step in prepared.steps[:-1]]
    assert told == [step.left_out if step.name in left_out else step.done for step in STEPS.values()]


def test_nothing_is_cut_off_when_the_mass_lies_far_from_the_middle():
    """A heavy foot pulls the centre of mass down; the top must not leave the picture for it."""
    picture = np.full((20, 20), 0.05, np.float32)
    picture[19] = 1
    assert centre_by_mass(picture).sum() == pytest.approx(picture.sum())


@pytest.mark.parametrize("wrong", [np.zeros((28, 28)), np.zeros((28, 28, 3), np.uint8), np.zeros((28, 28, 4), float)])
def test_another_kind_of_array_is_refused(wrong):
    with pytest.raises(ValueError, match="uint8 of shape"):
        prepare(wrong)
