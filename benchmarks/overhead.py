"""What live figures, the run's folder, snapshots and watched pictures cost: `python -m benchmarks.overhead [preset …]`.

The same run, in the same training process, in turn: as a bare call of the training loop that reports to nobody and
keeps no snapshots; as a run of the queue without them, whose events travel to this process and into its log and whose
model is saved; and as a run with its snapshots that also reads ten pictures on the way. Whole times, from handing it in
to its end.
"""

import argparse
import dataclasses
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_core.datasets import scale
from mnist_core.engine.training import train
from mnist_core.evaluation.pictures import one_of_each
from mnist_core.networks.presets import preset
from mnist_core.runs.store import RunStore
from mnist_core.server.training_queue import TrainingQueue
from mnist_core.training.spec import TrainingSpec

EPOCHS = {"softmax": 60, "fc": 25, "cnn": 2}
ROUNDS = 3


def train_in_silence(spec: dict[str, Any]) -> float:
    """Trains where it is called; returns the seconds it took there."""
    begin = time.perf_counter()
    train(TrainingSpec.from_json(spec), lambda _: None)
    return time.perf_counter() - begin


def train_by_queue(
    queue: TrainingQueue, store: RunStore, spec: TrainingSpec, watched: NDArray[np.float32] | None = None
) -> float:
    """Seconds from handing a run in until its model lies in its folder."""
    begin = time.perf_counter()
    run = queue.submit(spec, watched=watched)
    while store.get(run.id).is_active:
        time.sleep(0.03)
    return time.perf_counter() - begin


def main() -> None:
    """Prints both times of each network and what the queue adds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=list(EPOCHS))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        queue = TrainingQueue(store)
        queue.start()
        assert queue._client
        print(f"{platform.machine()}, {os.cpu_count()} cores; seconds of a run, median of {ROUNDS}")
        try:
            for name in options.presets:
                spec = TrainingSpec(preset(name), epochs=EPOCHS.get(name, 5), snapshots="off")
                full = dataclasses.replace(spec, snapshots="on")
                queue._client.submit(train_in_silence, TrainingSpec(preset(name), epochs=1).to_json()).result()
                bare, queued, watched = [], [], []
                for _ in range(ROUNDS):
                    bare.append(queue._client.submit(train_in_silence, spec.to_json(), pure=False).result())
                    queued.append(train_by_queue(queue, store, spec))
                    watched.append(train_by_queue(queue, store, full, scale(one_of_each(spec.dataset))))
                a, b, c = map(statistics.median, (bare, queued, watched))
                print(
                    f"{name:<10} {spec.epochs:>3} epochs   alone {a:7.2f}   as a run {b:7.2f} {b / a - 1:+.1%}   "
                    f"with snapshots and ten pictures read {c:7.2f} {c / a - 1:+.1%}"
                )
        finally:
            queue.close()


if __name__ == "__main__":
    main()
