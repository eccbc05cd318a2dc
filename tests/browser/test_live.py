"""Bars, answer and picture follow the pen while it is down."""

import random
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect

from tests.browser.proxy import Proxy
from tests.browser.studio_server import StudioServer, draw, expect_seen, press_and_move, seen_pixels
from tests.browser.test_served import visitor
from tests.strokes import DRAWINGS

BOARD = "window.digitStudioBoards?.draw"
WINNER = ".st-key-draw_probabilities tr.winner th"


def ready(page: Page) -> None:
    """Waits until the model is there and has answered the empty canvas."""
    page.wait_for_function(f"{BOARD}?.last && !window.digitStudioLine.asked")


def about(page: Page) -> str:
    """What the browser calls the drawing."""
    return page.evaluate(f"{BOARD}.about()")


def test_bars_answer_and_picture_change_before_the_pen_is_up(page: Page):
    page.goto("/")
    ready(page)
    press_and_move(page, "3")
    expect(page.locator(".st-key-draw_answer .digit")).to_have_text("3")
    expect(page.locator(WINNER)).to_have_text("3")
    expect(page.locator(".st-key-draw_seen img")).to_be_visible()
    expect(page.locator(".st-key-draw_seen")).to_contain_text("What the network saw")
    assert page.evaluate(f"{BOARD}.stroke") is not None  # nothing of it has reached the page's own answer
    page.mouse.up()


def test_the_last_live_answer_is_the_answer(page: Page):
    """Twenty drawings: what stands there when the pen is lifted is what the server puts in its place."""
    page.goto("/?model=cnn")
    ready(page)
    rng = random.Random(0)
    for _ in range(20):
        draw(
            page,
            DRAWINGS[rng.choice("0137")],
            scale=rng.uniform(0.2, 1),
            dx=rng.uniform(-20, 20),
            dy=rng.uniform(0, 20),
        )
        page.wait_for_function(f"{BOARD}.last?.about === {BOARD}.about() && !window.digitStudioLine.asked")
        name = about(page)
        expect(page.locator(".st-key-draw_answer .digit")).to_be_visible()  # not amid being put in another's place
        live = [page.locator(f".st-key-draw_{part}").inner_text() for part in ("answer", "probabilities")]
        page.locator(f'.st-key-draw_answer [data-drawing="{name}"]').wait_for()
        page.wait_for_function(
            "([text, place]) => document.querySelector(place).innerText === text",
            arg=[live[1], ".st-key-draw_probabilities"],
        )
        final = [page.locator(f".st-key-draw_{part}").inner_text() for part in ("answer", "probabilities")]
        assert live == final
        page.get_by_role("button", name="Clear").click()
        assert about(page) == "0:0"


def test_undo_redo_clear_and_the_eraser_act_at_once(page: Page):
    page.goto("/")
    ready(page)
    draw(page, DRAWINGS["7"])
    draw(page, [[(100, 150), (170, 150)]])
    with_bar = seen_pixels(page)
    page.get_by_role("button", name="Undo").click()
    expect_seen(page, with_bar, otherwise=True)
    assert about(page).startswith("1:")
    page.get_by_role("button", name="Redo").click()
    assert about(page).startswith("2:")
    page.locator(f'.st-key-draw_answer [data-drawing="{about(page)}"]').wait_for()
    page.get_by_role("button", name="Eraser").click()
    box = page.locator(".st-key-draw_canvas canvas.upper-canvas").bounding_box()
    assert box
    page.mouse.click(box["x"] + 105, box["y"] + 150)
    assert about(page).startswith("1:")
    page.locator(f'.st-key-draw_answer [data-drawing="{about(page)}"]').wait_for()
    page.get_by_role("button", name="Eraser").click()
    page.get_by_role("button", name="Undo").click()  # brings back what was erased
    page.locator('.st-key-draw_answer [data-drawing^="2:"]').wait_for()
    page.get_by_role("button", name="Clear").click()
    page.locator('.st-key-draw_answer [data-drawing="0:0"]').wait_for()
    expect(page.locator(".st-key-draw_answer")).to_have_text("Draw a digit on the white square.")
    page.get_by_role("button", name="Undo").click()  # brings back all that was cleared
    page.locator('.st-key-draw_answer [data-drawing^="2:"]').wait_for()


def test_undo_brings_back_what_was_cleared_in_the_browser(page: Page):
    page.goto("/")
    ready(page)
    draw(page, DRAWINGS["7"])
    draw(page, [[(100, 150), (170, 150)]])
    whole = about(page)
    page.get_by_role("button", name="Clear").click()
    assert about(page) == "0:0"
    page.get_by_role("button", name="Undo").click()
    assert about(page) == whole
    page.get_by_role("button", name="Undo").click()
    assert about(page).startswith("1:")
    page.locator(f'.st-key-draw_answer [data-drawing="{about(page)}"]').wait_for()


def test_on_a_slow_line_a_stroke_right_after_clear_keeps_its_ink(browser: Browser, server: StudioServer):
    port = urlsplit(server.url).port
    assert port
    with Proxy(port, delay=0.5).running() as address, visitor(browser) as page:
        page.goto(address)
        ready(page)
        draw(page, DRAWINGS["3"])
        page.locator('.st-key-draw_answer [data-drawing^="1:"]').wait_for()
        page.get_by_role("button", name="Clear").click()
        draw(page, DRAWINGS["7"])
        whole = about(page)
        page.locator(f'.st-key-draw_answer [data-drawing="{whole}"]').wait_for()
        expect(page.locator(".st-key-draw_answer .digit")).to_have_text("7")
        assert about(page) == whole and whole.startswith("1:")


def test_where_no_socket_can_be_opened_all_works_as_without_it(browser: Browser, server: StudioServer):
    port = urlsplit(server.url).port
    assert port
    with Proxy(port, closed="/live").running() as address, visitor(browser) as page:
        page.goto(address)
        draw(page, DRAWINGS["7"])
        expect(page.locator(".st-key-draw_answer .digit")).to_have_text("7")
        page.get_by_role("button", name="Clear").click()
        expect(page.locator(".st-key-draw_answer")).to_have_text("Draw a digit on the white square.")


def test_another_model_in_mid_stroke_and_a_number_and_a_round(page: Page):
    page.goto("/number")
    page.wait_for_function("window.digitStudioBoards?.number?.last && !window.digitStudioLine.asked")
    draw(page, DRAWINGS["7"], board="number", scale=0.6)
    draw(page, DRAWINGS["3"], board="number", scale=0.6, dx=120)
    expect(page.locator(".st-key-number_answer .digit")).to_have_text("73")
    box = page.locator(".st-key-number_canvas canvas.upper-canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 300, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 150, steps=10)
    expect(page.locator(".st-key-number_answer .digit")).to_have_text("731")
    expect(page.locator("svg.live-boxes rect")).to_have_count(3)
    page.mouse.up()

    page.goto("/handwriting")
    page.locator(".st-key-handwriting_name_given input").fill("Live")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Start a round").click()
    page.locator(".st-key-round_canvas canvas.upper-canvas").wait_for()
    press_and_move(page, "7", board="round")
    expect(page.locator(".st-key-round_answer .digit")).to_have_text("7")
    page.mouse.up()

    page.goto("/?model=cnn")
    ready(page)
    press_and_move(page, "7")
    expect(page.locator(".st-key-draw_answer .digit")).to_have_text("7")
    page.evaluate(f"(board => {{ board.data.reader.model = 'no such model'; board.changed(); }})({BOARD})")
    expect(page.locator(".st-key-draw_answer")).to_contain_text("is not known")
    page.mouse.up()
    expect(page.locator(".st-key-draw_answer .digit")).to_have_text("7")
