"""Live drawing: frames come through a WebSocket while the pen is down, and answers go back.

A browser sends its next frame when the last is answered, so that frames are left out where time is short, and never
queue up. Those of all visitors that wait at a moment are read as one batch.
"""

import asyncio
import base64
import json
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from mnist_core.errors import InvalidInput
from mnist_core.networks.presets import PRESETS
from mnist_core.networks.store import ArchitectureStore
from mnist_core.runs.models import find_run
from mnist_core.runs.store import RunStore
from mnist_core.server.engine_process import EngineProcess
from mnist_core.server.frames import Frame, ReadFrame, read_frame, read_message
from mnist_core.server.inside import INSIDE, Fresh, InsideFrame, Network, read_inside_frame
from mnist_core.server.questions import ModelFile

BUSY_SECONDS = 1.0
"""After so long without an answer a browser is told that the models are busy."""

MAX_BATCH = 64
NOT_ALLOWED = 1008
"""The WebSocket protocol's code for a visitor who is turned away."""

Waiting = tuple[ModelFile, Frame, "asyncio.Future[ReadFrame]"]


class LiveReader:
    """Reads the frames of all who draw just now, in batches; all its methods run in the server's event loop.

    Args:
        engine: The process that answers.
        store: Where the user's models are.
    """

    def __init__(self, engine: EngineProcess, store: RunStore) -> None:
        self._engine = engine
        self._store = store
        self._waiting: list[Waiting] = []
        self._is_asking = False

    async def read(self, frame: Frame) -> ReadFrame:
        """What a frame's model says of it.

        Raises:
            InvalidInput: if there is no such model, it cannot be used, or the process ended while it was asked.
        """
        model = ModelFile.at(find_run(frame.model, self._store).model_path)
        answer: asyncio.Future[ReadFrame] = asyncio.get_running_loop().create_future()
        self._waiting.append((model, frame, answer))
        self._ask()
        return await answer

    async def look_inside(self, frame: InsideFrame) -> bytes:
        """What a network's layers make of a picture, as bytes for a browser.

        Raises:
            InvalidInput: if there is no such network, or it cannot be used.
        """
        network, dataset = self._network(frame.model, is_fresh=frame.is_fresh)
        answer: bytes = await asyncio.wrap_future(self._engine.look_inside(network, frame, dataset))
        return answer

    def _network(self, name: str, *, is_fresh: bool) -> tuple[Network, str]:
        """A network by the name that the page gives it, and the dataset that it belongs to."""
        kind, _, rest = name.partition(":")
        if kind == "preset" and rest in PRESETS:
            return Fresh(PRESETS[rest]), "mnist"
        if kind == "own" and (own := ArchitectureStore(self._store.root).get(rest)):
            return Fresh(own.check()), "mnist"
        run = find_run(name, self._store)
        if is_fresh:
            return Fresh(run.spec.model, run.spec.preparation), run.spec.dataset
        return ModelFile.at(run.model_path), run.spec.dataset

    def _ask(self) -> None:
        """Asks for all frames that wait, unless others are being read."""
        if self._is_asking or not self._waiting:
            return
        batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
        self._is_asking = True
        loop = asyncio.get_running_loop()
        asked = self._engine.read_frames([(model, frame) for model, frame, _ in batch])
        asked.add_done_callback(lambda done: loop.call_soon_threadsafe(self._take, batch, done))

    def _take(self, batch: list[Waiting], done: "Future[list[ReadFrame | InvalidInput]]") -> None:
        self._is_asking = False
        error = InvalidInput("The server is closing.") if done.cancelled() else done.exception()
        results: list[Any] = [error] * len(batch) if error else done.result()
        for (_, _, answer), result in zip(batch, results, strict=True):
            if answer.done():  # its visitor has gone
                continue
            if isinstance(result, BaseException):
                answer.set_exception(result)
            else:
                answer.set_result(result)
        self._ask()


async def serve_live(socket: WebSocket, reader: LiveReader, is_allowed: Callable[[WebSocket], bool]) -> None:
    """Answers one browser until it goes.

    Args:
        socket: Its connection, not accepted yet.
        reader: Reads its frames.
        is_allowed: Whether it comes from a page of ours.
    """
    if not is_allowed(socket):
        await socket.close(NOT_ALLOWED)
        return
    await socket.accept()
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await _answer(socket, message.get("text") or "", reader)
    except WebSocketDisconnect:
        return


async def _answer(socket: WebSocket, text: str, reader: LiveReader) -> None:
    """Answers one message, whatever is in it: with what was read, or a sentence."""
    number = 0
    try:
        message = read_message(text)
        number = message["id"]
        is_inside = message.get("kind") == INSIDE
        work: asyncio.Future[Any] = asyncio.ensure_future(
            reader.look_inside(read_inside_frame(message)) if is_inside else reader.read(read_frame(message))
        )
        if not (await asyncio.wait({work}, timeout=BUSY_SECONDS))[0]:
            await socket.send_text(json.dumps({"id": number, "busy": True}))
        found = await work
        answer = {} if is_inside else _as_json(found)
    except InvalidInput as error:
        is_inside, answer = False, {"problem": str(error)}
    if is_inside:
        await socket.send_bytes(found)
    else:
        await socket.send_text(json.dumps({"id": number, **answer}, separators=(",", ":")))


def _as_json(read: ReadFrame) -> dict[str, Any]:
    return {
        "probabilities": [[round(value, 7) for value in row] for row in read.probabilities.tolist()],
        "isDigit": read.is_digit.tolist(),
        "pictures": [base64.b64encode(picture.tobytes()).decode() for picture in read.pictures],
        "boxes": read.boxes.tolist(),
        "rows": read.rows.tolist(),
    }
