"""What stays in memory when visitors have gone: `python -m benchmarks.memory [--tabs N] [--epochs N]`.

One tab in Chromium watches a run of many epochs; meanwhile others open a page each and are closed, one after the other.
Printed: the memory of the process that serves the pages before and after, once Streamlit has forgotten the sessions.
"""

import argparse
import asyncio
import itertools
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from benchmarks.sessions import next_message
from tests.browser.studio_server import StudioServer, chromium, running_studio, start_run

PAGES = ("", "number", "train", "build", "data", "model", "evaluate", "compare", "handwriting", "lessons")
WARM_UP_TABS = 30
FORGOTTEN_AFTER = 150.0
"""Seconds: Streamlit keeps a session for two minutes in case its tab comes back."""


def open_and_close(server: StudioServer, pages: Iterator[str], count: int) -> None:
    """Opens so many pages one after the other, waits for all that each shows, and closes it."""
    with ThreadPoolExecutor(1) as thread:  # this one belongs to Playwright
        thread.submit(asyncio.run, _open_and_close(server, pages, count)).result()


async def _open_and_close(server: StudioServer, pages: Iterator[str], count: int) -> None:
    url = f"{server.url.replace('http', 'ws', 1)}/_stcore/stream"
    for page in itertools.islice(pages, count):
        async with connect(url, subprotocols=[Subprotocol("streamlit")], max_size=None) as socket:
            asked = BackMsg()
            asked.rerun_script.page_name = page
            await socket.send(asked.SerializeToString())
            while (await asyncio.wait_for(next_message(socket), 60)).WhichOneof("type") != "script_finished":
                pass


def megabytes(server: StudioServer) -> float:
    """Memory of the process that serves the pages."""
    return psutil.Process(server.process.pid).memory_info().rss / 1e6


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tabs", type=int, default=500)
    parser.add_argument("--epochs", type=int, default=1_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser, running_studio(folder) as server:
        pages = itertools.cycle(PAGES)
        time.sleep(15)  # the processes behind it start
        open_and_close(server, pages, WARM_UP_TABS)
        watching = browser.new_page()
        start_run(watching, server, 2, "softmax")  # what is loaded once is no tab's and no run's
        watching.locator(".st-key-train_status").get_by_text("finished").wait_for(timeout=600_000)
        start_run(watching, server, options.epochs, "softmax")
        before = megabytes(server)
        begin = time.perf_counter()
        open_and_close(server, pages, options.tabs)
        print(f"{options.tabs} tabs opened and closed in {time.perf_counter() - begin:.0f} s")
        watching.locator(".st-key-train_status").get_by_text("finished").wait_for(timeout=3_600_000)
        print(f"a run of {options.epochs} epochs watched to its end; the server holds {megabytes(server):.0f} MB")
        watching.close()
        time.sleep(FORGOTTEN_AFTER)
        open_and_close(server, pages, 1)
        after = megabytes(server)
        print(f"memory: {before:.0f} MB before, {after:.0f} MB after, {after - before:+.0f} MB")


if __name__ == "__main__":
    main()
