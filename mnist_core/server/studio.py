"""What all sessions of one server share: the runs, the training queue, and the process that loads models."""

import functools
import threading
from typing import TYPE_CHECKING

from mnist_core.drawing.store import DrawingsStore
from mnist_core.networks.store import ArchitectureStore
from mnist_core.runs.store import RunStore
from mnist_core.server.engine_process import EngineProcess
from mnist_core.server.live import LiveReader

if TYPE_CHECKING:
    from mnist_core.server.training_queue import TrainingQueue

FIRST_PAGE_SECONDS = 10.0
"""How long the first page is waited for before the processes are started without it."""

HEAD_START_SECONDS = 1.0
"""What a browser needs to show a page that was sent to it."""


class Studio:
    """The shared parts of a server, or of a test.

    Args:
        store: Where runs are kept; by default as the environment says.
    """

    def __init__(self, store: RunStore | None = None) -> None:
        self.store = store or RunStore()
        self.architectures = ArchitectureStore(self.store.root)
        self.drawings = DrawingsStore(self.store.root)
        self.engine = EngineProcess()
        self._queue: TrainingQueue | None = None
        self._lock = threading.Lock()
        self._page_sent = threading.Event()
        self._closing = threading.Event()
        self._starting = threading.Thread(target=self._start, daemon=True)

    @functools.cached_property
    def live(self) -> LiveReader:
        """What reads drawings while they are drawn."""
        return LiveReader(self.engine, self.store)

    @property
    def queue(self) -> "TrainingQueue":
        """The training queue; Dask is imported at its first use, behind the first page."""
        from mnist_core.server.training_queue import TrainingQueue

        with self._lock:
            if self._queue is None:
                self._queue = TrainingQueue(self.store)
            return self._queue

    @property
    def training_state(self) -> str:
        """In a word: "ok", "starting", or why nothing can be trained."""
        queue = self._queue
        if queue is None:
            return "starting"
        return queue.problem or ("ok" if queue.is_connected else "starting")

    def start(self) -> None:
        """Has the processes behind the pages started, each of which imports TensorFlow by itself.

        That keeps both cores of a small computer busy for seconds, so the first page goes first.
        """
        self._starting.start()

    def page_sent(self) -> None:
        """Tells that a page is on its way to a browser."""
        self._page_sent.set()

    def close(self) -> None:
        """Ends everything that was started, training processes included."""
        self._closing.set()
        self._page_sent.set()
        if self._starting.is_alive():
            self._starting.join()
        self.engine.close()
        if self._queue:
            self._queue.close()

    def _start(self) -> None:
        if self._page_sent.wait(FIRST_PAGE_SECONDS):
            self._closing.wait(HEAD_START_SECONDS)
        if not self._closing.is_set():
            self.engine.start()
            self.queue.start()


@functools.cache
def get_studio() -> Studio:
    """The studio of this process, made at the first call."""
    return Studio()
