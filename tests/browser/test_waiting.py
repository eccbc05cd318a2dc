"""What waits for work in the background leaves nothing standing that its page has taken away."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.studio_server import start_script

SCRIPT = """
import time
from concurrent.futures import Future

import streamlit as st

from pages.components.waiting import POLL_SECONDS, result_of


def press():
    st.session_state.is_pressed = True


@st.fragment
def part():
    work = Future()
    place = st.container()
    if not st.session_state.get("is_pressed"):
        place.button("Take me away", on_click=press, key="leaving")
    else:
        time.sleep(4 * POLL_SECONDS)  # looks at the work fall due meanwhile
        work.set_result("done")
    st.text(result_of(work, "on its way", patience=0) or "not yet")


part()
"""


def test_what_a_fragment_takes_away_is_gone_though_a_look_was_due_meanwhile(page: Page, tmp_path: Path):
    script = tmp_path / "waiting.py"
    script.write_text(SCRIPT)
    project = str(Path(__file__).parents[2])
    server = start_script(script, tmp_path, {"PYTHONPATH": project})
    try:
        page.goto(server.url)
        expect(page.get_by_text("on its way")).to_be_visible()
        page.locator(".st-key-leaving button").click()
        expect(page.get_by_text("done")).to_be_visible()
        expect(page.locator(".st-key-leaving")).to_have_count(0)
    finally:
        page.goto("about:blank")  # or it asks after a server that is gone
        server.stop()
