"""What holds for every screen."""

from pathlib import Path

import pytest

from mnist_core.errors import TensorFlowMissing
from mnist_core.server.engine_process import EngineProcess
from tests.pages.screens import SITE, drawn, open_page, said, wait_for


@pytest.mark.parametrize("page", sorted(path.stem for path in Path(SITE).parent.glob("[!_]*.py")))
def test_each_page_opens_where_nothing_was_ever_trained(studio, page):
    open_page(page)


@pytest.mark.slow
def test_a_model_file_that_is_a_text_file_is_a_sentence_on_each_page(studio, spec):
    run = studio.store.create(spec)
    studio.store.save_model(run, b"this is a text file")
    studio.store.end(run, "finished", result={"test_accuracy": 0.5})
    for page in ("draw", "number", "model"):
        at = open_page(page, model=run.id)
        at.session_state["draw_pixels"] = at.session_state["number_pixels"] = drawn()
        at.run()
        wait_for(studio.engine)
        at.run()
        assert "cannot be opened as a Keras model" in said(at.error[0]) and not at.exception


@pytest.mark.parametrize("page", sorted(path.stem for path in Path(SITE).parent.glob("[!_]*.py")))
def test_each_page_says_why_there_is_no_tensorflow(studio, page, monkeypatch):
    """Each page opens, says it in a sentence with the remedy, and has no traceback."""
    monkeypatch.setattr(studio, "engine", EngineProcess())
    studio.engine.problem = str(TensorFlowMissing.because("DLL load failed"))
    at = open_page(page)
    assert "Redistributable" in said(at.warning[0])
    if page == "train":
        assert at.button("train_start").disabled
    studio.engine.close()
