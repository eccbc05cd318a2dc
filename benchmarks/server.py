"""What the server costs: `python -m benchmarks.server`.

From `streamlit run` to a page that can be drawn on, against an empty Streamlit page, in turn; and the memory of the app
once a stroke was answered, and after a run. What a session costs is in `benchmarks.sessions`.
"""

import statistics
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Browser

from mnist_core.networks.presets import DEFAULT_PRESET
from tests.browser.studio_server import (
    StudioServer,
    chromium,
    draw,
    running_studio,
    start_script,
    start_server,
)
from tests.strokes import DRAWINGS

EMPTY = Path(__file__).parent / "empty_page.py"
ROUNDS = 4


def seconds_to_page(browser: Browser, folder: str, empty: bool) -> float:
    """From the command to the page being there in Chromium: the canvas, or the empty page's title."""
    home = Path(folder) / "home"
    home.mkdir(exist_ok=True)
    begin = time.perf_counter()
    server = start_script(EMPTY, folder, {}) if empty else start_server(home)
    try:
        page = browser.new_page()
        page.goto(server.url)
        page.locator("h1" if empty else ".st-key-draw_canvas canvas.upper-canvas").first.wait_for(timeout=60_000)
        page.close()
        return time.perf_counter() - begin
    finally:
        server.stop()


def megabytes(server: StudioServer) -> tuple[float, float]:
    """Memory of the process that serves the pages, and of all processes behind it."""
    process = psutil.Process(server.process.pid)
    behind = sum(child.memory_info().rss for child in process.children(recursive=True))
    return process.memory_info().rss / 1e6, behind / 1e6


def main() -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        ours, empty = [], []
        for _ in range(ROUNDS):
            empty.append(seconds_to_page(browser, folder, empty=True))
            ours.append(seconds_to_page(browser, folder, empty=False))
        ratio = statistics.median(ours) / statistics.median(empty)
        print(f"to the first page: {statistics.median(ours):.1f} s, an empty page {statistics.median(empty):.1f} s, "
              f"ratio {ratio:.2f}")  # fmt: skip
        with running_studio(folder) as server:
            page_in_browser = browser.new_page()
            page_in_browser.goto(server.url)
            page_in_browser.locator(".st-key-draw_canvas canvas.upper-canvas").first.wait_for()
            page_in_browser.wait_for_timeout(15_000)  # the processes behind import TensorFlow
            draw(page_in_browser, DRAWINGS["7"])
            page_in_browser.locator(".st-key-draw_answer .share").wait_for(timeout=60_000)
            page, behind = megabytes(server)
            print(f"memory: pages {page:.0f} MB, the processes with TensorFlow behind them {behind:.0f} MB")
            page_in_browser.goto(f"{server.url}/train")
            page_in_browser.locator(".st-key-train_start button").first.click()
            page_in_browser.locator(".st-key-train_status").get_by_text("finished").wait_for(timeout=120_000)
            page, with_run = megabytes(server)
            print(f"after a run of {DEFAULT_PRESET}: pages {page:.0f} MB, the processes behind {with_run:.0f} MB, "
                  f"{with_run - behind:.0f} MB more")  # fmt: skip


if __name__ == "__main__":
    main()
