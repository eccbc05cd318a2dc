"""The maps of this process: each is worked out once, by a thread of its own, and kept on disk."""

import contextlib
import hashlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mnist_core.engine.inside import Inside
from mnist_core.engine.landscape import Landscape, Tell, draw_landscape
from mnist_core.engine.neighbours import NeighbourMap, draw_neighbour_map
from mnist_core.files import make_private_folder, npz_content, write_atomically
from mnist_core.paths import MAPS_FOLDER, runs_folder

Map = Landscape | NeighbourMap

DRAWN: dict[str, tuple[type[Map], Callable[[Inside, str, Tell], Map]]] = {
    "map": (Landscape, draw_landscape),
    "neighbours": (NeighbourMap, draw_neighbour_map),
}
"""Each kind, and what draws it."""

MAX_KEPT = 40
MAX_IN_MEMORY = 12
"""Maps of this process, of at most 1.6 MB each."""

logger = logging.getLogger(__name__)


class Maps:
    """The maps that were asked for, and those that are on their way."""

    def __init__(self) -> None:
        self._maps: dict[str, Map | float | Exception] = {}
        self._lock = threading.Lock()

    def find(self, kind: str, inside: Inside, identity: bytes, dataset: str) -> Map | float:
        """The map of a network, or the share of the work that is done; asking begins it.

        Args:
            kind: One of `DRAWN`.
            inside: The network.
            identity: What tells the network from any other: the content of its file.
            dataset: The dataset's name.
        """
        key = _key(kind, identity, dataset)
        with self._lock:
            if key not in self._maps:
                kept = _read(kind, key)
                self._maps[key] = 0.0 if kept is None else kept
                if kept is None:
                    threading.Thread(target=self._work, args=(kind, inside, dataset, key), daemon=True).start()
            state = self._maps[key] = self._maps.pop(key)  # the last asked for stands last
            self._forget_old()
        if isinstance(state, Exception):
            del self._maps[key]  # the next question begins anew
            raise state
        return state

    def known(self, kind: str, identity: bytes, dataset: str) -> Map | None:
        """The map of a network where it has been asked for and is there."""
        state = self._maps.get(_key(kind, identity, dataset))
        return state if isinstance(state, Map) else None

    def _forget_old(self) -> None:
        """Lets the maps go that were asked for longest ago; they are read from the disk again."""
        done = [key for key, state in self._maps.items() if isinstance(state, Map)]
        for key in done[:-MAX_IN_MEMORY]:
            del self._maps[key]

    def _work(self, kind: str, inside: Inside, dataset: str, key: str) -> None:
        def tell(state: Map | float | Exception) -> None:
            with self._lock:
                self._maps[key] = state

        try:
            _, draw = DRAWN[kind]
            found = draw(inside, dataset, tell)
            _keep(key, found)
            tell(found)
        except Exception as error:  # whatever it was, who asks next is to hear of it
            logger.exception("The map could not be worked out.")
            tell(error)


def _key(kind: str, identity: bytes, dataset: str) -> str:
    return hashlib.sha256(identity + dataset.encode() + kind.encode()).hexdigest()[:32]


def _folder() -> Path:
    return runs_folder() / MAPS_FOLDER


def _read(kind: str, key: str) -> Map | None:
    made, _ = DRAWN[kind]
    try:
        with np.load(_folder() / f"{key}.npz", allow_pickle=False) as archive:
            # A number by itself comes back as one, and not as an array of no dimension.
            return made(**{name: archive[name][()] for name in made.__dataclass_fields__})
    except Exception:  # not there, or damaged in any way that a zip archive can be
        return None


def _keep(key: str, found: Map) -> None:
    """Writes a map for the next time; a disk that refuses costs that time only."""
    content = npz_content(vars(found))
    with contextlib.suppress(OSError):
        make_private_folder(_folder())
        write_atomically(_folder() / f"{key}.npz", content)
        oldest_first = sorted(_folder().glob("*.npz"), key=lambda path: path.stat().st_mtime)
        for path in oldest_first[:-MAX_KEPT]:
            path.unlink()
