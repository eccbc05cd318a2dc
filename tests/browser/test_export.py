"""What is taken away works where it is taken: the page that carries a model, in a browser without a network."""

import itertools
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from mnist_core.drawing.inking import ink_enlarged
from mnist_core.drawing.preprocessing import prepare
from mnist_core.engine.prediction import Predictor
from mnist_core.paths import MODEL_FILE, SHIPPED_MODELS
from tests.strokes import DRAWINGS


@pytest.mark.slow
def test_a_model_is_taken_away_and_drawn_on_without_a_network(page: Page, browser: Browser, tmp_path: Path):
    page.goto("/model?model=cnn")
    page.get_by_role("button", name="Other formats").click()
    expect(page.locator(".st-key-export_format input")).to_have_value("ONNX (.onnx)")
    page.get_by_role("button", name="Prepare the file").click()
    expect(page.locator(".st-key-export_result")).to_contain_text("no answer differs")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download cnn-onnx.zip").click()
    assert download.value.suggested_filename == "cnn-onnx.zip"
    with zipfile.ZipFile(download.value.path()) as packed:
        packed.extractall(tmp_path)

    context = browser.new_context(offline=True, viewport={"width": 390, "height": 844})
    elsewhere = context.new_page()
    errors: list[str] = []
    elsewhere.on("pageerror", lambda error: errors.append(str(error)))
    elsewhere.goto((tmp_path / "draw.html").as_uri())
    answer = elsewhere.locator("#answer")
    expect(answer).to_have_text("Draw on the white square.")
    pad = elsewhere.locator("#pad").bounding_box()
    assert pad
    predictor = Predictor(SHIPPED_MODELS / "cnn" / MODEL_FILE)
    for strokes in DRAWINGS.values():
        for stroke in strokes:
            elsewhere.mouse.move(pad["x"] + stroke[0][0], pad["y"] + stroke[0][1])
            elsewhere.mouse.down()
            for x, y in stroke[1:]:
                elsewhere.mouse.move(pad["x"] + x, pad["y"] + y, steps=8)
            elsewhere.mouse.up()
        expected = prepare(ink_enlarged([np.array(stroke, float) for stroke in strokes])).image
        assert expected is not None
        probabilities = predictor.predict(expected[None])[0]
        expect(answer).to_contain_text(str(probabilities.argmax()))
        seen = elsewhere.evaluate("[...document.getElementById('seen').getContext('2d').getImageData(0,0,28,28).data]")
        picture = np.array(seen).reshape(28, 28, 4)[..., 0] / 255
        # Smooth edges and hard ones may round a centre of mass to neighbouring pixels.
        shifted = [np.roll(picture, shift, (0, 1)) for shift in itertools.product((-1, 0, 1), repeat=2)]
        differences = [np.abs(other - expected).mean() for other in shifted]
        assert min(differences) < 0.015
        elsewhere.locator("#clear").click()
        expect(answer).to_have_text("Draw on the white square.")
    elsewhere.locator("#sample").click()
    expect(answer).to_contain_text("0")
    assert not errors
    assert json.loads((tmp_path / "about.json").read_text(encoding="utf-8"))["name"] == "cnn"
    context.close()
