"""TensorFlow in a process of its own, so that no page ever waits for it.

Two things stand against TensorFlow in the process that serves the pages. Importing it holds the interpreter for
seconds. And after every run of a page Streamlit collects garbage and, where Keras is loaded, calls
`keras.backend.clear_session()`, which together take up to half a second and pull state from under other threads.
"""

import hashlib
import multiprocessing
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.errors import InvalidInput
from mnist_core.files import modified
from mnist_core.server.interrupts import without_interrupts
from mnist_core.server.questions import (
    NUM_TEST_IMAGES,
    TEST_PART,
    Opinion,
    compare_models,
    import_engine,
    predict_each_picture,
    predict_one,
    predict_test_part,
)

MAX_ANSWERS = 500


class EngineDied(InvalidInput):
    """The process ended while it was asked; the next question starts another."""


class EngineProcess:
    """One process that answers questions about models, one after the other.

    Its answers are futures: a page shows one that is there, and says that it is on its way if it is not. The same
    question is asked once, and its answer remembered for a while.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[Any, ...], Future[Any]] = OrderedDict()
        self._executor: ProcessPoolExecutor | None = None

    def start(self) -> None:
        """Starts the process, which then imports TensorFlow by itself; any question does the same."""
        self.ask(import_engine)

    def predict(self, model_path: Path, picture: NDArray[np.float32]) -> "Future[NDArray[np.float32]]":
        """The ten probabilities that a model gives for one picture.

        Args:
            model_path: A `.keras` file. It is loaded once for as long as it stays the same.
            picture: float32, shape (28, 28), in [0, 1], white ink on black.

        Returns:
            A future of float32, shape (10,). It raises `InvalidInput` if the file cannot be used.
        """
        return self.ask(predict_one, model_path, modified(model_path), picture.tobytes())

    def predict_each(self, model_path: Path, pictures: NDArray[np.float32]) -> "Future[NDArray[np.float32]]":
        """The ten probabilities that a model gives for each of some pictures.

        Args:
            model_path: A `.keras` file.
            pictures: float32, shape (N, 28, 28), in [0, 1], white ink on black.

        Returns:
            A future of float32, shape (N, 10).
        """
        return self.ask(predict_each_picture, model_path, modified(model_path), pictures.astype(np.float32).tobytes())

    def compare(self, model_paths: Sequence[Path], picture: NDArray[np.float32]) -> "Future[list[Opinion]]":
        """What several models say of one picture, in one call.

        Args:
            model_paths: `.keras` files.
            picture: float32, shape (28, 28), in [0, 1], white ink on black.

        Returns:
            A future of an `Opinion` for each model; one whose file cannot be used has no probabilities.
        """
        models = tuple((path, modified(path)) for path in model_paths)
        return self.ask(compare_models, models, picture.tobytes())

    def test_probabilities(self, model_path: Path, dataset: str) -> "list[Future[NDArray[np.float32]]]":
        """What a model says of all test pictures of a dataset, in parts, so that a page can show how far it is.

        Returns:
            Futures of float32, each of shape (1000, 10), in the order of the pictures.
        """
        return [
            self.ask(predict_test_part, model_path, modified(model_path), dataset, first)
            for first in range(0, NUM_TEST_IMAGES, TEST_PART)
        ]

    def ask(self, function: Callable[..., Any], *args: Any) -> "Future[Any]":
        """Calls a function of a module, with hashable arguments, in the process."""
        # Pictures by their checksum: what is remembered is the answers, not megabytes of questions.
        key = (function, *(hashlib.sha256(value).digest() if isinstance(value, bytes) else value for value in args))
        with self._lock:
            future = self._answers.get(key)
            if future is None or (future.done() and isinstance(future.exception(), EngineDied)):
                future = self._answers[key] = self._submit(function, *args)
            self._answers.move_to_end(key)
            if len(self._answers) > MAX_ANSWERS:
                self._answers.popitem(last=False)
            return future

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            executor, self._executor = self._executor, None
        if executor:
            for process in list(executor._processes.values()):
                process.terminate()
            executor.shutdown(wait=False, cancel_futures=True)

    def _submit(self, function: Callable[..., Any], *args: Any) -> "Future[Any]":
        """Hands a call to the process; to a new one if the last has died."""
        for _ in range(2):
            if self._executor is None:
                context = multiprocessing.get_context("spawn")
                self._executor = ProcessPoolExecutor(1, mp_context=context, initializer=_begin)
            try:
                with without_interrupts():
                    return _with_clear_end(self._executor.submit(function, *args))
            except BrokenProcessPool:
                self._executor = None
        raise RuntimeError("the process that loads models cannot be started")


def _with_clear_end(work: "Future[Any]") -> "Future[Any]":
    """The same answer, where the process ends with one error that says what to do."""
    answer: Future[Any] = Future()

    def take(done: "Future[Any]") -> None:
        if done.cancelled():
            answer.cancel()
        elif isinstance(error := done.exception(), BrokenProcessPool):
            answer.set_exception(EngineDied("The process that reads drawings ended unexpectedly. Try once more."))
        elif error:
            answer.set_exception(error)
        else:
            answer.set_result(done.result())

    work.add_done_callback(take)
    return answer


def _begin() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A server that is killed has no time to end this process."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(0)
