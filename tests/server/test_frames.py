"""Frames as browsers send them, and what is sent instead of them."""

import json
import random

import numpy as np
import pytest

from mnist_core.drawing.inking import prepare_strokes
from mnist_core.engine.prediction import Predictor
from mnist_core.errors import InvalidInput
from mnist_core.runs.models import shipped_models
from mnist_core.server.frames import MAX_FRAME, NUMBER, answer_frames, read_frame, read_message
from mnist_core.server.questions import ModelFile
from tests.strokes import DRAWINGS, digits_by

MODELS = {run.id: run.model_path for run in shipped_models()}
SEVEN = [[list(map(float, point)) for point in stroke] for stroke in DRAWINGS["7"]]


def frame(**changes):
    return read_frame({"id": 1, "model": "fc", "strokes": SEVEN, **changes})


def asked(*frames):
    return answer_frames([(ModelFile.at(MODELS[item.model]), item) for item in frames])


def test_each_is_read_as_the_finished_drawing_is():
    frames = [
        frame(),
        frame(model="cnn"),
        frame(strokes=[]),
        frame(without=["crop", "mass"]),
        frame(brush=12),
        frame(brush=12, without=["box"]),
    ]
    for item, read in zip(frames, asked(*frames), strict=True):
        image = prepare_strokes(item.strokes, item.brush, item.without).image
        if image is None:
            assert not len(read.probabilities) and not len(read.pictures)
            continue
        expected = Predictor(MODELS[item.model]).predict(image[None])
        assert np.allclose(read.probabilities, expected, atol=1e-6)
        assert np.array_equal(read.pictures[0], np.round(image * 255).astype(np.uint8))


def test_fifty_drawings_are_read_while_they_are_drawn_as_when_they_are_done():
    drawings = [[stroke.tolist() for stroke in drawing.strokes] for drawing in digits_by(5)]
    images = np.stack([prepare_strokes(frame(strokes=strokes).strokes).image for strokes in drawings])
    expected = Predictor(MODELS["cnn"]).predict(images)
    found = asked(*(frame(model="cnn", strokes=strokes) for strokes in drawings))
    assert len(found) == 50
    assert np.allclose(np.concatenate([read.probabilities for read in found]), expected, atol=1e-6)


def test_a_number_is_found_and_read():
    strokes = [[[x * 0.7 + 150 * place, y * 0.7] for x, y in DRAWINGS[digit][0]] for place, digit in enumerate("730")]
    (read,) = asked(frame(model="digits", kind=NUMBER, strokes=strokes, brush=10, width=640, height=220))
    assert read.probabilities.argmax(axis=1).tolist() == [7, 3, 0] and read.is_digit.all()
    assert (np.diff(read.boxes[:, 0]) > 0).all() and read.pictures.shape == (3, 28, 28)


def test_a_model_that_cannot_be_opened_spoils_no_other_answer(tmp_path):
    broken = tmp_path / "model.keras"
    broken.write_text("no model")
    bad, good = answer_frames([(ModelFile.at(broken), frame()), (ModelFile.at(MODELS["fc"]), frame())])
    assert isinstance(bad, InvalidInput) and good.probabilities.shape == (1, 10)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "null", "[]", "7", '"x"', "[" * 5_000, json.dumps({"model": "fc"}), "x" * (MAX_FRAME + 1),
        '{"model": "fc", "strokes": [[[NaN, 1]]]}', '{"model": "fc", "strokes": [[[1e300, 1]]]}',
        '{"model": 7, "strokes": []}', '{"model": "fc", "strokes": [[1, 2]]}', '{"model": "fc", "strokes": {"a": 1}}',
        '{"model": "fc", "strokes": [], "without": ["nothing"]}', '{"model": "fc", "strokes": [], "without": [[]]}',
        '{"model": "fc", "strokes": [], "width": "wide"}', '{"model": "fc", "strokes": [], "width": true}',
        '{"model": "fc", "strokes": [], "kind": "photograph"}', '{"model": "fc", "strokes": [], "id": null}',
        json.dumps({"model": "fc", "strokes": [[[1, 1]] * 6_000]}),
    ],
)  # fmt: skip
def test_what_is_no_frame_gets_a_sentence(text):
    with pytest.raises(InvalidInput) as refused:
        read_frame(read_message(text))
    assert len(str(refused.value)) < 200


def test_any_change_of_a_frame_is_read_or_refused():
    rng = random.Random(0)
    whole = json.dumps({"id": 1, "model": "fc", "strokes": SEVEN, "brush": 20, "without": ["box"], "width": 280})
    for _ in range(1_000):
        place, length = rng.randrange(len(whole)), rng.randrange(6)
        text = whole[:place] + "".join(rng.choice('0[]{}",:.-eNa') for _ in range(length)) + whole[place + length :]
        try:
            item = read_frame(read_message(text))
        except InvalidInput:
            continue
        prepare_strokes(item.strokes, item.brush, item.without, max(item.size))
