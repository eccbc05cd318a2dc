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

from mnist_core.datasets import DATASETS, scale
from mnist_core.errors import InvalidInput, TensorFlowMissing
from mnist_core.evaluation.nearest_neighbours import Nearest, average_images, nearest_images
from mnist_core.networks.spec import ModelSpec
from mnist_core.runs.training_time import Speed
from mnist_core.server.frames import Frame, ReadFrame, answer_frames
from mnist_core.server.inside import InsideFrame, Network, look_inside
from mnist_core.server.interrupts import without_interrupts
from mnist_core.server.questions import (
    NEED_TENSORFLOW,
    NUM_TEST_PARTS,
    TEST_PART,
    Answer,
    Answers,
    ModelFile,
    augmented_rows,
    compare_models,
    export,
    import_engine,
    measure_speed,
    model_summary,
    predict_at_moments,
    predict_each_picture,
    predict_one,
    predict_probabilities,
    predict_test_part,
    preset_summary,
    read_model_file,
)
from mnist_core.training.foreign import Foreign
from mnist_core.training.formats import About, Exported

MAX_ANSWERS = 500


class EngineDied(InvalidInput):
    """The process ended while it was asked; the next question starts another."""


class EngineProcess:
    """One process that answers questions about models, one after the other.

    Its answers are futures: a page shows one that is there, and says that it is on its way if it is not. The same
    question is asked once, and its answer remembered for a while.

    Attributes:
        problem: Why TensorFlow cannot be loaded here, in a sentence, or None. Questions that need it are then answered
            by this sentence at once.
        has_started: Whether it is known by now if TensorFlow can be loaded.
    """

    def __init__(self) -> None:
        self.problem: str | None = None
        self.has_started = False
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[Any, ...], Future[Any]] = OrderedDict()
        self._executor: ProcessPoolExecutor | None = None

    @property
    def state(self) -> str:
        """In a word: "ok", "starting", or why TensorFlow cannot be loaded."""
        return self.problem or ("ok" if self.has_started else "starting")

    def start(self) -> None:
        """Starts the process, which then imports TensorFlow by itself; any question does the same."""
        self.ask(import_engine).add_done_callback(self._started)

    def _started(self, imported: "Future[None]") -> None:
        """Where importing ended the process, it is tried once more: what may be chance the first time is none then."""
        error = None if imported.cancelled() else imported.exception()
        if isinstance(error, EngineDied):
            # In a thread: this one is the dying pool's own, which holds what asking again would wait for.
            threading.Thread(target=self._start_again, daemon=True).start()
        else:
            self.has_started = True

    def _start_again(self) -> None:
        self.ask(import_engine).add_done_callback(self._started_again)

    def _started_again(self, imported: "Future[None]") -> None:
        error = None if imported.cancelled() else imported.exception()
        if isinstance(error, EngineDied):
            self.problem = str(TensorFlowMissing.because("importing it ends the process"))
        self.has_started = True

    def predict(self, model_path: Path, picture: NDArray[np.float32]) -> "Future[Answer]":
        """What a model says of one picture.

        Args:
            model_path: A `.keras` file. It is loaded once for as long as it and its calibration stay the same.
            picture: float32, shape (28, 28), in [0, 1], white ink on black.

        Returns:
            A future of the answer. It raises `InvalidInput` if the file cannot be used.
        """
        return self.ask(predict_one, ModelFile.at(model_path), _bytes_of(picture))

    def predict_each(self, model_path: Path, pictures: NDArray[np.float32]) -> "Future[Answers]":
        """What a model says of each of some pictures.

        Args:
            model_path: A `.keras` file.
            pictures: float32, shape (N, 28, 28), in [0, 1], white ink on black.
        """
        return self.ask(predict_each_picture, ModelFile.at(model_path), _bytes_of(pictures))

    def predict_at_moments(
        self, moments: Sequence[Path], picture: NDArray[np.float32]
    ) -> "Future[NDArray[np.float32]]":
        """What the snapshots of one run say of one picture.

        Args:
            moments: Their files.
            picture: float32, shape (28, 28), in [0, 1], white ink on black.

        Returns:
            A future of their probabilities, float32, shape (M, 10). It raises `InvalidInput` if one cannot be read.
        """
        files = tuple(ModelFile.at(path) for path in moments)
        return self.ask(predict_at_moments, files, _bytes_of(picture))

    def read_frames(self, frames: Sequence[tuple[ModelFile, Frame]]) -> "Future[list[ReadFrame | InvalidInput]]":
        """What models say of drawings that are not finished, or why one cannot be read; it is not remembered here."""
        return self.ask(answer_frames, frames, remember=False)

    def look_inside(self, network: Network, frame: InsideFrame, dataset: str) -> "Future[bytes]":
        """What a network's layers make of a picture, as bytes for a browser; it is not remembered here."""
        return self.ask(look_inside, network, frame, dataset, remember=False)

    def compare(
        self, model_paths: Sequence[Path], picture: NDArray[np.float32]
    ) -> "Future[list[Answer | InvalidInput]]":
        """What several models say of one picture, in one call.

        Args:
            model_paths: `.keras` files.
            picture: float32, shape (28, 28), in [0, 1], white ink on black.

        Returns:
            A future of an answer for each model, with the time it took, or of why its file cannot be used.
        """
        models = tuple(ModelFile.at(path) for path in model_paths)
        return self.ask(compare_models, models, _bytes_of(picture))

    def probabilities(
        self, model_path: Path, source: str, images: NDArray[np.uint8]
    ) -> "list[Future[NDArray[np.float32]]]":
        """What a model says of many pictures: those of a dataset in parts, so that a page can show how far it is.

        Args:
            model_path: A `.keras` file.
            source: Where the pictures come from, as `picture_sources` names it.
            images: The pictures, uint8, shape (N, 28, 28); the process reads a dataset's own by itself.

        Returns:
            Futures of float32, which joined have the shape (N, 10).
        """
        model = ModelFile.at(model_path)
        if source not in DATASETS:
            return [self.ask(predict_probabilities, model, _bytes_of(scale(images)))]
        return [self.ask(predict_test_part, model, source, part * TEST_PART) for part in range(NUM_TEST_PARTS)]

    def summary(self, of: ModelSpec | Path) -> "Future[str]":
        """The text of `model.summary()`, of an architecture with fresh weights or of a `.keras` file."""
        if isinstance(of, Path):
            return self.ask(model_summary, ModelFile.at(of))
        return self.ask(preset_summary, of)

    def export(self, model_path: Path, ending: str, about: About, *, with_example: bool) -> "Future[Exported]":
        """A model as a file for use elsewhere, loaded again by what it is for and compared; it is not remembered here.

        Args:
            model_path: A `.keras` file.
            ending: A key of `FORMATS`.
            about: What one who uses it has to know.
            with_example: Whether in a zip with an example, pictures, and how drawings are prepared.
        """
        return self.ask(export, ModelFile.at(model_path), ending, about, with_example, remember=False)

    def read_model_file(self, content: bytes, name: str) -> "Future[Foreign]":
        """A model of anyone, read from the content of a `.keras` or `.h5` file as data; nothing in it is run."""
        return self.ask(read_model_file, content, name, remember=False)

    def speed(self) -> "Future[Speed]":
        """How fast this computer calculates, measured once."""
        return self.ask(measure_speed)

    def augmented_examples(self, dataset: str, augmentation: str) -> "Future[NDArray[np.uint8]]":
        """Training pictures, and what an augmentation makes of them in four epochs, uint8 of shape (5, 8, 28, 28)."""
        return self.ask(augmented_rows, dataset, augmentation)

    def nearest_images(self, dataset: str, picture: NDArray[np.float32], count: int) -> "Future[Nearest]":
        """The training pictures with the least difference from a drawing, nearest first, and their labels.

        Args:
            dataset: A name in `DATASETS`.
            picture: float32, shape (28, 28), in [0, 1].
            count: How many.
        """
        return self.ask(nearest_images, dataset, _bytes_of(picture), count)

    def average_images(self, dataset: str) -> "Future[NDArray[np.uint8]]":
        """The mean training picture of each class, uint8 of shape (10, 28, 28)."""
        return self.ask(average_images, dataset)

    def ask(self, function: Callable[..., Any], *args: Any, remember: bool = True) -> "Future[Any]":
        """Calls a function of a module, with hashable arguments, in the process.

        Args:
            function: The function.
            args: Its arguments.
            remember: Whether the answer is kept for who asks the same; not where it is large and asked for once.
        """
        if self.problem and function.__name__ in NEED_TENSORFLOW:
            refused: Future[Any] = Future()
            refused.set_exception(TensorFlowMissing(self.problem))
            return refused
        if not remember:
            with self._lock:
                return self._submit(function, *args)
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
                    return self._with_clear_end(self._executor.submit(function, *args))
            except BrokenProcessPool:
                self._executor = None
        raise RuntimeError("the process that loads models cannot be started")

    def _with_clear_end(self, work: "Future[Any]") -> "Future[Any]":
        """The same answer, where the process ends with one error that says what to do."""
        answer: Future[Any] = Future()

        def take(done: "Future[Any]") -> None:
            if done.cancelled():
                answer.cancel()
            elif isinstance(error := done.exception(), BrokenProcessPool):
                answer.set_exception(EngineDied("The process that reads drawings ended unexpectedly. Try once more."))
            elif error:
                if isinstance(error, TensorFlowMissing):
                    self.problem = str(error)
                answer.set_exception(error)
            else:
                answer.set_result(done.result())

        work.add_done_callback(take)
        return answer


def _bytes_of(pictures: NDArray[np.float32]) -> bytes:
    return np.ascontiguousarray(pictures, np.float32).tobytes()


def _begin() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A server that is killed has no time to end this process."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(0)
