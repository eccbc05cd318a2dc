"""How time grows with what people pile up: `python -m benchmarks.growth [--plot growth.png]`.

Four tables: pages with 10, 1,000 and 10,000 runs in the list, a log of 10 to 10,000 epochs, training with 1, 4 and 16
times as many pictures, and with 10⁴ to 10⁷ parameters. The last column of each is how much more time a step of growth
took than its work grew: about 1 or less is as it should be.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from mnist_core.runs.run import Run
    from mnist_core.runs.store import RunStore

RUNS = (10, 1_000, 10_000)
EPOCHS = (10, 100, 1_000, 10_000)
TIMES_IMAGES = (1, 4, 16)
UNITS = (13, 126, 1_257, 4_096)
PAGES = ("draw", "train", "model", "evaluate", "compare", "lessons", "handwriting")

Row = tuple[str, str, float, float]
"""What it is, its size in words and as a number, and seconds."""


def seconds_of(work: Callable[[], object], rounds: int = 3) -> float:
    """The shortest of a few times."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def fill(root: Path, count: int) -> None:
    """A folder of so many finished runs, all alike."""
    from mnist_core.networks.presets import PRESETS
    from mnist_core.runs.store import RunStore
    from mnist_core.training.spec import TrainingSpec

    store = RunStore(root)
    first = store.create(TrainingSpec(PRESETS["fc"]))
    first = store.end(first, "finished", result={"epochs": 5, "seconds": 3.0, "test_accuracy": 0.97})
    store.append_event(first, {"event": "epoch", "epoch": 1, "loss": 0.3, "accuracy": 0.9, "val_loss": 0.2,
                               "val_accuracy": 0.95, "seconds": 0.5})  # fmt: skip
    store.save_model(first, b"")
    for number in range(count - 1):
        shutil.copytree(first.folder, root / f"20260101-000000-fc-{number:06x}")


def page_rows() -> list[Row]:
    """The slowest page by runs in the list, as a visitor opens it on a server that has been running."""
    from streamlit.testing.v1 import AppTest

    from mnist_core.runs.store import RunStore
    from mnist_core.server.studio import get_studio

    rows: list[Row] = []
    for count in RUNS:
        with tempfile.TemporaryDirectory() as folder:
            fill(Path(folder), count)
            get_studio.cache_clear()
            os.environ["DIGIT_STUDIO_HOME"] = folder
            get_studio().engine.start()
            get_studio().store.listing()
            for page in PAGES:
                rows.append((page, f"{count:,} runs", count, seconds_of(_opening(AppTest, page))))
            anew = seconds_of(RunStore(folder).listing, 1)
            rows.append(("listing, first time", f"{count:,} runs", count, anew))
            get_studio().close()
    return rows


def _opening(app_test, page: str) -> Callable[[], object]:
    path = Path(__file__).parent.parent / "pages" / f"{page}.py"
    return lambda: app_test.from_file(str(path), default_timeout=120).run()


def look(store: "RunStore", run: "Run") -> None:
    """What the Train page does with a log at each look."""
    from mnist_core.runs.curves import curves_of
    from mnist_core.runs.progress import epoch_rows, measure_progress

    found = store.events(run)
    measure_progress(10_000, found)
    curves_of(found, "loss")
    epoch_rows(found)


def log_rows() -> list[Row]:
    """Reading and thinning out a log of so many epochs, the whole of it, and then one more event."""
    from mnist_core.networks.presets import PRESETS
    from mnist_core.runs.store import RunStore
    from mnist_core.training.spec import TrainingSpec

    rows: list[Row] = []
    for count in EPOCHS:
        with tempfile.TemporaryDirectory() as folder:
            store = RunStore(folder)
            run = store.create(TrainingSpec(PRESETS["fc"], epochs=10_000))
            events = [{"event": "started", "steps": 1875}]
            events += [
                {"event": kind, "epoch": epoch, "step": 900, "steps": 1875, "loss": 0.1, "accuracy": 0.9,
                 "val_loss": 0.1, "val_accuracy": 0.9, "seconds": 0.5, "elapsed": epoch}
                for epoch in range(1, count + 1) for kind in ("progress", "epoch")
            ]  # fmt: skip
            (run.folder / "metrics.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))

            first = seconds_of(partial(look, store, run), 1)
            again = seconds_of(partial(look, store, run))
            rows.append(("log, first look", f"{count:,} epochs", count, first))
            rows.append(("log, next look", f"{count:,} epochs", count, again))
    return rows


def training_rows() -> list[Row]:
    """An epoch of `fc` by the number of pictures, and of one hidden layer by its parameters, with memory."""
    import numpy as np

    from mnist_core.datasets import load_dataset
    from mnist_core.engine.loop import CompiledNetwork
    from mnist_core.networks.layers import Dense, Flatten
    from mnist_core.networks.presets import PRESETS
    from mnist_core.networks.spec import ModelSpec
    from mnist_core.training.spec import TrainingSpec

    data = load_dataset("mnist")
    images, labels = data.x_train[:10_000], data.y_train[:10_000]

    def epoch(network: CompiledNetwork, count: int) -> None:
        for _ in network.loop.run(np.arange(count), 32):
            pass

    def measured(spec: TrainingSpec, times: int) -> tuple[str, float]:
        network = CompiledNetwork(spec)
        network.reset(spec, None)
        network.loop.set_data(np.tile(images, (times, 1, 1)), np.tile(labels, times))
        network.loop.compile(len(images) * times, 32)
        seconds = seconds_of(lambda: epoch(network, len(images) * times), 2)
        return f"{psutil.Process().memory_info().rss / 1e6:,.0f} MB", seconds

    rows: list[Row] = []
    for times in TIMES_IMAGES:
        memory, seconds = measured(TrainingSpec(PRESETS["fc"]), times)
        rows.append(("epoch of fc", f"{times * len(images):,} pictures, {memory}", times, seconds))
    for units in UNITS:
        layers = (Flatten(), Dense(units, "relu"), *((Dense(1_600),) if units == 4_096 else ()), Dense(10, "softmax"))
        model = ModelSpec("hidden layers", layers)
        memory, seconds = measured(TrainingSpec(model), 1)
        rows.append(("epoch of 10,000", f"{model.num_params:,} parameters, {memory}", model.num_params, seconds))
    return rows


def show(title: str, rows: list[Row]) -> None:
    """Prints a table; growth is against the row before of the same kind."""
    print(f"\n{title}")
    before: dict[str, Row] = {}
    for row in rows:
        kind, size, work, seconds = row
        last = before.get(kind)
        growth = f"{seconds / last[3] / (work / last[2]):8.2f}" if last else f"{'–':>8}"
        print(f"  {kind:<20}{size:<36}{1000 * seconds:10.1f} ms{growth}")
        before[kind] = row


def plot(path: str, tables: dict[str, list[Row]]) -> None:
    """Every table as time against work, both logarithmic."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 5), layout="constrained")
    for axes, (title, rows) in zip(figure.subplots(1, len(tables)), tables.items(), strict=True):
        for kind in dict.fromkeys(row[0] for row in rows):
            points = [(work, seconds) for name, _, work, seconds in rows if name == kind]
            axes.loglog(*zip(*points, strict=True), "o-", label=kind)
        axes.set_title(title)
        axes.legend(fontsize=7)
        axes.set_xlabel("work")
        axes.set_ylabel("seconds")
    figure.savefig(path)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plot", help="where to save a picture of the tables")
    options = parser.parse_args()
    tables = {"Pages and runs": page_rows(), "Logs": log_rows(), "Training": training_rows()}
    for title, rows in tables.items():
        show(title, rows)
    if options.plot:
        plot(options.plot, tables)


if __name__ == "__main__":
    main()
