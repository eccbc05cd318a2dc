"""The click on Train to the first figure on the page: `python -m benchmarks.click_to_metric [preset …]`.

The clock runs inside the page in Chromium, from the press of the button to the moment the status line speaks of an
epoch. The worker is warm. The first run of a kind must be compiled, unless it is the one that the worker compiles
ahead; what compiling took is printed beside each time.
"""

import argparse
import os
import platform
import tempfile

from playwright.sync_api import Page

from mnist_core.networks.presets import DEFAULT_PRESET
from mnist_core.runs.store import RunStore
from tests.browser.studio_server import chromium, running_studio

ROUNDS = 3

WATCH = """() => {
    window.pressed = null; window.firstFigure = null;
    document.addEventListener("click", event => {
        if (event.target.closest(".st-key-train_start button")) window.pressed = performance.now();
    }, true);
    new MutationObserver(() => {
        const status = document.querySelector(".st-key-train_status")?.innerText ?? "";
        if (window.pressed === null || window.firstFigure !== null || !/running.*epoch \\d/.test(status)) return;
        window.firstFigure = performance.now() - window.pressed;
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


def first_figure(page: Page, url: str, preset: str) -> float:
    """Milliseconds from the click to the first figure; the run is stopped afterwards."""
    page.goto(f"{url}/train")
    page.locator(".st-key-train_preset input").fill(preset)
    page.keyboard.press("Enter")
    page.locator(".st-key-train_epochs input").fill("1000")
    page.locator(".st-key-train_epochs input").press("Enter")
    page.wait_for_timeout(1500)
    page.evaluate(WATCH)
    page.locator(".st-key-train_start button").first.click()
    page.wait_for_function("window.firstFigure !== null", timeout=120_000)
    milliseconds = page.evaluate("window.firstFigure")
    page.locator(".st-key-train_stop button").first.click()
    page.locator(".st-key-train_status").get_by_text("stopped").wait_for(timeout=60_000)
    return milliseconds


def main() -> None:
    """Prints the figures of each press."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=[DEFAULT_PRESET, "dense_100", "cnn"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, running_studio(folder) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(server.url)
        page.wait_for_timeout(20_000)  # the worker imports TensorFlow and compiles the default network
        print(f"{platform.machine()}, {os.cpu_count()} cores; click to first figure, ms (of it compiling)")
        for preset in options.presets:
            times = [first_figure(page, server.url, preset) for _ in range(ROUNDS)]
            newest = RunStore(server.home).listing().runs[:ROUNDS][::-1]
            compiling = [1000 * run.result["compile_seconds"] for run in newest]
            print(f"{preset:<12}" + "".join(f"{t:8.0f} ({c:.0f})" for t, c in zip(times, compiling, strict=True)))


if __name__ == "__main__":
    main()
