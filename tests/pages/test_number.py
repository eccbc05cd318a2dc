"""Number, without a browser: pictures, rows, and what is put right by hand."""

import numpy as np

from mnist_core.drawing.inking import ink
from tests.drawing.test_number import strokes_of
from tests.pages.screens import open_page, wait_for


def page_of(*numbers):
    """Numbers below each other, uint8 (H, W, 4)."""
    rows = [strokes_of(number)[0] for number in numbers]
    return ink([stroke + np.float32([0, 150 * place]) for place, row in enumerate(rows) for stroke in row], 9, size=480)


def opened(studio, *numbers):
    """The page with a picture of numbers on it, read."""
    at = open_page("number", model="digits")
    at.session_state["number_given"] = page_of(*numbers)
    at.run()
    return again(studio, at)


def again(studio, at):
    wait_for(studio.engine)
    at.run()
    assert not at.exception
    return at


def number(at):
    return at.container("number_answer").html[0].value


def choose(at, place):
    pills = at.button_group[0] if hasattr(at, "button_group") else at.pills[0]
    pills.set_value([place] if isinstance(pills.value, list) else place).run()


def pressed(studio, at, key, place):
    choose(at, place)
    at.button(key).click().run()
    return again(studio, at)


def test_a_picture_of_several_rows_is_read_line_by_line(studio):
    at = opened(studio, "73", "205")
    assert ">73\n205<" in number(at)
    assert [button.label for button in at.button if button.key in ("number_instead", "number_turn")] == [
        "Draw instead",
        "Turn",
    ]


def test_boxes_are_joined_split_removed_and_begun_again(studio):
    at = opened(studio, "73")
    at = pressed(studio, at, "number_join", 0)
    assert ">73<" not in number(at) and len(at.session_state["number_corrected"].boxes) == 1
    at = pressed(studio, at, "number_split", 0)
    assert ">73<" in number(at)
    at = pressed(studio, at, "number_remove", 0)
    assert ">3<" in number(at)
    at.button("number_start_over").click().run()
    assert ">73<" in number(again(studio, at))


def test_what_is_typed_stands_in_the_answer_until_another_picture_comes(studio):
    at = opened(studio, "73")
    choose(at, 0)
    at.text_input("number_is").set_value("9").run()
    at.button("number_set").click().run()
    at = again(studio, at)
    assert ">93<" in number(at)
    at.session_state["number_given"] = page_of("205")
    at.run()
    assert ">205<" in number(again(studio, at))


def test_a_turned_picture_is_read_anew(studio):
    at = open_page("number", model="digits")
    at.session_state["number_given"] = np.rot90(page_of("73")).copy()
    at.run()
    at.button("number_turn").click().run()
    assert ">73<" in number(again(studio, at))


def test_a_picture_without_ink_says_so(studio):
    at = open_page("number", model="digits")
    at.session_state["number_given"] = np.full((100, 200, 4), 255, np.uint8)
    at.run()
    assert "Nothing stands out" in number(at)
