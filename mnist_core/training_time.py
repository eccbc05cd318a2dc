"""How long training will take on this computer: from a run that was the same, or from the work and a measured speed."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from mnist_core.runs import Run
from mnist_core.specs import ModelSpec, TrainingSpec

NUM_TRAIN = 60_000

# Fitted to the presets' epochs, measured on two cores; the rate of matrix products carries them to other computers.
SHARE_OF_RATE = 0.9
SECONDS_PER_VALUE = 2.3e-9
"""Writing a value of a layer's output, reading it in the next layer, and the same on the way back."""
SECONDS_PER_PARAM = 0.7e-9
SECONDS_PER_STEP = 6e-5


@dataclass(frozen=True)
class Speed:
    """How fast this computer calculates.

    Attributes:
        matrix_products: Floating-point operations a second in a product of two large float32 matrices.
        bfloat16_gain: How many times as fast a convolution is in bfloat16 as in float32.
    """

    matrix_products: float
    bfloat16_gain: float


def measure_speed() -> Speed:
    """Measures this computer, in about a second; runs where TensorFlow may be imported."""
    from mnist_core.engine.speed import bfloat16_gain, matrix_product_rate

    return Speed(matrix_product_rate(), bfloat16_gain())


def operations(model: ModelSpec) -> int:
    """Floating-point operations to train on one picture: forward, and twice as many backward.

    The first layer with weights passes nothing on to the picture, which saves a third of its own.
    """
    products = [row.layer.count_products(row.input_shape) for row in model.rows() if row.input_shape]
    first = next((count for count in products if count), 0)
    return 6 * sum(products) - 2 * first


def estimate_epoch(spec: TrainingSpec, speed: Speed) -> float:
    """Seconds of one epoch, to within about a third, from the work there is and the speed of the computer."""
    num_images = NUM_TRAIN * (1 - spec.validation_split)
    # Values of pictures cross the memory; those of dense layers stay in the processor.
    values = sum(prod(row.output_shape) for row in spec.model.rows() if row.output_shape and len(row.output_shape) == 3)
    steps = num_images / spec.batch_size
    return (
        num_images * operations(spec.model) / (SHARE_OF_RATE * speed.matrix_products)
        + num_images * values * SECONDS_PER_VALUE
        + steps * (spec.model.num_params * SECONDS_PER_PARAM + SECONDS_PER_STEP)
    )


def measured_epoch(spec: TrainingSpec, runs: Iterable[Run]) -> float | None:
    """Seconds of one epoch in the newest run of the same work, or None if there was none."""
    wanted = _work(spec)
    for run in runs:
        epochs, seconds = run.result.get("epochs"), run.result.get("seconds")
        if run.status == "finished" and epochs and seconds and _work(run.spec) == wanted:
            return float(seconds) / int(epochs)
    return None


def _work(spec: TrainingSpec) -> tuple[object, ...]:
    return (spec.model.layers, spec.batch_size, spec.optimizer, spec.precision, spec.validation_split)
