"""The socket for drawings that are being drawn, with real models and without a browser."""

import contextlib
import json
import threading
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from mnist_core.runs.models import find_model
from mnist_core.runs.store import RunStore
from mnist_core.server import live
from mnist_core.server.engine_process import EngineProcess
from mnist_core.server.live import LiveReader, serve_live
from tests.strokes import DRAWINGS

SEVEN = json.dumps({"id": 3, "model": "fc", "strokes": DRAWINGS["7"]})


@pytest.fixture(scope="module")
def engine():
    engine = EngineProcess()
    yield engine
    engine.close()


@pytest.fixture
def address(engine, store):
    with serving(engine, store) as address:
        yield address


@contextlib.contextmanager
def serving(engine: EngineProcess, store: RunStore):
    """A server with this socket alone; its address."""
    reader = LiveReader(engine, store)

    async def endpoint(socket):
        await serve_live(socket, reader, lambda asking: asking.headers.get("origin") != "https://evil.example.org")

    app = Starlette(routes=[WebSocketRoute("/live", endpoint)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/live"
    server.should_exit = True
    thread.join()


def ask(socket: ClientConnection, text: str | bytes) -> dict:
    """The answer to a message, past what says that the models are busy."""
    socket.send(text)
    while (answer := json.loads(socket.recv())).get("busy"):
        pass
    return answer


def test_a_drawing_is_read(address):
    with connect(address) as socket:
        answer = ask(socket, SEVEN)
    assert answer["id"] == 3 and answer["isDigit"] == [True]
    assert max(range(10), key=answer["probabilities"][0].__getitem__) == 7


def test_a_page_of_another_site_is_turned_away(address):
    with pytest.raises(InvalidStatus), connect(address, origin="https://evil.example.org"):
        pass


@pytest.mark.parametrize(
    "text",
    ["{", "x" * 1_000_000, '{"model": "no such model", "strokes": []}', '{"model": "/etc/passwd", "strokes": []}'],
)
def test_what_cannot_be_read_is_said_and_the_next_is_read(address, text):
    with connect(address) as socket:
        assert len(ask(socket, text)["problem"]) < 300
        assert ask(socket, SEVEN)["isDigit"] == [True]


def test_bytes_are_no_frame(address):
    with connect(address) as socket:
        assert "problem" in ask(socket, b"\x00\x01")


def test_a_model_that_is_deleted_meanwhile_is_said(address, store, spec):
    run = store.create(spec)
    store.save_model(run, find_model("fc", store).read_bytes())
    run = store.end(run, "finished", result={"test_accuracy": 0.9})
    mine = json.dumps({"id": 1, "model": run.id, "strokes": DRAWINGS["7"]})
    with connect(address) as socket:
        assert "probabilities" in ask(socket, mine)
        store.delete(run.id)
        assert "is not known" in ask(socket, mine)["problem"]


@pytest.mark.slow
def test_a_process_that_died_is_told_from_one_that_is_busy_and_the_next_stroke_is_read(store, monkeypatch):
    monkeypatch.setattr(live, "BUSY_SECONDS", 0.1)
    engine = EngineProcess()
    with serving(engine, store) as address, connect(address) as socket:
        socket.send(SEVEN)
        assert json.loads(socket.recv()) == {"id": 3, "busy": True}  # TensorFlow is imported
        assert "probabilities" in json.loads(socket.recv())
        for process in engine._executor._processes.values():
            process.kill()
        answers = [ask(socket, SEVEN), ask(socket, SEVEN)]
        assert "probabilities" in answers[-1]
        assert "ended unexpectedly" in answers[0].get("problem", "ended unexpectedly")
    engine.close()


def test_a_class_draws_at_once_and_everybody_gets_their_own(address):
    """Thirty, each another digit and model; frames that wait are read together."""
    found, errors = {}, []

    def student(number: int) -> None:
        digit = "0137"[number % 4]
        model = ("fc", "cnn", "softmax")[number % 3]
        with connect(address) as socket:
            for frame in range(5):
                shifted = [[[x + number, y + frame] for x, y in stroke] for stroke in DRAWINGS[digit]]
                answer = ask(socket, json.dumps({"id": frame, "model": model, "strokes": shifted}))
                if answer["id"] != frame:
                    errors.append(answer)
            found[number] = (digit, model, answer["probabilities"][0])

    students = [threading.Thread(target=student, args=(number,)) for number in range(30)]
    for one in students:
        one.start()
    for one in students:
        one.join()
    assert len(found) == 30 and not errors
    assert all(str(row.index(max(row))) == digit for digit, model, row in found.values() if model == "cnn")
