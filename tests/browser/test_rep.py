from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.proxy import Proxy
from tests.browser.studio_server import draw
from tests.browser.test_live import about, ready
from tests.browser.test_served import visitor
from tests.strokes import DRAWINGS


@pytest.mark.parametrize("pause", [0, 0, 50, 100, 200, 300, 450, 700])
def test_rep(browser, server, pause):
    port = urlsplit(server.url).port
    with Proxy(port, delay=0.4).running() as address, visitor(browser) as page:
        page.goto(address)
        ready(page)
        draw(page, DRAWINGS["7"])
        draw(page, [[(100, 150), (170, 150)]])
        page.locator(f'.st-key-draw_answer [data-drawing="{about(page)}"]').wait_for()
        page.get_by_role("button", name="Eraser").click()
        box = page.locator(".st-key-draw_canvas canvas.upper-canvas").bounding_box()
        page.mouse.click(box["x"] + 105, box["y"] + 150)
        page.locator(f'.st-key-draw_answer [data-drawing="{about(page)}"]').wait_for()
        page.get_by_role("button", name="Eraser").click()
        page.get_by_role("button", name="Undo").click()  # brings back what was erased
        page.locator('.st-key-draw_answer [data-drawing^="2:"]').wait_for()
        page.wait_for_timeout(pause)
        page.get_by_role("button", name="Clear").click()
        page.locator('.st-key-draw_answer [data-drawing="0:0"]').wait_for(timeout=20000)
        expect(page.locator(".st-key-draw_answer")).to_have_text("Draw a digit on the white square.")
        page.wait_for_timeout(2500)
        expect(page.locator('.st-key-draw_answer [data-drawing="0:0"]')).to_have_count(1)
