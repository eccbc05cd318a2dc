"""What the canvas sends, in an order that a busy computer or a slow line makes of it."""

import io
from types import SimpleNamespace

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest


def sends(*strokes):
    """What the component gives back with these strokes on it."""
    image = Image.new("RGBA", (280, 280), (255, 255, 255, 255))
    for place in range(len(strokes)):
        image.putpixel((place, sum(map(ord, strokes[place])) % 280), (0, 0, 0, 255))
    file = io.BytesIO()
    image.save(file, "PNG")
    return SimpleNamespace(image_bytes=file.getvalue(), json_data={"objects": [{"name": name} for name in strokes]})


@pytest.fixture
def board(monkeypatch):
    """Runs the board once with what the canvas sends, after something was done to it; gives the names on it."""

    def page():
        from pages.components.drawing.canvas import Board

        Board("test").show()

    at = AppTest.from_function(page, default_timeout=30).run()

    def run(sent, press=None):
        monkeypatch.setattr("pages.components.drawing.canvas.st_canvas", lambda **_: sent)
        if press:
            at.button(key=f"test_{press}").click()
        at.run()
        assert not at.exception
        return [stroke["name"] for stroke in at.session_state["test_strokes"] or []]

    return run


def test_what_was_on_the_canvas_before_it_was_filled_anew_does_not_come_back(board):
    assert board(sends("a", "b")) == ["a", "b"]
    assert board(sends("a", "b"), "undo") == ["a"]
    assert board(sends("a"), "undo") == []
    assert board(sends("a", "b")) == []  # both are still on their way when it is cleared
    assert board(sends("a")) == []
    assert board(sends()) == []


def test_clear_is_not_undone_by_an_answer_to_the_undo_before(board):
    assert board(sends("a", "b", "c")) == ["a", "b", "c"]
    assert board(sends("a", "b", "c"), "undo") == ["a", "b"]
    assert board(sends("a", "b", "c"), "clear") == []
    assert board(sends("a", "b")) == []
    assert board(sends("d")) == ["d"]


def test_undo_brings_back_what_was_cleared(board):
    assert board(sends("a", "b")) == ["a", "b"]
    assert board(sends("a", "b"), "clear") == []
    assert board(sends("a", "b"), "undo") == ["a", "b"]
    assert board(sends("a", "b"), "undo") == ["a"]


def test_a_drawing_that_comes_back_by_redo_is_no_outdated_one(board):
    board(sends("a", "b"))
    board(sends("a", "b"), "undo")
    assert board(sends("a"), "redo") == ["a", "b"]
    assert board(sends("a")) == ["a", "b"]
    assert board(sends("a", "b")) == ["a", "b"]
    assert board(sends("a", "b", "c")) == ["a", "b", "c"]
    assert board(sends("a", "b")) == ["a", "b"]  # undone in the browser
