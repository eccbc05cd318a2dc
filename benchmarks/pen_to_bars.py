"""Pen up to the page's own answer in Chromium, idle and while a run trains: `python -m benchmarks.pen_to_bars`.

The clock runs inside the page, from the mouse's release to the moment the server's answer to the whole drawing is
there; the bars have followed the pen by then (`benchmarks.live`). Beside it, the demo of most tutorials with the same
model, which reruns as a whole, and whose canvas waits 200 ms before it sends a stroke. Last: ten models asked about one
drawing.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page

from mnist_core.drawing.inking import ink
from mnist_core.drawing.preprocessing import prepare
from mnist_core.runs.models import shipped_models
from mnist_core.server.engine_process import EngineProcess
from tests.browser.studio_server import chromium, draw, running_studio, start_run, start_script
from tests.strokes import DRAWINGS

NUM_STROKES = 15
MODEL = shipped_models()[0].model_path

WATCH = """() => {
    window.penUp = null; window.barsAfter = [];
    const onCanvas = event => event.composedPath().some(node => node.classList?.contains("upper-canvas"));
    document.addEventListener("mouseup", event => {
        if (onCanvas(event)) window.penUp = performance.now();
    }, true);
    const bars = () => document.querySelector(".st-key-draw_answer [data-drawing]")?.dataset.drawing
        ?? document.querySelector(".st-key-draw_probabilities")?.innerText;
    let last = bars();
    new MutationObserver(() => {
        const now = bars();
        if (now === last || window.penUp === null) return;
        last = now;
        window.barsAfter.push(performance.now() - window.penUp);
        window.penUp = null;
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


def ten_models() -> tuple[float, float]:
    """Milliseconds of one model's answer and of ten models' answers to a new drawing, without a page."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(shutil.copy(MODEL, f"{folder}/{index}.keras")) for index in range(10)]
        engine = EngineProcess()
        engine.compare(paths, rng.random((28, 28), np.float32)).result()
        times: dict[int, list[float]] = {1: [], 10: []}
        for _ in range(20):
            for count, found in times.items():
                begin = time.perf_counter()
                prepare(ink([rng.uniform(20, 260, (9, 2)).astype(np.float32)], 20))
                engine.compare(paths[:count], rng.random((28, 28), np.float32)).result()
                found.append(1000 * (time.perf_counter() - begin))
        engine.close()
    return statistics.median(times[1]), statistics.median(times[10])


def measure(page: Page, after: Callable[[], None], scale: float = 0.4, growth: float = 0.03) -> list[float]:
    """Milliseconds from pen up to new bars, once for each stroke.

    Args:
        page: With a canvas and bars.
        after: Called after each answer, to make the page ready for the next stroke.
        scale: Of the first drawing.
        growth: By how much each drawing is larger than the one before.
    """
    page.evaluate(WATCH)
    for index in range(NUM_STROKES):
        before = page.evaluate("window.barsAfter.length")
        drawing = DRAWINGS[list(DRAWINGS)[index % len(DRAWINGS)]]
        draw(page, drawing, scale=scale + growth * index, dx=3 * index)
        page.wait_for_function(f"window.barsAfter.length > {before}")
        after()
    return page.evaluate("window.barsAfter")


def clear(page: Page) -> None:
    """Takes the ink off, and waits until the canvas has sent that."""
    page.wait_for_timeout(150)
    page.locator(".st-key-draw_clear button").click()
    page.locator(".st-key-draw_answer .hint").wait_for()
    page.wait_for_timeout(350)


def measure_usual_demo(browser: Browser, folder: str, *, loads_once: bool) -> list[float]:
    """Milliseconds from pen up to a new answer in the usual demo; its strokes stay on the canvas."""
    variables = {"USUAL_DEMO_MODEL": str(MODEL), "STREAMLIT_RUNNER_POST_SCRIPT_GC": "true"}
    if loads_once:
        variables["USUAL_DEMO_LOADS_ONCE"] = "yes"
    server = start_script(Path(__file__).parent / "usual_demo.py", folder, variables)
    try:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(server.url)
        draw(page, DRAWINGS["7"])
        page.locator(".st-key-draw_probabilities").wait_for(timeout=60_000)
        page.wait_for_timeout(3000)
        return measure(page, lambda: page.wait_for_timeout(650), scale=0.3, growth=0.04)
    finally:
        server.stop()


def report(name: str, times: list[float]) -> None:
    """Prints one row."""
    times = sorted(times)
    p95 = times[min(len(times) - 1, round(0.95 * (len(times) - 1)))]
    print(f"{name:<24}{statistics.median(times):8.0f}{p95:8.0f}{len(times):8}")


def main() -> None:
    """Prints median and 95th percentile, idle and while `fc` trains."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, running_studio(folder) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(server.url)
        draw(page, DRAWINGS["7"])
        page.locator(".st-key-draw_answer .share").wait_for(timeout=60_000)
        page.locator(".st-key-draw_clear button").click()
        page.wait_for_timeout(3000)
        print(f"{'pen up to bars, ms':<24}{'median':>8}{'95 %':>8}{'strokes':>8}")
        idle = measure(page, lambda: clear(page))
        report("idle", idle)
        for name, loads_once in (("the usual demo", False), ("that loads once", True)):
            usual = measure_usual_demo(browser, folder, loads_once=loads_once)
            report(name, usual)
            print(f"    {statistics.median(usual) / statistics.median(idle):.1f} times")

        training = browser.new_page()
        start_run(training, server, 1000)
        training.wait_for_timeout(3000)
        training.goto("about:blank")
        report("while fc trains", measure(page, lambda: clear(page)))
    one, ten = ten_models()
    print(f"\none model {one:.1f} ms, ten {ten:.1f} ms")


if __name__ == "__main__":
    main()
