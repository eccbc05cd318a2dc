"""A class of thirty draws at once: `python -m benchmarks.sessions [--sessions N] [--strokes N]`.

Each student is a websocket client with a session of its own that sends a stroke every three seconds, another drawing
each time, and waits for the answer. What a stroke's message looks like is taken from Chromium, which draws one first.
Printed: the time from a stroke to its answer, answers lost, and what a session costs in memory.
"""

import argparse
import asyncio
import base64
import io
import json
import os
import platform
import statistics
import tempfile
import time

import numpy as np
import psutil
from PIL import Image
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from mnist_core.drawing.inking import ink
from tests.browser.studio_server import StudioServer, chromium, draw, running_studio
from tests.strokes import DRAWINGS

SECONDS_BETWEEN = 3.0
PATIENCE_SECONDS = 20.0
BRUSH = 20


def recorded_stroke(server: StudioServer) -> BackMsg:
    """The message that Chromium sends after a stroke."""
    sent: list[bytes | str] = []
    with chromium() as browser:
        page = browser.new_page()
        page.on("websocket", lambda socket: socket.on("framesent", lambda content: sent.append(content)))
        page.goto(server.url)
        draw(page, DRAWINGS["7"])
        page.locator(".st-key-draw_answer .share").wait_for(timeout=60_000)
    for content in sent:
        message = BackMsg()
        message.ParseFromString(content if isinstance(content, bytes) else content.encode())
        if any(widget.id.endswith("-draw_board") for widget in message.rerun_script.widget_states.widgets):
            return message
    raise RuntimeError("Chromium sent no stroke")


def another_stroke(recorded: BackMsg, random: np.random.Generator) -> tuple[str, bytes]:
    """A digit, and the same message with a drawing of it."""
    message = BackMsg()
    message.CopyFrom(recorded)
    digit = str(random.choice(list(DRAWINGS)))
    stroke = np.array(DRAWINGS[digit][0], float) + random.normal(0, 6, 2)
    stroke += random.normal(0, 2, stroke.shape)
    board = next(w for w in message.rerun_script.widget_states.widgets if w.id.endswith("-draw_board"))
    content = json.loads(board.json_value)
    path = [["M", *stroke[0]], *(["L", *point] for point in stroke[1:])]
    content["drawing"]["raw"]["objects"][0]["path"] = path
    png = io.BytesIO()
    Image.fromarray(ink([stroke.astype(np.float32)], BRUSH)).save(png, "PNG")
    content["drawing"]["data"] = "data:image/png;base64," + base64.b64encode(png.getvalue()).decode()
    board.json_value = json.dumps(content)
    return digit, message.SerializeToString()


async def next_message(socket: ClientConnection) -> ForwardMsg:
    """The next message of the server."""
    message = ForwardMsg()
    message.ParseFromString(await socket.recv(decode=False))
    return message


async def student(url: str, recorded: BackMsg, strokes: int, seed: int) -> list[tuple[float, bool]]:
    """One session: opens the page, then draws and waits for the answer, again and again.

    Returns:
        Of each stroke that was answered: the seconds until then, and whether the digit was read right.
    """
    answers: list[tuple[float, bool]] = []
    rng = np.random.default_rng(seed)
    async with connect(url, subprotocols=[Subprotocol("streamlit")], max_size=None) as socket:
        first = BackMsg()
        first.rerun_script.query_string = ""
        await socket.send(first.SerializeToString())
        while (await next_message(socket)).WhichOneof("type") != "script_finished":
            pass
        await asyncio.sleep(rng.uniform(0, SECONDS_BETWEEN))
        for _ in range(strokes):
            digit, content = another_stroke(recorded, rng)
            begin = time.perf_counter()
            await socket.send(content)
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    answered = False
                    while True:
                        message = await next_message(socket)
                        html = message.delta.new_element.html.body
                        if 'class="share"' in html and not answered:
                            answers.append((time.perf_counter() - begin, f">{digit}</span>" in html))
                            answered = True
                        if message.WhichOneof("type") == "script_finished" and answered:
                            break
            except TimeoutError:
                continue
            await asyncio.sleep(max(0.0, SECONDS_BETWEEN - (time.perf_counter() - begin)))
        await asyncio.sleep(1)  # so that memory is that of open sessions
    return answers


async def all_students(
    server: StudioServer, recorded: BackMsg, sessions: int, strokes: int
) -> tuple[list[tuple[float, bool]], int]:
    """The answers to all students, and the server's memory in bytes while all are still there."""
    url = server.url.replace("http", "ws", 1) + "/_stcore/stream"
    students = [asyncio.create_task(student(url, recorded, strokes, seed)) for seed in range(sessions)]
    await asyncio.wait(students, return_when=asyncio.FIRST_COMPLETED)
    memory = psutil.Process(server.process.pid).memory_info().rss
    return [answer for answers in await asyncio.gather(*students) for answer in answers], memory


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--strokes", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_studio(folder) as server:
        recorded = recorded_stroke(server)
        asyncio.run(all_students(server, recorded, 1, 2))  # what is loaded once is not a session's
        before = psutil.Process(server.process.pid).memory_info().rss
        answers, after = asyncio.run(all_students(server, recorded, options.sessions, options.strokes))
    wanted = options.sessions * options.strokes
    milliseconds = sorted(1000 * seconds for seconds, _ in answers)
    num_right = sum(is_right for _, is_right in answers)
    print(f"{platform.machine()}, {os.cpu_count()} cores; {options.sessions} sessions, a stroke every "
          f"{SECONDS_BETWEEN:.0f} s each")  # fmt: skip
    print(f"stroke to answer: median {statistics.median(milliseconds):.0f} ms, 95th percentile "
          f"{milliseconds[int(0.95 * len(milliseconds))]:.0f} ms, {wanted - len(answers)} of {wanted} lost, "
          f"{num_right} read right")  # fmt: skip
    print(f"memory: {before / 1e6:.0f} MB before, {(after - before) / 1e6 / options.sessions:.1f} MB a session")


if __name__ == "__main__":
    main()
