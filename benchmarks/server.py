"""What the server costs: `python -m benchmarks.server`.

From `streamlit run` to a page that can be drawn on, against an empty Streamlit page, in turn. Memory of the app, of a
session more and of a run. And thirty sessions that draw one stroke every three seconds: real websocket clients, which
send what Chromium sent for a stroke and wait until their answer has come.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import psutil
import websockets
from playwright.sync_api import Browser
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.studio_server import DRAWINGS, StudioServer, chromium, draw, start_script, start_server

EMPTY = Path(__file__).parent / "usual_demo" / "empty.py"
ROUNDS = 4
SESSIONS = 30
SECONDS_BETWEEN = 3.0
STROKES_EACH = 6


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


def recorded_messages(browser: Browser, url: str) -> list[bytes]:
    """What Chromium sends: first for the page, then for a stroke; the message of the stroke last."""
    page = browser.new_page()
    sent: list[bytes] = []

    def listen(socket: object) -> None:
        socket.on("framesent", lambda frame: sent.append(frame if isinstance(frame, bytes) else frame.encode()))  # type: ignore[attr-defined]

    page.on("websocket", listen)
    page.goto(url)
    page.locator(".st-key-draw_canvas canvas.upper-canvas").first.wait_for()
    page.wait_for_timeout(2000)
    draw(page, DRAWINGS["7"])
    page.locator(".st-key-draw_answer .share").wait_for(timeout=60_000)
    page.wait_for_timeout(1000)
    page.close()
    return [message for message in sent if _kind(message) == "rerun_script"]


def _kind(message: bytes) -> str:
    try:
        return BackMsg.FromString(message).WhichOneof("type") or ""
    except Exception:  # the handshake's frames are no messages
        return ""


class Client:
    """A session without a browser."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket

    async def ask(self, message: bytes) -> float:
        """Sends a message and waits for the end of the run it causes; returns the seconds."""
        begin = time.perf_counter()
        await self.socket.send(message)
        while True:
            answer = ForwardMsg.FromString(await asyncio.wait_for(self.socket.recv(), 60))
            if answer.WhichOneof("type") == "script_finished":
                return time.perf_counter() - begin


async def thirty_sessions(server: StudioServer, messages: list[bytes]) -> tuple[list[float], float]:
    """Seconds to the answer of each stroke, and megabytes that each session added."""
    address = server.url.replace("http", "ws") + "/_stcore/stream"
    first, stroke = messages[0], messages[-1]
    before = megabytes(server)[0]
    clients: list[Client] = []
    for _ in range(SESSIONS):
        socket = await websockets.connect(address, subprotocols=[websockets.Subprotocol("streamlit")], max_size=None)
        client = Client(socket)
        await client.ask(first)
        await client.ask(stroke)
        clients.append(client)
    each = (megabytes(server)[0] - before) / SESSIONS

    async def person(index: int, client: Client) -> list[float]:
        await asyncio.sleep(SECONDS_BETWEEN * index / SESSIONS)
        times = []
        for _ in range(STROKES_EACH):
            took = await client.ask(stroke)
            times.append(took)
            await asyncio.sleep(max(SECONDS_BETWEEN - took, 0))
        return times

    found = await asyncio.gather(*(person(index, client) for index, client in enumerate(clients)))
    for client in clients:
        await client.socket.close()
    return [took for times in found for took in times], each


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
        home = Path(folder) / "home"
        server = start_server(home)
        try:
            messages = recorded_messages(browser, server.url)
            page, behind = megabytes(server)
            print(f"memory: pages {page:.0f} MB, the processes with TensorFlow behind them {behind:.0f} MB")
            times, each = asyncio.run(thirty_sessions(server, messages))
            times.sort()
            p95 = times[round(0.95 * (len(times) - 1))]
            print(f"a session more: {each:.1f} MB")
            lost = SESSIONS * STROKES_EACH - len(times)
            print(f"{SESSIONS} sessions, a stroke every {SECONDS_BETWEEN:.0f} s: {len(times)} answers, {lost} lost")
            print(f"median {statistics.median(times):.2f} s, 95 % within {p95:.2f} s")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
