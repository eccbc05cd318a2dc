"""This project's training loop against `keras.Model.fit`: `python -m benchmarks.training_speed [preset …]`.

Both train the same network from the same seed, at the same batch size, with the same optimizer, on all 60,000 images,
in turn in one process: fit, ours, fit, ours. The first epoch of each is left out, as it compiles. Accuracies stand
beside the times, because a faster way that learns less is another result.
"""

import statistics
import sys
import time

from mnist_core.datasets import load_dataset, scale
from mnist_core.engine.backend import keras
from mnist_core.engine.build import build_model, compile_model
from mnist_core.engine.training import train
from mnist_core.presets import PRESETS, preset
from mnist_core.specs import TrainingSpec

EPOCHS = 3
ROUNDS = 2
DEFAULT_PRESETS = [name for name in PRESETS if name != "cnn_wide"]


def time_fit(spec: TrainingSpec) -> tuple[list[float], float]:
    """Seconds of each epoch after the first, and test accuracy, of the course notes' way."""
    data = load_dataset(spec.dataset)
    images = scale(data.x_train).reshape(-1, *spec.model.input_shape)
    seconds: list[float] = []

    class Clock(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            self.begin = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            seconds.append(time.perf_counter() - self.begin)

    keras.utils.set_random_seed(spec.seed)
    model = build_model(spec.model)
    compile_model(model, spec)
    model.fit(images, data.y_train, batch_size=spec.batch_size, epochs=spec.epochs, verbose=0, callbacks=[Clock()])
    test_images = scale(data.x_test).reshape(-1, *spec.model.input_shape)
    _, accuracy = model.evaluate(test_images, data.y_test, verbose=0)
    return seconds[1:], float(accuracy)


def time_ours(spec: TrainingSpec) -> tuple[list[float], float]:
    """The same of this project's loop, with its live reports; validation is left out of its seconds as well."""
    seconds: list[float] = []
    trained = train(spec, lambda event: seconds.append(event["seconds"]) if event["event"] == "epoch" else None)
    return seconds[1:], trained.result["test_accuracy"]


def main() -> None:
    """Prints a row for each preset."""
    print(f"{'network':<12}{'fit, s':>10}{'ours, s':>10}{'ratio':>8}{'fit acc.':>10}{'ours acc.':>11}")
    for name in sys.argv[1:] or DEFAULT_PRESETS:
        fit_seconds: list[float] = []
        our_seconds: list[float] = []
        accuracies: list[float] = []
        for seed in range(ROUNDS):
            spec = TrainingSpec(preset(name), epochs=EPOCHS, seed=seed)
            for clock, times in ((time_fit, fit_seconds), (time_ours, our_seconds)):
                seconds, accuracy = clock(spec)
                times += seconds
                accuracies.append(accuracy)
        fit, ours = statistics.median(fit_seconds), statistics.median(our_seconds)
        means = [statistics.mean(accuracies[side::2]) for side in (0, 1)]
        print(f"{name:<12}{fit:10.2f}{ours:10.2f}{fit / ours:8.1f}{means[0]:10.2%}{means[1]:11.2%}", flush=True)


if __name__ == "__main__":
    main()
