"""Pointer to new bars while the pen is down: `python -m benchmarks.live [--people N] [--seconds N]`.

In Chromium the clock runs inside the page, from a pointer event to the change of the bars that it leads to, idle and
while `fc` trains. Then so many people draw at once: websocket clients, each with another drawing that grows by a point
from frame to frame, who send the next frame when the last was answered, at most sixty a second, as browsers do.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import tempfile
import time

import numpy as np
from playwright.sync_api import Page
from websockets.asyncio.client import connect

from tests.browser.studio_server import chromium, running_studio, start_run
from tests.strokes import DRAWINGS

NUM_STROKES = 12
FRAME_SECONDS = 1 / 60

# The answer to a frame tells which drawing it is about; the last pointer event that made this drawing started it.
WATCH = """() => {
    window.latencies = [];
    const board = window.digitStudioBoards.draw;
    const moved = new Map();
    document.addEventListener("mousemove", () => {
        if (board.stroke) { moved.set(board.about(), performance.now()); }
    });
    const bars = document.querySelector(".st-key-draw_probabilities");
    new MutationObserver(() => {
        const began = moved.get(board.last?.about);
        if (began !== undefined) { window.latencies.push(performance.now() - began); moved.delete(board.last.about); }
    }).observe(bars, {subtree: true, childList: true, characterData: true, attributes: true});
}"""


def draw_slowly(page: Page) -> list[float]:
    """Milliseconds from a pointer event to the bars, for each frame that was answered."""
    page.wait_for_function("window.digitStudioBoards?.draw?.last && !window.digitStudioLine.asked", timeout=120_000)
    page.evaluate(WATCH)
    box = page.locator(".st-key-draw_canvas canvas.upper-canvas").bounding_box()
    assert box
    for index in range(NUM_STROKES):
        stroke = DRAWINGS["0137"[index % 4]][0]
        page.mouse.move(box["x"] + stroke[0][0], box["y"] + stroke[0][1])
        page.mouse.down()
        for x, y in stroke[1:]:
            page.mouse.move(box["x"] + x, box["y"] + y, steps=12)
        page.mouse.up()
        page.get_by_role("button", name="Clear").click()
    return page.evaluate("window.latencies")


def frames_a_second(page: Page, url: str, model: str) -> float:
    """How often all layers of a network are drawn anew while the pen moves."""
    page.goto(f"{url}/inside?model={model}")
    page.wait_for_function("window.digitStudioViews?.inside?.rows[0]?.message", timeout=120_000)
    page.wait_for_timeout(2_000)
    page.evaluate("""() => {
        const view = window.digitStudioViews.inside;
        window.drawn = [];
        const took = view.took.bind(view);
        view.took = (...answer) => { took(...answer); window.drawn.push(performance.now()); };
    }""")
    box = page.locator(".st-key-inside_canvas canvas.upper-canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 140, box["y"] + 60)
    page.mouse.down()
    for turn in range(4):
        for x, y in ((200, 140), (140, 220), (80, 140), (140, 60)):
            page.mouse.move(box["x"] + x + turn, box["y"] + y, steps=40)
    page.mouse.up()
    drawn = page.evaluate("window.drawn")
    return 1000 * (len(drawn) - 1) / (drawn[-1] - drawn[0])


async def person(url: str, seed: int, seconds: float) -> list[float]:
    """Milliseconds from each frame of one person to its answer."""
    rng = np.random.default_rng(seed)
    times = []
    async with connect(f"{url.replace('http', 'ws', 1)}/live", max_size=None) as socket:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            stroke = np.array(DRAWINGS[rng.choice(list(DRAWINGS))][0], float) + rng.normal(0, 6, 2)
            parts = itertools.pairwise(stroke)
            points = np.concatenate([np.linspace(a, b, 12) for a, b in parts]) + rng.normal(0, 1, 2)
            for count in range(2, len(points)):
                begin = time.perf_counter()
                frame = {"id": count, "model": "digits", "strokes": [points[:count].tolist()]}
                await socket.send(json.dumps(frame))
                while json.loads(await socket.recv()).get("busy"):
                    pass
                took = time.perf_counter() - begin
                times.append(1000 * took)
                await asyncio.sleep(max(0.0, FRAME_SECONDS - took))
    return times


async def people(url: str, count: int, seconds: float) -> list[float]:
    """The same of all of them."""
    found = await asyncio.gather(*(person(url, seed, seconds) for seed in range(count)))
    return [value for times in found for value in times]


def report(name: str, times: list[float]) -> None:
    """Prints one row."""
    print(f"{name:<28}{statistics.median(times):8.0f}{np.percentile(times, 95):8.0f}{len(times):8}")


def main() -> None:
    """Prints median and 95th percentile."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=15)
    options = parser.parse_args()
    print(f"{'pointer to bars, ms':<28}{'median':>8}{'95 %':>8}{'frames':>8}")
    with tempfile.TemporaryDirectory() as folder, running_studio(folder) as server:
        with chromium() as browser:
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(server.url)
            report("idle", draw_slowly(page))
            for model in ("cnn", "digits"):
                print(f"inside of {model}: {frames_a_second(page, server.url, model):.0f} frames a second")
            page.goto(server.url)
            training = browser.new_page()
            start_run(training, server, 1000)
            page.wait_for_timeout(3_000)
            training.goto("about:blank")
            page.reload()
            report("while fc trains", draw_slowly(page))
            training.goto(f"{server.url}/train")
            training.locator(".st-key-train_stop button").first.click()
            training.locator(".st-key-train_status").get_by_text("stopped").wait_for(timeout=60_000)
        report(f"{options.people} people at once", asyncio.run(people(server.url, options.people, options.seconds)))


if __name__ == "__main__":
    main()
