"""A real server on a free port, and a hand that draws; shared by the browser tests and the benchmarks."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from mnist_core.cli.serve import MEMORY_SETTINGS
from tests.browser.install import find_browser
from tests.strokes import DRAWINGS, Stroke

PROJECT = Path(__file__).parents[2]
CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass
class StudioServer:
    """A running server.

    Attributes:
        url: Where it is reached.
        home: Where its runs live.
        process: Its process.
    """

    url: str
    home: Path
    process: subprocess.Popen[bytes]

    def training_processes(self) -> list[psutil.Process]:
        """The processes that train, as the operating system sees them: those that step back for others."""
        return [child for child in psutil.Process(self.process.pid).children(recursive=True) if child.nice() > 0]

    def stop(self) -> None:
        """Ends it as Ctrl-C in a terminal does, which reaches every process of the group."""
        if hasattr(os, "killpg"):
            os.killpg(self.process.pid, signal.SIGINT)
        else:
            self.process.terminate()
        self.process.wait(timeout=120)


def start_server(home: Path, base_path: str = "", address: str = "localhost") -> StudioServer:
    """Starts the app as `make run` does, below a path where one is given, and waits until it answers."""
    environment = {
        **MEMORY_SETTINGS,
        "DIGIT_STUDIO_HOME": str(home),
        "STREAMLIT_SERVER_BASE_URL_PATH": base_path,
        "STREAMLIT_SERVER_ADDRESS": address.strip("[]"),
    }
    return _start("app.py", home, environment, f"{base_path.strip('/')}/healthz".lstrip("/"), address)


@contextlib.contextmanager
def running_studio(folder: str | Path) -> Iterator[StudioServer]:
    """The app with an empty home of its own below a folder, for as long as it is used."""
    home = Path(folder) / "home"
    home.mkdir(exist_ok=True)
    server = start_server(home)
    try:
        yield server
    finally:
        server.stop()


def start_script(script: Path, folder: str | Path, environment: dict[str, str]) -> StudioServer:
    """Starts another Streamlit script in the same way, to be compared with."""
    home = Path(folder) / "other"
    home.mkdir(exist_ok=True)
    return _start(str(script), home, environment, "_stcore/health")


def _start(
    script: str, home: Path, environment: dict[str, str], health: str, address: str = "localhost"
) -> StudioServer:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    with (home.parent / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=PROJECT, env={**os.environ, **environment}, stdout=log, stderr=log, start_new_session=True
        )
    url = f"http://{address}:{port}"
    while process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError), urllib.request.urlopen(f"{url}/{health}"):
            return StudioServer(url, home, process)
        time.sleep(0.1)
    raise RuntimeError(f"the server did not answer: {(home.parent / 'server.log').read_text()}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


def start_run(page: Page, server: StudioServer, epochs: int, preset: str | None = None) -> None:
    """Starts a run from the form of the page, waits until it trains, and stays there."""
    page.goto(f"{server.url}/train")
    if preset:
        page.locator(".st-key-train_preset input").click()
        page.get_by_role("option", name=preset).click()
    page.locator(".st-key-train_epochs input").fill(str(epochs))
    page.locator(".st-key-train_epochs input").press("Enter")
    page.locator(".st-key-train_start button").first.click()
    page.locator(".st-key-train_status").get_by_text("running").wait_for(timeout=120_000)


def press_and_move(page: Page, digit: str, board: str = "draw") -> None:
    """Draws a digit of one stroke and keeps the pen down."""
    canvas = page.locator(f".st-key-{board}_canvas canvas.upper-canvas")
    canvas.wait_for()
    box = canvas.bounding_box()
    assert box
    (stroke,) = DRAWINGS[digit]
    page.mouse.move(box["x"] + stroke[0][0], box["y"] + stroke[0][1])
    page.mouse.down()
    for x, y in stroke[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=8)


def settled(page: Page, board: str = "draw") -> None:
    """Waits until the server, and not the browser alone, has answered for all that is drawn."""
    page.wait_for_function(
        """board => ["answer", "seen"].every(part =>
            document.querySelector(`.st-key-${board}_${part} [data-drawing]`)?.dataset.drawing
            === window.digitStudioBoards?.[board]?.about())""",
        arg=board,
    )


def seen_pixels(page: Page, board: str = "draw") -> str:
    """The 28×28 pixels that the page shows as read, whoever made the picture of them; "" where there is none."""
    pixels: str = page.evaluate(
        """async board => {
            const shown = document.querySelector(`.st-key-${board}_seen img`);
            if (!shown) return "";
            const image = new Image();
            image.src = shown.src;
            await image.decode();
            const context = new OffscreenCanvas(28, 28).getContext("2d");
            context.drawImage(image, 0, 0);
            return context.getImageData(0, 0, 28, 28).data.filter((_, place) => place % 4 === 0).join();
        }""",
        board,
    )
    return pixels


def expect_seen(page: Page, pixels: str, *, otherwise: bool = False, seconds: float = 120) -> None:
    """Waits until the page shows these pixels, or any others."""
    until = time.monotonic() + seconds
    while (seen_pixels(page) == pixels) is otherwise:
        assert time.monotonic() < until, f"what is seen {'is still' if otherwise else 'has not become'} as it was"
        page.wait_for_timeout(50)


def draw(
    page: Page, strokes: list[Stroke], *, scale: float = 1, dx: float = 0, dy: float = 0, board: str = "draw"
) -> None:
    """Draws with the mouse on one of the canvases: each point of 280×280 is scaled, then moved."""
    canvas = page.locator(f".st-key-{board}_canvas canvas.upper-canvas")
    canvas.wait_for()
    box = canvas.bounding_box()
    assert box
    for stroke in strokes:
        points = [(box["x"] + x * scale + dx, box["y"] + y * scale + dy) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for x, y in points[1:]:
            page.mouse.move(x, y, steps=8)
        page.mouse.up()
