"""This project's training loop against `keras.Model.fit`: `python -m benchmarks.training_speed [preset …]`.

Both train the same network from the same seed, at the same batch size, with the same optimizer, on the same pictures,
in turn: fit, ours, fit, ours. Each side has a process of its own, as TensorFlow shares the cores out once and for all:
`fit` runs with TensorFlow as it comes. The first epoch of each is left out, as it compiles. Accuracies stand beside the
times, because a faster way that learns less is another result. Of the machine's own rate of matrix products, measured
in the same run, it prints the share that training reaches: the rest goes into memory (pictures of convolutions, Adam's
three passes over all weights) and into handing small pieces of work from core to core.

`--precision bfloat16` trains our side in reduced precision.
"""

import argparse
import dataclasses
import multiprocessing
import os
import platform
import statistics
import time
from concurrent.futures import ProcessPoolExecutor

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.backend import keras, tf
from mnist_core.engine.build import build_model, compile_model
from mnist_core.engine.training import train
from mnist_core.networks.presets import PRESETS, preset
from mnist_core.runs.training_time import training_flops
from mnist_core.server.questions import measure_speed
from mnist_core.training.options import PRECISIONS
from mnist_core.training.spec import TrainingSpec

EPOCHS = 3
DEFAULT_PRESETS = [name for name in PRESETS if name != "digits"]
NUM_IMAGES = {"cnn_wide": 1280}
"""Training pictures in an epoch of a network that would take minutes for all of them, on both sides."""


def time_fit(spec: TrainingSpec) -> tuple[list[float], float]:
    """Seconds of each epoch after the first, and test accuracy, of the course notes' way."""
    data = load_dataset(spec.dataset)
    num_images = round(len(data.x_train) * spec.dataset_share)
    images, labels = scale(data.x_train[:num_images]).reshape(-1, *spec.model.input_shape), data.y_train[:num_images]
    seconds: list[float] = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            self.begin = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            seconds.append(time.perf_counter() - self.begin)

    keras.utils.set_random_seed(spec.seed)
    model = build_model(spec.model)
    compile_model(model, spec)
    model.fit(images, labels, batch_size=spec.batch_size, epochs=spec.epochs, verbose=0, callbacks=[Clock()])
    test_images = scale(data.x_test).reshape(-1, *spec.model.input_shape)
    _, accuracy = model.evaluate(test_images, data.y_test, verbose=0)
    return seconds[1:], float(accuracy)


def time_ours(spec: TrainingSpec) -> tuple[list[float], float]:
    """The same of this project's loop, with its live reports; validation is left out of its seconds as well."""
    seconds: list[float] = []
    trained = train(spec, lambda event: seconds.append(event["seconds"]) if event["event"] == "epoch" else None)
    return seconds[1:], trained.result["test_accuracy"]


def use_default_threads() -> None:
    """Has TensorFlow share the cores out as it does by itself, in a process that has not calculated yet."""
    tf.config.threading.set_intra_op_parallelism_threads(0)
    tf.config.threading.set_inter_op_parallelism_threads(0)


def main() -> None:
    """Prints a row for each preset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=DEFAULT_PRESETS)
    parser.add_argument("--precision", default="float32", choices=list(PRECISIONS))
    parser.add_argument("--rounds", type=int, default=3, help="each with another seed")
    options = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    fits_process = ProcessPoolExecutor(1, spawn, initializer=use_default_threads)
    our_process = ProcessPoolExecutor(1, spawn)
    speed = our_process.submit(measure_speed).result()
    rate = speed.matmul_flops
    print(f"{platform.machine()}, {os.cpu_count()} cores; float32 matrix products {rate / 1e9:.0f} GFLOP/s, "
          f"a convolution in bfloat16 {speed.bfloat16_gain:.1f} times as fast")  # fmt: skip
    print(f"{'network':<12}{'fit, s':>9}{'ours, s':>9}{'ratio':>7}{'fit acc.':>10}{'ours acc.':>10}{'of rate':>9}")
    for name in options.presets:
        fit_seconds: list[float] = []
        our_seconds: list[float] = []
        accuracies: list[float] = []
        num_images = NUM_IMAGES.get(name, 60_000)
        for seed in range(options.rounds):
            spec = TrainingSpec(preset(name), epochs=EPOCHS, seed=seed, dataset_share=num_images / 60_000)
            times, accuracy = fits_process.submit(time_fit, spec).result()
            fit_seconds += times
            accuracies.append(accuracy)
            spec = dataclasses.replace(spec, precision=options.precision)
            times, accuracy = our_process.submit(time_ours, spec).result()
            our_seconds += times
            accuracies.append(accuracy)
        fit, ours = statistics.median(fit_seconds), statistics.median(our_seconds)
        means = [statistics.mean(accuracies[side::2]) for side in (0, 1)]
        share = num_images * training_flops(preset(name)) / ours / rate
        row = f"{name:<12}{fit:9.2f}{ours:9.2f}{fit / ours:7.1f}{means[0]:10.2%}{means[1]:10.2%}{share:9.0%}"
        print(row, flush=True)


if __name__ == "__main__":
    main()
