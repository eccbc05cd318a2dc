"""What all sessions of one server share: the runs, the training queue, and the process that loads models."""

import functools

from mnist_core.architectures import ArchitectureStore
from mnist_core.drawings_store import DrawingsStore
from mnist_core.engine_process import EngineProcess
from mnist_core.runs import RunStore
from mnist_core.training_queue import TrainingQueue


class Studio:
    """The shared parts of a server, or of a test.

    Args:
        store: Where runs are kept; by default as the environment says.
    """

    def __init__(self, store: RunStore | None = None) -> None:
        self.store = store or RunStore()
        self.architectures = ArchitectureStore(self.store.root)
        self.drawings = DrawingsStore(self.store.root)
        self.queue = TrainingQueue(self.store)
        self.engine = EngineProcess()

    def start(self) -> None:
        """Starts the processes behind the pages, in about a second; each imports TensorFlow by itself."""
        self.engine.start()
        self.queue.start()

    def close(self) -> None:
        """Ends everything that was started, training processes included."""
        self.engine.close()
        self.queue.close()


@functools.cache
def get_studio() -> Studio:
    """The studio of this process, made at the first call."""
    return Studio()
