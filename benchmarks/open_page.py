"""What it costs a run that somebody watches it: `python -m benchmarks.open_page [preset …]`.

The same run in turn: while Chromium, on the same machine, shows an empty page, and while it shows the run with its
curves, its readings and its weights, all live. Seconds of training alone, as the run itself counts them.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time

from playwright.sync_api import Page

from mnist_core.networks.presets import preset
from mnist_core.runs.run import Run
from mnist_core.runs.store import RunStore
from tests.browser.studio_server import StudioServer, chromium, running_studio

EPOCHS = {"fc": 25, "cnn": 3}
ROUNDS = 3


def train(page: Page, server: StudioServer, name: str, epochs: int, *, is_watched: bool) -> Run:
    """Presses Train, leaves the page open or closes it, and waits for the run's end."""
    store = RunStore(server.home)
    before = {run.id for run in store.listing().runs}
    page.goto(f"{server.url}/train")
    page.locator(".st-key-train_preset input").fill(name)
    page.keyboard.press("Enter")
    page.locator(".st-key-train_epochs input").fill(str(epochs))
    page.locator(".st-key-train_epochs input").press("Enter")
    page.get_by_text(f"{preset(name).num_params:,}").first.wait_for(timeout=60_000)
    page.locator(".st-key-train_start button").first.click()
    page.locator(".st-key-train_stop button").first.wait_for(timeout=60_000)
    if not is_watched:
        page.goto("about:blank")
    while True:
        found = [run for run in store.listing().runs if run.id not in before]
        if found and not found[0].is_active:
            return found[0]
        time.sleep(0.2)


def main() -> None:
    """Prints both times of each network and what the open page costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=list(EPOCHS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, running_studio(folder) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        print(f"{platform.machine()}, {os.cpu_count()} cores; seconds of training, median of {ROUNDS}")
        for name in options.presets:
            epochs = EPOCHS.get(name, 5)
            train(page, server, name, 1, is_watched=False)  # compiles
            closed, watched = [], []
            for _ in range(ROUNDS):
                closed.append(train(page, server, name, epochs, is_watched=False).result["seconds"])
                watched.append(train(page, server, name, epochs, is_watched=True).result["seconds"])
            a, b = statistics.median(closed), statistics.median(watched)
            print(f"{name:<10} {epochs:>3} epochs   page closed {a:7.2f}   open {b:7.2f}   {b / a - 1:+.1%}")


if __name__ == "__main__":
    main()
