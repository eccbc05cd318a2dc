"""The other map: test pictures placed so that neighbours in the last hidden layer stay neighbours (t-SNE).

It takes many seconds, so it is worked out beside everything else, and kept in a file.
"""

import contextlib
import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from openTSNE import TSNE
from sklearn.decomposition import PCA

from mnist_core.engine.backend import NUM_STREAMS
from mnist_core.engine.inside import Inside
from mnist_core.engine.landscape import hidden_rows
from mnist_core.files import make_private_folder, npz_content, write_atomically
from mnist_core.paths import MAPS_FOLDER, runs_folder

Values = NDArray[np.float32]

NUM_DIRECTIONS = 30
"""Neighbours are looked for in so many directions of the hidden layer, those in which it differs most."""

NUM_NEIGHBOURS = 10
"""A new picture is placed among so many."""

ITERATIONS = (250, 350)
"""Of the two phases of t-SNE: with the attraction exaggerated, and without."""

MAX_KEPT = 20

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class NeighbourMap:
    """Where pictures lie, and how to place others.

    Attributes:
        points: float32, shape (N, 2), the longer side from -1 to 1.
        labels: What each picture is, uint8, shape (N,).
        answers: What the network reads, uint8, shape (N,).
        rows: The pictures in `directions`, float32, shape (N, K).
        mean: The middle of the hidden layer's values, float32, shape (D,).
        directions: float32, shape (K, D).
    """

    points: Values
    labels: NDArray[np.uint8]
    answers: NDArray[np.uint8]
    rows: Values
    mean: Values
    directions: Values

    def place(self, hidden: Values) -> tuple[float, float]:
        """Where a picture lies, from what the last hidden layer makes of it, float32 (D,): amid its neighbours."""
        distances = np.square(self.rows - self.directions @ (hidden - self.mean)).sum(axis=1)
        nearest = np.argpartition(distances, NUM_NEIGHBOURS)[:NUM_NEIGHBOURS]
        x, y = np.median(self.points[nearest], axis=0)
        return float(x), float(y)


def draw_neighbour_map(inside: Inside, dataset: str, tell: Callable[[float], None]) -> NeighbourMap:
    """Places the 10,000 test pictures of a dataset.

    Args:
        inside: The network.
        dataset: The dataset's name.
        tell: Called with the share that is done, 0 to 1.
    """
    values, labels, answers = hidden_rows(inside, dataset)
    found = PCA(min(NUM_DIRECTIONS, values.shape[1]), svd_solver="randomized", random_state=0).fit(values)
    rows = found.transform(values).astype(np.float32)
    done = 0

    def count(*_: object) -> None:
        nonlocal done
        done += 10
        tell(min(done / sum(ITERATIONS), 0.99))

    embedding = TSNE(
        early_exaggeration_iter=ITERATIONS[0],
        n_iter=ITERATIONS[1],
        random_state=0,
        n_jobs=NUM_STREAMS,
        callbacks=[count],
        callbacks_every_iters=10,
    ).fit(rows)
    centred = np.asarray(embedding) - np.mean(embedding, axis=0)
    points = (centred / (np.abs(centred).max() or 1)).astype(np.float32)
    directions, mean = found.components_.astype(np.float32), found.mean_.astype(np.float32)
    return NeighbourMap(points, labels, answers, rows, mean, directions)


MAX_IN_MEMORY = 6
"""Maps of this process, of 1.6 MB each."""


class NeighbourMaps:
    """The maps of this process: each is worked out once, by a thread of its own, and kept on disk."""

    def __init__(self) -> None:
        self._maps: dict[str, NeighbourMap | float | Exception] = {}
        self._lock = threading.Lock()

    def find(self, inside: Inside, identity: bytes, dataset: str) -> NeighbourMap | float:
        """The map of a network, or the share of the work that is done; asking begins it.

        Args:
            inside: The network.
            identity: What tells the network from any other: the content of its file.
            dataset: The dataset's name.
        """
        key = _key(identity, dataset)
        with self._lock:
            if key not in self._maps:
                kept = _read(key)
                self._maps[key] = 0.0 if kept is None else kept
                if kept is None:
                    threading.Thread(target=self._work, args=(inside, dataset, key), daemon=True).start()
            state = self._maps[key] = self._maps.pop(key)  # the last asked for stands last
            self._forget_old()
        if isinstance(state, Exception):
            del self._maps[key]  # the next question begins anew
            raise state
        return state

    def known(self, identity: bytes, dataset: str) -> NeighbourMap | None:
        """The map of a network where it has been asked for and is there."""
        state = self._maps.get(_key(identity, dataset))
        return state if isinstance(state, NeighbourMap) else None

    def _forget_old(self) -> None:
        """Lets the maps go that were asked for longest ago; they are read from the disk again."""
        done = [key for key, state in self._maps.items() if isinstance(state, NeighbourMap)]
        for key in done[:-MAX_IN_MEMORY]:
            del self._maps[key]

    def _work(self, inside: Inside, dataset: str, key: str) -> None:
        def tell(state: NeighbourMap | float | Exception) -> None:
            with self._lock:
                self._maps[key] = state

        try:
            found = draw_neighbour_map(inside, dataset, tell)
            tell(found)
            _keep(key, found)
        except Exception as error:  # whatever it was, who asks next is to hear of it
            logger.exception("The map of neighbours could not be worked out.")
            tell(error)


def _key(identity: bytes, dataset: str) -> str:
    return hashlib.sha256(identity + dataset.encode()).hexdigest()[:32]


def _folder() -> Path:
    return runs_folder() / MAPS_FOLDER


def _read(key: str) -> NeighbourMap | None:
    try:
        with np.load(_folder() / f"{key}.npz", allow_pickle=False) as archive:
            return NeighbourMap(**{name: archive[name] for name in NeighbourMap.__dataclass_fields__})
    except Exception:  # not there, or damaged in any way that a zip archive can be
        return None


def _keep(key: str, found: NeighbourMap) -> None:
    """Writes a map for the next time; a disk that refuses costs that time only."""
    content = npz_content(vars(found))
    with contextlib.suppress(OSError):
        make_private_folder(_folder())
        write_atomically(_folder() / f"{key}.npz", content)
        oldest_first = sorted(_folder().glob("*.npz"), key=lambda path: path.stat().st_mtime)
        for path in oldest_first[:-MAX_KEPT]:
            path.unlink()
