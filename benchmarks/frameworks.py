"""This project's training loop against PyTorch and JAX: `python -m benchmarks.frameworks [preset …]`.

The same networks from the same kind of first weights, batches of 32, Adam, the same pictures. The sides train one
after the other, each in a process of its own, and the first epoch of each is left out. PyTorch and JAX are installed
here, into `benchmarks/out/`; the app has nothing to do with them. Epochs of convolutional networks are of fewer
pictures, for every side alike, as JAX's take minutes on a processor.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np

from benchmarks.other_framework import SIDES
from mnist_core.datasets import load_dataset
from mnist_core.engine.training import train
from mnist_core.networks.presets import PRESETS, preset
from mnist_core.networks.spec import ModelSpec
from mnist_core.training.spec import TrainingSpec

HERE = Path(__file__).parent
OUT = HERE / "out"
EPOCHS = 3
NUM_IMAGES = {"cnn": 6_000, "cnn_wide": 640}
DEFAULT_PRESETS = [name for name in PRESETS if name != "digits"]


def environment() -> Path:
    """The Python that has PyTorch and JAX, installed at the first call."""
    folder = OUT / "frameworks"
    python, wanted = folder / "bin" / "python", HERE / "requirements-frameworks.txt"
    done = folder / "installed.txt"
    if not done.exists() or done.read_text() != wanted.read_text():
        print("Installing PyTorch and JAX for this benchmark alone; this takes minutes.", file=sys.stderr)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", wanted], check=True)
        done.write_text(wanted.read_text())
    return python


def ours(model: ModelSpec, num_images: int) -> tuple[list[float], float]:
    """Seconds of each epoch, and test accuracy, of this project's loop."""
    seconds: list[float] = []
    spec = TrainingSpec(model, epochs=EPOCHS, dataset_share=num_images / 60_000)
    done = train(spec, lambda event: seconds.append(event["seconds"]) if event["event"] == "epoch" else None)
    return seconds, done.result["test_accuracy"]


def theirs(side: str, model: ModelSpec, num_images: int) -> tuple[list[float], float]:
    """The same of another framework."""
    dataset = load_dataset("mnist")
    spec_file, data_file = OUT / "spec.json", OUT / "data.npz"
    spec_file.write_text(json.dumps({**model.to_json(), "epochs": EPOCHS, "batch_size": 32}))
    x_train, y_train = dataset.x_train[:num_images], dataset.y_train[:num_images]
    np.savez(data_file, x_train=x_train, y_train=y_train, x_test=dataset.x_test, y_test=dataset.y_test)
    command = [str(part) for part in (environment(), HERE / "other_framework.py", side, spec_file, data_file)]
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=variables)
    answer = json.loads(done.stdout.splitlines()[-1])
    return answer["seconds"], answer["accuracy"]


def main() -> None:
    """Prints, for each network, what an epoch takes each side, and how many times as long as here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=DEFAULT_PRESETS)
    options = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    environment()
    print(f"{platform.machine()}, {os.cpu_count()} cores; seconds an epoch, times ours, test accuracy")
    for name in options.presets:
        model, num_images = preset(name), NUM_IMAGES.get(name, 60_000)
        seconds, accuracy = ours(model, num_images)
        own = statistics.median(seconds[1:])
        print(f"{name}, {num_images:,} pictures\n  {'this project':<24}{own:9.3f}{'':8}{accuracy:9.2%}", flush=True)
        has_pictures = any(layer.kind == "Conv2D" for layer in model.layers)
        for side in SIDES:
            if side == "PyTorch, channels last" and not has_pictures:
                continue
            seconds, accuracy = theirs(side, model, num_images)
            median = statistics.median(seconds[1:])
            print(f"  {side:<24}{median:9.3f}{median / own:8.1f}{accuracy:9.2%}", flush=True)


if __name__ == "__main__":
    main()
